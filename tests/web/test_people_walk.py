"""What a UKM owner, a supplier and a curious visitor do on the pages, without JavaScript, on the running system."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from shared.testing.running import eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def post(site):
    """A post in a kecamatan, with its officer and an operator."""
    officer = await site.scene.somebody("Ibu Ratna", site.scene.officer_phone)
    body = {"region_code": "31.71.05", "name": "Posyantek Cempaka Putih", "whatsapp": "0811-0000-011"}
    made = await officer.post("/posts", {**body, "hours": "Senin–Jumat 08.00–15.00", "pilot": True})
    operator, _ = await site.scene.operators_of(officer, made)
    return {**made, "operator": operator}


def whatsapp_text(page, number=""):
    """The message of the page's WhatsApp link to `number`."""
    links = [link for link in page.links if link.startswith(f"https://wa.me/{number}?")]
    assert links, page.links
    return parse_qs(urlsplit(links[0]).query)["text"][0]


def first_link(page, beginning):
    """The first link of the page that leads to an address beginning so."""
    links = [link for link in page.links if link.startswith(beginning)]
    assert links, page.links
    return links[0]


async def business_of(site, post, name, owner):
    """A verified business."""
    body = {"name": name, "post_id": post["id"], "whatsapp": owner.phone}
    business = await owner.post("/businesses", body)
    await post["operator"].post(f"/businesses/{business['id']}/verify")
    return business


async def test_finding_the_post_of_a_kelurahan(site, post):
    browser = site.browser()
    home = await browser.open("/")
    assert "Beli alat bersama" in home.text
    found = await browser.send(home, "/posyantek", q="rawasari")
    assert "Melayani Rawasari" in found.text
    page = await browser.open(first_link(found, f"/posyantek/{post['slug']}"))
    assert "Senin–Jumat 08.00–15.00" in page.text
    assert whatsapp_text(page, "628110000011") == "Halo Posyantek Cempaka Putih, saya mau bertanya."
    assert (await browser.open(f"/posyantek/{post['id']}")).text == page.text
    assert "Belum ada urun beli yang dibuka" in page.text


async def test_looking_where_no_post_is_yet(site, post):
    browser = site.browser()
    assert "Belum ada Posyantek yang terdaftar di sini" in (await browser.open("/posyantek?q=gambir")).text
    assert "Tidak ketemu" in (await browser.open("/posyantek?q=xyzzy")).text
    assert "Belum ada Posyantek di sini" in (await browser.open("/posyantek?kota=31.75")).text
    assert (await browser.open("/posyantek/tidak-ada")).status == 404
    assert (await browser.open("/posyantek/Tidak%2FAda")).status == 404


async def test_from_a_business_to_its_first_order(site, post):
    owner = await site.scene.somebody("Mpok Nur")
    browser = site.browser(owner)
    form = await browser.open(f"/usaha/baru?posyantek={post['id']}")
    refused = await browser.send(form, "/usaha/baru", name="", whatsapp="12")
    assert refused.status == 422
    assert "Isian ini belum diisi." in refused.text
    assert refused.form("/usaha/baru").values["posyantek"] == post["id"], "what was chosen stays chosen"
    refused = await browser.send(refused, "/usaha/baru", name="Dapur Mpok Nur (contoh)", whatsapp="12")
    assert "f-whatsapp-error" in refused.html

    page = await browser.send(
        refused, "/usaha/baru", whatsapp="0812 3456 7890", story="Sejak 2011, dari dapur sendiri."
    )
    assert "Sedang diperiksa Posyantek Cempaka Putih" in page.text
    business_id = page.path.rpartition("/")[2]
    assert (await site.browser().open(page.path)).status == 404, "before its check nobody else sees it"

    form = await browser.open(f"/jualan/baru?usaha={business_id}")
    wrong = await browser.send(form, "/jualan/baru", name="Keripik", category="snacks", price_idr="1,5 juta")
    assert "Isi dengan angka rupiah" in wrong.text
    draft = await browser.send(
        wrong, "/jualan/baru", name="Keripik bayam ungu 200 g", price_idr="18.000", unit="bungkus", aksi="tayang"
    )
    assert "Jualan tersimpan sebagai draf" in draft.text, "why it is not on show yet"
    assert not draft.has_form("/jualan/"), "it cannot be put on show before the business is verified"

    await post["operator"].post(f"/businesses/{business_id}/verify")
    account = await browser.open("/akun")
    assert "Tayangkan draf jualan" in account.text
    draft = await browser.open(first_link(account, "/produk/"))
    shown = await browser.send(draft, draft.path.replace("/produk/", "/jualan/") + "/tayang")
    assert "Sedang tayang" in shown.text

    await _a_neighbour_orders(site, draft.path)
    await _the_owner_goes_on(browser, draft.path)


async def _a_neighbour_orders(site, path):
    neighbour = site.browser()
    for place in ("/", "/produk", "/produk?kategori=snacks", "/cari?q=bayam", "/produk?q=bayam"):
        assert path in (await neighbour.open(place)).links, place
    assert path not in (await neighbour.open("/produk?kategori=batik")).links
    product = await neighbour.open(path)
    assert "Sejak 2011, dari dapur sendiri." in product.text
    assert "Ini jualan Anda" not in product.text
    assert product.has_form(f"{path}/pesan")
    assert "Jumlah harga Rp 54.000" in (await neighbour.open(f"{path}?jumlah=3")).text
    for nonsense in ("-1", "0", "99999", "1e3", "٣", ""):
        assert "Jumlah harga Rp 18.000" in (await neighbour.open(f"{path}?jumlah={nonsense}")).text


async def _the_owner_goes_on(browser, path):
    listing = path.replace("/produk/", "/jualan/")
    form, stale = await browser.open(f"{listing}/ubah"), await browser.open(f"{listing}/ubah")
    assert form.form(listing).values["price_idr"] == "18000"
    changed = await browser.send(form, listing, price_idr="20.000")
    assert "Rp 20.000" in changed.text
    refused = await browser.send(stale, listing, price_idr="19.000")
    assert refused.status == 409
    assert "diubah dari tempat lain" in refused.text
    assert refused.form(listing).values["price_idr"] == "19.000"

    paused = await browser.send(changed, f"{listing}/jeda")
    assert "Sedang dijeda" in paused.text
    assert path not in (await browser.open("/produk")).links
    again = await browser.send(paused, f"{listing}/tayang")
    late = await browser.send(paused, f"{listing}/tayang")
    assert "Keadaan jualan ini sudah berubah" not in late.text, "a double tap does nothing twice"
    asked = await browser.open(f"{listing}/arsip")
    archived = await browser.send(asked, f"{listing}/arsip")
    assert "Sudah diarsipkan" in archived.text
    assert not archived.has_form("/jualan/")
    too_late = await browser.send(again, f"{listing}/jeda")
    assert "Keadaan jualan ini sudah berubah" in too_late.text


async def test_nobody_changes_anothers_product(site, post):
    owner, other = await site.scene.somebody(), await site.scene.somebody()
    business = await business_of(site, post, "Sanggar Kembang (contoh)", owner)
    body = {"business_id": business["id"], "name": "Kain", "category": "batik", "price_idr": 175_000}
    listing = await owner.post("/listings", body)
    await owner.post(f"/listings/{listing['id']}/publish")
    stranger = site.browser(other)
    for path in ("ubah", "arsip"):
        assert (await stranger.open(f"/jualan/{listing['id']}/{path}")).status == 404
    assert not (await stranger.open(f"/produk/{listing['id']}")).has_form("/jualan/")
    business_page = await stranger.open(f"/usaha/{business['id']}")
    assert "UKM terverifikasi" in business_page.text
    assert "Tambah jualan" not in business_page.text
    # Without a business of one's own, the way to a product leads over one.
    assert (await stranger.open("/jualan/baru")).path == "/usaha/baru"


async def test_a_rejected_business_reads_why(site, post):
    owner = await site.scene.somebody()
    business = await owner.post("/businesses", {"name": "Toko X", "post_id": post["id"], "whatsapp": owner.phone})
    await post["operator"].post(f"/businesses/{business['id']}/reject", {"reason": "Alamatnya belum jelas."})
    browser = site.browser(owner)
    assert "Usaha Anda belum diterima" in (await browser.open("/akun")).text
    page = await browser.open(f"/usaha/{business['id']}")
    assert "Alamatnya belum jelas." in page.text
    assert "Toko X" in whatsapp_text(page, "628110000011")


async def test_products_go_on_over_the_page(site, post):
    owner = await site.scene.somebody()
    business = await business_of(site, post, "Banyak Rasa (contoh)", owner)
    for number in range(14):
        body = {
            "business_id": business["id"],
            "name": f"Sambal nomor {number}",
            "category": "seasonings",
            "price_idr": 9_000,
        }
        listing = await owner.post("/listings", body)
        await owner.post(f"/listings/{listing['id']}/publish")
    browser = site.browser()
    first = await browser.open("/produk?kategori=seasonings&q=sambal")
    onward = first_link(first, "/produk?kategori=seasonings&q=sambal&cursor=")
    assert "kategori=seasonings" in onward
    second = await browser.open(onward)
    shown = [{link for link in page.links if link.startswith("/produk/")} for page in (first, second)]
    assert [len(links) for links in shown] == [12, 2]
    assert not shown[0] & shown[1]
    assert "Sudah habis" not in second.text
    own = await site.browser(owner).open("/akun/daftar/jualan")
    assert len([link for link in own.links if link.startswith("/produk/")]) == 14
    assert (await browser.open("/produk?cursor=bukan-penanda")).status == 400


async def test_a_supplier_from_registration_to_an_offer(site, post):
    person = await site.scene.somebody("Pak Sewindu")
    browser = site.browser(person)
    assert (await browser.open("/pemasok/penawaran/baru")).path == "/pemasok/daftar"
    form = await browser.open(f"/pemasok/daftar?posyantek={post['id']}")
    typed = {"name": "Bengkel Sewindu (contoh)", "bank_name": "Bank Contoh", "account_holder": "Pak Sewindu"}
    refused = await browser.send(form, "/pemasok/daftar", **typed, account_number="abc")
    assert "f-account_number-error" in refused.html
    own = await browser.send(refused, "/pemasok/daftar", account_number="123-456-7890")
    assert "Sedang diperiksa Posyantek Cempaka Putih" in own.text
    assert "1234567890" in own.text
    told = await browser.open("/pemasok/penawaran/baru")
    assert told.path == "/pemasok"
    assert "masih menunggu diperiksa" in told.text

    supplier = (await person.get("/suppliers/mine"))["items"][0]
    await post["operator"].post(f"/suppliers/{supplier['id']}/verify")
    technology = await person.get("/technologies/spinner-peniris-minyak")
    form = await browser.open(f"/pemasok/penawaran/baru?alat={technology['id']}")
    assert form.form("/pemasok/").values["alat"] == technology["id"]
    terms = {"minimum_units": "5", "tier_1_price": "1.850.000", "capacity_units": "20", "freight_1_cost": "350.000"}
    refused = await browser.send(form, "/pemasok/", **terms, tier_2_from="10", tier_2_price="1.950.000")
    assert refused.status == 422
    assert "f-tier_2_price-error" in refused.html, "a price that rises is told beside its row"
    page = await browser.send(refused, "/pemasok/", tier_2_price="1.650.000", note="Dengan kabel dan servis.")
    assert page.path.startswith("/ttg/spinner-peniris-minyak")
    assert "Penawaran Anda sudah tampil." in page.text

    await _a_visitor_reads_the_offer(site, supplier)
    await _the_supplier_changes_it(browser, page)
    await _and_the_bank_account(browser, site, supplier)


async def _a_visitor_reads_the_offer(site, supplier):
    visitor = site.browser()
    page = await visitor.open("/ttg/spinner-peniris-minyak")
    for words in ("Rp 1.650.000", "Rp 200.000", "Dengan kabel dan servis.", "746 watt", "Pas-pasan", "Perkiraan"):
        assert words in page.text, words
    assert any(link.startswith("/urun/baru?penawaran=") for link in page.links)
    assert "Ubah penawaran" not in page.text
    assert any(link.startswith("http") and "wa.me" not in link for link in page.links), "figures name their sources"
    public = await visitor.open(f"/pemasok/{supplier['id']}")
    assert "Bengkel Sewindu" in public.text
    assert "1234567890" not in public.text


async def _the_supplier_changes_it(browser, page):
    edit = first_link(page, "/pemasok/penawaran/")
    form, stale = await browser.open(edit), await browser.open(edit)
    assert form.form(edit).values["tier_2_from"] == "10"
    page = await browser.send(form, edit, tier_3_from="20", tier_3_price="1.450.000")
    assert "Rp 1.450.000" in page.text
    refused = await browser.send(stale, edit, tier_2_price="1.600.000")
    assert refused.status == 409
    assert "sudah diubah dari tempat lain" in refused.text
    asked = await browser.open(edit.replace("/ubah", "/tarik"))
    gone = await browser.send(asked, edit.replace("/ubah", "/tarik"))
    assert "Penawaran ditarik." in gone.text
    assert "Usulkan urun beli" not in (await browser.open("/ttg/spinner-peniris-minyak")).text


async def _and_the_bank_account(browser, site, supplier):
    path = f"/pemasok/{supplier['id']}/rekening"
    form = await browser.open(path)
    assert "9876543210" in (await browser.send(form, path, account_number="9876543210")).text
    stranger = site.browser(await site.scene.somebody())
    assert (await stranger.open(path)).status == 404


async def test_the_catalogue_answers_to_words_shelf_and_electricity(site):
    browser = site.browser()
    light = await browser.open("/ttg?daya=450&q=plastik")
    assert "/ttg/hand-sealer" in light.links
    assert "/ttg/tray-dryer" not in (await browser.open("/ttg?daya=900&kategori=drying")).links
    assert "/ttg/tray-dryer" in (await browser.open("/ttg?daya=1300&kategori=drying")).links
    hand = await browser.open("/ttg?daya=0&kategori=packaging")
    assert [link for link in hand.links if link.startswith("/ttg/")] == ["/ttg/pencetak-tanggal-manual"]
    first = await browser.open("/ttg")
    assert any("cursor=" in link for link in first.links)
    assert "Tidak ketemu" in (await browser.open("/ttg?q=xyzzy")).text
    assert (await browser.open("/ttg/tidak-ada")).status == 404
    assert (await browser.open("/ttg?kategori=../x&daya=9")).status == 200


async def test_search_finds_each_kind(site, post):
    browser = site.browser()
    found = await browser.open("/cari?q=Cempaka")
    assert f"/posyantek/{post['slug']}" in found.links
    assert "/ttg/hand-sealer" in (await browser.open("/cari?q=sealer")).links
    assert "Tidak ketemu" in (await browser.open("/cari?q=xyzzy")).text
    shelves = await browser.open("/cari")
    assert {"/produk?kategori=batik", "/ttg?kategori=drying"} <= set(shelves.links)
    hostile = await browser.open("/cari?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert "<script>alert" not in hostile.html


async def test_messages_are_read_one_by_one_or_all(site, post):
    owner = await site.scene.somebody()
    browser = site.browser(owner)
    assert "Belum ada pesan" in (await browser.open("/pemberitahuan")).text
    for name in ("Satu (contoh)", "Dua (contoh)"):
        await business_of(site, post, name, owner)

    async def inbox():
        return await browser.open("/pemberitahuan")

    page = await eventually(inbox, until=lambda page: page.html.count("is-unread") == 2)
    opened = await browser.send(page, "/pemberitahuan/0")  # ids begin so, for the next centuries
    assert opened.status == 200
    assert (await inbox()).html.count("is-unread") == 1
    page = await browser.send(page, "/pemberitahuan/baca-semua")
    assert page.html.count("is-unread") == 0
    assert not page.has_form("/pemberitahuan/baca-semua")
    assert (await owner.get("/messages/preferences"))["whatsapp"] is True
    page = await browser.send(page, "/pemberitahuan/pilihan", email="1", whatsapp="")
    assert (await owner.get("/messages/preferences")) == {"email": True, "whatsapp": False}
