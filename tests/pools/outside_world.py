"""The outside world of pools, played by the tests: people, a post, a shop, and a bus to say things on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.pools.app import service
from services.pools.repository.pools import terms_of
from shared.auth import Grant, Principal
from shared.broker import Envelope
from shared.contracts.base import Event
from shared.contracts.identity import ProfileChanged
from shared.contracts.offers import OfferChanged, OfferPublished, OfferTerms
from shared.contracts.posyantek import PostRegistered
from shared.db import Database
from shared.ids import new_id
from shared.runner import Runner
from shared.testing.running import Client, eventually, principal
from tests.pools.urun import HOUR, Urun

# Landed prices: 1.045.834 (4 units), 922.917 (8), 818.612 (12), 815.953 (14), 813.959 (16), rounded up each.
TERMS: dict[str, Any] = {
    "tiers": [
        {"from_units": 4, "unit_price_idr": 1_000_000},
        {"from_units": 8, "unit_price_idr": 900_000},
        {"from_units": 12, "unit_price_idr": 800_000},
    ],
    "freight": [{"from_units": 1, "cost_idr": 100_000}, {"from_units": 9, "cost_idr": 140_000}],
    "installation_idr": 50_000,
    "training_idr": 33_333,
    "minimum_units": 4,
    "pack_units": 2,
    "capacity_units": 16,
    "lead_time_days": 14,
    "warranty_months": 12,
    "down_payment_percent": 33,
    "on_delivery_percent": 33,
}


@dataclass
class World:
    """A running pools service, and everybody around it."""

    runner: Runner
    client: Client
    post_id: UUID = field(default_factory=new_id)
    supplier_id: UUID = field(default_factory=new_id)
    versions: Counter[UUID] = field(default_factory=Counter)
    heard: list[Envelope] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.operator = principal(None, Grant("operator", "post", self.post_id))
        self.stranger = principal(None, Grant("operator", "post", new_id()))
        self.initiator = principal()

    @property
    def db(self) -> Database:
        return self.runner.contexts["pools"].db

    def now(self) -> datetime:
        return datetime.now(UTC) + self.db.clock_offset

    def pass_time(self, by: timedelta) -> None:
        """Move the service's clock on, and let its jobs look at once."""
        self.db.clock_offset += by
        self.wake()

    def wake(self) -> None:
        for job in ("close_pools", "end_payment_windows"):
            self.runner.contexts["pools"].wake(job)

    def envelope(self, event: Event, version: int | None = None) -> Envelope:
        """Put an event as its service would publish it: with the aggregate's next version."""
        self.versions[event.aggregate_id] += 1
        return Envelope(
            new_id(), event.type, event.type.split(".")[0], event.aggregate_id,
            version or self.versions[event.aggregate_id], self.now(), event.model_dump_json().encode(),
        )  # fmt: skip

    async def hear(self, *said: Event | Envelope) -> None:
        """Let the service hear events over the bus, and wait until it has taken each; none may have been parked."""
        envelopes = [one if isinstance(one, Envelope) else self.envelope(one) for one in said]
        self.heard += envelopes
        await self.runner.broker.publish(envelopes)
        ids = {envelope.id for envelope in envelopes}

        async def taken() -> int:
            return await self.value("SELECT count(DISTINCT event_id) FROM inbox WHERE event_id = ANY ($1)", list(ids))

        await eventually(taken, until=lambda count: count == len(ids))
        assert await self.rows("SELECT type, reason FROM parked WHERE event_id = ANY ($1)", list(ids)) == []

    async def value(self, sql: str, *arguments: object) -> Any:
        async with self.db.read() as reader:
            return await reader.value(sql, *arguments)

    async def rows(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        async with self.db.read() as reader:
            return [dict(row) for row in await reader.rows(sql, *arguments)]

    async def drifts(self) -> list[Any]:
        assert service.verify is not None
        async with self.db.read() as reader:
            return (await service.verify(reader, self.runner.contexts["pools"])).drifts

    @classmethod
    async def begin(cls, runner: Runner, client: Client) -> World:
        """A world whose post is known."""
        world = cls(runner, client)
        await world.hear(
            PostRegistered(
                post_id=world.post_id,
                name="Posyantek Kramat Jati",
                region_code="31.75.04",
                region_level="district",
                region_name="Kramat Jati",
            )
        )
        return world

    async def named(self, name: str) -> Principal:
        """Somebody whose name identity has told."""
        who = principal()
        await self.hear(ProfileChanged(account_id=who.account_id, name=name, phone=None, email=None, language="id"))
        return who

    def offer_event(self, offer_id: UUID, version: int = 1, **changes: Any) -> OfferPublished:
        return (OfferPublished if version == 1 else OfferChanged)(
            offer_id=offer_id, offer_version=version, supplier_id=self.supplier_id, supplier_name="Bengkel Maju",
            supplier_account_id=new_id(), technology_id=new_id(), technology_slug="spinner",
            technology_name_id="Spinner peniris", technology_name_en="Oil spinner",
            terms=OfferTerms.model_validate({**TERMS, **changes}),
        )  # fmt: skip

    async def offer(self, **changes: Any) -> UUID:
        """A standing offer with some changed terms."""
        event = self.offer_event(new_id(), **changes)
        await self.hear(event)
        return event.offer_id

    def proposal(self, offer_id: UUID, **changes: Any) -> dict[str, Any]:
        values = {
            "offer_id": str(offer_id),
            "post_id": str(self.post_id),
            "title": "Urun spinner Kramat Jati",
            "deadline": (self.now() + HOUR).isoformat(),
            "methods": ["card", "transfer", "cash"],
        }
        return {**values, **changes}

    async def draft(
        self, *, offer_id: UUID | None = None, proposal: dict[str, Any] | None = None, **terms: Any
    ) -> Urun:
        offer_id = offer_id or await self.offer(**terms)
        reply = await self.client.post("/api/v1/pools", self.proposal(offer_id, **(proposal or {})), self.initiator)
        assert reply.status == 201, reply.body
        return Urun(self, UUID(reply.body["id"]), terms_of(reply.body["terms"]))

    async def open(self, **more: Any) -> Urun:
        """A pool that takes pledges."""
        urun = await self.draft(**more)
        await urun.done("submit")
        await urun.done("verify", who=self.operator)
        return urun
