"""What must be true once everything is healed and quiet: the history of calls, the rows, and the card provider agree."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from shared import operate
from shared.service import Service
from tests.faults.calls import History
from tests.faults.system import ANSWERED_WITHIN_S, System
from tests.faults.workload import Urun

Sql = asyncpg.Connection

# Of one hearer: the handlers and the types they hear; then the events of one speaker that some handler has not taken.
_UNHEARD = """
SELECT count(*) FROM {speaker}.events AS event
JOIN unnest($1::text[], $2::text[]) AS hears (handler, type) ON hears.type = event.type
WHERE NOT EXISTS (SELECT FROM {hearer}.inbox AS taken WHERE taken.handler = hears.handler AND taken.event_id = event.id)
"""

# In the order in which a hearer took them, versions of one aggregate only rise.
_OUT_OF_ORDER = """
WITH taken AS (
    SELECT event.aggregate_id, event.version, min(inbox.at) AS at
    FROM {hearer}.inbox JOIN {speaker}.events AS event ON event.id = event_id
    WHERE event.at >= $1 GROUP BY event.id
), followed AS (
    SELECT version, lag(version) OVER (PARTITION BY aggregate_id ORDER BY at) AS before FROM taken
)
SELECT count(*) FROM followed WHERE before > version
"""

_WAITING = (
    "SELECT (SELECT count(*) FROM {schema}.outbox) + (SELECT count(*) FROM {schema}.parked WHERE state = 'waiting')"
)
_DEAD = "SELECT count(*) FROM {schema}.parked WHERE state = 'dead'"

_MONEY_UNDER_WAY = """
SELECT (SELECT count(*) FROM payments.attempts WHERE pool_id = $1 AND ended_at IS NULL)
     + (SELECT count(*) FROM payments.refunds WHERE pool_id = $1 AND ended_at IS NULL)
     + (SELECT count(*) FROM payments.payouts WHERE pool_id = $1 AND state <> 'paid')
     + (SELECT count(*) FROM payments.holdings WHERE pool_id = $1 AND held_idr > may_hold_idr)
"""


def _pairs(services: Sequence[Service]) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """By (hearer, speaker): the names of handlers and, beside them, the types that they hear."""
    pairs: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for service in services:
        for consumer in service.consumers.all:
            key = (service.name, consumer.event.type.partition(".")[0])
            handlers, types = pairs.setdefault(key, ([], []))
            handlers.append(consumer.name)
            types.append(consumer.event.type)
    return pairs


async def waiting(system: System, sql: Sql) -> dict[str, int]:
    """What is still on its way: events not published, parked, or not taken by some handler."""
    found = {}
    for service in system.services:
        if service.migrations is not None:
            found[f"{service.name}: outbox and parked"] = await sql.fetchval(_WAITING.format(schema=service.name))
    for (hearer, speaker), (handlers, types) in _pairs(system.services).items():
        found[f"{hearer} of {speaker}"] = await sql.fetchval(
            _UNHEARD.format(hearer=hearer, speaker=speaker), handlers, types
        )
    return {what: count for what, count in found.items() if count}


async def come_to_rest(system: System, uruns: Sequence[Urun], within_s: float = 60) -> None:
    """Wait until every event is handled and no money is under way, with the desk at work. Nothing may be lost."""
    deadline = time.monotonic() + within_s
    async with system.sql() as sql:
        while True:
            for urun in uruns:
                await urun.desk()
            left: dict[str, object] = dict(await waiting(system, sql))
            for urun in uruns:
                if count := await sql.fetchval(_MONEY_UNDER_WAY, urun.id):
                    left[f"money of {urun.id}"] = count
            if not left:
                return
            assert time.monotonic() < deadline, f"not at rest after {within_s:g} s: {left}"
            await asyncio.sleep(0.1)


async def check(
    system: System, history: History, uruns: Sequence[Urun], since: datetime, *, ordered: bool = True
) -> list[str]:
    """Hold everything that DESIGN promises; gives how the pools ended. `ordered`: whether deliveries were left in order."""
    unanswered = [f"{call.what} {call.path}: {call.no_answer}" for call in history.calls if call.outcome == "unknown"]
    assert unanswered == [], f"no answer for a minute: {unanswered}"
    slowest = max(history.calls, key=lambda call: call.longest_s)
    assert slowest.longest_s < ANSWERED_WITHIN_S, f"{slowest.what} took {slowest.longest_s:.1f} s"
    ends = []
    async with system.sql() as sql:
        for urun in uruns:
            await _check_pledges(sql, history, urun)
            await _check_cash(sql, history, urun)
            ends.append(await _check_end(sql, urun))
            await _check_provider(system, sql, urun)
        for service in system.services:
            if service.migrations is not None:
                assert await sql.fetchval(_DEAD.format(schema=service.name)) == 0, f"dead events at {service.name}"
        if ordered:
            await check_order(system, sql, since)
    drifts = await operate.verify(system.settings, system.postgres.dsn, system.services)
    assert drifts == [], f"{len(drifts)} drifts: {drifts[:5]}"
    return ends


async def check_order(system: System, sql: Sql, since: datetime) -> None:
    """Every hearer took each aggregate's events in their order."""
    for hearer, speaker in _pairs(system.services):
        wrong = await sql.fetchval(_OUT_OF_ORDER.format(hearer=hearer, speaker=speaker), since)
        assert wrong == 0, f"{hearer} heard {wrong} events of {speaker} out of order"


async def _check_pledges(sql: Sql, history: History, urun: Urun) -> None:
    """Each answered pledge is there exactly once with the last answered figures; each refused one is not."""
    rows = {
        str(row["id"]): row
        for row in await sql.fetch("SELECT * FROM pools.pledges WHERE pool_id = $1 ORDER BY number", urun.id)
    }
    made = [call for call in history.of("pledge") if call.path == f"{urun.path}/pledges" and call.ok]
    assert sorted(rows) == sorted(call.body["id"] for call in made), "pledges and answers differ"
    assert all(row["made_at"] < urun.deadline for row in rows.values()), "a pledge after the deadline"
    assert [call.outcome for call in urun.late] == ["refused"] * len(urun.late), urun.late
    for member in urun.members:
        if member.pledge is None:
            continue
        row = rows[member.pledge["id"]]
        assert row["account_id"] == member.who.account_id
        assert (row["units"], row["tolerance_units"]) == (member.pledge["units"], member.tolerance)
        was_left = member.left is not None and member.left.ok
        assert (row["state"] == "withdrawn") == was_left, (dict(row), member.left)


async def _check_cash(sql: Sql, history: History, urun: Urun) -> None:
    """Each answered receipt is in the book once, each refused one not."""
    for member in urun.members:
        if member.pledge is None:
            continue
        calls = [call for call in history.of("cash") if call.path == f"{member.path}/cash" and call.ok]
        told = Counter((call.body["payment_id"], call.body["receipt_no"]) for call in calls)
        rows = await sql.fetch(
            "SELECT id, receipt_no FROM payments.payments WHERE pledge_id = $1 AND method = 'cash'", member.pledge["id"]
        )
        assert Counter((str(row["id"]), row["receipt_no"]) for row in rows) == told, (told, rows)


_END = """
SELECT state, quantity, (SELECT coalesce(sum(held_idr), 0) FROM payments.holdings WHERE pool_id = pools.id)::bigint AS held_idr,
    (SELECT coalesce(sum(received_idr), 0) FROM payments.holdings WHERE pool_id = pools.id)::bigint AS received_idr,
    (SELECT total_idr FROM pools.orders WHERE pool_id = pools.id) AS total_idr
FROM pools.pools WHERE id = $1
"""

_PAID_OUT = """
SELECT stage, amount_idr, (SELECT coalesce(sum(entry.amount_idr), 0) FROM payments.ledger AS entry
    WHERE entry.movement_id = payouts.id AND entry.kind = 'payout_paid')::bigint AS booked_idr
FROM payments.payouts WHERE pool_id = $1 AND state = 'paid'
"""


async def _check_end(sql: Sql, urun: Urun) -> str:
    """The cap is kept; a failed pool holds nothing; the supplier got each stage once, all from what was received.

    Gives the pool's last state.
    """
    end = await sql.fetchrow(_END, urun.id)
    assert end is not None
    assert end["quantity"] <= urun.capacity
    paid = await sql.fetch(_PAID_OUT, urun.id)
    assert all(row["amount_idr"] == row["booked_idr"] for row in paid), paid
    assert len({row["stage"] for row in paid}) == len(paid), paid
    total = sum(row["amount_idr"] for row in paid)
    if end["state"] == "settled":
        assert total == end["total_idr"] == end["held_idr"] <= end["received_idr"], dict(end)
        assert urun.fate == "bought"
    else:
        assert end["state"] == "failed", dict(end)
        assert (end["held_idr"], total) == (0, 0), dict(end)
    return str(end["state"])


async def _check_provider(system: System, sql: Sql, urun: Urun) -> None:
    """What the provider has received and kept for these members is what we say; no attempt was paid twice."""
    known = await sql.fetch(
        "SELECT attempts.id, charge_ref, received_idr, refunded_idr, customer FROM payments.attempts"
        " JOIN payments.holdings USING (pledge_id) WHERE attempts.pool_id = $1 AND state = 'succeeded'",
        urun.id,
    )
    customers = {
        row["ref"]
        for row in await sql.fetch(
            "SELECT ref FROM payments.customers WHERE account_id = ANY ($1)",
            [member.who.account_id for member in urun.members],
        )
    }
    theirs: list[dict[str, Any]] = [
        row for row in system.simulator.ledger()["payment_intents"] if row["customer"] in customers
    ]
    paid = [row for row in theirs if row["amount_received"]]
    assert len(paid) == len(known), f"the provider was paid {len(paid)} times, we know of {len(known)}"
    net = sum(row["amount_received"] - row["amount_refunded"] for row in paid)
    ours = await sql.fetchval(
        "SELECT coalesce(sum(held_idr), 0)::bigint FROM payments.holdings WHERE pool_id = $1 AND method = 'card'",
        urun.id,
    )
    assert net == ours * 100, f"the provider keeps {net / 100}, we say {ours}"
