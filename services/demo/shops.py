"""The UKM of the demo's story: what they tell of themselves, and what they sell. All are made up and marked "(contoh)"."""

from __future__ import annotations

from typing import Any, NamedTuple


class ProductStory(NamedTuple):
    """A product: price in rupiah for one `unit`. `stock`: units that are there; `ready_in_days`: made to order."""

    name: str
    category: str
    price_idr: int
    unit: str
    description: str
    stock: int | None = None
    ready_in_days: int | None = None

    def body(self, business_id: str) -> dict[str, Any]:
        """The product as the API takes it."""
        return {"business_id": business_id, **self._asdict()}


class ShopStory(NamedTuple):
    """A UKM with its owner, post (by its place in `story.POSTS`), kelurahan and products."""

    name: str
    owner: str
    phone: str
    post: int
    kelurahan_code: str
    story: str
    products: tuple[ProductStory, ...]


SHOPS = (
    ShopStory(
        "Bir Pletok Nyai Senja",
        "Ibu Sri Wahyuni",
        "+628120000001",
        0,
        "31.71.05.1003",
        "Resep nenek dari Rawasari: jahe, serai, kayu secang. Diseduh tiap Selasa dan Jumat.",
        (
            ProductStory(
                "Bir pletok sirup 500 ml",
                "drinks",
                45_000,
                "botol",
                "Tanpa alkohol, tanpa pengawet. Tahan dua minggu di kulkas.",
                24,
            ),
            ProductStory(
                "Bir pletok serbuk 250 g", "drinks", 35_000, "bungkus", "Tinggal seduh air panas. Tahan enam bulan.", 40
            ),
        ),
    ),
    ShopStory(
        "Dapur Mpok Lintang",
        "Mpok Lintang Sari",
        "+628120000002",
        4,
        "31.75.04.1001",
        "Keripik rumahan dari Kramat Jati, digoreng sendiri sejak 2019 bersama tiga tetangga.",
        (
            ProductStory(
                "Keripik singkong balado 200 g",
                "snacks",
                18_000,
                "bungkus",
                "Renyah, pedas manis. Minyaknya diganti tiap hari.",
                60,
            ),
            ProductStory(
                "Keripik pisang cokelat 150 g", "snacks", 20_000, "bungkus", "Pisang kepok, cokelat bubuk asli.", 35
            ),
        ),
    ),
    ShopStory(
        "Dodol Bang Tirta Rasa",
        "Bang Tirta Nugraha",
        "+628120000003",
        3,
        "31.74.08.1003",
        "Dodol Betawi yang diaduk delapan jam di atas kayu bakar, warisan keluarga.",
        (
            ProductStory(
                "Dodol Betawi 500 g",
                "snacks",
                48_000,
                "kotak",
                "Ketan hitam atau durian. Cocok untuk hantaran.",
                None,
                3,
            ),
            ProductStory(
                "Wajik ketan 300 g", "snacks", 30_000, "kotak", "Gula aren asli, tidak terlalu manis.", None, 2
            ),
        ),
    ),
    ShopStory(
        "Sanggar Batik Kembang Selat",
        "Ibu Kirana Melati",
        "+628120000004",
        2,
        "31.73.05.1004",
        "Sanggar batik Betawi di Kelapa Dua. Boleh datang belajar mencanting tiap Sabtu.",
        (
            ProductStory(
                "Kain batik cap motif ondel-ondel", "batik", 175_000, "lembar", "Katun primisima, 2 meter.", 12
            ),
            ProductStory(
                "Kain batik tulis pucuk rebung",
                "batik",
                850_000,
                "lembar",
                "Dibuat tangan, sekitar dua minggu.",
                None,
                14,
            ),
        ),
    ),
    ShopStory(
        "Kue Subuh Ibu Wening",
        "Ibu Wening Rahayu",
        "+628120000005",
        0,
        "31.71.05.1001",
        "Kue basah hangat setiap pagi, kue kering menjelang hari raya.",
        (
            ProductStory(
                "Kue basah isi 12",
                "cakes",
                36_000,
                "kotak",
                "Campur: lemper, risoles, dadar gulung. Pesan sehari sebelumnya.",
                None,
                1,
            ),
            ProductStory("Nastar 500 g", "cakes", 75_000, "toples", "Selai nanas buatan sendiri.", 15),
        ),
    ),
    ShopStory(
        "Abon Pesisir Teh Rinai",
        "Teh Rinai Puspita",
        "+628120000006",
        1,
        "31.72.05.1003",
        "Ikan dari pelelangan Muara Angke, diolah hari itu juga.",
        (
            ProductStory("Abon tongkol 100 g", "meals", 28_000, "bungkus", "Tanpa duri, gurih, tidak amis.", 30),
            ProductStory("Bandeng asap", "meals", 45_000, "ekor", "Diasap serabut kelapa.", None, 2),
        ),
    ),
    ShopStory(
        "Perca Daur Ceria",
        "Ibu Ceria Anggun",
        "+628120000007",
        4,
        "31.75.04.1006",
        "Kain sisa konfeksi Cililitan kami jahit jadi barang yang dipakai bertahun-tahun.",
        (
            ProductStory("Tas kain perca", "upcycled", 65_000, "buah", "Dilapisi furing, muat laptop 14 inci.", 18),
            ProductStory("Dompet kain perca", "upcycled", 25_000, "buah", "Tiga saku, ritsleting kuat.", 40),
        ),
    ),
    ShopStory(
        "Kebun Gang Melati Ungu",
        "Pak Tono Subagja",
        "+628120000008",
        0,
        "31.71.05.1002",
        "Kebun di gang selebar dua meter, dirawat warga RT 05.",
        (
            ProductStory("Selada hidroponik 250 g", "plants", 12_000, "ikat", "Dipanen pagi, tanpa pestisida.", 20),
            ProductStory(
                "Kompos matang 2 kg", "plants", 15_000, "karung", "Dari sampah dapur warga, disaring halus.", 50
            ),
        ),
    ),
)

DRIED = ShopStory(
    "Dendeng Daun Singkong Bu Yati",
    "",
    "",
    0,
    "31.71.05.1001",
    "Setelah punya pengering bersama, hujan tidak lagi menghentikan dapur kami.",
    (
        ProductStory(
            "Dendeng daun singkong 100 g",
            "snacks",
            16_000,
            "bungkus",
            "Dikeringkan dengan tray dryer, jadi renyahnya rata.",
            45,
        ),
    ),
)
"""The shop of a neighbour whose pooled machine has arrived; their name and phone are that neighbour's."""
