"""Cash and transfers, refunds by hand, payouts and the cash book, as their people use them over HTTP."""

from __future__ import annotations

import asyncio
import csv
import io

import pytest

from shared.auth import Grant, Principal
from shared.ids import new_id
from shared.testing.running import eventually

HELD = "payments.holding_changed.v1"


async def balance(desk, pool) -> dict:
    reply = await desk.get(f"/ledger/pools/{pool.id}")
    assert reply.status == 200, reply
    return reply.body


async def refund_all(desk, pool, proof="foto bukti") -> int:
    """Let two people give back whatever is asked for; gives the sum."""
    total = 0
    for refund in await desk.queue("refunds", pool):
        assert (await desk.post(f"/refunds/{refund['id']}/prepare", {"proof": proof}, pool.operator)).status == 204
        assert (await desk.post(f"/refunds/{refund['id']}/approve", {}, pool.colleague)).status == 204
        total += refund["amount_idr"]
    return total


async def test_cash_deposit_secures_a_pledge_and_is_receipted(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    first = await desk.holding(pledge)
    assert first["next"] == {
        "kind": "cash", "amount_idr": 500_000, "url": None, "bank": None, "unique_code": None, "transfer_total_idr": None,
    }  # fmt: skip
    part = await desk.cash(pledge, 200_000)
    assert part.status == 201
    assert (await desk.holding(pledge))["secured"] is False
    rest = await desk.cash(pledge, 300_000)
    assert (part.body["receipt_no"][-5:], rest.body["receipt_no"][-5:]) == ("00001", "00002")
    after = await desk.holding(pledge)
    assert (after["secured"], after["held_idr"], after["next"]["kind"]) == (True, 500_000, "none")
    assert [item["amount_idr"] for item in after["payments"]] == [200_000, 300_000]
    said = await desk.said(pledge.id)
    assert [(event["type"], event.get("held_idr")) for event in said] == [
        (HELD, 200_000), (HELD, 500_000), ("payments.pledge_secured.v1", None),
    ]  # fmt: skip
    book = await balance(desk, pool)
    assert book["balance_idr"] == 500_000
    assert book["custodians"] == [{"kind": "cash_box", "name": "Kas Posyantek Cempaka Putih", "balance_idr": 500_000}]
    assert [(line["number"], line["amount_in_idr"], line["balance_idr"]) for line in book["items"]] == [
        (1, 200_000, 200_000), (2, 300_000, 500_000),
    ]  # fmt: skip


async def test_same_key_takes_cash_once(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    replies = [await desk.cash(pledge, 200_000, key="tap") for _ in range(2)]
    assert replies[0].body == replies[1].body
    other = await desk.cash(pledge, 300_000, key="tap")
    assert other.slug == "idempotency-key-reused"
    assert (await desk.holding(pledge))["held_idr"] == 200_000


async def test_two_recorders_at_once_never_take_more_than_may_be_held(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    replies = await asyncio.gather(
        *(desk.cash(pledge, 300_000, who) for who in (pool.operator, pool.colleague, pool.operator, pool.colleague))
    )
    assert sorted(reply.status for reply in replies) == [201, 422, 422, 422]
    assert {reply.slug for reply in replies if reply.status == 422} == {"more-than-due"}
    assert next(reply for reply in replies if reply.status == 422).body["most_idr"] == 200_000
    assert (await desk.holding(pledge))["held_idr"] == 300_000


async def test_no_money_is_taken_that_is_not_to_be_held(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    await desk.cash(pledge, 500_000)
    full = await desk.cash(pledge, 1)
    assert (full.status, full.slug) == (409, "nothing-due")
    assert "Jangan terima" in full.body["detail"]
    late_pool = await desk.pool("after_acceptance")
    later = await desk.pledge(late_pool, "cash", 500_000)
    assert (await desk.cash(later, 500_000)).slug == "not-due-yet"
    await late_pool.close()
    await eventually(lambda: desk.said(late_pool.id))
    await late_pool.owes(later.due(400_000))
    await desk.holding(later, lambda body: body["must_hold_idr"] == 400_000)
    assert (await desk.cash(later, 400_001)).slug == "more-than-due"
    assert (await desk.cash(later, 400_000)).status == 201


async def test_transfer_is_told_checked_and_its_kode_unik_stays_the_members(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "transfer", 500_000)
    step = (await desk.holding(pledge, lambda body: body["next"]["unique_code"]))["next"]
    code, total = step["unique_code"], step["transfer_total_idr"]
    assert (step["kind"], step["amount_idr"], total) == ("transfer", 500_000, 500_000 + code)
    assert step["bank"] == {"name": "Bank Contoh", "number": "1234567890", "holder": "Kelompok Urun"}
    told = await desk.post(
        f"/holdings/{pledge.id}/transfer-notice", {"amount_idr": total, "note": "dari BCA"}, pledge.owner
    )
    assert told.body["state"] == "awaiting_check"
    assert (await desk.holding(pledge))["next"]["kind"] == "wait"
    again = await desk.post(f"/holdings/{pledge.id}/transfer-notice", {"amount_idr": total}, pledge.owner)
    assert again.slug == "transfer-already-told"
    (item,) = await desk.queue("payments", pool)
    assert (item["kind"], item["amount_idr"], item["asked_idr"], item["note"]) == ("transfer", total, total, "dari BCA")
    accepted = await desk.post(f"/payments/{item['payment_id']}/accept", {}, pool.operator)
    assert accepted.status == 200
    assert (await desk.post(f"/payments/{item['payment_id']}/accept", {}, pool.operator)).slug == "not-awaiting-check"
    after = await desk.holding(pledge)
    assert (after["held_idr"], after["unique_code_held_idr"], after["secured"]) == (500_000, code, True)
    book = await balance(desk, pool)
    assert (book["balance_idr"], book["unique_codes_idr"]) == (500_000, code)
    assert book["custodians"] == [
        {"kind": "bank", "name": "Rekening kelompok (Bank Contoh …890)", "balance_idr": total}
    ]
    assert await desk.queue("payments", pool) == []


async def test_rejected_notice_is_explained_and_may_be_told_again(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "transfer", 500_000)
    body = {"amount_idr": 500_000}
    await eventually(
        lambda: desk.post(f"/holdings/{pledge.id}/transfer-notice", body, pledge.owner),
        until=lambda reply: reply.status == 201,
    )
    (item,) = await desk.queue("payments", pool)
    rejected = await desk.post(
        f"/payments/{item['payment_id']}/reject", {"reason": "Belum masuk mutasi"}, pool.operator
    )
    assert rejected.status == 204
    after = await desk.holding(pledge)
    assert (after["held_idr"], after["payments"][0]["state"], after["payments"][0]["reason"]) == (
        0, "rejected", "Belum masuk mutasi",
    )  # fmt: skip
    assert (await desk.post(f"/holdings/{pledge.id}/transfer-notice", body, pledge.owner)).status == 201


async def test_a_notice_is_bounded_and_needs_a_bank_account(desk):
    pool = await desk.pool(bank=False)
    pledge = await desk.pledge(pool, "transfer", 500_000)
    path = f"/holdings/{pledge.id}/transfer-notice"
    assert (await desk.holding(pledge))["next"]["kind"] == "cash"
    assert (await desk.post(path, {"amount_idr": 500_000}, pledge.owner)).slug == "no-bank-account"
    await desk.name_bank(pool)
    assert (await desk.post(path, {"amount_idr": 501_000}, pledge.owner)).slug == "more-than-due"
    assert (await desk.post(path, {"amount_idr": 500_999}, pledge.owner)).status == 201


async def test_a_checker_records_what_the_bank_shows_and_never_twice(desk):
    pool = await desk.pool()
    pledge, other = await desk.pledge(pool, "transfer", 500_000), await desk.pledge(pool, "transfer", 500_000)
    path = f"/holdings/{pledge.id}/transfer"
    await desk.post(f"/holdings/{pledge.id}/transfer-notice", {"amount_idr": 300_000}, pledge.owner)
    waiting = await desk.post(path, {"amount_idr": 200_000, "reference": "FT-1"}, pool.treasurer)
    assert (waiting.slug, waiting.body["told_idr"]) == ("notice-waiting", 300_000)
    first = await desk.post(path, {"amount_idr": 300_000, "reference": "FT-1"}, pool.treasurer)
    assert first.status == 201
    assert await desk.queue("payments", pool) == []
    double = await desk.post(
        f"/holdings/{other.id}/transfer", {"amount_idr": 300_000, "reference": "FT-1"}, pool.operator
    )
    assert (double.status, double.slug) == (409, "transfer-already-recorded")
    assert (await desk.holding(pledge))["held_idr"] == 300_000
    assert (await desk.holding(other))["held_idr"] == 0


async def test_kode_unik_is_unique_on_a_bank_account_and_keeps_to_the_pledge(desk):
    one, two = await desk.pool(), await desk.pool()
    pledges = [await desk.pledge(pool, "transfer", 500_000) for pool in (one, two, one)]
    codes = [
        (await desk.holding(pledge, lambda body: body["next"]["unique_code"]))["next"]["unique_code"]
        for pledge in pledges
    ]
    assert len(set(codes)) == 3
    await one.change(pledges[0], 700_000)
    changed = (await desk.holding(pledges[0], lambda body: body["may_hold_idr"] == 700_000))["next"]
    assert (changed["unique_code"], changed["transfer_total_idr"]) == (codes[0], 700_000 + codes[0])


async def test_late_transfer_is_booked_and_given_back_with_its_kode_unik(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "transfer", 500_000)
    step = (await desk.holding(pledge, lambda body: body["next"]["unique_code"]))["next"]
    await desk.post(f"/holdings/{pledge.id}/transfer-notice", {"amount_idr": step["transfer_total_idr"]}, pledge.owner)
    (item,) = await desk.queue("payments", pool)
    await pool.owes(pledge.due(0, reason="failed"))
    await desk.holding(pledge, lambda body: body["may_hold_idr"] == 0)
    await desk.post(f"/payments/{item['payment_id']}/accept", {}, pool.operator)
    assert (await desk.holding(pledge))["held_idr"] == step["transfer_total_idr"]
    (refund,) = await desk.queue("refunds", pool)
    assert (refund["method"], refund["amount_idr"]) == ("transfer", step["transfer_total_idr"])
    assert await refund_all(desk, pool) == step["transfer_total_idr"]
    assert (await desk.holding(pledge))["held_idr"] == 0
    assert (await balance(desk, pool))["custodians"] == []


async def test_refund_by_hand_takes_two_people_who_are_not_the_recipient(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    await desk.cash(pledge, 500_000)
    await pool.owes(pledge.due(0, reason="failed"))
    await desk.holding(pledge, lambda body: body["may_hold_idr"] == 0)
    (refund,) = await desk.queue("refunds", pool)
    assert (refund["amount_idr"], refund["custodian"]["kind"]) == (500_000, "cash_box")
    prepare, approve = f"/refunds/{refund['id']}/prepare", f"/refunds/{refund['id']}/approve"
    member_operator = Principal(pledge.account_id, frozenset({Grant("operator", "post", pool.post_id)}))
    assert (await desk.post(approve, {}, pool.colleague)).slug == "not-prepared"
    assert (await desk.post(prepare, {"proof": "x"}, member_operator)).slug == "recipient-may-not"
    assert (await desk.post(prepare, {"proof": "x"}, pool.other_post)).status == 403
    assert (await desk.post(prepare, {"proof": "foto"}, pool.operator)).status == 204
    assert (await desk.post(approve, {}, pool.operator)).slug == "same-person"
    assert (await desk.post(approve, {}, member_operator)).slug == "recipient-may-not"
    assert (await desk.holding(pledge))["held_idr"] == 500_000
    assert (await desk.queue("refunds", pool, pool.other_post))[0]["proof"] == "foto"
    assert (await desk.post(approve, {}, pool.other_post)).status == 204
    assert (await desk.post(approve, {}, pool.colleague)).slug == "already-paid"
    assert (await desk.holding(pledge))["held_idr"] == 0
    assert await desk.said(pledge.id, "payments.refund_paid.v1") == [
        {
            "type": "payments.refund_paid.v1", "pledge_id": str(pledge.id), "pool_id": str(pool.id),
            "account_id": str(pledge.account_id), "amount_idr": 500_000,
        }
    ]  # fmt: skip
    assert (await desk.said(pledge.id, HELD))[-1]["held_idr"] == 0


async def test_a_refund_nobody_has_begun_is_called_back_when_the_money_may_stay_after_all(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    await desk.cash(pledge, 500_000)
    await pool.owes(pledge.due(0, 300_000, reason="waitlisted"))
    await desk.holding(pledge, lambda body: body["may_hold_idr"] == 300_000)
    assert [item["amount_idr"] for item in await desk.queue("refunds", pool)] == [200_000]
    await pool.owes(pledge.due(450_000, reason="promoted"))
    await desk.holding(pledge, lambda body: body["must_hold_idr"] == 450_000)
    assert [item["amount_idr"] for item in await desk.queue("refunds", pool)] == [50_000]


async def test_own_payment_is_recorded_by_somebody_else(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    member_operator = Principal(pledge.account_id, frozenset({Grant("operator", "post", pool.post_id)}))
    assert (await desk.cash(pledge, 500_000, member_operator)).slug == "own-payment"


async def test_supplier_is_paid_only_from_received_money_and_each_stage_once(desk):
    pool = await desk.pool()
    cash, transfer = await desk.pledge(pool, "cash", 500_000), await desk.pledge(pool, "transfer", 500_000)
    await desk.cash(cash, 500_000)
    await desk.post(
        f"/holdings/{transfer.id}/transfer", {"amount_idr": 300_000, "reference": f"{pool.id}"}, pool.operator
    )
    for _ in range(2):
        await pool.ask_payout(700_000)
    await pool.ask_payout(200_000, "on_delivery")
    first, second = await eventually(lambda: desk.queue("payouts", pool), until=lambda items: len(items) == 2)
    assert (first["stage"], first["amount_idr"], first["payee"]) == ("down_payment", 700_000, None)
    prepare, approve = f"/payouts/{first['id']}/prepare", f"/payouts/{first['id']}/approve"
    assert (await desk.post(approve, {}, pool.colleague)).slug == "not-prepared"
    supplier_operator = Principal(pool.supplier.account_id, frozenset({Grant("operator", "post", pool.post_id)}))
    assert (await desk.post(prepare, {"reference": "TRF"}, supplier_operator)).slug == "recipient-may-not"
    assert (await desk.post(prepare, {"reference": "TRF"}, pool.verifier)).status == 204
    assert (await desk.post(prepare, {"reference": "TRF-1"}, pool.operator)).status == 204
    assert (await desk.post(approve, {}, pool.operator)).slug == "same-person"
    assert (await desk.post(approve, {}, pool.verifier)).slug == "verifier-may-not-approve"
    assert (await desk.post(approve, {}, supplier_operator)).slug == "recipient-may-not"
    replies = await asyncio.gather(
        *(desk.post(approve, {}, who) for who in (pool.colleague, pool.other_post, pool.colleague))
    )
    assert sorted(reply.status for reply in replies) == [204, 409, 409]
    assert {reply.slug for reply in replies if reply.status == 409} == {"already-paid"}
    said = await desk.said(pool.order_id)
    assert [(event["type"], event["stage"], event["amount_idr"]) for event in said] == [
        ("payments.payout_approved.v1", "down_payment", 700_000), ("payments.payout_paid.v1", "down_payment", 700_000),
    ]  # fmt: skip
    await desk.post(f"/payouts/{second['id']}/prepare", {"reference": "TRF-2"}, pool.operator)
    short = await desk.post(f"/payouts/{second['id']}/approve", {}, pool.colleague)
    assert (short.status, short.slug, short.body["held_idr"]) == (409, "not-enough-held", 100_000)
    book = await balance(desk, pool)
    assert (book["balance_idr"], sum(hand["balance_idr"] for hand in book["custodians"])) == (100_000, 100_000)


async def test_what_members_must_get_back_is_not_paid_to_the_supplier(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    await desk.cash(pledge, 500_000)
    await pool.owes(pledge.due(400_000))
    await desk.holding(pledge, lambda body: body["must_hold_idr"] == 400_000)
    await pool.ask_payout(450_000)
    (payout,) = await eventually(lambda: desk.queue("payouts", pool))
    await desk.post(f"/payouts/{payout['id']}/prepare", {"reference": "TRF"}, pool.operator)
    short = await desk.post(f"/payouts/{payout['id']}/approve", {}, pool.colleague)
    assert (short.slug, short.body["held_idr"]) == ("not-enough-held", 400_000)


async def test_refund_comes_from_another_hand_when_a_payout_has_used_the_first(desk):
    pool = await desk.pool()
    transfer, cash = await desk.pledge(pool, "transfer", 500_000), await desk.pledge(pool, "cash", 500_000)
    await desk.post(
        f"/holdings/{transfer.id}/transfer", {"amount_idr": 500_000, "reference": f"{pool.id}"}, pool.operator
    )
    await desk.cash(cash, 500_000)
    await pool.ask_payout(500_000)
    (payout,) = await eventually(lambda: desk.queue("payouts", pool))
    await desk.post(f"/payouts/{payout['id']}/prepare", {"reference": "TRF"}, pool.operator)
    assert (await desk.post(f"/payouts/{payout['id']}/approve", {}, pool.colleague)).status == 204
    await pool.owes(transfer.due(400_000, reason="under_delivered"), cash.due(400_000, reason="under_delivered"))
    refunds = await eventually(lambda: desk.queue("refunds", pool), until=lambda items: len(items) == 2)
    assert {(item["custodian"]["kind"], item["amount_idr"]) for item in refunds} == {("cash_box", 100_000)}
    assert await refund_all(desk, pool) == 200_000
    assert (await balance(desk, pool))["balance_idr"] == 300_000


async def test_kode_unik_goes_back_once_the_pool_is_settled(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "transfer", 500_000)
    step = (await desk.holding(pledge, lambda body: body["next"]["unique_code"]))["next"]
    body = {"amount_idr": step["transfer_total_idr"], "reference": f"{pool.id}"}
    await desk.post(f"/holdings/{pledge.id}/transfer", body, pool.operator)
    await pool.settle()
    (refund,) = await eventually(lambda: desk.queue("refunds", pool))
    assert (refund["amount_idr"], refund["unique_code_idr"]) == (step["unique_code"], step["unique_code"])
    await refund_all(desk, pool)
    after = await desk.holding(pledge)
    assert (after["held_idr"], after["unique_code_held_idr"]) == (500_000, 0)
    assert (await desk.said(pledge.id, HELD))[-1]["held_idr"] == 500_000


async def test_pay_later_pledge_is_confirmed_for_its_present_figures(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await desk.pledge(pool, "cash", 500_000)
    assert (await desk.holding(pledge))["next"]["kind"] == "confirm_at_post"
    (item,) = await desk.queue("payments", pool)
    assert (item["kind"], item["pledge_id"], item["payment_id"]) == ("confirmation", str(pledge.id), None)
    assert (await desk.post(f"/holdings/{pledge.id}/confirm", {}, pool.other_post)).status == 403
    assert (await desk.post(f"/holdings/{pledge.id}/confirm", {}, pool.operator)).status == 204
    assert (await desk.holding(pledge))["secured"] is True
    assert await desk.queue("payments", pool) == []
    await pool.change(pledge, 900_000)
    raised = await desk.holding(pledge, lambda body: body["may_hold_idr"] == 900_000)
    assert raised["secured"] is False
    await desk.post(f"/holdings/{pledge.id}/confirm", {}, pool.operator)
    await pool.change(pledge, 300_000)
    await desk.holding(pledge, lambda body: body["may_hold_idr"] == 300_000)
    assert (
        len(await desk.said(pledge.id, "payments.pledge_secured.v1")) == 3
    )  # told again: pools forgets it at a change
    deposit = await desk.pool()
    assert (
        await desk.post(f"/holdings/{(await desk.pledge(deposit, 'cash')).id}/confirm", {}, deposit.operator)
    ).slug == "deposit-needed"


async def test_cash_book_pages_and_downloads(desk):
    pool = await desk.pool()
    for amount in (100_000, 200_000, 300_000):
        await desk.cash(await desk.pledge(pool, "cash", 500_000), amount)
    one = await desk.get(f"/ledger/pools/{pool.id}?limit=2")
    two = await desk.get(f"/ledger/pools/{pool.id}?limit=2&cursor={one.body['next']}")
    lines = one.body["items"] + two.body["items"]
    assert [(line["number"], line["balance_idr"]) for line in lines] == [(1, 100_000), (2, 300_000), (3, 600_000)]
    assert two.body["next"] is None
    download = await desk.get(f"/ledger/pools/{pool.id}.csv")
    assert download.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(download.body.decode())))
    assert [(row["uraian"], row["masuk_idr"], row["saldo_idr"]) for row in rows] == [
        ("Setoran tunai", "100000", "100000"), ("Setoran tunai", "200000", "300000"), ("Setoran tunai", "300000", "600000"),
    ]  # fmt: skip
    assert [row["kuitansi"] for row in rows] == [line["receipt_no"] for line in lines]


async def test_who_may_see_and_do_what(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    stranger, officer = Principal(new_id()), Principal(new_id(), frozenset({Grant("officer", "province", new_id())}))
    group_treasurer = Principal(new_id(), frozenset({Grant("treasurer", "group", pool.id)}))
    for who, status in [
        (pledge.owner, 200), (pool.operator, 200), (pool.treasurer, 200), (officer, 200), (group_treasurer, 200),
        (stranger, 403), (pool.other_post, 403), (pool.supplier, 403),
    ]:  # fmt: skip
        assert (await desk.get(f"/holdings/{pledge.id}", who)).status == status
    for who, status in [(pledge.owner, 200), (pool.initiator, 200), (pool.treasurer, 200), (stranger, 403)]:
        assert (await desk.get(f"/custodians/pools/{pool.id}", who)).status == status
    bank = {"bank_name": "Bank Lain", "account_number": "99999", "account_holder": "X"}
    for who, status in [
        (pledge.owner, 403),
        (pool.other_post, 403),
        (stranger, 403),
        (pool.operator, 200),
        (pool.treasurer, 200),
    ]:
        assert (await desk.client.send("PUT", f"/api/v1/custodians/pools/{pool.id}", who, body=bank)).status == status
    for who, status in [(pledge.owner, 403), (pool.other_post, 403), (pool.treasurer, 403), (None, 401)]:
        assert (await desk.post(f"/holdings/{pledge.id}/cash", {"amount_idr": 1_000}, who)).status == status
    assert (
        await desk.post(f"/holdings/{pledge.id}/transfer", {"amount_idr": 1, "reference": "a"}, stranger)
    ).status == 403
    assert (await desk.post(f"/holdings/{pledge.id}/transfer-notice", {"amount_idr": 1}, pool.operator)).status == 403
    assert (await desk.get(f"/payments/queue?post_id={pool.post_id}", pool.other_post)).status == 403
    assert (await desk.get(f"/payments/queue?post_id={pool.post_id}", stranger)).status == 403
    assert (await desk.get(f"/payments/queue?post_id={pool.post_id}", group_treasurer)).body["items"] == []
    unknown = new_id()
    for path in (
        f"/holdings/{unknown}",
        f"/ledger/pools/{unknown}",
        f"/ledger/pools/{unknown}.csv",
        f"/custodians/pools/{unknown}",
    ):
        assert (await desk.get(path, stranger)).status == 404
    for path in (f"/payments/{unknown}/accept", f"/refunds/{unknown}/approve", f"/payouts/{unknown}/approve"):
        assert (await desk.post(path, {}, pool.operator)).status == 404


@pytest.mark.parametrize("amount", [0, -1, 1.5, "500000", 10**15])
async def test_amounts_that_are_no_rupiah_are_refused(desk, amount):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "cash", 500_000)
    assert (await desk.cash(pledge, amount)).slug == "invalid-fields"


async def test_nothing_drifts(desk):
    findings = await desk.verify()
    assert findings.drifts == []
    assert findings.facts["held_idr"]
