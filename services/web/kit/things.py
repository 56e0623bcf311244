"""What can be shared, as plain facts: a product, a business, a pool or a post. Amounts are whole rupiah."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.web.showing import listings, pictures, pools

Json = Mapping[str, Any]
Kind = Literal["product", "business", "pool", "post"]

NO_UNIT = "buah"


@dataclass(frozen=True, slots=True)
class Cover:
    """A photo that the API keeps: its id, and the widths (pixels) in which there is one."""

    id: str
    widths: tuple[int, ...] = ()

    def path(self, width: int) -> str:
        """Where the API keeps it: the smallest that is at least so wide, else the widest. Begins after `/api/v1`."""
        enough = [one for one in sorted(self.widths) if one >= width]
        chosen = enough[0] if enough else max(self.widths, default=width)
        return f"/photos/{self.id}/{chosen}.webp"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pool is: units pledged of those needed, people, and until when, in words."""

    units: int
    target: int
    people: int
    until: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to share. Empty texts and None where there is nothing to tell. `origin`: the public scheme and host."""

    kind: Kind
    origin: str
    path: str
    name: str
    place: str
    region: str = ""
    about: str = ""
    maker: str = ""
    whatsapp: str = ""
    price_idr: int | None = None
    unit: str = ""
    reference: str = ""
    address: str = ""
    hours: str = ""
    art: str = "warung"
    cover: Cover | None = None
    progress: Progress | None = None

    @property
    def url(self) -> str:
        """The address of its page."""
        return self.origin + self.path

    @property
    def scanned_url(self) -> str:
        """The address behind its QR code."""
        return f"{self.url}?dari=qr"


def of_listing(item: Json, origin: str) -> Thing:
    """Read a product; one of a list has no region."""
    return Thing(
        kind="product",
        origin=origin,
        path=f"/produk/{item['id']}",
        name=item["name"],
        place=item["post_name"] or "Posyantek",
        region=item.get("region_name") or "",
        about=item["description"] or "",
        maker=item["business_name"],
        whatsapp=phone(item["whatsapp"]),
        price_idr=item["price_idr"],
        unit=item["unit"] or NO_UNIT,
        reference=listings.reference(item["id"]),
        art=pictures.art_of_product(item["category"]),
        cover=cover_of(item),
    )


def of_business(item: Json, post: Json | None, origin: str) -> Thing:
    """Read a business; `post`: the one that has verified it, if it could be asked for."""
    kinds = item["categories"] or [""]
    return Thing(
        kind="business",
        origin=origin,
        path=f"/usaha/{item['id']}",
        name=item["name"],
        place=item["post_name"] or "Posyantek",
        region=post["region_name"] if post else "",
        about=item["story"] or "",
        whatsapp=phone(item["whatsapp"]),
        art=pictures.art_of_product(kinds[0]),
        cover=cover_of(item),
    )


def of_pool(item: Json, until: str, origin: str) -> Thing:
    """Read a pool; `until`: its deadline in words, on the clock of its post."""
    card = pools.card(item)
    return Thing(
        kind="pool",
        origin=origin,
        path=f"/urun/{item['id']}",
        name=item["title"],
        place=item["post_name"] or "Posyantek",
        about=item["story"],
        maker=item["supplier_name"],
        price_idr=card["unit_price_idr"],
        unit="unit",
        art=pictures.art_of_technology(item["technology"]["slug"]),
        progress=Progress(
            item["units_pledged"], card["target_units"], item["people"], until, is_open=item["state"] == "open"
        ),
    )


def of_post(item: Json, origin: str) -> Thing:
    """Read a post."""
    return Thing(
        kind="post",
        origin=origin,
        path=f"/posyantek/{item['slug']}",
        name=item["name"],
        place=item["region_path"],
        region=item["region_name"],
        whatsapp=phone(item["whatsapp"]),
        address=item["address"] or "",
        hours=item["hours"] or "",
        art="warung",
    )


def cover_of(item: Json) -> Cover | None:
    """Read the photo that stands for a thing, if it has one."""
    cover = item.get("cover")
    return Cover(str(cover["id"]), tuple(cover.get("widths") or ())) if cover else None


def phone(number: str | None) -> str:
    """Write a number as people dial it here: `+6281234567890` becomes `0812-3456-7890`; another country's stays."""
    if not number or not number.startswith("+62"):
        return number or ""
    digits = "0" + number.removeprefix("+62")
    return "-".join(filter(None, (digits[:4], digits[4:8], digits[8:])))
