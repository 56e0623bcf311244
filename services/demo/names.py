"""Made-up people and things for the story. Names of firms carry "(contoh)", so that nobody takes them for real ones."""

from __future__ import annotations

import secrets
from random import Random

FIRST = (
    "Sri",
    "Wati",
    "Dewi",
    "Ratna",
    "Lestari",
    "Budi",
    "Agus",
    "Joko",
    "Hasan",
    "Yuni",
    "Rini",
    "Slamet",
    "Tuti",
    "Eko",
)
LAST = ("Handayani", "Saputra", "Wibowo", "Kusuma", "Anggraini", "Pratama", "Suryani", "Hidayat", "Maulana", "Permata")
PRODUCTS = (
    ("Keripik singkong balado 200 g", "snacks", 18_000),
    ("Bir pletok sirup 500 ml", "drinks", 45_000),
    ("Dodol Betawi 500 g", "snacks", 48_000),
    ("Abon tongkol 100 g", "meals", 28_000),
    ("Nastar 500 g", "cakes", 75_000),
)
BUSINESSES = (
    "Dapur Mpok Lintang",
    "Bir Pletok Nyai Senja",
    "Dodol Bang Tirta Rasa",
    "Abon Pesisir Teh Rinai",
    "Kue Subuh Ibu Wening",
)
WORKSHOPS = (
    "Bengkel Putar Sewindu",
    "Gudang Rekat Kertanila",
    "Sanggar Alat Lilin Wanantara",
    "Bengkel Hijau Tirtalaga",
)


def person_name(random: Random) -> str:
    """Make a person's name."""
    title = random.choice(("Ibu", "Pak"))
    return f"{title} {random.choice(FIRST)} {random.choice(LAST)}"


def phone_number() -> str:
    """Make a new mobile number, outside the story's seed: the same story told again has new people."""
    return f"+62812{secrets.randbelow(9 * 10**7) + 10**7}"
