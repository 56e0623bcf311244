"""What the tests of payments share: a pool and its people, told to the service as pools would, and its simulated cards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from services.payments.app import service
from services.payments.card_gateway import CardGateway
from services.payments.fake_card_gateway import FakeCardGateway
from services.payments.fake_card_network import FakeCardNetwork
from services.payments.resources import Resources, simulator_key
from shared.auth import Grant, Principal
from shared.broker import Envelope
from shared.contracts.base import Event
from shared.contracts.pools import (
    AmountDue,
    AmountsDue,
    PayoutRequested,
    PledgeChanged,
    PledgeLine,
    PledgesMade,
    PledgeWithdrawn,
    PoolClosing,
    PoolOpened,
    PoolSettled,
)
from shared.contracts.posyantek import PostRegistered
from shared.db import Database
from shared.ids import new_id
from shared.inbox import Receiver
from shared.jobs import run_once
from shared.migrate import service_dsn
from shared.runner import Runner
from shared.service import Context, Findings
from shared.testing.running import Client, Reply, eventually, settings_for_tests

Tell = Callable[[list[Envelope]], Awaitable[object]]


@dataclass
class Pledge:
    """A pledge of the pool under test."""

    pool: PoolUnderTest
    method: str
    may_idr: int
    account_id: UUID = field(default_factory=new_id)
    id: UUID = field(default_factory=new_id)

    @property
    def owner(self) -> Principal:
        return Principal(self.account_id)

    def line(self, may_idr: int | None = None) -> PledgeLine:
        return PledgeLine(
            pledge_id=self.id, account_id=self.account_id, number=1, units=1, tolerance_units=0,
            ceiling_idr=may_idr or self.may_idr, method=self.method, may_hold_idr=may_idr or self.may_idr,
        )  # fmt: skip

    def due(self, must_idr: int, may_idr: int | None = None, reason: str = "accepted") -> AmountDue:
        return AmountDue(
            pledge_id=self.id, account_id=self.account_id, must_hold_idr=must_idr,
            may_hold_idr=must_idr if may_idr is None else may_idr, pay_by=None, reason=reason,
        )  # fmt: skip


class PoolUnderTest:
    """A pool as it is told of: every event gets the next version, as the outbox of pools would give it."""

    def __init__(
        self, tell: Tell, timing: str = "deposit", methods: tuple[str, ...] = ("card", "transfer", "cash")
    ) -> None:
        self.id, self.post_id, self.supplier_id, self.order_id = new_id(), new_id(), new_id(), new_id()
        self.operator = Principal(new_id(), frozenset({Grant("operator", "post", self.post_id)}))
        self.colleague = Principal(new_id(), frozenset({Grant("operator", "post", self.post_id)}))
        self.verifier = Principal(new_id(), frozenset({Grant("operator", "post", self.post_id)}))
        self.other_post = Principal(new_id(), frozenset({Grant("operator", "post", new_id())}))
        self.treasurer, self.initiator, self.supplier = Principal(new_id()), Principal(new_id()), Principal(new_id())
        self.timing, self.methods = timing, list(methods)
        self.version = 0
        self._tell = tell

    def envelope(self, event: Event) -> Envelope:
        self.version += 1
        return Envelope(
            id=new_id(), type=event.type, source="pools", aggregate_id=event.aggregate_id, version=self.version,
            at=datetime.now(UTC), body=event.model_dump_json().encode(),
        )  # fmt: skip

    async def says(self, *events: Event) -> None:
        await self._tell([self.envelope(event) for event in events])

    def opened(self) -> PoolOpened:
        return PoolOpened(
            pool_id=self.id, post_id=self.post_id, initiator_account_id=self.initiator.account_id,
            treasurer_account_id=self.treasurer.account_id, verified_by=self.verifier.account_id, title="Urun Spinner",
            offer_id=new_id(), offer_version=1, supplier_id=self.supplier_id,
            supplier_account_id=self.supplier.account_id, technology_id=new_id(), methods=self.methods,
            timing=self.timing, deadline=datetime.now(UTC) + timedelta(days=7),
        )  # fmt: skip

    async def open(self) -> None:
        post = PostRegistered(
            post_id=self.post_id,
            name="Posyantek Cempaka Putih",
            region_code="31.71.05",
            region_level="district",
            region_name="Cempaka Putih",
        )
        await self.says(post, self.opened())

    async def pledge(self, method: str, may_idr: int) -> Pledge:
        pledge = Pledge(self, method, may_idr)
        await self.says(PledgesMade(pool_id=self.id, pledges=[pledge.line()]))
        return pledge

    async def change(self, pledge: Pledge, may_idr: int) -> None:
        await self.says(PledgeChanged(pool_id=self.id, pledge=pledge.line(may_idr)))

    async def withdraw(self, pledge: Pledge) -> None:
        await self.says(PledgeWithdrawn(pool_id=self.id, pledge_id=pledge.id, account_id=pledge.account_id))

    async def owes(self, *dues: AmountDue) -> None:
        await self.says(AmountsDue(pool_id=self.id, lines=list(dues)))

    async def close(self, grace_s: float = 1800) -> None:
        grace = datetime.now(UTC) + timedelta(seconds=grace_s)
        await self.says(PoolClosing(pool_id=self.id, reason="deadline", grace_until=grace))

    async def ask_payout(self, amount_idr: int, stage: str = "down_payment") -> None:
        event = PayoutRequested(
            pool_id=self.id, order_id=self.order_id, supplier_id=self.supplier_id, stage=stage, amount_idr=amount_idr
        )
        await self.says(event)

    async def settle(self) -> None:
        await self.says(PoolSettled(pool_id=self.id, order_id=self.order_id))


@dataclass
class Desk:
    """Payments running by itself, spoken to over HTTP; events come as from the broker."""

    runner: Runner
    client: Client

    @property
    def context(self) -> Context:
        return self.runner.contexts["payments"]

    async def pool(self, timing: str = "deposit", *, bank: bool = True) -> PoolUnderTest:
        pool = PoolUnderTest(self.runner.broker.publish, timing)
        await pool.open()
        if bank:
            await self.name_bank(pool)
        return pool

    async def name_bank(self, pool: PoolUnderTest, number: str = "1234567890") -> None:
        body = {"bank_name": "Bank Contoh", "account_number": number, "account_holder": "Kelompok Urun"}

        async def named() -> Reply:
            return await self.client.send("PUT", f"/api/v1/custodians/pools/{pool.id}", pool.treasurer, body=body)

        await eventually(named, until=lambda reply: reply.status == 200)

    async def post(self, path: str, body: object, who: Principal, **more: Any) -> Reply:
        return await self.client.post(f"/api/v1{path}", body, who, **more)

    async def get(self, path: str, who: Principal | None = None) -> Reply:
        return await self.client.get(f"/api/v1{path}", who)

    async def holding(
        self, pledge: Pledge, until: Callable[[dict[str, Any]], bool] = bool, within_s: float = 10
    ) -> dict[str, Any]:
        async def ask() -> dict[str, Any]:
            reply = await self.get(f"/holdings/{pledge.id}", pledge.owner)
            return reply.body if reply.status == 200 else {}

        return await eventually(ask, within_s=20, until=lambda body: bool(body) and until(body))

    async def pledge(self, pool: PoolUnderTest, method: str, may_idr: int = 500_000) -> Pledge:
        pledge = await pool.pledge(method, may_idr)
        await self.holding(pledge)
        return pledge

    async def cash(self, pledge: Pledge, amount_idr: int, who: Principal | None = None, **more: Any) -> Reply:
        return await self.post(
            f"/holdings/{pledge.id}/cash", {"amount_idr": amount_idr}, who or pledge.pool.operator, **more
        )

    async def card_page(self, pledge: Pledge) -> Reply:
        return await self.post(
            f"/holdings/{pledge.id}/card", {"return_url_path": f"/komitmen/{pledge.id}"}, pledge.owner
        )

    async def use_card(self, url: str, number: str = "4242424242424242") -> int:
        """Play the card holder on the provider's page."""
        form = {"number": number, "action": "pay", "answer": "approve"}
        async with aiohttp.ClientSession() as browser, browser.post(url, data=form, allow_redirects=False) as page:
            return page.status

    async def save_card(self, pledge: Pledge, number: str = "4242424242424242") -> None:
        page = await self.card_page(pledge)
        assert page.status == 200, page
        assert await self.use_card(page.body["url"], number) == 303
        await self.holding(pledge, lambda body: body["secured"])

    async def queue(self, name: str, pool: PoolUnderTest, who: Principal | None = None) -> list[dict[str, Any]]:
        reply = await self.get(f"/{name}/queue?post_id={pool.post_id}&limit=100", who or pool.operator)
        assert reply.status == 200, reply
        return reply.body["items"]

    async def simulator(self, method: str, path: str, body: object = None) -> Any:
        """Use the simulator's control API."""
        headers = {"Authorization": f"Bearer {simulator_key(self.context.settings)}"}
        url = f"{self.client.base_url}/stripe-simulator{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, json=body, headers=headers) as answer,
        ):
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def said(self, aggregate_id: UUID, *types: str) -> list[dict[str, Any]]:
        """What payments has said of a pledge, pool or order, oldest first."""
        async with self.context.db.read() as sql:
            rows = await sql.rows(
                "SELECT type, body FROM events WHERE aggregate_id = $1 AND ($2::text[] = '{}' OR type = ANY ($2))"
                " ORDER BY version",
                aggregate_id, list(types),
            )  # fmt: skip
        return [{"type": row["type"], **row["body"]} for row in rows]

    async def verify(self) -> Findings:
        assert service.verify is not None
        async with self.context.db.read() as sql:
            return await service.verify(sql, self.context)

    @asynccontextmanager
    async def later(self, **passed: float) -> AsyncIterator[None]:
        """Move on in time, for the database and the card provider alike."""
        self.context.db.clock_offset = timedelta(**passed)
        try:
            yield
        finally:
            self.context.db.clock_offset = timedelta(0)


@pytest.fixture(scope="module")
async def desk(run_services, module_dsn) -> AsyncIterator[Desk]:
    """Payments, running on a database of this module's own."""
    async with run_services(module_dsn, "payments") as (runner, client):
        yield Desk(runner, client)


class Workshop:
    """Payments in the hands of the test: it delivers events and runs jobs one by one, over a card provider in memory."""

    def __init__(self, context: Context, network: FakeCardNetwork) -> None:
        self.context = context
        self.network = network
        self.receiver = Receiver(service, context)
        self._jobs = {job.name: job for job in service.jobs.all}

    @property
    def db(self) -> Database:
        return self.context.db

    @property
    def cards(self) -> CardGateway:
        gateway = self.context.resources.cards
        assert gateway is not None
        return gateway

    async def deliver(self, envelopes: list[Envelope]) -> None:
        for envelope in envelopes:
            await self.receiver.deliver(envelope)

    def pool(self, timing: str = "deposit") -> PoolUnderTest:
        return PoolUnderTest(self.deliver, timing)

    async def run(self, job: str) -> int:
        return await run_once(self._jobs[job], self.context)

    def calm(self) -> None:
        """Take back the misfortunes that no call has met yet."""
        network = self.network
        network._next_fails = network._next_answer_lost = network._next_asks = False
        network._next_decline = None

    async def verify(self) -> Findings:
        assert service.verify is not None
        async with self.db.read() as sql:
            return await service.verify(sql, self.context)


@pytest.fixture(scope="module")
async def workshop(module_dsn, tmp_path_factory) -> AsyncIterator[Workshop]:
    """Payments in the hands of the test, on a database of this module's own."""
    settings = settings_for_tests(tmp_path_factory.mktemp("workshop"))
    db = Database(service_dsn(settings, module_dsn, "payments"), schema="payments", size=4)
    await db.open()
    network = FakeCardNetwork(lambda: datetime.now(UTC) + db.clock_offset)
    yield Workshop(Context("payments", settings, db, resources=Resources(FakeCardGateway(network))), network)
    await db.close()


@pytest.fixture
def make_pledge() -> type[Pledge]:
    """Make a pledge that payments has not been told of."""
    return Pledge


@pytest.fixture
def pool_of() -> type[PoolUnderTest]:
    """Make a pool that is told of by the given function."""
    return PoolUnderTest
