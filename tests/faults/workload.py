"""What people do while things break: pools from their proposal to the last rupiah, with everybody acting at once."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import aiohttp
import asyncpg

from services.demo.market import Scene
from services.demo.narrator import Narrator
from services.demo.purchase import GOOD_CARD
from shared.auth import Principal
from shared.ids import new_id
from shared.retry import backoff
from tests.faults.calls import Call, History
from tests.faults.people import Market, Member
from tests.faults.system import System

OVER = {"settled", "failed", "cancelled"}


class Urun:
    """One pool. `fate`: bought, declined by the supplier, or joined by too few.

    Its deadline comes when all but two of its members are through, whatever the machine's speed: the row is changed, because
    the clock cannot be. Those two race it.
    """

    def __init__(self, system: System, market: Market, history: History, random: Random, fate: str) -> None:
        self.fate = fate
        self.market = market
        self.history = history
        self.random = random
        self._system = system
        self._through = 0
        self._deadline_moved = asyncio.Lock()
        self.timing = random.choice(("after_acceptance", "deposit"))
        few = fate == "too_few"
        self.members = [Member.planned(random, few=few) for _ in range(3 if few else random.randint(6, 10))]
        self.id = ""
        self.deadline = datetime.now(UTC) + timedelta(hours=2)
        self.ended = False
        self.capacity = 16
        self.late: list[Call] = []

    @property
    def path(self) -> str:
        """The pool's place in the API."""
        return f"/pools/{self.id}"

    async def open(self) -> None:
        """Propose the pool from a fresh offer, and let it be verified."""
        market, must = self.market, self.history.must
        terms = Scene(None, self.random, Narrator(quiet=True), "").terms(market.technology)  # type: ignore[arg-type]
        offer = await must(
            "offer",
            market.supplier,
            "POST",
            "/offers",
            {"supplier_id": str(market.supplier_id), "technology_id": market.technology["id"], "terms": terms},
        )
        body = {
            "offer_id": offer["id"],
            "post_id": str(market.post_id),
            "title": f"Urun ({self.fate})",
            "deadline": self.deadline.isoformat(),
            "methods": ["card", "cash"],
            "timing": self.timing,
        }
        while True:
            proposed = await self.history.call("propose", market.owner, "POST", "/pools", body)
            if proposed.reply is None or proposed.reply.slug != "offer-not-there":
                break
            await asyncio.sleep(0.05)  # pools has to hear of the offer first
        assert proposed.ok, proposed.reply
        self.id = proposed.body["id"]
        await must("submit", market.owner, "POST", f"{self.path}/submit", {})
        await must("verify", market.operator, "POST", f"{self.path}/verify", {})

    async def live(self) -> None:
        """Let everybody act until the pool is over."""
        await asyncio.gather(*(self._act_and_count(member) for member in self.members))
        await self._come_too_late()
        await self._until_over()
        self.ended = True

    async def bring_deadline(self, in_s: float) -> None:
        """Let the deadline come so many seconds from now, once."""
        async with self._deadline_moved:
            if self.deadline > datetime.now(UTC) + timedelta(minutes=5):
                self.deadline = await self._move_deadline(timedelta(seconds=in_s))

    async def _move_deadline(self, by: timedelta) -> datetime:
        """Write it into the row, as often as it takes: the database may be down this moment. A pool that is full is over."""
        move = "UPDATE pools.pools SET deadline = clock_timestamp() + $2 WHERE id = $1 AND state = 'open' RETURNING deadline"
        read = "SELECT least(deadline, clock_timestamp()) FROM pools.pools WHERE id = $1"
        for pause in backoff():
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                async with self._system.sql() as sql:
                    moved = await sql.fetchval(move, self.id, by) or await sql.fetchval(read, self.id)
                    assert isinstance(moved, datetime)
                    return moved
            await pause.wait()
        raise AssertionError("tries do not end")

    async def _act_and_count(self, member: Member) -> None:
        await asyncio.sleep(member.waits_s)
        await self._act(member)
        self._through += 1
        if self._through >= len(self.members) - 2:
            await self.bring_deadline(0.5)

    async def _act(self, member: Member) -> None:
        body = {"units": member.units, "tolerance_units": member.tolerance, "method": member.method}
        pledged = await self.history.call("pledge", member.who, "POST", f"{self.path}/pledges", body)
        if not pledged.ok:
            return
        member.pledge = pledged.body
        if member.changes_to is not None:
            path = f"/pledges/{member.pledge['id']}"
            member.changed = await self.history.call("change", member.who, "PATCH", path, {"units": member.changes_to})
            if member.changed.ok:
                member.pledge = member.changed.body
        await self._secure(member)
        if member.leaves:
            path = f"/pledges/{member.pledge['id']}/withdraw"
            member.left = await self.history.call("withdraw", member.who, "POST", path, {})

    async def _secure(self, member: Member) -> None:
        """Save the card, deposit the money, or be confirmed; whoever comes too late for it is left out."""
        assert member.pledge is not None
        figures = member.pledge["may_hold_idr"]
        while True:  # what is confirmed are the figures that payments knows
            reply = await self.history.read(member.who, member.path)
            if reply is not None and reply.ok and reply.body["may_hold_idr"] == figures:
                break
            if datetime.now(UTC) > self.deadline + timedelta(seconds=1):
                return
            await asyncio.sleep(0.05)
        if member.method == "card":
            await self._use_card(member, member.card)
        elif self.timing == "deposit":
            await self._pay_cash(member, reply.body["next"]["amount_idr"])
        else:
            await self.history.call("confirm", self.market.operator, "POST", f"{member.path}/confirm")

    async def _pay_cash(self, member: Member, amount_idr: int) -> None:
        if amount_idr:
            body = {"amount_idr": amount_idr}
            await self.history.call("cash", self.market.operator, "POST", f"{member.path}/cash", body)

    async def _use_card(self, member: Member, card: str) -> None:
        page = await self.history.call("card", member.who, "POST", f"{member.path}/card", {"return_url_path": "/"})
        if not page.ok:
            return
        form = {"number": card, "action": "pay", "answer": "approve"}
        async with aiohttp.ClientSession() as browser:
            await browser.post(page.body["url"], data=form, allow_redirects=False)

    async def _come_too_late(self) -> None:
        """Somebody taps after the deadline, and must be refused."""
        await asyncio.sleep(max(0.0, (self.deadline - datetime.now(UTC)).total_seconds() + 0.05))
        body = {"units": 1, "method": "cash"}
        self.late.append(
            await self.history.call("late pledge", Principal(new_id()), "POST", f"{self.path}/pledges", body)
        )

    async def _until_over(self) -> None:
        """Do what the pool's state asks for, until nothing is left to do."""
        handled: set[str] = set()
        give_up = datetime.now(UTC) + timedelta(seconds=300)  # a provider is asked again after growing pauses
        while True:
            reply = await self.history.read(self.market.owner, self.path)
            if reply is not None and reply.ok:
                state = reply.body["state"]
                await self._step(state, handled)
                if state in OVER:
                    return
                if datetime.now(UTC) > give_up:
                    raise AssertionError(f"the pool hangs: {str(reply.body)[:1500]}")
            await asyncio.sleep(0.1)

    async def _step(self, state: str, handled: set[str]) -> None:
        await self.desk()
        if state == "awaiting_supplier" and state not in handled:
            handled.add(state) if await self._answer() else None
        elif state == "collecting":
            await self._collect()
        elif state == "ordered" and state not in handled:
            handled.add(state) if await self._deliver() else None
        elif state == "delivered" and state not in handled:
            await self._inspect()
            handled.add(state)

    async def _order(self) -> dict[str, Any] | None:
        reply = await self.history.read(self.market.supplier, "/purchase-orders?limit=100")
        orders = reply.body["items"] if reply is not None and reply.ok else []
        return next((order for order in orders if order["pool_id"] == self.id), None)

    async def _answer(self) -> bool:
        order = await self._order()
        if order is None:
            return False
        supplier, path = self.market.supplier, f"/purchase-orders/{order['id']}"
        if self.fate == "declined":
            await self.history.must("decline", supplier, "POST", f"{path}/decline", {"reason": "Bahan habis"})
        else:
            await self.history.must("accept", supplier, "POST", f"{path}/accept", {})
        return True

    async def _collect(self) -> None:
        for member in self.members:
            if member.pledge is None:
                continue
            reply = await self.history.read(member.who, member.path)
            if reply is None or not reply.ok:
                continue
            due = reply.body["must_hold_idr"] - reply.body["held_idr"]
            if due > 0 and reply.body["next"]["kind"] == "cash":
                await self._pay_cash(member, due)
            elif due > 0 and reply.body["next"]["kind"] == "pay_card_link":
                await self._use_card(member, GOOD_CARD)

    async def _deliver(self) -> bool:
        order = await self._order()
        if order is None or order["state"] == "accepted":  # offers has not heard yet that it is funded
            return False
        first = max(1, order["quantity"] // 2)
        for units in filter(None, (first, order["quantity"] - first)):
            path = f"/purchase-orders/{order['id']}/dispatches"
            sent = await self.history.call("dispatch", self.market.supplier, "POST", path, {"units": units})
            assert sent.ok, sent.reply
            await self.history.must("receipt", self.market.operator, "POST", f"{self.path}/receipts", {"units": units})
        return True

    async def _inspect(self) -> None:
        pool = await self.history.until(self.market.owner, self.path, bool, "the pool")
        body = {"serial_numbers": [f"SN-{n}" for n in range(pool["quantity"])], "tested": True, "trained": 3}
        await self.history.must("inspection", self.market.operator, "POST", f"{self.path}/inspection", body)

    async def desk(self) -> None:
        """Give back and pay out by hand whatever is due now, each by two people."""
        for queue, word in (("refunds", "proof"), ("payouts", "reference")):
            path = f"/{queue}/queue?post_id={self.market.post_id}&limit=100"
            reply = await self.history.read(self.market.checker, path)
            for item in reply.body["items"] if reply is not None and reply.ok else []:
                if item["pool_id"] != self.id:
                    continue
                path = f"/{queue}/{item['id']}"
                if item["state"] == "requested":
                    body = {word: "kuitansi 17"}
                    await self.history.call(f"prepare {queue}", self.market.operator, "POST", f"{path}/prepare", body)
                await self.history.call(f"approve {queue}", self.market.checker, "POST", f"{path}/approve", {})
