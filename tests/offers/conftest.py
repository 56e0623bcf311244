"""Builders that the tests of offers share: sound terms, the words of pools, and a shop that has passed its check."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.offers.domain.terms import total_idr, unit_price_idr
from shared.auth import Grant, Principal
from shared.broker import Envelope
from shared.contracts.base import Event
from shared.contracts.offers import OfferTerms
from shared.contracts.pools import (
    GoodsReceived,
    PoolCancelled,
    PoolFailed,
    PoolOrdered,
    PoolSettled,
    PurchaseOrderRequested,
)
from shared.ids import new_id
from shared.runner import Runner
from shared.testing.running import Client, Reply, eventually, principal

TERMS = {
    "tiers": [
        {"from_units": 5, "unit_price_idr": 1_000_000},
        {"from_units": 10, "unit_price_idr": 900_000},
        {"from_units": 20, "unit_price_idr": 800_000},
    ],
    "freight": [{"from_units": 5, "cost_idr": 100_000}, {"from_units": 11, "cost_idr": 180_000}],
    "installation_idr": 50_000,
    "training_idr": 25_000,
    "minimum_units": 5,
    "pack_units": 5,
    "capacity_units": 40,
    "lead_time_days": 14,
    "warranty_months": 12,
    "down_payment_percent": 50,
    "on_delivery_percent": 30,
}

SUPPLIER = {
    "name": "Bengkel Maju",
    "about": "Pembuat spinner di Cakung.",
    "whatsapp": "0812-3456-7890",
    "bank_name": "Bank DKI",
    "account_number": "123 456-7890",
    "account_holder": "Sri Lestari",
}


@dataclass
class PoolVoice:
    """Says, as pools would, what happens to the order of one pool."""

    supplier_id: UUID
    supplier_account_id: UUID
    offer_id: UUID
    technology_id: UUID
    post_id: UUID
    pool_id: UUID = field(default_factory=new_id)
    order_id: UUID = field(default_factory=new_id)
    version: int = 0

    def say(self, event: Event) -> Envelope:
        self.version += 1
        return Envelope(
            new_id(), event.type, "urunbeli/pools", self.pool_id, self.version, datetime.now(UTC),
            event.model_dump_json().encode(),
        )  # fmt: skip

    def requested(self, quantity: int = 15, answer_in: timedelta = timedelta(days=3), **changes: Any) -> Envelope:
        terms = OfferTerms.model_validate(TERMS)
        now = datetime.now(UTC)
        values = {
            "pool_id": self.pool_id,
            "order_id": self.order_id,
            "supplier_id": self.supplier_id,
            "supplier_account_id": self.supplier_account_id,
            "post_id": self.post_id,
            "offer_id": self.offer_id,
            "offer_version": 1,
            "technology_id": self.technology_id,
            "title": "Spinner untuk Kramat Jati",
            "quantity": quantity,
            "minimum_quantity": 10,
            "unit_price_idr": unit_price_idr(terms, quantity),
            "total_idr": total_idr(terms, quantity),
            "answer_by": now + answer_in,
            "fund_by": now + answer_in + timedelta(days=3),
        }
        return self.say(PurchaseOrderRequested(**{**values, **changes}))

    def ordered(self, quantity: int = 15) -> Envelope:
        total = total_idr(OfferTerms.model_validate(TERMS), quantity)
        return self.say(
            PoolOrdered(
                pool_id=self.pool_id,
                order_id=self.order_id,
                supplier_id=self.supplier_id,
                quantity=quantity,
                total_idr=total,
            )
        )

    def received(self, units: int, complete: bool) -> Envelope:
        return self.say(
            GoodsReceived(
                pool_id=self.pool_id, order_id=self.order_id, supplier_id=self.supplier_id, units=units,
                received_by=new_id(), complete=complete,
            )
        )  # fmt: skip

    def settled(self) -> Envelope:
        return self.say(PoolSettled(pool_id=self.pool_id, order_id=self.order_id))

    def cancelled(self) -> Envelope:
        return self.say(PoolCancelled(pool_id=self.pool_id, order_id=self.order_id, reason="Batal panen"))

    def failed(self) -> Envelope:
        return self.say(PoolFailed(pool_id=self.pool_id, order_id=self.order_id, reason="unfunded"))


@dataclass
class Shop:
    """A verified supplier with one published offer, and everybody around it."""

    runner: Runner
    client: Client
    owner: Principal
    operator: Principal
    post_id: UUID
    supplier_id: UUID
    offer_id: UUID
    technology_id: UUID

    def voice(self) -> PoolVoice:
        return PoolVoice(self.supplier_id, self.owner.account_id, self.offer_id, self.technology_id, self.post_id)

    async def hear(self, *envelopes: Envelope) -> None:
        """Let the service hear events over the bus, through its inbox, and wait until it has taken each."""
        await self.runner.broker.publish(envelopes)
        ids = {envelope.id for envelope in envelopes}

        async def taken() -> int:
            return await self.value("SELECT count(*) FROM inbox WHERE event_id = ANY ($1)", list(ids))

        await eventually(taken, until=lambda count: count == len(ids))

    async def value(self, sql: str, *arguments: object) -> Any:
        async with self.runner.contexts["offers"].db.read() as reader:
            return await reader.value(sql, *arguments)

    async def said_of(self, aggregate_id: UUID) -> list[str]:
        """Give the types of what the service has said of something, without the common ends."""
        types = await self.value(
            "SELECT array_agg(type ORDER BY version) FROM events WHERE aggregate_id = $1", aggregate_id
        )
        return [type_.removeprefix("offers.").removesuffix(".v1") for type_ in types or []]

    async def order(self, order_id: UUID) -> dict[str, Any]:
        reply = await self.client.get(f"/api/v1/purchase-orders/{order_id}", self.owner)
        assert reply.status == 200, reply.body
        return reply.body

    async def act(self, order_id: UUID, step: str, body: object = None, **more: Any) -> Reply:
        path = f"/api/v1/purchase-orders/{order_id}/{step}"
        return await self.client.post(path, body, more.pop("who", self.owner), **more)

    async def accepted_order(self, **request: Any) -> PoolVoice:
        voice = self.voice()
        await self.hear(voice.requested(**request))
        assert (await self.act(voice.order_id, "accept")).status == 200
        return voice


OpenShop = Callable[[Runner, Client], Any]


@pytest.fixture(scope="session")
def make_terms() -> Callable[..., OfferTerms]:
    """Make sound terms with some changes."""
    return lambda **changes: OfferTerms.model_validate({**TERMS, **changes})


@pytest.fixture(scope="session")
def supplier_body() -> Callable[..., dict[str, Any]]:
    """Make the body of a registration with some changes."""
    return lambda **changes: {**SUPPLIER, "post_id": str(new_id()), **changes}


@pytest.fixture(scope="session")
def open_shop(supplier_body: Callable[..., dict[str, Any]]) -> OpenShop:
    """Register a supplier, have it checked, and publish an offer, all through the API."""

    async def open_(runner: Runner, client: Client) -> Shop:
        post_id = new_id()
        operator = principal(None, Grant("operator", "post", post_id))
        account_id = new_id()
        registered = await client.post("/api/v1/suppliers", supplier_body(post_id=str(post_id)), principal(account_id))
        supplier_id = UUID(registered.body["id"])
        assert (await client.post(f"/api/v1/suppliers/{supplier_id}/verify", None, operator)).status == 200
        owner = principal(account_id, Grant("supplier", "supplier", supplier_id))
        listed = await client.get("/api/v1/technologies?limit=1")
        technology_id = UUID(listed.body["items"][0]["id"])
        body = {"supplier_id": str(supplier_id), "technology_id": str(technology_id), "terms": TERMS}
        published = await client.post("/api/v1/offers", body, owner)
        assert published.status == 201, published.body
        shop = Shop(runner, client, owner, operator, post_id, supplier_id, UUID(published.body["id"]), technology_id)
        # Every connection of the pool is opened now: else the first of several requests is done before the second begins.
        await asyncio.gather(*(shop.value("SELECT pg_sleep(0.1)::text") for _ in range(6)))
        return shop

    return open_
