"""One pool as the tests live it: what people do to it over HTTP, and what payments and offers say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.pools.domain.terms import Terms
from shared.auth import Principal
from shared.contracts.offers import (
    GoodsDispatched,
    PurchaseOrderAccepted,
    PurchaseOrderDeclined,
    PurchaseOrderExpired,
)
from shared.contracts.payments import HoldingChanged, PayoutPaid, PledgeSecured, SecuringClosed
from shared.ids import new_id
from shared.testing.running import Reply, eventually, principal

if TYPE_CHECKING:
    from tests.pools.outside_world import World

HOUR = timedelta(hours=1)


@dataclass
class Member:
    """Somebody with a pledge, as the API answered it."""

    who: Principal
    pledge: dict[str, Any]

    @property
    def id(self) -> UUID:
        return UUID(self.pledge["id"])


@dataclass
class Urun:
    """One pool, and what people and other services do to it."""

    world: World
    id: UUID
    terms: Terms
    members: list[Member] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/api/v1/pools/{self.id}"

    async def act(self, step: str, body: object = None, who: Principal | None = None, **more: Any) -> Reply:
        return await self.world.client.post(f"{self.path}/{step}", body, who or self.world.initiator, **more)

    async def done(self, step: str, body: object = None, who: Principal | None = None) -> dict[str, Any]:
        """Do a step that must not be refused."""
        reply = await self.act(step, body, who)
        assert reply.ok, reply.body
        return reply.body

    async def view(self, who: Principal | None = None) -> dict[str, Any]:
        reply = await self.world.client.get(self.path, who)
        assert reply.status == 200, reply.body
        return reply.body

    async def becomes(self, state: str) -> dict[str, Any]:
        """Wait for a state; jobs of the service lead to some."""
        return await eventually(self.view, until=lambda view: view["state"] == state)

    async def window_ends(self, after: timedelta) -> dict[str, Any]:
        """Let the present payment window run out; gives the pool once the job has gone on with it."""
        window_ends = (await self.view())["payment_window_ends"]
        self.world.pass_time(after + timedelta(seconds=1))
        return await eventually(self.view, until=lambda view: view["payment_window_ends"] != window_ends)

    async def pledge(
        self, units: int, *, who: Principal | None = None, secure: bool = True, method: str = "transfer", **more: Any
    ) -> Member:
        who = who or principal()
        body = {"units": units, "method": method, **more}
        reply = await self.world.client.post(f"{self.path}/pledges", body, who)
        assert reply.status == 201, reply.body
        member = Member(who, reply.body)
        self.members.append(member)
        if secure:
            await self.secure(member)
        return member

    async def read(self, member: Member) -> dict[str, Any]:
        reply = await self.world.client.get(f"/api/v1/pledges/{member.id}", member.who)
        assert reply.status == 200, reply.body
        return reply.body

    async def states(self) -> list[tuple[str, str | None]]:
        pledges = [await self.read(member) for member in self.members]
        return [(pledge["state"], pledge["reason"]) for pledge in pledges]

    async def said(self, *types: str) -> list[dict[str, Any]]:
        """What the service said of this pool, oldest first: bodies with a short `type`."""
        rows = await self.world.rows("SELECT type, body FROM events WHERE aggregate_id = $1 ORDER BY version", self.id)
        events = [{"type": row["type"].split(".")[1], **row["body"]} for row in rows]
        return [event for event in events if not types or event["type"] in types]

    async def dues(self) -> dict[UUID, dict[str, Any]]:
        """The newest statement for each pledge."""
        lines = [line for event in await self.said("amounts_due") for line in event["lines"]]
        return {UUID(line["pledge_id"]): line for line in lines}

    # What payments and offers say -----------------------------------------------------------------------------------

    async def secure(self, *members: Member) -> None:
        await self.world.hear(*(PledgeSecured(pledge_id=member.id, pool_id=self.id) for member in members))

    async def deadline_passes(self) -> None:
        self.world.pass_time(2 * HOUR)
        await self.becomes("closing")

    def securing_closed(self, pledge_ids: Iterable[UUID], chunk: int = 1, chunks: int = 1) -> SecuringClosed:
        return SecuringClosed(pool_id=self.id, secured_pledge_ids=list(pledge_ids), chunk=chunk, chunks=chunks)

    async def close(self, secured: Sequence[Member] | None = None) -> None:
        """The deadline passes, and payments names the secured pledges: all of them, if none are given."""
        await self.deadline_passes()
        members = self.members if secured is None else secured
        await self.world.hear(self.securing_closed(member.id for member in members))

    async def order(self) -> dict[str, Any]:
        return (await self.world.rows("SELECT * FROM orders WHERE pool_id = $1", self.id))[0]

    async def answer(self, answer: str = "accepted") -> PurchaseOrderAccepted | PurchaseOrderDeclined:
        """The supplier's answer as an event that offers would say."""
        names: dict[str, Any] = {
            "order_id": (await self.order())["id"], "pool_id": self.id, "supplier_id": self.world.supplier_id,
        }  # fmt: skip
        match answer:
            case "accepted":
                return PurchaseOrderAccepted(**names, accepted_at=self.world.now())
            case "declined":
                return PurchaseOrderDeclined(**names, reason="Bahan habis")
            case _:
                return PurchaseOrderExpired(**names)

    async def collect(self, secured: Sequence[Member] | None = None) -> None:
        """Close, and let the supplier accept."""
        await self.close(secured)
        await self.world.hear(await self.answer())

    def holding(self, member: Member, held_idr: int) -> HoldingChanged:
        return HoldingChanged(pledge_id=member.id, pool_id=self.id, held_idr=held_idr)

    async def pay(self, *members: Member) -> None:
        """Payments makes what was stated so for these: nothing is missing, nothing is too much."""
        dues = await self.dues()
        await self.world.hear(*(self.holding(member, dues[member.id]["must_hold_idr"]) for member in members))

    async def ordered(self) -> None:
        """Run to a firm order: everybody pays."""
        await self.collect()
        await self.pay(*self.members)
        assert (await self.view())["state"] == "ordered"

    async def delivered(self) -> None:
        await self.ordered()
        await self.done("receipts", {"units": (await self.view())["quantity"]}, self.world.operator)

    async def inspection(self) -> dict[str, Any]:
        serials = [f"SN-{number}" for number in range((await self.view())["quantity"])]
        return {"serial_numbers": serials, "tested": True, "trained": 3}

    async def dispatched(self, units: int) -> GoodsDispatched:
        return GoodsDispatched(
            order_id=(await self.order())["id"], pool_id=self.id, supplier_id=self.world.supplier_id,
            dispatch_id=new_id(), units=units, note="",
        )  # fmt: skip

    async def payouts_paid(self) -> list[PayoutPaid]:
        """Every stage that was requested, as payments would say that it was paid."""
        names = ("order_id", "pool_id", "supplier_id", "stage", "amount_idr")
        requested = await self.said("payout_requested")
        return [PayoutPaid.model_validate({name: event[name] for name in names}) for event in requested]
