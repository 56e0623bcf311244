"""The message with which a buyer orders by WhatsApp, and the address that opens the chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from services.web.catalogues import Locale
from services.web.rendering import rupiah

Json = Mapping[str, Any]


def order_text(
    gettext: Callable[[str], str],
    locale: Locale,
    listing: Json,
    *,
    units: int,
    price_idr: int,
    reference: str,
    variant: str | None = None,
) -> str:
    """Write what, how many, at which price of one in whole rupiah, and the reference."""
    text = (
        gettext(
            "Halo %(business)s, saya mau pesan %(units)s %(unit)s %(product)s, %(variant)s (%(price)s per %(unit)s). "
            "Ref. %(reference)s"
        )
        if variant
        else gettext(
            "Halo %(business)s, saya mau pesan %(units)s %(unit)s %(product)s (%(price)s per %(unit)s). Ref. %(reference)s"
        )
    )
    return text % {
        "business": listing["business_name"],
        "units": units,
        "unit": listing["unit"] or gettext("buah"),
        "product": listing["name"],
        "variant": variant,
        # WhatsApp breaks lines where it likes; a no-break space would show as %C2%A0 in some phones' address bar.
        "price": rupiah(locale, price_idr).replace("\u00a0", " "),
        "reference": reference,
    }


def chat_address(text: str, whatsapp: str = "") -> str:
    """Give the address that opens a chat with a number in E.164, or lets the sender choose one, with a text filled in."""
    return f"https://wa.me/{whatsapp.removeprefix('+')}?text={quote(text)}"
