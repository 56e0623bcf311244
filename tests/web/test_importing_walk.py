"""Importing and exporting products on the pages, without JavaScript, on the running system."""

from __future__ import annotations

import io
import re
from urllib.parse import urljoin

import openpyxl
import pytest
from aiohttp import FormData

from shared.testing.running import eventually

pytestmark = pytest.mark.slow
GOOD = "nama;kategori;harga;warna\nKeripik talas;Keripik & camilan;Rp 12.000;ungu\n<b>Dodol</b>;cakes;1.5;\n"


@pytest.fixture(scope="module")
async def shop(site):
    """An owner with a verified business."""
    market = await site.scene.market()
    owner = await site.scene.somebody("Mpok Nur")
    business = await owner.post(
        "/businesses", {"name": "Dapur Mpok Nur", "post_id": market.post["id"], "whatsapp": owner.phone}
    )
    await market.operator.post(f"/businesses/{business['id']}/verify")
    return owner, business


async def send_file(site, browser, page, content, name="jualan.csv"):
    """Send the upload form with a file, as a browser does; follows the redirect."""
    form = page.form("/jualan/impor")
    data = FormData(default_to_multipart=True)
    for field, value in form.values.items():
        if field != "berkas":
            data.add_field(field, value)
    data.add_field("berkas", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    headers = {
        "Cookie": "; ".join(f"{key}={value}" for key, value in browser.cookies.items()),
        "Origin": site.origin,
        "Referer": page.url,
    }
    async with site.session.post(
        urljoin(site.origin, form.action), data=data, headers=headers, allow_redirects=False
    ) as reply:
        if reply.status == 303:
            return await browser.open(reply.headers["Location"])
        text = await reply.text()
        return type(page)(reply.status, page.url, text)


async def fetched(site, browser, path):
    headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in browser.cookies.items())}
    async with site.session.get(urljoin(site.origin, path), headers=headers, allow_redirects=False) as reply:
        return reply.status, reply.headers, await reply.read()


async def test_from_the_template_to_the_shelf(site, shop):
    owner, business = shop
    browser = site.browser(owner)
    page = await browser.open("/jualan/impor")
    assert "Belum ada kiriman" in page.text
    for form in ("xlsx", "csv"):
        assert f"/api/v1/imports/template.{form}" in page.links

    checked = await send_file(site, browser, page, GOOD.encode())
    assert checked.path.startswith("/jualan/impor/")
    for words in ("jualan.csv", "Sudah diperiksa, belum disimpan", "Kolom ini tidak dikenal, jadi dilewati: warna."):
        assert words in checked.text, words
    assert "«1.5» bisa dibaca dua cara" in checked.text
    assert "<b>Dodol" not in checked.html
    assert "Simpan 1 baris" in checked.text

    async def look():
        return await browser.open(checked.path)

    moving = await browser.send(checked, f"{checked.path}/mulai", if_known="update", publish="1")
    assert moving.status == 200
    done = await eventually(look, until=lambda found: "Selesai. Ada baris yang belum masuk." in found.text)
    assert "http-equiv" not in done.html, "a page that is done stands still"
    product = (await owner.get(f"/listings?business_id={business['id']}"))["items"][0]
    assert (product["name"], product["price_idr"], product["status"]) == ("Keripik talas", 12000, "published")

    status, headers, body = await fetched(site, browser, f"{checked.path}/perbaikan.csv")
    assert (status, headers["Content-Disposition"]) == (200, 'attachment; filename="perlu-diperbaiki.csv"')
    assert "Yang perlu diperbaiki" in body.decode("utf-8-sig").splitlines()[0]
    assert "jualan.csv" in (await browser.open("/jualan/impor")).text

    await _everything_is_downloaded_and_sent_again(site, shop, browser)
    await _nobody_else_sees_it(site, shop, checked.path)


async def _everything_is_downloaded_and_sent_again(site, shop, browser):
    _, business = shop
    export = await browser.open("/jualan/ekspor")
    path = f"/jualan/ekspor/{business['id']}/jualan.xlsx"
    assert path in export.links
    _, headers, body = await fetched(site, browser, path)
    assert headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert openpyxl.load_workbook(io.BytesIO(body))["Jualan"]["A2"].value == "Keripik talas"
    again = await send_file(site, browser, await browser.open("/jualan/impor"), body, "jualan.xlsx")
    assert "Anda sudah punya jualan «Keripik talas»." in again.text
    stopped = await browser.send(again, f"{again.path}/batal")
    assert "Tidak ada yang disimpan." in stopped.text
    assert (await browser.open(f"/jualan/ekspor/{business['id']}/lain.xlsx")).status == 404


async def _nobody_else_sees_it(site, shop, path):
    _, business = shop
    stranger = site.browser(await site.scene.somebody())
    for address in (path, f"{path}/perbaikan.csv"):
        assert (await stranger.open(address)).status == 404
    assert (await stranger.open(f"/jualan/ekspor/{business['id']}/jualan.csv")).status == 403
    assert "Belum ada usaha" in (await stranger.open("/jualan/ekspor")).text
    assert (await stranger.open("/jualan/impor")).path == "/usaha/baru"
    assert (await site.browser().open(path)).path.startswith("/masuk")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "Ini PDF."),
        (b"nama,harga\nA,1\n", "Kolom ini belum ada: kategori."),
        (b"halo", "Baris judul kolom tidak ketemu."),
        (b"nama,kategori,harga\n", "Berkas ini belum ada isinya."),
        (b"nama,kategori,harga\n" + b"a" * (11 * 1024**2), "Kiriman terlalu besar."),
    ],
    ids=["PDF", "no shelf", "words", "nothing", "11 MB"],
)
async def test_file_that_is_refused_is_told_beside_its_field(site, shop, content, words):
    browser = site.browser(shop[0])
    refused = await send_file(site, browser, await browser.open("/jualan/impor"), content)
    assert refused.status in {413, 422}
    assert words in refused.text
    assert 'id="f-berkas-error"' in refused.html


async def test_form_without_a_file_is_told(site, shop):
    browser = site.browser(shop[0])
    page = await browser.open("/jualan/impor")
    refused = await browser.send(page, "/jualan/impor", berkas="")
    assert (refused.status, "Pilih berkasnya dulu." in refused.text) == (422, True)
    refused = await send_file(site, browser, page, b"", "")
    assert "Pilih berkasnya dulu." in refused.text


async def test_only_wrong_rows_leave_nothing_to_save_and_pages_turn(site, shop):
    browser = site.browser(shop[0])
    rows = "".join(f"Produk {number},snacks,mahal\n" for number in range(45))
    page = await send_file(site, browser, await browser.open("/jualan/impor"), f"nama,kategori,harga\n{rows}".encode())
    assert "Belum ada baris yang bisa disimpan" in page.text
    assert not page.has_form(f"{page.path}/mulai")
    seen = []
    for _ in range(3):
        seen += re.findall(r"Produk \d+", page.text)
        onward = next((link for link in page.links if "cursor=" in link), None)
        page = await browser.open(onward) if onward else page
    assert seen == [f"Produk {number}" for number in range(45)]
