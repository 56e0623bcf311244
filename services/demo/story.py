"""The demo data's story: posts, people and workshops; `shops` tells what is sold. All firms are made up and marked "(contoh)"."""

from __future__ import annotations

from typing import Any, NamedTuple

OFFICER = ("Ibu Ratna Dewayani", "+628110000001")


class PostStory(NamedTuple):
    """A post to register, by its Kemendagri code, and its operator."""

    region_code: str
    name: str
    operator: str
    phone: str
    pilot: bool


POSTS = (
    PostStory("31.71.05", "Posyantek Cempaka Putih", "Pak Joko Santoso", "+628110000011", True),
    PostStory("31.72.05", "Posyantek Pademangan", "Ibu Maya Lestari", "+628110000012", True),
    PostStory("31.73.05", "Posyantek Kebon Jeruk", "Pak Hadi Wibisono", "+628110000013", True),
    PostStory("31.74.08", "Posyantek Pancoran", "Ibu Nurul Hasanah", "+628110000014", True),
    PostStory("31.75.04", "Posyantek Kramat Jati", "Pak Bambang Irawan", "+628110000015", True),
)
SECOND_OPERATOR = ("Ibu Tuti Alawiyah", "+628110000021")


class OfferStory(NamedTuple):
    """An offer: technology, tiers (from units, price in rupiah), pack, minimum, capacity, days, months, freight in rupiah."""

    technology: str
    tiers: tuple[tuple[int, int], ...]
    pack: int
    minimum: int
    capacity: int
    lead_days: int
    warranty_months: int
    freight_idr: int

    def terms(self) -> dict[str, Any]:
        """The terms as the API takes them."""
        return {
            "tiers": [{"from_units": units, "unit_price_idr": price} for units, price in self.tiers],
            "freight": [{"from_units": self.minimum, "cost_idr": self.freight_idr}],
            "installation_idr": 0,
            "training_idr": 140_000,
            "minimum_units": self.minimum,
            "pack_units": self.pack,
            "capacity_units": self.capacity,
            "lead_time_days": self.lead_days,
            "warranty_months": self.warranty_months,
            "down_payment_percent": 50,
            "on_delivery_percent": 30,
        }


class WorkshopStory(NamedTuple):
    """A supplier, its owner, and what it offers."""

    name: str
    owner: str
    phone: str
    offers: tuple[OfferStory, ...]


WORKSHOPS = (
    WorkshopStory("Bengkel Putar Sewindu", "Pak Sewindu Karya", "+628130000001", (
        OfferStory("spinner-peniris-minyak", ((5, 1_850_000), (10, 1_650_000), (20, 1_450_000)), 1, 5, 20, 14, 12, 350_000),
        OfferStory("perajang-keripik", ((3, 2_700_000), (5, 2_400_000), (10, 2_150_000)), 1, 3, 20, 21, 12, 400_000))),
    WorkshopStory("Gudang Rekat Kertanila", "Ibu Nila Kertasari", "+628130000002", (
        OfferStory("hand-sealer", ((5, 445_000), (20, 410_000), (50, 370_000)), 5, 5, 100, 5, 6, 150_000),
        OfferStory("vacuum-sealer", ((5, 1_350_000), (10, 1_200_000), (25, 1_050_000)), 1, 5, 60, 7, 6, 200_000))),
    WorkshopStory("Sanggar Alat Lilin Wanantara", "Pak Wanantara Jati", "+628130000003", (
        OfferStory("kompor-listrik-batik", ((5, 240_000), (10, 210_000), (25, 180_000)), 5, 5, 100, 10, 6, 100_000),)),
    WorkshopStory("Bengkel Hijau Tirtalaga", "Ibu Laga Tirta", "+628130000004", (
        OfferStory("tray-dryer", ((1, 7_400_000), (3, 6_900_000), (6, 6_300_000)), 1, 1, 6, 30, 12, 750_000),
        OfferStory("komposter-takakura", ((20, 190_000), (50, 150_000), (100, 110_000)), 10, 20, 300, 7, 3, 200_000))),
)  # fmt: skip

NEIGHBOURS = tuple(
    (name, f"+62814000000{place:02}")
    for place, name in enumerate(
        (
            "Ibu Aminah", "Pak Rusdi", "Mpok Nori", "Ibu Yati", "Bang Mandra Jaya", "Ibu Endang", "Pak Slamet", "Ibu Rokayah",
            "Mas Agung", "Ibu Lilis", "Pak Dadang", "Mbak Retno",
        ),
        start=1,
    )
)  # fmt: skip
"""People who join pools: (name, phone)."""
MEMBER = NEIGHBOURS[5]
"""Takes part in every tray dryer pool by transfer, so has pledges in every state, one of them still to be paid."""
