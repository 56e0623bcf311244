"""Builders for the tests of notifications: a running house that hears over the broker, and a desk without one."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notifications.app import service
from services.notifications.resources import Resources
from shared.broker import Envelope
from shared.contracts import identity, pools
from shared.contracts.base import Event
from shared.db import Database
from shared.ids import new_id
from shared.inbox import Receiver
from shared.messengers import RecordingMessenger
from shared.runner import new_context
from shared.testing.running import Client, principal, quiet, running, settings_for_tests

NOON = datetime(2025, 12, 5, 5, 0, tzinfo=UTC)
"""Friday noon in Jakarta."""


class Sayings:
    """Puts events into envelopes, with versions that count per aggregate as the outbox counts them."""

    def __init__(self):
        self._versions = Counter()

    def envelope(self, event: Event, version: int | None = None) -> Envelope:
        self._versions[event.aggregate_id] += 1
        return Envelope(
            id=new_id(),
            type=event.type,
            source="/urunbeli/test",
            aggregate_id=event.aggregate_id,
            version=version or self._versions[event.aggregate_id],
            at=datetime.now(UTC),
            body=event.model_dump_json().encode(),
        )


@dataclass
class Cast:
    """The people of a pool, new for every test."""

    pool_id: UUID = field(default_factory=new_id)
    post_id: UUID = field(default_factory=new_id)
    offer_id: UUID = field(default_factory=new_id)
    supplier_id: UUID = field(default_factory=new_id)
    technology_id: UUID = field(default_factory=new_id)
    order_id: UUID = field(default_factory=new_id)
    initiator: UUID = field(default_factory=new_id)
    treasurer: UUID = field(default_factory=new_id)
    operator: UUID = field(default_factory=new_id)
    supplier: UUID = field(default_factory=new_id)
    member: UUID = field(default_factory=new_id)
    pledge_id: UUID = field(default_factory=new_id)
    need_id: UUID = field(default_factory=new_id)

    def need(self, kind, supporters=1, units=2, **more):
        """Something said of the need for a machine at the post; by the member unless another is named."""
        account = {"account_id": self.member} if "account_id" in kind.model_fields else {}
        return kind(
            need_id=self.need_id,
            post_id=self.post_id,
            technology_id=self.technology_id,
            supporters=supporters,
            units=units,
            **{**account, **more},
        )

    def profile(self, account_id, **more):
        values = {"name": "Ibu Sri", "phone": "+6281234567890", "email": "sri@contoh.id", "language": "id"}
        return identity.ProfileChanged(account_id=account_id, **{**values, **more})

    def role(self, account_id, role="operator", **more):
        values = {"scope_kind": "post", "scope_id": self.post_id}
        return identity.RoleGranted(account_id=account_id, role=role, **{**values, **more})

    def submitted(self):
        return pools.PoolSubmitted(
            pool_id=self.pool_id,
            post_id=self.post_id,
            initiator_account_id=self.initiator,
            title="Spinner Cempaka",
        )

    def opened(self, timing="after_acceptance"):
        return pools.PoolOpened(
            pool_id=self.pool_id,
            post_id=self.post_id,
            initiator_account_id=self.initiator,
            treasurer_account_id=self.treasurer,
            verified_by=self.operator,
            title="Spinner Cempaka",
            offer_id=self.offer_id,
            offer_version=1,
            supplier_id=self.supplier_id,
            supplier_account_id=self.supplier,
            technology_id=self.technology_id,
            methods=["card", "transfer", "cash"],
            timing=timing,
            deadline=NOON + timedelta(days=7),
        )

    def line(self, account_id=None, pledge_id=None, **more):
        values = {"number": 1, "units": 2, "tolerance_units": 0, "ceiling_idr": 150_000, "method": "transfer"}
        return pools.PledgeLine(
            pledge_id=pledge_id or self.pledge_id,
            account_id=account_id or self.member,
            **{**values, "may_hold_idr": 300_000, **more},
        )

    def pledged(self, *lines):
        return pools.PledgesMade(pool_id=self.pool_id, pledges=list(lines) or [self.line()])

    def due(self, reason, must_hold_idr=0, may_hold_idr=None, pay_by=NOON, **more):
        line = pools.AmountDue(
            pledge_id=more.get("pledge_id", self.pledge_id),
            account_id=more.get("account_id", self.member),
            must_hold_idr=must_hold_idr,
            may_hold_idr=must_hold_idr if may_hold_idr is None else may_hold_idr,
            pay_by=pay_by if must_hold_idr else None,
            reason=reason,
        )
        return pools.AmountsDue(pool_id=self.pool_id, lines=[line])

    def closed(self, outcome, units=0, amount_idr=0):
        line = pools.AllocationLine(
            pledge_id=self.pledge_id, account_id=self.member, units=units, amount_idr=amount_idr, outcome=outcome
        )
        return pools.PoolClosed(
            pool_id=self.pool_id,
            quantity=10,
            unit_price_idr=120_000,
            fixed_costs_idr=50_000,
            lines=[line],
            chunk=1,
            chunks=1,
        )


@pytest.fixture
def cast():
    return Cast()


class House:
    """The service running, with a broker of its own and messengers that keep what they are given."""

    def __init__(self, runner, client, email, whatsapp):
        self.runner = runner
        self.client = client
        self.email = email
        self.whatsapp = whatsapp
        self.sayings = Sayings()

    @property
    def context(self):
        return self.runner.contexts["notifications"]

    async def publish(self, *envelopes):
        assert all(await self.runner.broker.publish(list(envelopes)))

    async def say(self, *events):
        """Publish events and wait until all has been heard."""
        await self.publish(*(self.sayings.envelope(event) for event in events))
        await quiet(self.runner)

    async def inbox(self, account_id, language=None):
        """Give somebody's messages, oldest first, as they read them."""
        headers = {"Accept-Language": language} if language else {}
        reply = await self.client.get("/api/v1/messages?limit=100", principal(account_id), headers=headers)
        assert reply.status == 200, reply.body
        return reply.body["items"][::-1]

    async def told(self, account_id):
        """Give the templates of somebody's messages, oldest first."""
        return [message["template"] for message in await self.inbox(account_id)]


def messengers():
    return RecordingMessenger("email"), RecordingMessenger("whatsapp")


@pytest.fixture(scope="module")
async def house(module_dsn, tmp_path_factory):
    email, whatsapp = messengers()

    @asynccontextmanager
    async def setup(_):
        yield Resources((email, whatsapp))

    settings = settings_for_tests(tmp_path_factory.mktemp("house"))
    client = Client(f"http://127.0.0.1:{settings.http_port}", settings)
    async with running(settings, module_dsn, [replace(service, setup=setup)]) as runner:
        yield House(runner, client, email, whatsapp)
    await client.close()


class Desk:
    """The service's handlers and job by hand, at any time of day, with nothing running in the background."""

    def __init__(self, context, email, whatsapp):
        self.context = context
        self.email = email
        self.whatsapp = whatsapp
        self.sayings = Sayings()
        self._receiver = Receiver(service, context)

    async def hear(self, *events):
        for event in events:
            await self._receiver.deliver(self.sayings.envelope(event))
        async with self.context.db.read() as sql:
            assert await sql.rows("SELECT handler, reason FROM parked") == []

    async def now(self):
        async with self.context.db.transaction() as tx:
            return await tx.now()

    async def rows(self, statement, *arguments):
        async with self.context.db.read() as sql:
            return [dict(row) for row in await sql.rows(statement, *arguments)]

    async def ways(self):
        """Give every delivery's channel, state and reason."""
        rows = await self.rows("SELECT channel, state, reason FROM deliveries ORDER BY channel, message_id")
        return [tuple(row.values()) for row in rows]


EMPTY = """
TRUNCATE people, subjects, officers, pools, members, messages, deliveries, post_notices, need_supporters,
    aggregates, events, outbox, inbox, heard, parked
"""


@pytest.fixture(scope="module")
async def module_desk(module_dsn, settings):
    email, whatsapp = messengers()
    context = new_context(service, settings, module_dsn)
    owner = Database(module_dsn, schema="notifications", size=1)
    await context.db.open()
    await owner.open()
    yield Desk(context, email, whatsapp), owner
    await owner.close()
    await context.db.close()


@pytest.fixture
async def desk(module_desk):
    """A desk on which nothing lies yet."""
    desk, owner = module_desk
    async with owner.transaction() as tx:
        await tx.run(EMPTY)
    email, whatsapp = messengers()
    desk.context.resources = Resources((email, whatsapp))
    return Desk(desk.context, email, whatsapp)
