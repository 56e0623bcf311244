"""An owner completes the business's profile, enters permits and shares the work, on the pages, without JavaScript."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.slow
NIB, HALAL = "9120001234567", "ID00410000123450120"


@pytest.fixture(scope="module")
async def post(site):
    """A post in a kecamatan, with an operator."""
    officer = await site.scene.somebody("Ibu Ratna", site.scene.officer_phone)
    made = await officer.post("/posts", {"region_code": "31.71.05", "name": "Posyantek Cempaka Putih"})
    operator, checker = await site.scene.operators_of(officer, made)
    return {**made, "operator": operator, "checker": checker}


@pytest.fixture
async def owner(site):
    return await site.scene.somebody("Mpok Nur")


@pytest.fixture
async def business(post, owner):
    """A verified business of the owner's."""
    made = await owner.post("/businesses", {"name": "Dapur Mpok Nur", "post_id": post["id"], "whatsapp": owner.phone})
    return await post["operator"].post(f"/businesses/{made['id']}/verify")


async def test_profile_is_completed_and_everybody_sees_it(site, business, owner):
    browser, path = site.browser(owner), f"/usaha/{business['id']}"
    page = await browser.open(path)
    assert "Kelengkapan usaha" in page.text
    assert f"/jualan/baru?usaha={business['id']}" in page.links
    form = await browser.open(f"{path}/ubah")
    assert form.form(f"{path}/ubah").values["name"] == "Dapur Mpok Nur"
    # The kelurahan of the post's kecamatan are offered.
    rawasari = re.search(r'<option value="([\d.]+)">Rawasari</option>', form.html)[1]
    assert rawasari.startswith("31.71.05.")
    refused = await browser.send(
        form, f"{path}/ubah", whatsapp="12", day_1="1", opens="8 pagi", closes="17:00", story="Sejak 2011."
    )
    assert refused.status == 422
    assert "Isi jamnya" in refused.text
    refused = await browser.send(refused, f"{path}/ubah", opens="8.00", closes="17.00")
    assert refused.status == 400
    assert 'id="f-whatsapp-error"' in refused.html
    kept = refused.form(f"{path}/ubah").values
    assert (kept["story"], kept["day_1"]) == ("Sejak 2011.", "1")
    done = await browser.send(
        refused, f"{path}/ubah", whatsapp="0812 3456 7890", address="Jl. Rawasari Timur No. 7",
        kelurahan_code=rawasari, cat_snacks="1",
    )  # fmt: skip
    assert (done.status, done.path) == (200, path)
    seen = await site.browser().open(path)
    assert "Senin, 08.00–17.00" in seen.text
    assert "Jl. Rawasari Timur No. 7, Rawasari" in seen.text
    assert "Sejak 2011." in seen.text
    assert "Kelengkapan usaha" not in seen.text
    again = (await browser.open(f"{path}/ubah")).form(f"{path}/ubah").values
    assert (again["opens"], again["closes"], again["kelurahan_code"], again["cat_snacks"]) == (
        "08:00", "17:00", rawasari, "1",
    )  # fmt: skip


async def test_too_many_categories_and_a_day_without_hours(site, business, owner):
    browser, path = site.browser(owner), f"/usaha/{business['id']}/ubah"
    form = await browser.open(path)
    many = {f"cat_{code}": "1" for code in ("snacks", "cakes", "drinks", "meals", "batik", "other")}
    refused = await browser.send(form, path, **many)
    assert 'id="f-categories-error"' in refused.html
    assert refused.form(path).values["cat_other"] == "1"
    refused = await browser.send(form, path, opens="08:00", closes="08:00")
    assert 'id="f-days-error"' in refused.html
    assert 'id="f-closes-error"' in refused.html


async def test_stale_profile_is_told_and_not_overwritten(site, business, owner):
    browser, path = site.browser(owner), f"/usaha/{business['id']}"
    form = await browser.open(f"{path}/ubah")
    changed = await owner.send("PATCH", f"/businesses/{business['id']}", {"address": "Jl. Baru No. 1"})
    assert changed.ok
    told = await browser.send(form, f"{path}/ubah", address="Jl. Lama No. 2", story="Cerita baru.")
    assert told.status == 409
    assert "diubah dari tempat lain" in told.text
    assert "Jl. Baru No. 1" in told.text
    assert told.form(f"{path}/ubah").values["address"] == "Jl. Lama No. 2"
    assert (await owner.get(f"/businesses/{business['id']}"))["address"] == "Jl. Baru No. 1"
    done = await browser.send(told, f"{path}/ubah")
    assert done.path == path
    assert (await owner.get(f"/businesses/{business['id']}"))["address"] == "Jl. Lama No. 2"


async def test_a_permit_entered_meanwhile_does_not_make_the_form_stale(site, business, owner):
    browser, path = site.browser(owner), f"/usaha/{business['id']}"
    form = await browser.open(f"{path}/ubah")
    assert (await owner.send("PUT", f"/businesses/{business['id']}/permits/nib", {"number": NIB})).ok
    done = await browser.send(form, f"{path}/ubah", story="Cerita baru.")
    assert done.path == path
    assert "Cerita baru." in done.text


async def test_permit_goes_from_the_form_over_the_desk_to_the_page(site, business, owner, post):
    browser, path = site.browser(owner), f"/usaha/{business['id']}"
    form = await browser.open(f"{path}/izin")
    refused = await browser.send(form, f"{path}/izin/halal", halal="KH 123")
    assert refused.status == 422
    assert 'id="f-halal-error"' in refused.html
    assert refused.form(f"{path}/izin/halal").values["halal"] == "KH 123"
    saved = await browser.send(refused, f"{path}/izin/halal", halal="ID 0041 0000 1234 50120")
    assert "Menunggu diperiksa" in saved.text
    assert "Belum diperiksa" in (await site.browser().open(path)).text
    operator = site.browser(post["checker"])
    desk = await operator.open(f"/petugas?posyantek={post['id']}&jenis=izin")
    deed = f"/petugas/kerjakan/halal/{business['id']}/periksa"
    assert HALAL in desk.text
    assert "Mpok Nur" in desk.text
    done = await operator.send(desk, deed)
    assert "sudah diperiksa hari ini" in done.text
    assert not done.has_form(deed)
    seen = await site.browser().open(path)
    assert "Diperiksa petugas" in seen.text
    assert "Bersertifikat halal" in seen.text
    removed = await browser.send(await browser.open(f"{path}/izin"), f"{path}/izin/halal/hapus")
    assert "Izin dihapus" in removed.text
    assert HALAL not in (await site.browser().open(path)).text


async def test_a_number_changed_under_the_operators_eyes_is_not_checked(site, business, owner, post):
    assert (await owner.send("PUT", f"/businesses/{business['id']}/permits/nib", {"number": NIB})).ok
    operator = site.browser(post["operator"])
    desk = await operator.open(f"/petugas?posyantek={post['id']}&jenis=izin")
    assert (await owner.send("PUT", f"/businesses/{business['id']}/permits/nib", {"number": "9120001234568"})).ok
    told = await operator.send(desk, f"/petugas/kerjakan/nib/{business['id']}/periksa")
    assert told.status == 409
    assert "baru saja diganti" in told.text
    assert (await owner.get(f"/businesses/{business['id']}"))["permits"][0]["checked_on"] is None


async def test_invitation_by_link(site, business, owner):
    browser, path = site.browser(owner), f"/usaha/{business['id']}"
    page = await browser.open(f"{path}/pengelola")
    assert "Belum ada pengelola lain" in page.text
    invited = await browser.send(page, f"{path}/pengelola/undang")
    shared = next(link for link in invited.links if link.startswith("https://wa.me/"))
    link = invited.html.split('value="' + site.origin, 1)[1].split('"', 1)[0]
    assert link.startswith("/usaha/undangan?kode=")
    assert "undangan" in shared
    nobody = await site.browser().open(link)
    assert urlsplit(nobody.path).path == "/masuk"
    helper = await site.scene.somebody("Neng Ida")
    guest = site.browser(helper)
    asked = await guest.open(link)
    assert "Ikut mengelola Dapur Mpok Nur?" in asked.text
    joined = await guest.send(asked, "/usaha/undangan")
    assert joined.path == path
    assert "ikut mengelola Dapur Mpok Nur" in joined.text
    assert "Kelengkapan usaha" in joined.text, "a manager sees what the owner sees"
    assert "tidak berlaku" in (await site.browser(await site.scene.somebody("Bang Lain")).open(link)).text
    assert business["name"] in (await guest.open("/akun/daftar/usaha")).text
    done = await guest.send(await guest.open(f"{path}/ubah"), f"{path}/ubah", story="Ditulis Ida.")
    assert "Ditulis Ida." in done.text
    theirs = await guest.open(f"{path}/pengelola")
    assert not theirs.has_form(f"{path}/pengelola/undang")
    left = await guest.send(theirs, f"{path}/pengelola/{helper.account_id}/keluar")
    assert left.path == "/akun/daftar/usaha"
    assert (await guest.open(f"{path}/pengelola")).status == 404
    assert "Pengelola keluar" in (await browser.open(f"{path}/riwayat")).text


async def test_owner_takes_a_manager_off_and_withdraws_invitations(site, business, owner):
    browser, path = site.browser(owner), f"/usaha/{business['id']}"
    helper = await site.scene.somebody("Neng Ida")
    code = (await owner.post(f"/businesses/{business['id']}/invitations"))["code"]
    await helper.post("/businesses/invitations/accept", {"code": code})
    page = await browser.open(f"{path}/pengelola")
    gone = await browser.send(page, f"{path}/pengelola/{helper.account_id}/keluar")
    assert "Pengelola dikeluarkan" in gone.text
    assert "Belum ada pengelola lain" in gone.text
    code = (await owner.post(f"/businesses/{business['id']}/invitations"))["code"]
    assert "dibatalkan" in (await browser.send(gone, f"{path}/pengelola/batal")).text
    late = await site.browser(helper).open(f"/usaha/undangan?kode={code}")
    assert (late.status, "tidak berlaku" in late.text) == (422, True)


async def test_history_in_words(site, business, owner, post):
    path = f"/usaha/{business['id']}"
    assert (await owner.send("PATCH", f"/businesses/{business['id']}", {"address": "Jl. Baru No. 1"})).ok
    text = (await site.browser(owner).open(f"{path}/riwayat")).text
    assert "Profil diubah" in text
    assert "Alamat : sebelumnya – → menjadi Jl. Baru No. 1".replace(" :", ":") in text
    assert "Usaha diverifikasi" in text
    operators = (await site.browser(post["operator"]).open(f"{path}/riwayat")).text
    assert "Mpok Nur (Pemilik)" in operators, "operators read names"
    assert (await site.browser(await site.scene.somebody()).open(f"{path}/riwayat")).status == 403


@pytest.mark.parametrize("part", ["ubah", "izin", "pengelola"])
async def test_only_who_runs_it_opens_its_pages(site, business, post, part):
    for person in (await site.scene.somebody(), post["operator"]):
        assert (await site.browser(person).open(f"/usaha/{business['id']}/{part}")).status == 404
    assert urlsplit((await site.browser().open(f"/usaha/{business['id']}/{part}")).path).path == "/masuk"
