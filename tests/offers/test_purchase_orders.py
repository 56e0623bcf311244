"""Purchase orders end to end: pools speaks over the bus, the supplier over the API, and races have one winner."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.offers.commands import orders as commands
from services.offers.domain.order import Request
from services.offers.domain.terms import total_idr
from services.offers.jobs import expire_unanswered
from services.offers.verification import verify
from shared.auth import Grant
from shared.db import DataRefused
from shared.ids import new_id
from shared.json import loads
from shared.testing.running import eventually, principal

# The last tests look at what the first ones have done: one worker takes all of them.
pytestmark = pytest.mark.xdist_group("purchase-orders")


@pytest.fixture(scope="module", name="shop")
async def running_shop(run_services: Any, module_dsn: str, open_shop: Any) -> AsyncIterator[Any]:
    async with run_services(module_dsn, "offers") as (runner, client):
        yield await open_shop(runner, client)


async def test_order_goes_its_way_from_the_question_to_the_close(shop: Any, make_terms: Callable[..., Any]) -> None:
    voice = shop.voice()
    await shop.hear(voice.requested(15))
    assert (await shop.act(voice.order_id, "dispatches", {"units": 1})).slug == "not-funded-yet"
    accepted = await shop.act(voice.order_id, "accept")
    assert (accepted.status, accepted.body["state"], accepted.body["answer"]) == (200, "accepted", "accepted")
    assert (await shop.act(voice.order_id, "dispatches", {"units": 1})).slug == "not-funded-yet"
    await shop.hear(voice.ordered(10))
    order = await shop.order(voice.order_id)
    figures = (order["state"], order["quantity"], order["requested_quantity"], order["total_idr"])
    assert figures == ("confirmed", 10, 15, total_idr(make_terms(), 10))
    part = await shop.act(voice.order_id, "dispatches", {"units": 4, "note": "Truk pertama"})
    assert (part.status, part.body["state"], part.body["dispatched_units"]) == (201, "partly_dispatched", 4)
    more = await shop.act(voice.order_id, "dispatches", {"units": 7})
    assert (more.status, more.slug, more.body["left_units"]) == (422, "more-than-ordered", 6)
    assert (await shop.act(voice.order_id, "dispatches", {"units": 6})).body["state"] == "dispatched"
    await shop.hear(voice.received(4, complete=False))
    assert (await shop.order(voice.order_id))["received_units"] == 4
    await shop.hear(voice.received(6, complete=True))
    assert (await shop.order(voice.order_id))["state"] == "received"
    assert (await shop.act(voice.order_id, "dispatches", {"units": 1})).slug == "order-over"
    await shop.hear(voice.settled())
    order = await shop.order(voice.order_id)
    assert (order["state"], [sent["units"] for sent in order["dispatches"]]) == ("closed", [4, 6])
    assert await shop.said_of(voice.order_id) == ["purchase_order_accepted", "goods_dispatched", "goods_dispatched"]


async def test_second_answer_is_told_the_first_and_the_same_key_replays(shop: Any) -> None:
    voice = shop.voice()
    await shop.hear(voice.requested())
    first = await shop.act(voice.order_id, "accept", key="terima")
    again = await shop.act(voice.order_id, "accept", key="terima")
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (200, first.body, "true")
    for step, body in (("accept", None), ("decline", {"reason": "Stok habis"})):
        second = await shop.act(voice.order_id, step, body)
        told = (second.status, second.slug, second.body["answer"], second.body["answered_at"])
        assert told[:3] == (409, "already-answered", "accepted")
        assert datetime.fromisoformat(told[3]) == datetime.fromisoformat(first.body["answered_at"])
    assert await shop.said_of(voice.order_id) == ["purchase_order_accepted"]


async def test_declined_order_says_why(shop: Any) -> None:
    voice = shop.voice()
    await shop.hear(voice.requested())
    reply = await shop.act(voice.order_id, "decline", {"reason": "Bahan baku habis"})
    assert (reply.body["state"], reply.body["decline_reason"]) == ("declined", "Bahan baku habis")
    assert await shop.said_of(voice.order_id) == ["purchase_order_declined"]
    await shop.hear(voice.failed())
    assert (await shop.order(voice.order_id))["state"] == "declined"


async def test_order_whose_time_went_by_during_an_outage_expires_and_takes_no_answer(shop: Any) -> None:
    voices = [shop.voice() for _ in range(5)]
    await shop.hear(*(voice.requested(answer_in=timedelta(days=-1)) for voice in voices))

    async def states() -> set[str]:
        return {(await shop.order(voice.order_id))["state"] for voice in voices}

    await eventually(states, until=lambda found: found == {"expired"})
    for voice in voices:
        late = await shop.act(voice.order_id, "accept")
        assert (late.status, late.slug) == (409, "answer-too-late")
        assert await shop.said_of(voice.order_id) == ["purchase_order_expired"]


async def test_answer_that_waits_for_the_row_beyond_the_deadline_is_too_late(shop: Any) -> None:
    context = shop.runner.contexts["offers"]
    voice = shop.voice()
    await shop.hear(voice.requested(answer_in=timedelta(seconds=0.5)))
    over = "SELECT answer_by < clock_timestamp() FROM purchase_orders WHERE id = $1"
    async with context.db.transaction() as holder:
        await holder.row("SELECT id FROM purchase_orders WHERE id = $1 FOR UPDATE", voice.order_id)
        assert not await shop.value(over, voice.order_id)
        waiting = asyncio.create_task(shop.act(voice.order_id, "accept"))  # sent in time
        await eventually(lambda: shop.value("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
        await eventually(lambda: shop.value(over, voice.order_id))
        assert await expire_unanswered(context, datetime.now(UTC)) == 0  # a row in other hands is passed by
    late = await waiting
    assert (late.status, late.slug) == (409, "answer-too-late")


async def test_acceptance_racing_with_expiry_has_one_winner_and_one_event(shop: Any) -> None:
    voices = [shop.voice() for _ in range(12)]
    await shop.hear(*(voice.requested(answer_in=timedelta(seconds=1)) for voice in voices))
    context = shop.runner.contexts["offers"]
    dice = random.Random(7)  # noqa: S311 -- spreads the tries, guards nothing

    async def accept_about_the_deadline(voice: Any) -> Any:
        answer_by = datetime.fromisoformat((await shop.order(voice.order_id))["answer_by"])
        wait_s = (answer_by - datetime.now(UTC)).total_seconds() + dice.uniform(-0.2, 0.1)
        await asyncio.sleep(max(wait_s, 0))
        return await shop.act(voice.order_id, "accept")

    async def expire_again_and_again() -> None:
        for _ in range(60):
            async with context.db.transaction() as tx:
                now = await tx.now()
            await expire_unanswered(context, now)
            await asyncio.sleep(0.02)

    tries = [accept_about_the_deadline(voice) for voice in voices for _ in range(4)]
    *replies, _, _ = await asyncio.gather(*tries, expire_again_and_again(), expire_again_and_again())
    for place, voice in enumerate(voices):
        mine = replies[place * 4 : place * 4 + 4]
        won = sum(reply.status == 200 for reply in mine)
        order = await shop.order(voice.order_id)
        said = await shop.said_of(voice.order_id)
        assert (won, order["state"], said) in [
            (1, "accepted", ["purchase_order_accepted"]),
            (0, "expired", ["purchase_order_expired"]),
        ]
        in_time = datetime.fromisoformat(order["answered_at"]) < datetime.fromisoformat(order["answer_by"])
        assert in_time is bool(won)


async def test_acceptance_racing_with_cancellation_is_said_or_refused_never_both(shop: Any) -> None:
    voices = [shop.voice() for _ in range(20)]
    await shop.hear(*(voice.requested() for voice in voices))
    replies, _ = await asyncio.gather(
        asyncio.gather(*(shop.act(voice.order_id, "accept") for voice in voices)),
        shop.hear(*(voice.cancelled() for voice in voices)),
    )
    for voice, reply in zip(voices, replies, strict=True):
        assert (await shop.order(voice.order_id))["state"] == "cancelled"
        said = await shop.said_of(voice.order_id)
        assert (reply.status, reply.slug, said) in [
            (200, None, ["purchase_order_accepted"]),
            (409, "order-called-off", []),
        ]


async def test_many_answers_at_once_make_one_event(shop: Any) -> None:
    voice = shop.voice()
    await shop.hear(voice.requested())
    replies = await asyncio.gather(
        *(shop.act(voice.order_id, "accept") for _ in range(10)),
        *(shop.act(voice.order_id, "decline", {"reason": "tidak"}) for _ in range(10)),
    )
    assert sorted(reply.status for reply in replies) == [200] + [409] * 19
    assert len(await shop.said_of(voice.order_id)) == 1


async def test_dispatches_at_once_never_exceed_the_order(shop: Any) -> None:
    voice = await shop.accepted_order()
    await shop.hear(voice.ordered(15))
    replies = await asyncio.gather(*(shop.act(voice.order_id, "dispatches", {"units": 2}) for _ in range(10)))
    assert sorted(reply.status for reply in replies) == [201] * 7 + [422] * 3
    order = await shop.order(voice.order_id)
    assert (order["dispatched_units"], order["state"], len(order["dispatches"])) == (14, "partly_dispatched", 7)


async def test_words_of_pools_doubled_and_in_any_order_end_in_the_same_state(shop: Any) -> None:
    dice = random.Random(11)  # noqa: S311 -- picks what comes twice, guards nothing
    voices, envelopes = [], []
    for order in itertools.permutations(range(4)):
        voice = await shop.accepted_order()
        words = [voice.ordered(), voice.received(9, complete=False), voice.received(6, complete=True), voice.settled()]
        shuffled = [words[place] for place in order]
        envelopes += shuffled + dice.sample(shuffled, 2)
        voices.append(voice)
    await shop.hear(*envelopes)
    assert await shop.value("SELECT count(*) FROM parked") == 0
    for voice in voices:
        order = await shop.order(voice.order_id)
        assert (order["state"], order["quantity"], order["received_units"]) == ("closed", 15, 15)


async def test_receipt_that_comes_again_after_the_inbox_was_pruned_counts_once(shop: Any) -> None:
    voice = await shop.accepted_order()
    received = voice.received(9, complete=False)
    await shop.hear(voice.ordered(), received)
    async with shop.runner.contexts["offers"].db.transaction() as tx:
        await tx.run("DELETE FROM inbox WHERE event_id = $1", received.id)
    await shop.hear(received)
    assert (await shop.order(voice.order_id))["received_units"] == 9
    assert await shop.value("SELECT count(*) FROM parked WHERE aggregate_id = $1", voice.pool_id) == 0


@pytest.mark.parametrize("word", ["cancelled", "failed"])
async def test_question_and_its_withdrawal_end_cancelled_in_either_order(shop: Any, word: str) -> None:
    for reverse in (False, True):
        voice = shop.voice()
        words = [voice.requested(), getattr(voice, word)()]
        await shop.hear(*sorted(words * 2, key=lambda envelope: envelope.version, reverse=reverse))
        order = await shop.order(voice.order_id)
        assert (order["state"], order["call_off_reason"] is not None) == ("cancelled", True)
        assert (await shop.act(voice.order_id, "accept")).slug == "order-called-off"
        assert await shop.said_of(voice.order_id) == []


async def test_question_and_its_withdrawal_at_the_same_moment_end_cancelled(
    shop: Any, make_terms: Callable[..., Any]
) -> None:
    db = shop.runner.contexts["offers"].db

    async def ask(voice: Any) -> None:
        asked = loads(voice.requested().body)
        names = {field.name for field in fields(Request)} & asked.keys()
        times = {name: datetime.fromisoformat(asked[name]) for name in ("answer_by", "fund_by")}
        async with db.transaction() as tx:
            await commands.request(
                tx, Request(**{name: asked[name] for name in names} | times, requested_at=datetime.now(UTC))
            )

    async def take_back(voice: Any) -> None:
        async with db.transaction() as tx:
            await commands.call_off(tx, voice.order_id, "batal", datetime.now(UTC))

    voices = [shop.voice() for _ in range(20)]
    await asyncio.gather(*(step(voice) for voice in voices for step in (ask, take_back)))
    assert {(await shop.order(voice.order_id))["state"] for voice in voices} == {"cancelled"}


async def test_pool_without_an_order_may_end_unheard(shop: Any) -> None:
    voice = shop.voice()
    voice.order_id = None
    await shop.hear(voice.cancelled(), voice.failed())
    assert await shop.value("SELECT count(*) FROM parked WHERE aggregate_id = $1", voice.pool_id) == 0


async def test_contradiction_is_parked_for_a_person_and_changes_nothing(shop: Any) -> None:
    voice = await shop.accepted_order(quantity=15)
    await shop.hear(voice.ordered(20))
    assert (await shop.order(voice.order_id))["state"] == "accepted"
    reason = await shop.value("SELECT reason FROM parked WHERE aggregate_id = $1", voice.pool_id)
    assert reason == "Contradiction: a firm order for a quantity that was not accepted"
    async with shop.runner.contexts["offers"].db.transaction() as tx:
        await tx.run("DELETE FROM parked WHERE aggregate_id = $1", voice.pool_id)


async def test_orders_are_for_their_supplier_and_the_operators_of_the_post(shop: Any) -> None:
    voice = shop.voice()
    await shop.hear(voice.requested())
    path = f"/api/v1/purchase-orders/{voice.order_id}"
    owner_by_row = principal(shop.owner.account_id)
    other_supplier = principal(None, Grant("supplier", "supplier", new_id()))
    elsewhere = principal(None, Grant("operator", "post", new_id()))
    readers = [shop.owner, owner_by_row, shop.operator, other_supplier, elsewhere, principal(), None]
    assert [(await shop.client.get(path, who)).status for who in readers] == [200, 200, 200, 403, 403, 403, 401]
    helped = principal(shop.owner.account_id, *shop.owner.grants, assisted_by=new_id())
    for step, body in (("accept", None), ("decline", {"reason": "x"}), ("dispatches", {"units": 1})):
        for who in (other_supplier, elsewhere, shop.operator, principal(), helped):
            assert (await shop.act(voice.order_id, step, body, who=who)).status == 403
    assert (await shop.client.get("/api/v1/purchase-orders", other_supplier)).body["items"] == []
    assert (await shop.client.get("/api/v1/purchase-orders", elsewhere)).status == 403
    owner_with_other_grant = principal(shop.owner.account_id, *other_supplier.grants)
    assert (await shop.act(voice.order_id, "accept", who=owner_with_other_grant)).status == 200


async def test_pages_of_orders_go_through_all_of_a_state_newest_first(shop: Any) -> None:
    voices = [shop.voice() for _ in range(5)]
    await shop.hear(*(voice.requested() for voice in voices))
    for voice in voices[:4]:
        await shop.act(voice.order_id, "decline", {"reason": "Penuh"})
    seen: list[str] = []
    url: str | None = "/api/v1/purchase-orders?state=declined&limit=2"
    while url:
        body = (await shop.client.get(url, shop.owner)).body
        assert {item["state"] for item in body["items"]} == {"declined"}
        seen += [item["id"] for item in body["items"]]
        url = f"/api/v1/purchase-orders?state=declined&limit=2&cursor={body['next']}" if body["next"] else None
    assert seen == sorted(set(seen), reverse=True)
    assert {str(voice.order_id) for voice in voices[:4]} <= set(seen)
    assert str(voices[4].order_id) not in seen


@pytest.mark.parametrize(
    ("step", "body", "status", "slug"),
    [
        ("decline", {}, 400, "invalid-fields"),
        ("decline", {"reason": " "}, 400, "invalid-fields"),
        ("decline", {"reason": "a\u0000"}, 400, "invalid-fields"),
        ("dispatches", {"units": 0}, 400, "invalid-fields"),
        ("dispatches", {"units": "3"}, 400, "invalid-fields"),
        ("dispatches", {"units": 1, "to": "Cakung"}, 400, "invalid-fields"),
        ("accept", None, 404, "not-found"),
        ("dispatches", {"units": 1}, 404, "not-found"),
    ],
)
async def test_bad_input_is_told_as_a_problem(shop: Any, step: str, body: Any, status: int, slug: str) -> None:
    reply = await shop.act(new_id(), step, body)
    assert (reply.status, reply.slug) == (status, slug)


@pytest.mark.parametrize("path", ["?state=lost", "?limit=101", "?cursor=abc", "/bukan-id"])
async def test_bad_questions_are_told_as_problems(shop: Any, path: str) -> None:
    assert (await shop.client.get(f"/api/v1/purchase-orders{path}", shop.owner)).status == 400


@pytest.mark.parametrize(
    "change",
    [
        "state = 'accepted', answer = 'accepted', answered_at = answer_by, answered_by = id",
        "state = 'expired', answer = 'expired', answered_at = requested_at",
        "dispatched_units = 1",
        "state = 'closed', settled_at = answer_by",
        "state = 'cancelled'",
    ],
)
async def test_database_refuses_an_order_that_cannot_be(shop: Any, change: str) -> None:
    voice = shop.voice()
    await shop.hear(voice.requested())
    with pytest.raises(DataRefused):
        async with shop.runner.contexts["offers"].db.transaction() as tx:
            await tx.run(f"UPDATE purchase_orders SET {change} WHERE id = $1", voice.order_id)


async def drifts(shop: Any) -> set[tuple[str, str]]:
    context = shop.runner.contexts["offers"]
    async with context.db.read() as sql:
        findings = await verify(sql, context)
    return {(drift.what, drift.id) for drift in findings.drifts}


async def test_verify_finds_nothing_after_all_that(shop: Any) -> None:
    voice = await shop.accepted_order()
    await shop.hear(voice.ordered(15))
    assert await drifts(shop) == set()
    context = shop.runner.contexts["offers"]
    async with context.db.read() as sql:
        facts = (await verify(sql, context)).facts["ordered_units"]
    firm = await shop.value("SELECT count(*) FROM purchase_orders WHERE ordered_at IS NOT NULL")
    assert len(facts) == firm > 0


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE purchase_orders SET state = 'dispatched' WHERE id = $1", "order's state"),
        ("UPDATE purchase_orders SET dispatched_units = 6 WHERE id = $1", "order's dispatched units"),
        ("UPDATE purchase_orders SET received_units = 1 WHERE id = $1", "order's received units"),
        ("UPDATE purchase_orders SET received_at = ordered_at, state = 'received' WHERE id = $1",
         "order's goods all received"),
        (("UPDATE purchase_orders SET (state, answer, decline_reason, ordered_at, ordered_quantity, ordered_total_idr,"
         " dispatched_units) = ('declined', 'declined', 'x', NULL, NULL, NULL, 0) WHERE id = $1"),
         "order's answers said"),
        ("UPDATE purchase_orders SET unit_price_idr = 1 WHERE id = $1", "order's unit price by its terms"),
        ("UPDATE purchase_orders SET total_idr = 1 WHERE id = $1", "order's total by its terms"),
        ("UPDATE purchase_orders SET ordered_total_idr = 1 WHERE id = $1", "firm order's total by its terms"),
    ],
)  # fmt: skip
async def test_verify_finds_each_drift(shop: Any, change: str, what: str) -> None:
    voice = await shop.accepted_order()
    await shop.hear(voice.ordered(15))
    await shop.act(voice.order_id, "dispatches", {"units": 5})
    db = shop.runner.contexts["offers"].db
    async with db.transaction() as tx:
        before = await tx.row("SELECT * FROM purchase_orders WHERE id = $1", voice.order_id)
        await tx.run(change, voice.order_id)
    try:
        assert (what, str(voice.order_id)) in await drifts(shop)
    finally:
        columns = [name for name in dict(before) if name != "id"]
        names = ", ".join(columns)
        marks = ", ".join(f"${number}" for number in range(2, len(columns) + 2))
        async with db.transaction() as tx:
            await tx.run(
                f"UPDATE purchase_orders SET ({names}) = ({marks}) WHERE id = $1",
                voice.order_id,
                *(before[name] for name in columns),
            )


async def test_verify_finds_a_version_that_nobody_stands_by(shop: Any, make_terms: Callable[..., Any]) -> None:
    async with shop.runner.contexts["offers"].db.transaction() as tx:
        await tx.run(
            "INSERT INTO offer_versions (offer_id, version, terms, made_by, made_at) VALUES ($1, 3, $2, $1, clock_timestamp())",
            shop.offer_id, make_terms().model_dump(mode="json"),
        )  # fmt: skip
    assert ("offer's version and its versions", str(shop.offer_id)) in await drifts(shop)
