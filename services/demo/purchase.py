"""One pooled purchase from its proposal on, as its people live it through the HTTP API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from services.demo import names
from services.demo.market import Market, Scene
from services.demo.narrator import Narrator
from services.demo.people import Person, StepFailed, done, until
from shared.errors import rupiah
from shared.http.client import Reply

GOOD_CARD = "4242424242424242"
CHARGE_FAILS_CARD = "4000000000000341"


@dataclass(slots=True)
class Member:
    """Somebody who takes part, and their pledge."""

    person: Person
    method: str
    pledge: dict[str, Any]
    card: str = GOOD_CARD


@dataclass(slots=True)
class Purchase:
    """A pool and everybody around it."""

    scene: Scene
    market: Market
    pool: dict[str, Any]
    timing: str
    members: list[Member] = field(default_factory=list)

    @property
    def say(self) -> Narrator:
        """The narrator."""
        return self.scene.say

    @classmethod
    async def propose(
        cls, scene: Scene, market: Market, *, timing: str, open_for: timedelta = timedelta(hours=2), title: str = ""
    ) -> Purchase:
        """Let the UKM owner propose a pool, which stays a draft."""
        body = {
            "offer_id": market.offer["id"],
            "post_id": market.post["id"],
            "title": title or f"Urun {market.technology['name_id']} {market.post['name'].removeprefix('Posyantek ')}",
            "story": "Kita beli bersama supaya lebih murah dan bisa dipakai bergantian belajar.",
            "deadline": (datetime.now(UTC) + open_for).isoformat(),
            "methods": ["card", "transfer", "cash"],
            "timing": timing,
        }

        async def proposed() -> Reply:
            return await market.owner.send("POST", "/pools", body)

        # Pools may have to hear of the offer first.
        reply = await until(proposed, lambda found: found.slug != "offer-not-there", "pools knows the offer")
        pool = await done(reply)
        scene.say.step(f"{market.owner.name} proposes “{pool['title']}” ({timing}).")
        return cls(scene, market, pool, timing)

    async def open(self) -> None:
        """Submit it, and let the operator verify it."""
        pool_id = self.pool["id"]
        await self.market.owner.post(f"/pools/{pool_id}/submit")
        reply = await self.market.owner.send("POST", f"/pools/{pool_id}/verify", {})
        self.say.check(reply.status == 403, "the initiator cannot verify their own pool")
        await self.market.operator.post(f"/pools/{pool_id}/verify")
        await self.owner_names_bank_account()
        self.say.step(f"{self.market.operator.name} checks the pool and opens it.")
        await self.look()

    async def owner_names_bank_account(self) -> None:
        """Let the treasurer say where transfers go, once payments has heard of the pool."""

        async def named() -> int:
            reply = await self.market.owner.send(
                "PUT",
                f"/custodians/pools/{self.pool['id']}",
                {"bank_name": "Bank Contoh", "account_number": "1234567890", "account_holder": "Kelompok Urun"},
            )
            return reply.status

        await until(named, lambda status: status < 400, "the group's bank account")

    async def look(self) -> dict[str, Any]:
        """Read the pool anew and tell what happened to it."""
        self.pool = await self.market.owner.get(f"/pools/{self.pool['id']}")
        self.say.followed(self.pool)
        return self.pool

    async def becomes(self, *states: str, within_s: float = 60) -> None:
        """Wait until the pool is in one of these states."""

        async def ask() -> dict[str, Any]:
            found: dict[str, Any] = await self.market.owner.get(f"/pools/{self.pool['id']}")
            return found

        await until(ask, lambda pool: pool["state"] in states, f"the pool becomes {' or '.join(states)}", within_s)
        await self.look()

    async def book(self) -> dict[str, Any]:
        """Read the pool's book and tell its balance."""
        ledger: dict[str, Any] = await self.market.owner.get(f"/ledger/pools/{self.pool['id']}?limit=100")
        self.say.book(ledger)
        return ledger

    async def pledge(
        self, method: str, units: int, *, card: str = GOOD_CARD, tolerance: int = 0, person: Person | None = None
    ) -> Member:
        """Let somebody join, and do what secures the pledge."""
        person = person or await self.scene.somebody()
        body = {"units": units, "tolerance_units": tolerance, "method": method}
        pledge = await person.post(f"/pools/{self.pool['id']}/pledges", body)
        member = Member(person, method, pledge, card)
        self.members.append(member)
        self.say.step(f"{person.name} pledges {units}, at most {rupiah(pledge['ceiling_idr'])} each, by {method}.")
        await self.secure(member)
        return member

    async def pledge_at_counter(self, units: int) -> Member:
        """Let the operator pledge for a person who stands at the counter, with consent and code."""
        operator = self.market.operator
        absent = Person(self.scene.api, "Mbah Karto", names.phone_number())
        begun = await operator.post(
            "/accounts/assisted",
            {"post_id": self.market.post["id"], "name": absent.name, "phone": absent.phone, "consent": True},
        )
        code = await absent.read_code(begun["challenge_id"])
        help_ = await operator.post("/assistance", {"challenge_id": begun["challenge_id"], "code": code})
        reply = await self.scene.api.send(
            "POST",
            f"/api/v1/pools/{self.pool['id']}/pledges",
            help_["token"],
            body={"units": units, "method": "cash"},
        )
        if not reply.ok:
            raise StepFailed(f"assisted pledge: {reply.body}")
        person = await absent.sign_in()
        member = Member(person, "cash", reply.body)
        self.members.append(member)
        self.say.step(f"{absent.name} comes to the counter; {operator.name} pledges {units} for them, with their code.")
        self.say.check(reply.body["assisted"] is True, "the pledge says that it was assisted")
        await self.secure(member)
        return member

    async def secure(self, member: Member) -> None:
        """Save the card, deposit the money, or let the operator confirm; then the pledge counts."""

        async def ask() -> dict[str, Any]:
            return await self.holding(member)

        # What is confirmed are the figures that payments knows: a change must have arrived there.
        figures = member.pledge["may_hold_idr"]
        holding = await until(ask, lambda found: found["may_hold_idr"] == figures, "payments knows the figures")
        if member.method == "card":
            await self.pay_by_card_page(member)
        elif self.timing == "deposit":
            await self.pay_at_post(member, holding["next"]["amount_idr"])
        else:
            await self.market.operator.post(f"/holdings/{member.pledge['id']}/confirm")
        await until(ask, lambda found: found["secured"], f"{member.person.name}'s pledge is secured")

    async def holding(self, member: Member) -> dict[str, Any]:
        """Read what payments holds for a pledge; it may have to hear of the pledge first."""

        async def ask() -> Any:  # noqa: ANN401 -- JSON or nothing yet
            reply = await member.person.send("GET", f"/holdings/{member.pledge['id']}")
            return reply.body if reply.ok else None

        found: dict[str, Any] = await until(ask, bool, "payments knows the pledge")
        return found

    async def pay_by_card_page(self, member: Member, card: str | None = None) -> None:
        """Follow the link to the provider's page and use a test card there."""
        link = await member.person.post(
            f"/holdings/{member.pledge['id']}/card", {"return_url_path": f"/komitmen/{member.pledge['id']}"}
        )
        async with (
            aiohttp.ClientSession() as browser,
            browser.post(
                link["url"],
                data={"number": card or member.card, "action": "pay", "answer": "approve"},
                allow_redirects=False,
            ) as page,
        ):
            if page.status != 303:
                raise StepFailed(f"the card page answered {page.status}")

    async def pay_at_post(self, member: Member, amount_idr: int) -> None:
        """Pay cash to the operator, or transfer and let the operator find it on the account."""
        operator, pledge = self.market.operator, member.pledge["id"]
        if member.method == "cash":
            await operator.post(f"/holdings/{pledge}/cash", {"amount_idr": amount_idr})
        else:
            holding = await self.holding(member)
            total = holding["next"]["transfer_total_idr"]
            await member.person.post(
                f"/holdings/{pledge}/transfer-notice", {"amount_idr": total, "note": "dari m-banking"}
            )
            queue = await operator.get(f"/payments/queue?post_id={self.market.post['id']}&limit=100")
            entry = next(item for item in queue["items"] if item["pledge_id"] == pledge and item.get("payment_id"))
            await operator.post(f"/payments/{entry['payment_id']}/accept")
        self.say.step(f"{member.person.name} pays {rupiah(amount_idr)} by {member.method}; {operator.name} records it.")
