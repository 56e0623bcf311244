"""One's own account on the pages, without JavaScript: going on, changing, devices, consents, being forgotten; and help."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from services.demo.purchase import Purchase
from services.web import cookies
from shared.testing.running import eventually

pytestmark = pytest.mark.slow


async def code_for(site, to):
    """The newest code that was sent there, as the message box shows it."""
    box = await site.browser().open(f"/kotak-pesan?to={to.replace('+', '%2B')}")
    assert box.status == 200
    return re.findall(r"\b\d{6}\b", re.sub(r"(?s).*?<ul class=\"rows told\">", "", box.html, count=1))[0]


async def log_in(site, phone):
    """Open another session for somebody who is known already."""
    browser = site.browser()
    page = await browser.open("/masuk?lanjut=/akun")
    page = await browser.send(page, "/masuk", to=phone)
    return browser, await browser.send(page, "/masuk/kode", code=await code_for(site, phone))


async def test_whoever_is_not_logged_in_is_led_to_it_and_back(site):
    person = await site.scene.somebody("Ibu Sri")
    browser = site.browser()
    for path in ("/akun", "/pemberitahuan", "/usaha/baru", "/jualan/baru", "/pemasok", "/akun/hapus"):
        asked = await browser.open(path)
        assert asked.path.startswith("/masuk?lanjut=")
        assert asked.form("/masuk").values["lanjut"] == path
    _, page = await log_in(site, person.phone)
    assert page.path == "/akun"
    assert "Halo, Ibu Sri" in page.text
    assert "Tidak ada yang menunggu Anda" in page.text


async def test_a_pledge_says_what_it_waits_for(site):
    market = await site.scene.market()
    purchase = await Purchase.propose(
        site.scene, market, timing="deposit", open_for=timedelta(days=3), title="Urun alat RW 09"
    )
    initiator = site.browser(market.owner)
    assert "Ajukan urun beli Anda" in (await initiator.open("/akun")).text
    await purchase.open()
    member = await site.scene.somebody("Pak Rusdi")
    pledge = await member.post(f"/pools/{purchase.pool['id']}/pledges", {"units": 2, "method": "cash"})
    browser = site.browser(member)

    async def look():
        return await browser.open("/akun")

    page = await eventually(look, until=lambda page: "Bayar tunai di Posyantek" in page.text)
    assert f"/komitmen/{pledge['id']}" in page.links
    assert "Urun alat RW 09" in page.text
    own = await browser.open("/akun/daftar/komitmen")
    assert f"/komitmen/{pledge['id']}" in own.links
    assert f"/urun/{purchase.pool['id']}" in (await browser.open("/akun/daftar/urun")).links
    assert "Belum ada isinya" in (await browser.open("/akun/daftar/usaha")).text
    assert (await browser.open("/akun/daftar/rahasia")).status == 404
    # Erasing does not undo a pledge, and says so.
    assert f"/komitmen/{pledge['id']}" in (await browser.open("/akun/hapus")).links


async def test_name_and_language(site):
    person = await site.scene.somebody("Mpok Nori")
    browser = site.browser(person)
    form = await browser.open("/akun/ubah")
    assert form.form("/akun/ubah").values["name"] == "Mpok Nori"
    refused = await browser.send(form, "/akun/ubah", name="x" * 121)
    assert refused.status == 400
    assert "f-name-error" in refused.html
    page = await browser.send(refused, "/akun/ubah", name="Mpok Nori Sari", language="en")
    assert "Hello, Mpok Nori Sari" in page.text
    assert 'lang="en"' in page.html
    assert (await person.get("/accounts/me"))["language"] == "en"


async def test_an_email_address_becomes_ones_own_by_its_code(site):
    person = await site.scene.somebody("Ibu Endang")
    browser = site.browser(person)
    form = await browser.open("/akun/ubah")
    assert "Belum ada e-mail." in form.text
    refused = await browser.send(form, "/akun/email", email="bukan-alamat")
    assert "f-email-error" in refused.html
    asked = await browser.send(refused, "/akun/email", email="endang@contoh.test")
    code = await code_for(site, "endang@contoh.test")
    wrong = await browser.send(asked, "/akun/email/kode", code="000000" if code != "000000" else "111111")
    assert "f-code-error" in wrong.html
    page = await browser.send(wrong, "/akun/email/kode", code=code)
    assert "E-mail endang@contoh.test." in page.text
    assert (await person.get("/accounts/me"))["email"] == "endang@contoh.test"


async def test_a_lost_phone_is_logged_out(site):
    person = await site.scene.somebody("Bang Mandra")
    here = site.browser(person)
    lost, _ = await log_in(site, person.phone)
    assert (await lost.open("/akun")).path == "/akun"
    page = await here.open("/akun/perangkat")
    assert page.html.count('/keluar"') == 2, "newest first"
    page = await here.send(page, "/akun/perangkat/")
    assert "Perangkat itu sudah dikeluarkan." in page.text
    assert page.html.count('/keluar"') == 1
    reply = await site.scene.api.send("POST", "/api/v1/tokens", lost.cookies[cookies.SESSION])
    assert reply.status == 401
    # Ending one's own session leads back to logging in.
    assert (await here.send(page, "/akun/perangkat/")).path.startswith("/masuk")


async def test_logging_out(site):
    person = await site.scene.somebody("Mas Agung")
    browser = site.browser(person)
    page = await browser.send(await browser.open("/akun"), "/keluar")
    assert "Anda sudah keluar." in page.text
    assert cookies.SESSION not in browser.cookies
    assert (await browser.open("/akun")).path.startswith("/masuk")


async def test_consents_are_shown_and_everything_can_be_deleted(site):
    person = await site.scene.somebody("Ibu Rokayah")
    browser = site.browser(person)
    data = await browser.open("/akun/data")
    assert "Saya setuju nama dan kontak saya disimpan" in data.text
    assert "Anda sendiri" in data.text
    asked = await browser.open("/akun/hapus")
    refused = await browser.send(asked, "/akun/hapus")
    assert refused.status == 422
    assert "Beri tanda bahwa Anda mengerti." in refused.text
    assert (await person.get("/accounts/me"))["name"] == "Ibu Rokayah"
    page = await browser.send(refused, "/akun/hapus", mengerti="1")
    assert page.path == "/"
    assert "Data Anda sudah dihapus." in page.text
    assert (await browser.open("/akun")).path.startswith("/masuk")
    assert (await site.scene.api.send("POST", "/api/v1/tokens", person.session_token)).status == 401


async def test_a_form_of_another_site_changes_nothing(site):
    person = await site.scene.somebody("Ibu Lilis")
    browser = site.browser(person)
    page = await browser.open("/akun/hapus")
    refused = await browser.send(page, "/akun/hapus", mengerti="1", _csrf="0" * 32)
    assert refused.status == 403
    assert (await person.get("/accounts/me"))["name"] == "Ibu Lilis"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/bantuan", "bukan investasi"),
        ("/bantuan/cara-urun", "Uji terima"),
        ("/privasi", "NIK"),
    ],
)
async def test_help_is_there_for_everybody(site, path, words):
    page = await site.browser().open(path)
    assert page.status == 200
    assert words in page.text
    assert "urun dana" not in page.text.lower()


async def test_every_link_of_the_frame_leads_somewhere(site):
    browser = site.browser()
    page = await browser.open("/")
    frame = {link for link in page.links if link.startswith("/") and not link.startswith("/bahasa")}
    assert {"/bantuan", "/privasi", "/produk", "/ttg", "/posyantek", "/urun", "/cari"} <= frame
    for link in sorted(frame):
        assert (await browser.open(link)).status == 200, link


async def test_the_message_box_is_for_developers_only(run_services, module_dsn):
    async with run_services(module_dsn, "web", environment="production") as (_, client):
        reply = await client.get("/kotak-pesan")
        assert reply.status == 404
