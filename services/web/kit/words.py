"""Messages ready for WhatsApp, in the words of the neighbourhood. Always Indonesian: so are those who read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.web.kit.things import Thing
from shared.errors import rupiah

Json = Mapping[str, Any]

MOST_LETTERS: Final = 1500
"""In an edited message: a link that carries more does not open everywhere."""
_MARKS: Final = frozenset("*_~`")
_MOST_LISTED: Final = 10
_LONGEST_NAME: Final = 60


def message(thing: Thing) -> str:
    """Write what goes with a thing's link: what, how much, where, and the link by itself on the last line."""
    lines = {"product": _product, "business": _business, "pool": _pool, "post": _post}[thing.kind](thing)
    return "\n".join([*filter(None, lines), thing.url])


def bold(text: str) -> str:
    """Set words in bold, as WhatsApp does; words with marks of their own stay as they are."""
    text = " ".join(text.split())
    return text if _MARKS & set(text) else f"*{text}*"


def _product(thing: Thing) -> list[str]:
    where = f", dibuat di {thing.region}" if thing.region else ""
    return [
        f"Sudah coba {bold(thing.name)} dari {thing.maker}?",
        f"{rupiah(thing.price_idr or 0)} per {thing.unit}{where}. Diperiksa {thing.place}.",
        "",
        "Lihat dan pesan di sini, sekalian dukung usaha tetangga kita:",
    ]


def _business(thing: Thing) -> list[str]:
    where = f" di {thing.region}" if thing.region else ""
    return [
        f"Kenalkan, {bold(thing.name)}{where}: UKM tetangga kita, sudah diperiksa {thing.place}.",
        f"Mau tanya atau pesan? WhatsApp {thing.whatsapp}." if thing.whatsapp else "",
        "Semua jualannya ada di sini:",
    ]


def _pool(thing: Thing) -> list[str]:
    progress = thing.progress
    assert progress is not None
    price = f"Harga urun {rupiah(thing.price_idr or 0)} per unit."
    if not progress.is_open:
        return [f"{bold(thing.name)}, urun beli lewat {thing.place}.", price, "Lihat kemajuannya di sini:"]
    missing = progress.target - progress.units
    so_far = f"Sudah {progress.units} dari {progress.target} unit"
    return [
        f"Ayo ikut {bold(thing.name)}! Beli alat bareng lewat {thing.place}, makin banyak yang ikut makin murah.",
        f"{price} {so_far}{f', kurang {missing} lagi' if missing > 0 else ''}.",
        f"Ditutup {progress.until}.",
        "Kalau target tidak tercapai, uang kembali utuh.",
        "Ikut di sini:",
    ]


def _post(thing: Thing) -> list[str]:
    return [
        f"{bold(thing.name)} siap membantu UKM kita: tanya alat yang cocok, coba cara pakainya, dan beli bareng.",
        f"Alamat: {thing.address}." if thing.address else "",
        f"Buka: {thing.hours}." if thing.hours else "",
        f"WhatsApp: {thing.whatsapp}." if thing.whatsapp else "",
        "Selengkapnya:",
    ]


@dataclass(frozen=True, slots=True)
class Week:
    """What a post has to tell about a week. Each line is a text of its own, already on one line."""

    post_name: str
    post_url: str
    products: Sequence[Thing] = ()
    more_products: bool = False
    pools: Sequence[Thing] = ()
    deadlines: Sequence[str] = ()


def digest(week: Week) -> str:
    """Write a post's message of the week: new products, open pools, deadlines that come."""
    parts = [f"{bold(f'Kabar {week.post_name} minggu ini')}"]
    if week.products:
        rows = [f"• {_short(one.name)}, {rupiah(one.price_idr or 0)} – {_short(one.maker)}" for one in week.products]
        parts.append(_section("Produk baru", rows, more=week.more_products))
    if week.pools:
        parts.append(_section("Urun beli yang dibuka", [_pool_row(one) for one in week.pools]))
    if week.deadlines:
        parts.append(_section("Jangan terlewat", [f"• {one}" for one in week.deadlines]))
    if len(parts) == 1:
        parts.append("Belum ada yang baru. Mari tayangkan jualan, atau usulkan urun beli bersama.")
    return "\n\n".join([*parts, f"Lengkapnya: {week.post_url}"])


def _section(title: str, rows: Sequence[str], *, more: bool = False) -> str:
    more = more or len(rows) > _MOST_LISTED
    return "\n".join([bold(title), *rows[:_MOST_LISTED], *(["… dan lainnya"] if more else [])])


def _pool_row(pool: Thing) -> str:
    progress = pool.progress
    assert progress is not None
    missing = max(0, progress.target - progress.units)
    return (
        f"• {_short(pool.name)}, {rupiah(pool.price_idr or 0)} per unit. "
        f"{f'Kurang {missing} unit' if missing else 'Target tercapai'}, ditutup {progress.until}"
    )


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST_NAME else plain[: _LONGEST_NAME - 1].rstrip() + "…"
