"""Upkeep: what is old goes, a piece at a time; what is not yet old stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared import upkeep
from shared.ids import new_id
from shared.service import Context

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)

INBOX = "INSERT INTO inbox (handler, event_id, at) VALUES ('h', $1, $2)"
ANSWER = "INSERT INTO idempotency_keys (account_id, key, request, at) VALUES ($1, 'k', '\\x00', $2)"
PARKED = """
INSERT INTO parked (handler, event_id, source, aggregate_id, version, type, body, at, state, reason, retry_at, parked_at)
VALUES ('h', $1, '/urunbeli/other', $1, 1, 't', '{"name": "Siti"}', $2, 'waiting', 'r', $2, $2)
"""


@pytest.fixture
async def context(settings, database, request):
    """A service whose tables of the mechanism are empty before and after."""
    db = await database("posyantek")

    async def empty():
        async with db.transaction() as tx:
            for table in ("inbox", "idempotency_keys", "parked"):
                await tx.run(f"DELETE FROM {table}")

    await empty()
    yield Context("posyantek", settings, db)
    await empty()


async def put(context, statement, *ages):
    """Write a row of each age."""
    async with context.db.transaction() as tx:
        for age in ages:
            await tx.run(statement, new_id(), NOW - age)


async def ages(context, table, column="at", where="true"):
    """Give the ages of what is there, in days, youngest first."""
    async with context.db.read() as sql:
        rows = await sql.rows(f"SELECT {column} AS at FROM {table} WHERE {where} ORDER BY 1 DESC")
    return [(NOW - row["at"]) // DAY for row in rows]


async def test_inbox_is_kept_for_90_days_and_answers_for_7(context):
    await put(context, INBOX, 1 * DAY, 89 * DAY, 91 * DAY)
    await put(context, ANSWER, 1 * DAY, 6 * DAY, 8 * DAY)
    assert await upkeep.prune(context, NOW) == 2
    assert await ages(context, "inbox") == [1, 89]
    assert await ages(context, "idempotency_keys") == [1, 6]
    assert await upkeep.prune(context, NOW) == 0


async def test_words_of_a_parked_event_expire_after_30_days_and_it_stays_visible(context):
    await put(context, PARKED, 29 * DAY, 31 * DAY)
    assert await upkeep.prune(context, NOW) == 1
    assert await ages(context, "parked", "parked_at", "body IS NOT NULL AND state = 'waiting'") == [29]
    assert await ages(context, "parked", "parked_at", "body IS NULL AND state = 'dead'") == [31]


async def test_much_is_removed_a_piece_at_a_time(context, monkeypatch):
    monkeypatch.setattr(upkeep, "PIECE", 2)
    await put(context, INBOX, *([100 * DAY] * 5))
    await put(context, PARKED, *([40 * DAY] * 3))
    assert [await upkeep.prune(context, NOW) for _ in range(4)] == [4, 3, 1, 0]
