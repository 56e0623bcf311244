"""The whole main job through the pages, without JavaScript: from a proposal to the supplier's last rupiah."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.demo.purchase import GOOD_CARD
from shared.errors import rupiah
from shared.testing.running import eventually

pytestmark = pytest.mark.slow


class Walk:
    """One pool and the browsers of everybody around it."""

    def __init__(self, site, market) -> None:
        self.site, self.market = site, market
        self.owner = site.browser(market.owner)
        self.operator = site.browser(market.operator)
        self.checker = site.browser(market.checker)
        self.supplier = site.browser(market.supplier)
        self.pool_id = ""
        self.order_path = ""
        self.members: dict[str, tuple] = {}

    async def task_on_desk(self, browser, action: str):
        """Wait until the desk has something to do that is sent there."""

        async def look():
            page = await browser.open("/petugas")
            assert page.status == 200
            return page

        return await eventually(look, until=lambda page: page.has_form(action), within_s=20)

    async def pledge_page_says(self, name: str, text: str):
        browser, pledge_path = self.members[name]

        async def look():
            return await browser.open(pledge_path)

        return await eventually(look, until=lambda page: text in page.text, within_s=20)

    async def state(self) -> str:
        return (await self.market.owner.get(f"/pools/{self.pool_id}"))["state"]

    async def becomes(self, *states: str) -> None:
        await eventually(self.state, until=lambda state: state in states, within_s=40)


async def test_a_pool_from_proposal_to_the_last_rupiah(site):
    walk = Walk(site, await site.scene.market())
    await _propose_and_verify(walk)
    await _join_in_three_ways(walk)
    await _fill_it_up(walk)
    await _supplier_accepts(walk)
    await _everybody_pays(walk)
    await _deliver_test_and_pay(walk)
    await _the_book_tells_it_all(walk)


async def _propose_and_verify(walk: Walk) -> None:
    nothing_chosen = await walk.owner.open("/urun/baru")
    assert nothing_chosen.path == "/ttg"
    offer_id = walk.market.offer["id"]

    async def known() -> bool:
        # Pools hears of the offer and its page answers as soon as it has.
        page = await walk.owner.open(f"/urun/baru?penawaran={offer_id}")
        until = datetime.now(UTC) + timedelta(days=3)
        sent = await walk.owner.send(
            page,
            "/urun/baru",
            title="Urun alat RW 05",
            story="Supaya keripik lebih renyah.",
            tanggal=until.date().isoformat(),
            jam="20:00",
            post_id=walk.market.post["id"],
            method_card="1",
        )
        walk.pool_id = sent.path.removeprefix("/urun/")
        return sent.status == 200 and "Draf tersimpan" in sent.text

    await eventually(known, within_s=20)
    draft = await walk.owner.open(f"/urun/{walk.pool_id}")
    assert "Ini masih draf" in draft.text
    assert (await walk.site.browser().open(f"/urun/{walk.pool_id}")).status == 404
    edit = await walk.owner.open(f"/urun/{walk.pool_id}/ubah")
    assert edit.form(f"/urun/{walk.pool_id}/ubah").values["jam"] == "20:00"
    draft = await walk.owner.send(edit, f"/urun/{walk.pool_id}/ubah", title="Urun alat keripik RW 05")
    assert "Urun alat keripik RW 05" in draft.text
    review = await walk.owner.send(draft, f"/urun/{walk.pool_id}/ajukan")
    assert "Menunggu diperiksa petugas" in review.text

    desk = await walk.task_on_desk(walk.operator, f"/petugas/kerjakan/urun/{walk.pool_id}/kembalikan")
    # A reason is asked for beside its own field.
    refused = await walk.operator.send(desk, f"/petugas/kerjakan/urun/{walk.pool_id}/kembalikan")
    assert refused.status == 422
    assert "Isian ini belum diisi." in refused.text
    reason = f"reason-{walk.pool_id}"
    sent_back = await walk.operator.send(
        refused, f"/petugas/kerjakan/urun/{walk.pool_id}/kembalikan", **{reason: "Sebut gang dan RW-nya."}
    )
    assert "Urun dikembalikan" in sent_back.text
    draft = await walk.owner.open(f"/urun/{walk.pool_id}")
    assert "Sebut gang dan RW-nya." in draft.text
    await walk.owner.send(draft, f"/urun/{walk.pool_id}/ajukan")
    desk = await walk.task_on_desk(walk.operator, f"/petugas/kerjakan/urun/{walk.pool_id}/buka")
    await walk.operator.send(desk, f"/petugas/kerjakan/urun/{walk.pool_id}/buka")
    opened = await walk.site.browser().open(f"/urun/{walk.pool_id}")
    assert "Kurang 4 unit lagi supaya bisa dipesan" in opened.text
    assert "Urun alat keripik RW 05" in (await walk.site.browser().open("/urun")).text


async def _name_bank(walk: Walk) -> None:
    page = await walk.owner.open(f"/urun/{walk.pool_id}")
    values = {"bank_name": "Bank Contoh", "account_holder": "Kelompok Keripik"}
    wrong = await walk.owner.send(page, f"/urun/{walk.pool_id}/rekening", account_number="abc", **values)
    assert wrong.status == 400
    assert 'id="f-account_number-error"' in wrong.html
    # Payments may still have to hear of the pool.
    saved = await eventually(
        lambda: walk.owner.send(page, f"/urun/{walk.pool_id}/rekening", account_number="123 456-7890", **values),
        until=lambda page: "Rekening kelompok tersimpan" in page.text,
    )
    assert "Bank Contoh 1234567890" in saved.text


async def _join(walk: Walk, name: str, method: str, units: str) -> None:
    person = await walk.site.scene.somebody(name)
    browser = walk.site.browser(person)
    pool = await browser.open(f"/urun/{walk.pool_id}")
    assert f"/urun/{walk.pool_id}/ikut" in pool.links
    form = await browser.open(f"/urun/{walk.pool_id}/ikut")
    pledged = await browser.send(form, f"/urun/{walk.pool_id}/ikut", units=units, method=method)
    assert "Komitmen tercatat" in pledged.text
    walk.members[name] = (browser, pledged.path)


async def _join_in_three_ways(walk: Walk) -> None:
    await _name_bank(walk)
    await _join(walk, "Ibu Transfer", "transfer", "2")
    await _join(walk, "Ibu Tunai", "cash", "2")
    await _join(walk, "Ibu Kartu", "card", "3")
    card, path = walk.members["Ibu Kartu"]
    page = await walk.pledge_page_says("Ibu Kartu", "Simpan kartu supaya komitmen aman")
    sent = await card.send(page, f"{path}/kartu")
    assert sent.status == 303
    await _use_card(walk, sent.location)
    await walk.pledge_page_says("Ibu Kartu", "Komitmen Anda aman")
    for name in ("Ibu Transfer", "Ibu Tunai"):
        page = await walk.pledge_page_says(name, "Tunggu konfirmasi petugas")
        pledge_id = page.path.removeprefix("/komitmen/")
        desk = await walk.task_on_desk(walk.operator, f"/petugas/kerjakan/komitmen/{pledge_id}/konfirmasi")
        assert name in desk.text
        await walk.operator.send(desk, f"/petugas/kerjakan/komitmen/{pledge_id}/konfirmasi")
        await walk.pledge_page_says(name, "Komitmen Anda aman")

    cash, path = walk.members["Ibu Tunai"]
    page = await cash.open(path)
    wrong = await cash.send(page, f"{path}/ubah", ceiling_idr="10.000")
    assert wrong.status == 422
    assert "Batas harga terlalu rendah" in wrong.text
    assert 'aria-invalid="true"' in wrong.html
    assert wrong.form(f"{path}/ubah").values["ceiling_idr"] == "10.000"
    again = await cash.open(f"/urun/{walk.pool_id}/ikut")
    assert again.path == path, "who takes part already is led to their pledge"


async def _use_card(walk: Walk, url: str) -> None:
    data = {"number": GOOD_CARD, "action": "pay", "answer": "approve"}
    async with walk.site.session.post(url, data=data, allow_redirects=False) as reply:
        assert reply.status == 303


async def _fill_it_up(walk: Walk) -> None:
    """Sixteen units are the capacity: with the last of them the pool closes by itself."""
    await _join(walk, "Ibu Penuh", "cash", "9")
    page = await walk.pledge_page_says("Ibu Penuh", "Tunggu konfirmasi petugas")
    pledge_id = page.path.removeprefix("/komitmen/")
    counter = await walk.operator.open(f"/petugas/urun/{walk.pool_id}")
    assert "Ibu Penuh" in counter.text
    nobody = await walk.operator.send(counter, f"/petugas/urun/{walk.pool_id}", telepon=walk.market.owner.phone)
    assert "Tidak ada komitmen dari nomor itu" in nobody.text
    await walk.operator.send(counter, f"/petugas/kerjakan/komitmen/{pledge_id}/konfirmasi")
    await walk.becomes("awaiting_supplier")
    page = await walk.site.browser().open(f"/urun/{walk.pool_id}")
    assert "Menunggu jawaban pemasok" in page.text
    late = await walk.site.browser(await walk.site.scene.somebody()).open(f"/urun/{walk.pool_id}/ikut")
    assert "sedang tidak menerima peserta baru" in late.text


async def _supplier_accepts(walk: Walk) -> None:
    async def listed():
        return await walk.supplier.open("/pesanan?keadaan=requested")

    page = await eventually(listed, until=lambda page: "Urun alat keripik RW 05" in page.text)
    order_path = next(link for link in page.links if link.startswith("/pesanan/"))
    order = await walk.supplier.open(order_path)
    assert "Bisa dipenuhi?" in order.text
    assert (await walk.owner.open(order_path)).status == 403
    accepted = await walk.supplier.send(order, f"{order_path}/terima")
    assert "dana belum lengkap" in accepted.text
    again = await walk.supplier.send(order, f"{order_path}/terima")
    assert again.status in {200, 409}, "the same tap twice does nothing twice"
    await walk.becomes("collecting")
    walk.order_path = order_path


async def _everybody_pays(walk: Walk) -> None:
    await walk.pledge_page_says("Ibu Kartu", "Lunas")
    transfer, path = walk.members["Ibu Transfer"]
    page = await walk.pledge_page_says("Ibu Transfer", "Saya sudah transfer")
    assert "Bank Contoh" in page.text
    told = await transfer.send(page, f"{path}/transfer", reference="TRX-001")
    assert "Transfer Anda akan dicek" in told.text
    desk = await walk.task_on_desk(walk.operator, "/petugas/kerjakan/transfer/")
    assert "TRX-001" in desk.text
    booked = await walk.operator.send(desk, _accept_action(desk))
    assert "Nomor kuitansi" in booked.text
    await walk.pledge_page_says("Ibu Transfer", "Lunas")

    for name in ("Ibu Tunai", "Ibu Penuh"):
        await walk.pledge_page_says(name, "tunai di Posyantek")
        pledge_id = walk.members[name][1].removeprefix("/komitmen/")
        action = f"/petugas/kerjakan/komitmen/{pledge_id}/tunai"
        counter = await walk.operator.open(f"/petugas/urun/{walk.pool_id}")
        too_much = await walk.operator.send(counter, action, **{f"amount_idr-{pledge_id}": "999.999.999"})
        assert too_much.status == 422
        assert "Terlalu banyak" in too_much.text
        expected = counter.form(action).values[f"amount_idr-{pledge_id}"]
        booked = await walk.operator.send(counter, action)
        assert "Nomor kuitansi" in booked.text
        paid = await walk.pledge_page_says(name, "Lunas")
        assert f"Rp {expected}" in paid.text
    await walk.becomes("ordered")


def _accept_action(desk) -> str:
    return next(action for action in _actions(desk) if action.endswith("/terima") and "/transfer/" in action)


def _actions(page) -> list[str]:
    return re.findall(r'action="(/petugas/kerjakan/[^"]+)"', page.html)


async def _deliver_test_and_pay(walk: Walk) -> None:
    await _pay_stage(walk, "Uang muka")

    async def funded():
        return await walk.supplier.open(walk.order_path)

    order = await eventually(funded, until=lambda page: "kirim alatnya" in page.text)
    wrong = await walk.supplier.send(order, f"{walk.order_path}/kirim", units="17")
    assert wrong.status == 422
    assert "Sisa yang harus dikirim 16 unit" in wrong.text
    sent = await walk.supplier.send(order, f"{walk.order_path}/kirim", units="16", note="Resi 77")
    assert "Resi 77" in sent.text
    desk = await walk.task_on_desk(walk.operator, f"/petugas/kerjakan/urun/{walk.pool_id}/barang")
    await walk.operator.send(desk, f"/petugas/kerjakan/urun/{walk.pool_id}/barang")
    await walk.becomes("delivered")
    await _pay_stage(walk, "Saat barang tiba")

    counter = await walk.operator.open(f"/petugas/urun/{walk.pool_id}")
    action = f"/petugas/kerjakan/urun/{walk.pool_id}/uji"
    numbers = f"serial_numbers-{walk.pool_id}"
    few = await walk.operator.send(counter, action, **{numbers: "SN1\nSN2", f"tested-{walk.pool_id}": "1"})
    assert few.status == 422
    assert "16 nomor" in few.text
    serials = "\n".join(f"SN-{place}" for place in range(16))
    passed = await walk.operator.send(few, action, **{numbers: serials, f"tested-{walk.pool_id}": "1"})
    assert "Lulus uji terima" in passed.text
    await _pay_stage(walk, "Setelah lulus uji")
    await walk.becomes("settled")


async def _pay_stage(walk: Walk, stage: str) -> None:
    desk = await walk.task_on_desk(walk.operator, "/petugas/kerjakan/pencairan/")
    assert stage in desk.text
    action = next(action for action in _actions(desk) if "/pencairan/" in action)
    payout_id = action.split("/")[4]
    prepared = await walk.operator.send(desk, action, **{f"reference-{payout_id}": f"TRF {stage}"})
    assert "Tunggu orang kedua menyetujui" in prepared.text
    second = await walk.checker.open("/petugas")
    assert f"TRF {stage}" in second.text
    approved = await walk.checker.send(second, f"/petugas/kerjakan/pencairan/{payout_id}/setujui")
    assert "Pemasok sudah dibayar" in approved.text


async def _the_book_tells_it_all(walk: Walk) -> None:
    book = await walk.site.browser().open(f"/urun/{walk.pool_id}/buku")
    assert book.status == 200
    assert "Belum ada uang yang dipegang siapa pun" in book.text or "kode unik" in book.text
    for words in ("Setoran transfer", "Setoran tunai", "Pembayaran kartu", "Pencairan ke pemasok"):
        assert words in book.text
    total = (await walk.market.owner.get(f"/pools/{walk.pool_id}"))["order"]["total_idr"]
    assert rupiah(total) in book.text
    page = await walk.site.browser().open(f"/urun/{walk.pool_id}")
    assert "Selesai, semua uang sampai" in page.text
    people = await walk.site.browser().open(f"/urun/{walk.pool_id}/peserta")
    assert "Ibu T***" in people.text
    assert "Ibu Transfer" not in people.text + page.text
    for name in walk.members:
        page = await walk.pledge_page_says(name, "Sudah terima barang")
        assert "Kenapa Rp segini?" in page.text
