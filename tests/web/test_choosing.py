"""*Alat apa yang membantu usaha saya?* as people meet it, without JavaScript; and what a machine leaves on a product's page."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from shared.contracts.pools import MachineOwned
from shared.ids import new_id
from shared.testing.running import eventually

pytestmark = pytest.mark.slow

CRISPS = "/alat-untuk-usaha?nama=Keripik+singkong&kategori=snacks"


@pytest.fixture(scope="module")
async def market(site):
    """A post, and a spinner that a supplier offers."""
    return await site.scene.market()


async def machine_id(site, slug):
    return (await (await site.scene.somebody()).get(f"/technologies/{slug}"))["id"]


async def test_a_product_leads_its_owner_to_the_machines_that_fit(site, market):
    owner = site.browser(market.owner)
    product = await owner.open(f"/produk/{market.listing['id']}")
    onward = next(link for link in product.links if link.startswith("/alat-untuk-usaha"))
    asked = parse_qs(urlsplit(onward).query)
    assert asked["nama"] == [market.listing["name"]]
    assert asked["posyantek"] == [market.post["id"]]
    assert (await owner.open(onward)).status == 200
    stranger = await site.browser().open(f"/produk/{market.listing['id']}")
    assert not any(link.startswith("/alat-untuk-usaha") for link in stranger.links)


async def test_what_fits_crisps_and_what_the_house_carries(site):
    page = await site.browser().open(f"{CRISPS}&kg=40&daya=900")
    assert "Spinner peniris minyak" in page.text
    assert "Untuk keripik singkong" in page.text
    assert "746 watt, 83% dari 900 VA" in page.text
    assert "Listrik pas-pasan" in page.text
    assert "sekitar 1,34 jam kerja alat" in page.text
    assert page.form("/alat-untuk-usaha").values["kg"] == "40"


async def test_how_soon_one_machine_is_paid_by_ones_own_figures(site):
    path = f"{CRISPS}&kg=40&daya=1300&alat=spinner-peniris-minyak"
    page = await site.browser().open(f"{path}&jam=6,5&upah=20.000")
    assert page.text.count("Balik modal sekitar") == 1, "the other machines do other work"
    assert "Bukan janji" in page.text
    lacking = await site.browser().open(f"{path}&jam=6,5")
    assert "Angkanya belum lengkap" in lacking.text
    slow = await site.browser().open(f"{path}&jam=0,5&upah=20.000")
    assert "Alat ini tidak lebih cepat" in slow.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [("kg", "banyak"), ("kg", "-3"), ("kg", "0"), ("buah", "1,5"), ("jam", "200"), ("upah", "sedikit"), ("kg", "1e9")],
)
async def test_a_wrong_figure_is_told_beside_its_field_and_nothing_is_lost(site, field, typed):
    path = f"{CRISPS}&alat=spinner-peniris-minyak&{field}={quote(typed)}"
    page = await site.browser().open(path)
    assert page.status == 422
    assert f'href="#f-{field}"' in page.html
    shown = page.form("/alat-untuk-usaha").values
    assert shown["nama"] == "Keripik singkong"
    if field in shown:
        assert shown[field] == typed


@pytest.mark.parametrize("query", ["", "?kategori=%00&daya=7&kecamatan=x&posyantek=y&alat=../", "?nama=" + "a" * 500])
async def test_whatever_stands_in_the_address_the_page_opens(site, query):
    page = await site.browser().open(f"/alat-untuk-usaha{query}")
    assert page.status == 200
    assert page.has_form("/alat-untuk-usaha")


async def test_nothing_fits_a_service(site):
    page = await site.browser().open("/alat-untuk-usaha?nama=Pijat+refleksi&kategori=services")
    assert "Belum ada alat yang cocok" in page.text


async def test_a_pool_is_proposed_in_one_tap(site, market):
    offer, person = market.offer, await site.scene.somebody()
    browser = site.browser(person)
    name = quote(market.technology["name_id"])
    form = await browser.open(f"/alat-untuk-usaha?nama={name}&kategori=snacks&posyantek={market.post['id']}")
    draft = await browser.send(form, f"/urun/langsung?penawaran={offer['id']}")
    assert "Draf tersimpan" in draft.text
    pool = await person.get(f"/pools/{draft.path.rpartition('/')[2]}")
    assert (pool["state"], pool["post_id"], pool["timing"]) == ("draft", market.post["id"], "after_acceptance")
    again = await browser.send(form, f"/urun/langsung?penawaran={offer['id']}")
    assert again.path == draft.path, "a double tap proposes once"


async def test_what_nobody_offers_becomes_a_need(site, market):
    page = await site.browser().open(f"{CRISPS}&posyantek={market.post['id']}")
    mixer = await machine_id(site, "pencampur-bumbu")
    assert f"/kebutuhan/baru?alat={mixer}&posyantek={market.post['id']}" in page.links
    need = await market.owner.post("/needs", {"post_id": market.post["id"], "technology_id": mixer})
    again = await site.browser().open(CRISPS)
    assert f"/kebutuhan/{need['id']}" in again.links


async def test_an_owner_with_a_machine_shows_it_and_says_what_is_made_with_it(site, market):
    owner = await site.scene.somebody()
    body = {"name": "Dapur Alat", "post_id": market.post["id"], "whatsapp": owner.phone}
    business = await owner.post("/businesses", body)
    await market.operator.post(f"/businesses/{business['id']}/verify")
    body = {"business_id": business["id"], "name": "Keripik bayam", "category": "snacks", "price_idr": 12_000}
    product = await owner.post("/listings", body)
    await owner.post(f"/listings/{product['id']}/publish")
    await _owns(site, owner, await machine_id(site, "spinner-peniris-minyak"), market.post["id"], product["id"])
    path = f"/produk/{product['id']}"
    page = await site.browser().open(path)
    assert "Spinner peniris minyak" in page.text
    assert f"/posyantek/{market.post['id']}" in page.links

    browser = site.browser(owner)
    profile = await browser.open(f"/usaha/{business['id']}/ubah")
    await browser.send(profile, f"/usaha/{business['id']}/ubah", welcomes_visits="1")
    seen = await site.browser().open(CRISPS)
    assert f"/usaha/{business['id']}" in seen.links
    assert "Minta berkunjung" in seen.text

    form = await browser.open(f"/jualan/{product['id']}/ubah")
    assert "Dibuat dengan Spinner peniris minyak" in form.text
    changed = await browser.send(form, f"/jualan/{product['id']}/ubah", claims_ttg="")
    assert "Perubahan tersimpan" in changed.text
    assert "Spinner peniris minyak" not in (await site.browser().open(path)).text


async def _owns(site, owner, technology_id, post_id, listing_id):
    """Let a post say that somebody's machine has passed its test, as pools would."""
    owned = MachineOwned(
        pool_id=new_id(), pledge_id=new_id(), account_id=owner.account_id, technology_id=technology_id,
        post_id=post_id, units=1,
    )  # fmt: skip
    async with site.runner.contexts["pools"].db.transaction() as tx:
        tx.emit(owned)
    await eventually(
        lambda: owner.send("GET", f"/listings/{listing_id}"), until=lambda reply: reply.body["made_with_ttg"]
    )
