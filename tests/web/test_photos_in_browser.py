"""Choosing photos in a real browser: made smaller before they travel, and as they are where there is no script."""

from __future__ import annotations

import asyncio

import pytest

from shared.testing.running import eventually
from tests.listings import pictures
from tests.web.chromium import DESKTOP, IN_BROWSER, PHONE, assert_for_everybody, launched, page_for

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
async def browser():
    async with launched() as browser:
        yield browser


@pytest.fixture
async def listing(site):
    """A draft is enough."""
    post = (await site.scene.market()).post
    owner = await site.scene.somebody()
    business = await owner.post(
        "/businesses", {"name": "Dapur (contoh)", "post_id": post["id"], "whatsapp": owner.phone}
    )
    body = {"business_id": business["id"], "name": "Wajik", "category": "snacks", "price_idr": 20_000}
    return {**await owner.post("/listings", body), "owner": owner}


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
async def test_a_large_photo_is_sent_and_shown(browser, site, listing, has_script):
    page = await page_for(browser, site, listing["owner"], java_script_enabled=has_script)
    sizes = []
    page.on("request", lambda request: request.method == "POST" and sizes.append(len(request.post_data_buffer or b"")))
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    await page.goto(f"{site.origin}/jualan/{listing['id']}/foto")
    photo = await asyncio.to_thread(pictures.from_a_phone)
    chosen = page.get_by_label("Tambah foto")
    await chosen.set_input_files(
        [
            {"name": "besar.jpg", "mimeType": "image/jpeg", "buffer": photo},
            {"name": "surat.pdf", "mimeType": "image/jpeg", "buffer": pictures.PDF + b" " * 700_000},
        ]
    )
    if has_script:
        await eventually(
            lambda: chosen.evaluate("field => field.form.querySelector('[data-progress]').textContent === ''")
        )
        names = await chosen.evaluate("field => [...field.files].map((file) => file.name)")
        assert names == ["besar.jpg", "surat.pdf"]
        sent = await chosen.evaluate("field => [...field.files].map((file) => file.size)")
        assert sent[0] < len(photo) / 3
        assert sent[1] == len(pictures.PDF) + 700_000
    await page.get_by_role("button", name="Kirim foto").click()
    await page.get_by_text("1 foto lainnya sudah tersimpan.").wait_for()
    assert await page.get_by_text("surat.pdf").is_visible()
    assert troubles == []
    shown = page.locator("article picture img")
    await shown.scroll_into_view_if_needed()
    if has_script:
        await eventually(lambda: shown.evaluate("image => image.naturalWidth > 0"))
        assert ".avif" in await shown.evaluate("image => image.currentSrc")
        for size in (PHONE, DESKTOP):
            await page.set_viewport_size(size)
            await assert_for_everybody(page)
