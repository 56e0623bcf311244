"""What UKM of a city sell, as a fixed list: a free field would give every spelling its own shelf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

CategoryCode = Literal[
    "snacks",
    "cakes",
    "drinks",
    "meals",
    "seasonings",
    "batik",
    "fashion",
    "crafts",
    "upcycled",
    "beauty",
    "plants",
    "household",
    "services",
    "other",
]


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf, with its name in Indonesian and English."""

    code: CategoryCode
    name_id: str
    name_en: str


CATEGORIES: Final = (
    Category("snacks", "Keripik & camilan", "Crisps & snacks"),
    Category("cakes", "Kue basah & kering", "Cakes & cookies"),
    Category("drinks", "Minuman & bir pletok", "Drinks & bir pletok"),
    Category("meals", "Makanan siap saji & beku", "Ready & frozen meals"),
    Category("seasonings", "Bumbu, sambal & santan", "Spices, sambal & coconut milk"),
    Category("batik", "Batik Betawi", "Betawi batik"),
    Category("fashion", "Pakaian & aksesori", "Clothes & accessories"),
    Category("crafts", "Kerajinan tangan", "Handicrafts"),
    Category("upcycled", "Daur ulang", "Crafts from waste"),
    Category("beauty", "Kecantikan & jamu", "Beauty & herbal"),
    Category("plants", "Tanaman, pupuk & hasil kebun", "Plants, compost & produce"),
    Category("household", "Perlengkapan rumah", "Household goods"),
    Category("services", "Jasa", "Services"),
    Category("other", "Lainnya", "Other"),
)
