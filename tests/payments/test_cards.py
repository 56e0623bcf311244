"""Cards from the saving to the refund, through the provider's own page, webhooks and faults; and the closing of a pool."""

from __future__ import annotations

import asyncio
import itertools
import json
import time

import aiohttp
import pytest

from services.payments.resources import simulator_webhook_secret
from services.payments.stripe_simulator.webhooks import signature_header
from shared.ids import new_id
from shared.testing.running import eventually

CHARGE_DECLINED_CARD = "4000000000000341"
BANK_ASKS_CARD = "4000002760003184"
REFUND_WAITS_CARD = "4000000000007726"
SECURED, CLOSED, DECLINED = "payments.pledge_secured.v1", "payments.securing_closed.v1", "payments.charge_declined.v1"


def until(name, value):
    return lambda body: body[name] == value


def next_is(kind):
    return lambda body: body["next"]["kind"] == kind


async def charged(desk, pool, card="4242424242424242", amount_idr=400_000):
    """A pledge whose card was charged."""
    pledge = await desk.pledge(pool, "card", 500_000)
    await desk.save_card(pledge, card)
    await pool.owes(pledge.due(amount_idr))
    await desk.holding(pledge, until("held_idr", amount_idr))
    return pledge


async def closed_answer(desk, pool):
    return await eventually(lambda: desk.said(pool.id, CLOSED))


async def test_saved_card_secures_is_charged_when_due_and_refunded_when_released(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await desk.pledge(pool, "card", 500_000)
    assert (await desk.holding(pledge))["next"]["kind"] == "save_card"
    page, again = await desk.card_page(pledge), await desk.card_page(pledge)
    assert page.body == again.body
    assert await desk.use_card(page.body["url"]) == 303
    saved = await desk.holding(pledge, until("secured", True))
    assert (saved["held_idr"], saved["next"]["kind"]) == (0, "none")
    assert (await desk.card_page(pledge)).slug == "card-already-saved"
    assert len(await desk.said(pledge.id, SECURED)) == 1
    await pool.owes(pledge.due(400_000))
    paid = await desk.holding(pledge, until("held_idr", 400_000))
    assert paid["payments"][0]["receipt_no"].startswith("KW-")
    assert (await desk.get(f"/ledger/pools/{pool.id}")).body["custodians"][0]["name"] == "Saldo kartu (Stripe)"
    await pool.owes(pledge.due(350_000, reason="adjusted"))
    await desk.holding(pledge, until("held_idr", 350_000))
    await pool.owes(pledge.due(0, reason="failed"))
    after = await desk.holding(pledge, until("held_idr", 0))
    assert [(item["kind"], item["amount_idr"], item["state"]) for item in after["payments"]] == [
        ("in", 400_000, "received"), ("out", 50_000, "paid"), ("out", 350_000, "paid"),
    ]  # fmt: skip
    held = [event["held_idr"] for event in await desk.said(pledge.id, "payments.holding_changed.v1")]
    assert held == [400_000, 350_000, 0]


async def test_declined_card_is_told_and_paid_by_link(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await desk.pledge(pool, "card", 500_000)
    await desk.save_card(pledge, CHARGE_DECLINED_CARD)
    await pool.owes(pledge.due(400_000))
    declined = await desk.holding(pledge, next_is("pay_card_link"))
    assert (declined["decline_reason"], declined["next"]["amount_idr"], declined["next"]["url"]) == (
        "generic_decline", 400_000, None,
    )  # fmt: skip
    assert declined["next"]["transfer_total_idr"] > 400_000  # or by transfer, if they like
    (event,) = await desk.said(pledge.id, DECLINED)
    assert (event["reason"], event["action_needed"], event["account_id"]) == (
        "generic_decline",
        False,
        str(pledge.account_id),
    )
    page = await desk.card_page(pledge)
    assert (await desk.holding(pledge))["next"]["url"] == page.body["url"]
    assert await desk.use_card(page.body["url"]) == 303
    paid = await desk.holding(pledge, until("held_idr", 400_000))
    assert paid["next"]["kind"] == "none"


async def test_bank_that_asks_makes_a_link_necessary(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await desk.pledge(pool, "card", 500_000)
    page = await desk.card_page(pledge)
    assert await desk.use_card(page.body["url"], BANK_ASKS_CARD) in {200, 303}
    await desk.use_card(page.body["url"], BANK_ASKS_CARD)
    await desk.holding(pledge, until("secured", True))
    await pool.owes(pledge.due(400_000))
    await desk.holding(pledge, next_is("pay_card_link"))
    (event,) = await desk.said(pledge.id, DECLINED)
    assert (event["reason"], event["action_needed"]) == ("authentication_required", True)
    link = (await desk.card_page(pledge)).body["url"]
    for _ in range(2):
        await desk.use_card(link, BANK_ASKS_CARD)
    await desk.holding(pledge, until("held_idr", 400_000))


async def test_link_left_open_is_given_up_when_cash_comes(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await desk.pledge(pool, "card", 500_000)
    await desk.save_card(pledge, CHARGE_DECLINED_CARD)
    await pool.owes(pledge.due(400_000))
    await desk.holding(pledge, next_is("pay_card_link"))
    link = (await desk.card_page(pledge)).body["url"]
    assert (await desk.cash(pledge, 400_000)).status == 201

    async def page():
        async with aiohttp.ClientSession() as browser, browser.get(link) as answer:
            return answer.status

    await eventually(page, until=lambda status: status == 410)
    assert (await desk.holding(pledge))["held_idr"] == 400_000


async def test_payment_after_the_release_is_given_back(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await desk.pledge(pool, "card", 500_000)
    await desk.save_card(pledge, CHARGE_DECLINED_CARD)
    await pool.owes(pledge.due(400_000))
    await desk.holding(pledge, next_is("pay_card_link"))
    link = (await desk.card_page(pledge)).body["url"]
    await desk.simulator("POST", "/_simulator/webhooks", {"delay_s": 0.5})
    assert await desk.use_card(link) == 303
    await pool.owes(pledge.due(0, reason="dropped"))
    await desk.simulator("POST", "/_simulator/webhooks", {"delay_s": 0})

    async def came_and_went():
        return [(item["kind"], item["state"]) for item in (await desk.holding(pledge))["payments"]]

    await eventually(came_and_went, until=lambda items: items == [("in", "received"), ("out", "paid")])
    assert (await desk.holding(pledge))["held_idr"] == 0


async def test_small_difference_is_settled_in_cash(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await charged(desk, pool)
    await pool.owes(pledge.due(405_000, reason="adjusted"))
    step = (await desk.holding(pledge, until("must_hold_idr", 405_000)))["next"]
    assert (step["kind"], step["amount_idr"]) == ("cash", 5_000)
    refused = await desk.card_page(pledge)
    assert (refused.status, refused.slug, refused.body["least_idr"]) == (422, "card-amount-out-of-range", 10_000)
    assert (await desk.cash(pledge, 5_000)).status == 201


@pytest.mark.parametrize(("outcome", "held"), [("succeeded", 0), ("failed", 400_000)])
async def test_refund_that_waits_is_gone_at_once_and_ours_again_if_it_fails(desk, outcome, held):
    pool = await desk.pool("after_acceptance")
    pledge = await charged(desk, pool, REFUND_WAITS_CARD)
    await pool.owes(pledge.due(0, reason="failed"))
    pending = await desk.holding(pledge, until("held_idr", 0))
    assert pending["payments"][-1]["state"] == "pending"
    assert await desk.said(pledge.id, "payments.refund_paid.v1") == []
    async with desk.context.db.read() as sql:
        ref = await sql.value("SELECT ref FROM refunds WHERE pledge_id = $1", pledge.id)
    await desk.simulator("POST", f"/_simulator/refunds/{ref}/settle", {"status": outcome})
    if outcome == "succeeded":
        await eventually(lambda: desk.said(pledge.id, "payments.refund_paid.v1"))
    else:
        await desk.holding(pledge, until("held_idr", 400_000))
        (by_hand,) = await desk.queue("refunds", pool)  # not by card once more: two people do it
        assert (by_hand["method"], by_hand["custodian"]["kind"]) == ("transfer", "stripe")
        text_kinds = [line["text_kind"] for line in (await desk.get(f"/ledger/pools/{pool.id}")).body["items"]]
        assert text_kinds == ["payment_card", "refund_card", "reversal"]
    assert (await desk.holding(pledge))["held_idr"] == held


@pytest.mark.parametrize("kind", ["drop_response", "error_after_commit", "error_before_commit"])
async def test_provider_that_fails_charges_and_refunds_exactly_once(desk, kind):
    pool = await desk.pool("after_acceptance")
    pledge = await desk.pledge(pool, "card", 500_000)
    await desk.save_card(pledge)
    await desk.simulator("POST", "/_simulator/faults", {"kind": kind, "path": "/v1/payment_intents"})
    await pool.owes(pledge.due(400_000))
    await desk.holding(pledge, until("held_idr", 400_000))
    await desk.simulator("POST", "/_simulator/faults", {"kind": kind, "path": "/v1/refunds"})
    await pool.owes(pledge.due(0, reason="failed"))
    await desk.holding(pledge, until("held_idr", 0))
    rows = [
        row for row in (await desk.simulator("GET", "/_simulator/ledger"))["payment_intents"]
        if row["metadata"].get("pledge_id") == str(pledge.id)
    ]  # fmt: skip
    assert [(row["amount_received"], row["amount_refunded"]) for row in rows] == [(40_000_000, 40_000_000)]


async def test_page_whose_opening_is_uncertain_is_opened_once(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "card", 500_000)
    await desk.simulator("POST", "/_simulator/faults", {"kind": "drop_response", "path": "/v1/checkout/sessions"})
    assert (await desk.card_page(pledge)).status == 503
    page = await desk.card_page(pledge)
    assert page.status == 200
    async with desk.context.db.read() as sql:
        assert await sql.value("SELECT count(*) FROM card_setups WHERE pledge_id = $1", pledge.id) == 1


async def test_card_page_answers_the_same_to_the_same_key_and_leads_home_only(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "card", 500_000)
    path, body = f"/holdings/{pledge.id}/card", {"return_url_path": "/komitmen"}
    first = await desk.post(path, body, pledge.owner, key="k")
    await desk.use_card(first.body["url"])
    await desk.holding(pledge, until("secured", True))
    again = await desk.post(path, body, pledge.owner, key="k")
    assert (again.body, again.headers["Idempotency-Replayed"]) == (first.body, "true")
    assert (await desk.post(path, {"return_url_path": "/lain"}, pledge.owner, key="k")).slug == "idempotency-key-reused"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "komitmen", "/a b"):
        assert (await desk.post(path, {"return_url_path": elsewhere}, pledge.owner)).slug == "invalid-fields"
    assert (await desk.post(path, body, pool.operator)).status == 403
    assert (
        await desk.post(path, body, pledge.owner, headers={"Idempotency-Key": ""})
    ).slug == "idempotency-key-missing"


async def test_only_card_pledges_save_cards(desk):
    pool = await desk.pool()
    cash = await desk.pledge(pool, "cash", 500_000)
    assert (await desk.card_page(cash)).slug == "nothing-due"


# The closing


async def test_closing_with_nothing_open_is_answered_at_once_with_the_secured_pledges(desk):
    pool = await desk.pool()
    paid, unpaid, gone = [await desk.pledge(pool, "cash", 500_000) for _ in range(3)]
    for pledge in (paid, gone):
        await desk.cash(pledge, 500_000)
    await pool.withdraw(gone)
    await pool.close()
    (answer,) = await closed_answer(desk, pool)
    assert answer == {
        "type": CLOSED, "pool_id": str(pool.id), "secured_pledge_ids": [str(paid.id)], "chunk": 1, "chunks": 1,
    }  # fmt: skip
    assert (await desk.cash(unpaid, 500_000)).slug == "securing-closed"
    assert (await desk.holding(unpaid))["next"]["kind"] == "none"
    await pool.close()
    await asyncio.sleep(0.2)
    assert len(await desk.said(pool.id, CLOSED)) == 1


async def test_open_page_may_finish_within_the_grace_and_is_then_waited_for(desk):
    pool = await desk.pool()
    pledge, late = await desk.pledge(pool, "card", 500_000), await desk.pledge(pool, "card", 500_000)
    page = await desk.card_page(pledge)
    await pool.close()

    async def closing():
        return (await desk.card_page(late)).slug

    await eventually(closing, until=lambda slug: slug == "securing-closed")
    assert await desk.said(pool.id, CLOSED) == []
    assert await desk.use_card(page.body["url"]) == 303
    (answer,) = await closed_answer(desk, pool)
    assert answer["secured_pledge_ids"] == [str(pledge.id)]


async def test_page_still_open_after_the_grace_is_expired(desk):
    pool = await desk.pool()
    pledge = await desk.pledge(pool, "card", 500_000)
    page = await desk.card_page(pledge)
    await pool.close(grace_s=0.5)
    (answer,) = await closed_answer(desk, pool)
    assert answer["secured_pledge_ids"] == []
    assert await desk.use_card(page.body["url"]) == 410
    assert (await desk.holding(pledge))["secured"] is False


async def test_transfer_to_check_is_waited_for_in_the_grace(desk):
    pool = await desk.pool()
    pledge, unchecked = await desk.pledge(pool, "transfer", 500_000), await desk.pledge(pool, "transfer", 500_000)
    for one in (pledge, unchecked):
        total = (await desk.holding(one, lambda body: body["next"]["unique_code"]))["next"]["transfer_total_idr"]
        await desk.post(f"/holdings/{one.id}/transfer-notice", {"amount_idr": total}, one.owner)
    await pool.close(grace_s=2)
    items = {item["pledge_id"]: item["payment_id"] for item in await desk.queue("payments", pool)}
    assert (await desk.post(f"/payments/{items[str(pledge.id)]}/accept", {}, pool.operator)).status == 200
    assert await desk.said(pool.id, CLOSED) == []
    (answer,) = await closed_answer(desk, pool)
    assert answer["secured_pledge_ids"] == [str(pledge.id)]


# Webhooks


async def send_webhook(desk, payload: bytes, signature: str):
    return await desk.client.send(
        "POST", "/api/v1/webhooks/stripe", raw=payload, headers={"Stripe-Signature": signature}
    )


def signed(desk, event: dict, at: float | None = None, secret: str | None = None) -> tuple[bytes, str]:
    payload = json.dumps(event)
    secret = secret or simulator_webhook_secret(desk.context.settings)
    return payload.encode(), signature_header(payload, secret, int(at or time.time()))


def event_about(thing: dict, id: str | None = None, type: str = "payment_intent.succeeded") -> dict:
    return {
        "id": id or f"evt_{new_id()}", "object": "event", "type": type, "created": int(time.time()),
        "data": {"object": {"object": "payment_intent", "metadata": {}, **thing}},
    }  # fmt: skip


async def counts(desk) -> dict:
    async with desk.context.db.read() as sql:
        return {
            table: await sql.value(f"SELECT count(*) FROM {table}")
            for table in ("notices", "payments", "ledger", "attempts", "refunds", "events")
        }


async def test_forged_and_stale_webhooks_change_nothing(desk):
    event = event_about({"id": "pi_forged"})
    payload, signature = signed(desk, event)
    before = await counts(desk)
    for body, header in [
        (payload, ""),
        (payload, "t=1,v1=0"),
        (payload + b" ", signature),
        (payload.replace(b"succeeded", b"cancelled"), signature),
        signed(desk, event, secret="whsec_other"),
        signed(desk, event, at=time.time() - 310),
        signed(desk, event, at=time.time() + 310),
        (b"\xff\xfe", signature),
        (b"", signature),
    ]:
        reply = await send_webhook(desk, body, header)
        assert (reply.status, reply.slug) == (400, "webhook-not-genuine")
    assert await counts(desk) == before


async def test_unknown_and_repeated_webhooks_are_kept_once_and_ignored(desk):
    event = event_about({"id": "pi_nobody_knows", "metadata": {"pledge_id": str(new_id()), "attempt_id": "no id"}})
    for _ in range(3):
        assert (await send_webhook(desk, *signed(desk, event))).status == 200

    async def kept():
        async with desk.context.db.read() as sql:
            return [row["state"] for row in await sql.rows("SELECT state FROM notices WHERE id = $1", event["id"])]

    assert await eventually(kept, until=lambda states: states != ["new"]) == ["ignored"]


async def test_webhooks_in_any_order_and_number_converge_and_a_false_word_moves_no_money(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await charged(desk, pool)
    async with desk.context.db.read() as sql:
        attempt = await sql.row("SELECT id, charge_ref FROM attempts WHERE pledge_id = $1", pledge.id)
    metadata = {"pledge_id": str(pledge.id), "attempt_id": str(attempt["id"])}
    # Genuinely signed, and all wrong: what the provider says when asked is what counts.
    stories = [
        event_about({"id": attempt["charge_ref"], "metadata": metadata}, type=f"payment_intent.{word}")
        for word in ("succeeded", "payment_failed", "canceled", "processing")
    ] + [
        event_about({"object": "charge", "id": "ch_1", "payment_intent": attempt["charge_ref"]}, type="charge.refunded")
    ]
    before = await counts(desk)
    for number, order in enumerate(itertools.permutations(stories)):
        if number % 12:
            continue
        for event in order:
            assert (
                await send_webhook(desk, *signed(desk, {**event, "id": f"{event['id']}{number % 24}"}))
            ).status == 200

    async def unhandled():
        async with desk.context.db.read() as sql:
            return await sql.value(
                "SELECT (SELECT count(*) FROM notices WHERE state = 'new')"
                " + (SELECT count(*) FROM attempts WHERE look_at <= now())"
            )

    await eventually(unhandled, until=lambda left: left == 0)
    after = await counts(desk)
    assert {**after, "notices": 0} == {**before, "notices": 0}
    assert after["notices"] - before["notices"] == 2 * len(stories)
    assert (await desk.holding(pledge))["held_idr"] == 400_000


async def test_webhooks_late_twice_and_out_of_order_change_nothing_about_the_end(desk):
    await desk.simulator("POST", "/_simulator/webhooks", {"delay_s": 0.1, "copies": 3, "out_of_order": True})
    try:
        pool = await desk.pool("after_acceptance")
        pledges = [await charged(desk, pool) for _ in range(3)]
        await pool.owes(*(pledge.due(0, reason="failed") for pledge in pledges))
        for pledge in pledges:
            await desk.holding(pledge, until("held_idr", 0))
    finally:
        await desk.simulator("POST", "/_simulator/webhooks", {"delay_s": 0, "copies": 1, "out_of_order": False})


async def test_lost_webhooks_are_made_up_for_by_looking(desk):
    await desk.simulator("POST", "/_simulator/webhooks", {"suppressed": True})
    try:
        pool = await desk.pool()
        pledge = await desk.pledge(pool, "card", 500_000)
        page = await desk.card_page(pledge)
        assert await desk.use_card(page.body["url"]) == 303
        async with desk.later(minutes=3):
            await desk.holding(pledge, until("secured", True))
    finally:
        await desk.simulator("POST", "/_simulator/webhooks", {"suppressed": False})


async def test_nothing_drifts_also_not_from_the_provider(desk):
    findings = await desk.verify()
    assert findings.drifts == []


async def test_verify_shows_what_differs(desk):
    pool = await desk.pool("after_acceptance")
    pledge = await charged(desk, pool)
    async with desk.context.db.transaction() as tx:
        await tx.run("UPDATE holdings SET received_idr = received_idr + 1 WHERE pledge_id = $1", pledge.id)
    async with desk.context.db.read() as sql:
        charge_ref = await sql.value("SELECT charge_ref FROM attempts WHERE pledge_id = $1", pledge.id)
    await desk.simulator("POST", "/_simulator/webhooks", {"suppressed": True})
    gateway = desk.context.resources.cards
    await gateway.refund(
        charge=charge_ref, amount_idr=100_000, refund_id=new_id(), key=str(new_id())
    )  # behind our back
    found = {(drift.what, drift.id) for drift in (await desk.verify()).drifts}
    assert {
        ("held and its payments and refunds", str(pledge.id)),
        ("held and the book", str(pledge.id)),
        ("a pool's escrow, and held less paid out", str(pool.id)),
        ("what is due, and what is done", str(pledge.id)),
        ("a charge at the card provider: received, refunded", charge_ref),
    } <= found
