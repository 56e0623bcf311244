"""What `make run` prints: where it is, who can log in, and that the demo data is being prepared at the first start."""

from __future__ import annotations

import io
import sys

import segno

from services.demo import seed
from services.demo.people import StepFailed
from shared.config import Settings
from shared.errors import Refusal
from shared.http.client import ApiClient
from shared.lan.door import LanDoor


async def greet(settings: Settings, lan: LanDoor | None = None) -> None:
    """Prepare the demo data if there is none, and print the address and the demo log-ins."""
    api = ApiClient(f"http://127.0.0.1:{settings.http_port}", timeout_s=30)
    try:
        _write(f"\nurunbeli: {settings.public_url}")
        if lan is not None:
            _write(for_phones(lan))
        if not await seed.is_seeded(api):
            await seed.seed(api, lambda chapter: _write(f"  menyiapkan data contoh: {chapter} …"))
        _write("\nMasuk dengan nomor ini; kodenya ada di " + f"{settings.public_url}/kotak-pesan")
        for (name, phone), what in seed.LOG_INS:
            _write(f"  {phone}  {name}, {what}")
        _write("Berhenti dengan Ctrl-C. Data tetap ada.\n")
    except (StepFailed, Refusal) as error:
        _write(f"  data contoh tidak lengkap: {error}")
    finally:
        await api.close()


def for_phones(lan: LanDoor) -> str:
    """Say how a phone in the room comes in: a code to scan, and the fingerprint to compare."""
    drawn = io.StringIO()
    segno.make(lan.guide_url, error="m").terminal(drawn, border=2, compact=True)
    return (
        f"\nDari HP di jaringan yang sama, pindai ini atau buka {lan.guide_url}\n{drawn.getvalue()}"
        f"Sidik jari sertifikat (SHA-256):\n  {lan.authority.fingerprint}\n"
        f"Setelah sertifikat dipasang: {lan.url}\n"
        "Semua orang di jaringan ini bisa membuka halaman contoh dan membaca kode masuknya; jangan isi data sungguhan."
    )


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
