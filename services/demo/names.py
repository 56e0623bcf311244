"""Made-up people and things for the story. Names of firms carry "(contoh)", so that nobody takes them for real ones."""

from __future__ import annotations

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
    ("Keripik singkong balado 200 g", "makanan-ringan", 18_000),
    ("Bir pletok sirup 500 ml", "minuman", 45_000),
    ("Dodol Betawi 500 g", "makanan-ringan", 48_000),
    ("Abon tongkol 100 g", "olahan-ikan", 28_000),
    ("Nastar 500 g", "kue", 75_000),
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


def phone_number(random: Random) -> str:
    """Make a mobile number of a length that Indonesian ones have."""
    return f"+62812{random.randrange(10**7, 10**8)}"
