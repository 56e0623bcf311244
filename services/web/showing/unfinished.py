"""*Lanjutkan yang belum selesai*: what an account's things wait for from their owner. Pure; amounts are whole rupiah."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Json = Mapping[str, Any]
Gettext = Callable[[str], str]

LIVE_PLEDGES: Final = frozenset({"made", "secured", "allocated", "waitlisted"})
"""States of a pledge for which something may still have to be done."""

_ASKING: Final = frozenset({"save_card", "pay_card_link", "transfer", "cash", "confirm_at_post"})


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to go on with. `amount_idr`: what is to be paid, in rupiah; `by`: until when."""

    title: str
    about: str
    href: str
    label: str
    icon: str
    amount_idr: int | None = None
    by: datetime | None = None


def of_form(path: str, gettext: Gettext) -> list[Task]:
    """A form that was typed but could not be sent, by the page on which it stands; none where `path` is empty."""
    if not path:
        return []
    about = gettext("Yang Anda ketik masih ada di perangkat ini.")
    return [Task(gettext("Formulir belum terkirim"), about, path, gettext("Lanjutkan"), "edit")]


def of_pledges(pledges: Sequence[Json], holdings: Mapping[str, Json], gettext: Gettext) -> list[Task]:
    """What pledges wait for; `holdings` by the pledge's id. What is due first comes first."""
    words = _steps(gettext)
    tasks = []
    for pledge in pledges:
        holding = holdings.get(pledge["id"])
        if holding is None or holding["next"]["kind"] not in _ASKING:
            continue
        step = holding["next"]
        title, label, icon = words[step["kind"]]
        amount_idr = step["transfer_total_idr"] or step["amount_idr"] or None
        href = f"/komitmen/{pledge['id']}"
        tasks.append(Task(title, pledge["pool_title"] or "", href, label, icon, amount_idr, holding["pay_by"]))
    return sorted(tasks, key=lambda task: (task.by is None, task.by and task.by.timestamp()))


def of_pools(pools: Iterable[Json], gettext: Gettext) -> list[Task]:
    """Drafts that were not handed in yet; only their initiator is told of them."""
    return [
        Task(gettext("Ajukan urun beli Anda"), pool["title"], f"/urun/{pool['id']}", gettext("Lanjutkan"), "pool")
        for pool in pools
        if pool["state"] == "draft"
    ]


def of_business(businesses: Sequence[Json], listings: Sequence[Json], gettext: Gettext) -> list[Task]:
    """Businesses that were turned down or sell nothing yet, and products that could be on show."""
    tasks = []
    selling = {listing["business_id"] for listing in listings if listing["status"] != "archived"}
    verified = {business["id"] for business in businesses if business["status"] == "verified"}
    for business in businesses:
        href = f"/usaha/{business['id']}"
        if business["status"] == "rejected":
            title = gettext("Usaha Anda belum diterima")
            tasks.append(Task(title, business["name"], href, gettext("Lihat alasannya"), "store"))
        elif business["id"] in verified - selling:
            new = f"/jualan/baru?usaha={business['id']}"
            tasks.append(
                Task(gettext("Tayangkan jualan pertama"), business["name"], new, gettext("Tambah jualan"), "product")
            )
    tasks += [
        Task(
            gettext("Tayangkan draf jualan"),
            listing["name"],
            f"/produk/{listing['id']}",
            gettext("Lanjutkan"),
            "product",
        )
        for listing in listings
        if listing["status"] == "draft" and listing["business_id"] in verified
    ]
    return tasks


def of_supplier(suppliers: Sequence[Json], orders: Sequence[Json], gettext: Gettext) -> list[Task]:
    """Orders to answer or to send, and a supplier that was turned down."""
    tasks = []
    for order in orders:
        href = f"/pesanan/{order['id']}"
        if order["state"] == "requested":
            title, label, by = gettext("Jawab pesanan"), gettext("Jawab"), order["answer_by"]
        elif order["state"] in {"confirmed", "partly_dispatched"}:
            title, label, by = gettext("Kirim pesanan yang sudah didanai"), gettext("Buka pesanan"), None
        else:
            continue
        tasks.append(Task(title, order["title"], href, label, "delivery", by=by))
    tasks += [
        Task(gettext("Pemasok belum diterima"), supplier["name"], "/pemasok", gettext("Lihat alasannya"), "supplier")
        for supplier in suppliers
        if supplier["status"] == "rejected"
    ]
    return tasks


def _steps(gettext: Gettext) -> dict[str, tuple[str, str, str]]:
    return {
        "save_card": (gettext("Simpan kartu untuk komitmen Anda"), gettext("Simpan kartu"), "card"),
        "pay_card_link": (gettext("Bayar dengan kartu"), gettext("Bayar"), "card"),
        "transfer": (gettext("Transfer ke rekening kelompok"), gettext("Transfer"), "bank"),
        "cash": (gettext("Bayar tunai di Posyantek"), gettext("Lihat caranya"), "cash"),
        "confirm_at_post": (gettext("Minta petugas menguatkan komitmen Anda"), gettext("Lihat caranya"), "desk"),
    }
