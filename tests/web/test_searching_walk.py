"""A buyer looks for products on the pages, misspelled and narrowed, and keeps a search to see what is new."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def market(site):
    """Two businesses in two kecamatan, with what they sell."""
    officer = await site.scene.somebody("Ibu Ratna", site.scene.officer_phone)
    sold = {}
    for code, name, products in (
        ("31.72.03", "Koja", [("Keripik talas", 15_000, {}), ("Sambal roa", 30_000, {"ready_in_days": 2})]),
        ("31.72.04", "Cilincing", [("Keripik pisang", 9_000, {"stock": 0})]),
    ):
        post = await officer.post("/posts", {"region_code": code, "name": f"Posyantek {name}"})
        operator, _ = await site.scene.operators_of(officer, post)
        owner = await site.scene.somebody()
        body = {"name": f"Dapur {name}", "post_id": post["id"], "whatsapp": owner.phone}
        business = await owner.post("/businesses", body)
        await operator.post(f"/businesses/{business['id']}/verify")
        for title, price, more in products:
            body = {"business_id": business["id"], "name": title, "category": "snacks", "price_idr": price, **more}
            listing = await owner.post("/listings", body)
            await owner.post(f"/listings/{listing['id']}/publish")
        sold[name] = (owner, business)
    return sold


def form_to(page, deed):
    return re.search(rf'action="(/pencarian/[^"]+/{deed})"', page.html)[1]


def titles(page):
    return [name for name in ("Keripik talas", "Keripik pisang", "Sambal roa") if name in page.text]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=kerpik", ["Keripik talas", "Keripik pisang"]),
        ("q=keripik&kecamatan=31.72.03&hanya=1", ["Keripik talas"]),
        ("q=keripik&siap=1", ["Keripik talas"]),
        ("q=keripik&sampai=10.000", ["Keripik pisang"]),
        ("halal=1&q=keripik", []),
        ("q=keripik&sampai=murah", ["Keripik talas", "Keripik pisang"]),
        ("q=keripik&kecamatan=bukan&urut=acak&sejak=kemarin", ["Keripik talas", "Keripik pisang"]),
    ],
)
async def test_products_are_found_misspelled_and_narrowed(site, market, query, found):
    page = await site.browser().open(f"/produk?{query}")
    assert (page.status, titles(page)) == (200, found)
    assert ("Menampilkan hasil untuk keripik" in page.text) == ("kerpik" in query)
    assert ("Isi dengan angka rupiah" in page.text) == ("murah" in query)


async def test_what_is_near_comes_first_and_the_cheapest_if_asked(site, market):
    near = await site.browser().open("/produk?q=keripik&kecamatan=31.72.04")
    assert near.text.index("Keripik pisang") < near.text.index("Keripik talas")
    assert "Stok habis" in near.text
    dear = await site.browser().open("/produk?kecamatan=31.72.03&hanya=1&urut=cheapest")
    assert dear.text.index("Keripik talas") < dear.text.index("Sambal roa")
    assert "Pesan 2 hari" in dear.text


async def test_one_box_finds_businesses_too(site, market):
    page = await site.browser().open("/cari?q=dapur+koja")
    assert "Dapur Koja" in page.text
    assert f"/usaha/{market['Koja'][1]['id']}" in page.links


async def test_a_search_is_kept_and_shows_what_is_new(site, market):
    owner, business = market["Koja"]
    buyer = site.browser(await site.scene.somebody())
    page = await buyer.open("/produk?q=keripik&kecamatan=31.72.03&hanya=1")
    kept = await buyer.send(page, "/pencarian")
    assert "“keripik”, Koja" in kept.text
    body = {"business_id": business["id"], "name": "Keripik bayam", "category": "snacks", "price_idr": 8_000}
    listing = await owner.post("/listings", body)
    await owner.post(f"/listings/{listing['id']}/publish")
    new = await buyer.send(kept, form_to(kept, "lihat"))
    assert "Keripik bayam" in new.text
    assert "Keripik talas" not in new.text
    everything = await buyer.open(next(link for link in new.links if link.startswith("/produk?q=keripik&kecamatan")))
    assert "Keripik talas" in everything.text
    listed = await buyer.open("/pencarian")
    gone = await buyer.send(listed, form_to(listed, "hapus"))
    assert "Belum ada pencarian tersimpan" in gone.text


async def test_nothing_to_keep_is_said(site, market):
    buyer = site.browser(await site.scene.somebody())
    page = await buyer.open("/produk?q=keripik")
    told = await buyer.send(page, "/pencarian", alamat="https://elsewhere.example/?q=")
    assert "Tidak ada yang bisa disimpan" in told.text
