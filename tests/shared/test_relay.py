"""The relay: nothing leaves the outbox unconfirmed, and each aggregate's order survives every failure."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.broker import BrokerDown, Envelope
from shared.db import Database
from shared.ids import new_id
from shared.migrate import migrate, service_dsn
from shared.relay import Relay, confirmed_prefix
from shared.testing.databases import drop, recreate
from shared.testing.running import eventually

sys.path.insert(0, str(Path(__file__).parent))
import example


class ScriptedBroker:
    """Confirms what the script says, then everything."""

    def __init__(self, script: Sequence[list[bool] | Exception] = ()) -> None:
        self.script = list(script)
        self.batches: list[list[Envelope]] = []

    async def publish(self, envelopes: Sequence[Envelope]) -> list[bool]:
        self.batches.append(list(envelopes))
        answer = self.script.pop(0) if self.script else [True] * len(envelopes)
        if isinstance(answer, Exception):
            raise answer
        return (answer + [True] * len(envelopes))[: len(envelopes)]

    def order_of(self, aggregate: UUID) -> list[int]:
        """Versions in the order in which each was first published."""
        seen: dict[int, None] = {}
        for batch in self.batches:
            for envelope in batch:
                if envelope.aggregate_id == aggregate:
                    seen.setdefault(envelope.version, None)
        return list(seen)


@pytest.fixture
async def outbox(settings, owner_dsn):
    """The example service's database, open as its role; `(database, dsn)`."""
    name = f"relay_{new_id().hex}"
    dsn = await recreate(owner_dsn, name)
    await migrate(settings, dsn, [("example", example.HERE / "example")])
    role_dsn = service_dsn(settings, dsn, "example")
    database = Database(role_dsn, schema="example", size=8)
    await database.open()
    yield database, role_dsn
    await database.close()
    await drop(owner_dsn, name)


async def say(database: Database, aggregate: UUID, count: int = 1) -> None:
    async with database.transaction() as tx:
        tx.emit(*(example.NoteWritten(note_id=aggregate, text=str(number)) for number in range(count)))


async def left(database: Database) -> int:
    async with database.read() as sql:
        return await sql.value("SELECT count(*) FROM outbox")


async def relayed(database: Database, dsn: str, broker: ScriptedBroker) -> None:
    relay = Relay("example", dsn, broker)
    relay.start()
    await eventually(lambda: left(database), until=lambda count: count == 0)
    await relay.stop()


async def test_unconfirmed_events_stay_with_all_later_ones_of_their_aggregate(outbox):
    database, dsn = outbox
    one, other = new_id(), new_id()
    await say(database, one, 3)
    await say(database, other, 2)
    broker = ScriptedBroker([[True, False, True, True, True]])
    await relayed(database, dsn, broker)
    assert [(e.aggregate_id, e.version) for e in broker.batches[1]] == [(one, 2), (one, 3)]
    assert broker.order_of(one) == [1, 2, 3]


async def test_broker_outage_loses_nothing(outbox):
    database, dsn = outbox
    one = new_id()
    await say(database, one, 2)
    broker = ScriptedBroker([BrokerDown("away"), BrokerDown("still away")])
    await relayed(database, dsn, broker)
    assert broker.order_of(one) == [1, 2]


async def test_late_commit_is_not_passed_over(outbox):
    database, dsn = outbox
    late, early = new_id(), new_id()
    broker = ScriptedBroker()
    relay = Relay("example", dsn, broker)
    relay.start()
    async with database.transaction() as tx:
        tx.emit(example.NoteWritten(note_id=late, text="late"))
        await tx.flush()  # its position is taken, and not committed yet
        await say(database, early)
        await eventually(lambda: asyncio.sleep(0, broker.order_of(early)))
    await eventually(lambda: asyncio.sleep(0, broker.order_of(late)))
    await relay.stop()
    assert await left(database) == 0


async def test_one_relay_works_at_a_time(outbox):
    database, dsn = outbox
    first, second = ScriptedBroker(), ScriptedBroker()
    relays = [Relay("example", dsn, first), Relay("example", dsn, second)]
    for relay in relays:
        relay.start()
    aggregates = [new_id() for _ in range(10)]
    await asyncio.gather(*(say(database, aggregate, 5) for aggregate in aggregates))
    await eventually(lambda: left(database), until=lambda count: count == 0)
    for relay in relays:
        await relay.stop()
    assert sorted([bool(first.batches), bool(second.batches)]) == [False, True]


async def test_stolen_lease_repeats_but_never_reorders(outbox):
    """The connection that holds the lease is killed in the middle: another relay goes on with what is left."""
    database, dsn = outbox
    one = new_id()
    await say(database, one, 3)
    reached, go_on = asyncio.Event(), asyncio.Event()

    class Stuck(ScriptedBroker):
        async def publish(self, envelopes):
            answer = await super().publish(envelopes)
            reached.set()
            await go_on.wait()
            return answer

    stuck, other = Stuck(), ScriptedBroker()
    first, second = Relay("example", dsn, stuck), Relay("example", dsn, other)
    first.start()
    await reached.wait()
    async with database.read() as sql:
        await sql.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'urunbeli-relay-example'"
            " AND datname = current_database()"
        )
    await say(database, one, 2)
    second.start()
    await eventually(lambda: left(database), until=lambda count: count == 0)
    go_on.set()
    await first.stop()
    await second.stop()
    assert other.order_of(one) == [1, 2, 3, 4, 5]


async def test_transient_body_leaves_the_log_only_when_published(outbox):
    database, dsn = outbox
    note = new_id()
    async with database.transaction() as tx:
        tx.emit(example.SecretTold(note_id=note, secret="hush"))
    async with database.read() as sql:
        assert await sql.value("SELECT body ->> 'secret' FROM events WHERE aggregate_id = $1", note) == "hush"
    await relayed(database, dsn, ScriptedBroker())
    async with database.read() as sql:
        row = await sql.row("SELECT body, version FROM events WHERE aggregate_id = $1", note)
    assert (row["body"], row["version"]) == (None, 1)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40))
def test_confirmed_prefix_of_each_aggregate(batch):
    rows = [{"position": place, "aggregate_id": aggregate} for place, (aggregate, _) in enumerate(batch)]
    safe = set(confirmed_prefix(rows, [is_confirmed for _, is_confirmed in batch]))
    for place, (aggregate, _) in enumerate(batch):
        earlier = [is_confirmed for other, is_confirmed in batch[: place + 1] if other == aggregate]
        assert (place in safe) == all(earlier)
