"""The door to the network: where phones reach this machine, and where they fetch the authority that vouches for it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from shared.config import Settings
from shared.lan.addresses import host_name, lan_addresses
from shared.lan.authority import Authority, LanUnavailable, load_authority, load_leaf, server_context

EVERYWHERE = "0.0.0.0"  # noqa: S104 -- asked for by LAN=1, and behind TLS; without it only loopback is listened on
CERTIFICATE_PATH = "/urunbeli-ca.crt"

_GUIDE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sambungkan HP ke urunbeli</title></head><body>
<main>
<h1>Sambungkan HP ini ke urunbeli</h1>
<p>urunbeli berjalan di komputer dalam ruangan ini. Supaya HP percaya, pasang dulu sertifikatnya, satu kali saja.</p>
<ol>
<li><a href="{certificate}">Unduh sertifikat</a>.</li>
<li>Android: Setelan, cari “Sertifikat CA”, pilih Instal, lalu pilih berkas tadi. iPhone: buka Pengaturan, Profil Diunduh,
Instal; lalu Umum, Mengenai, Pengaturan Kepercayaan Sertifikat, nyalakan.</li>
<li>Sebelum memasang, cocokkan sidik jari SHA-256 dengan yang tertulis di layar komputer:<br><code>{fingerprint}</code></li>
<li><a href="{url}">Buka {url}</a></li>
</ol>
<p>Sertifikat ini hanya berlaku untuk alamat di jaringan lokal. Hapus lagi dari setelan HP kalau acara sudah selesai.</p>
<p lang="en">Install the certificate once, compare its fingerprint with the computer's screen, then open the address.</p>
</main></body></html>
"""
_POLICY = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class LanDoor:
    """Where phones come in: `url` over TLS; `guide_url`, plain, tells how to trust it."""

    url: str
    guide_url: str
    port: int
    guide_port: int
    authority: Authority
    context: ssl.SSLContext

    def guide(self) -> web.Application:
        """Make the plain pages: how to trust this machine, and the certificate to trust. Nothing secret is on them."""
        app = web.Application()
        app.router.add_get("/", self._show_guide)
        app.router.add_get(CERTIFICATE_PATH, self._give_certificate)
        return app

    async def _show_guide(self, _: web.Request) -> web.Response:
        text = _GUIDE.format(certificate=CERTIFICATE_PATH, fingerprint=self.authority.fingerprint, url=self.url)
        return web.Response(text=text, content_type="text/html", headers=_POLICY)

    async def _give_certificate(self, _: web.Request) -> web.Response:
        headers = {**_POLICY, "Content-Disposition": 'attachment; filename="urunbeli-ca.crt"'}
        return web.Response(body=self.authority.pem, content_type="application/x-x509-ca-cert", headers=headers)


def open_door(settings: Settings) -> LanDoor:
    """Find out where this machine stands in its network, and prepare its certificate. Raises `LanUnavailable`."""
    now, host, addresses = datetime.now(UTC), host_name(), lan_addresses()
    if not addresses:
        raise LanUnavailable("This machine has no address in a network. Join the Wi-Fi first, or run without LAN=1.")
    authority = load_authority(settings.data_dir, addresses, host, now)
    usable = [address for address in addresses if authority.vouches_for(address)]
    if not usable:
        raise LanUnavailable(
            f"{addresses[0]} is not in a private network, and {settings.data_dir}/keys/lan_ca.pem was not made for it. "
            "Delete that file; a new one is made."
        )
    leaf = load_leaf(settings.data_dir, authority, usable, host, now)
    guide_port = settings.lan_port + 1
    return LanDoor(
        f"https://{usable[0]}:{settings.lan_port}",
        f"http://{usable[0]}:{guide_port}",
        settings.lan_port,
        guide_port,
        authority,
        server_context(leaf),
    )
