"""Promises 4, 6 and 7: whatever is repeated, reordered, lost or killed, all ends with what pools has said, to the rupiah."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from services.payments.commands import deposits, outcomes, pages, provider, refunds
from services.payments.commands.outcomes import OutcomeUnbelievable
from services.payments.repository import attempts, banks, holdings, pools, setups
from services.payments.repository import refunds as refund_rows
from shared.errors import Refusal
from shared.ids import new_id

JOBS = ("advance_attempts", "advance_setups", "advance_refunds", "apply_notices", "close_securing")


BUSY = """
SELECT EXISTS (SELECT FROM attempts WHERE ended_at IS NULL OR look_at IS NOT NULL)
    OR EXISTS (SELECT FROM refunds WHERE ended_at IS NULL OR look_at IS NOT NULL)
    OR EXISTS (SELECT FROM card_setups WHERE look_at IS NOT NULL)
"""


LAST_TOLD = """
SELECT DISTINCT ON (aggregate_id) aggregate_id, body FROM events WHERE type = 'payments.holding_changed.v1'
ORDER BY aggregate_id, version DESC
"""


class Story:
    """Random people around one pool, and everything that can go wrong between us and the card provider."""

    def __init__(self, workshop, seed: int) -> None:
        self.workshop = workshop
        self.random = random.Random(seed)  # noqa: S311 -- a story, not a secret
        self.pool = workshop.pool("deposit")
        self.heard = []
        self.pledges, self.known, self.unheard = [], [], []

    async def begin(self) -> None:
        await self.pool.open()
        self.tell_later()
        for method in ("card", "card", "cash", "card"):
            self.pledges.append(await self.pool.pledge(method, 500_000))
        # The last pledge is heard of late: what is due for it may come before it is known at all.
        self.known = self.pledges[:3]
        for _ in self.known:
            await self.hear(self.unheard.pop(0))
        for _ in range(4):
            await self.open_page()
            await self.use_page()
        self.workshop.db.clock_offset += timedelta(minutes=3)
        await self.workshop.run("advance_setups")
        await self.workshop.run("advance_setups")

    def tell_later(self) -> None:
        """From now on what pools says is heard whenever the story wants it, twice, or in another order."""

        async def keep(envelopes):
            self.unheard += envelopes

        self.pool._tell = keep

    async def hear(self, envelope) -> None:
        self.heard.append(envelope)
        await self.workshop.deliver([envelope])

    async def hear_something(self) -> None:
        if self.unheard and self.random.random() < 0.7:
            place = self.random.randrange(len(self.unheard))
            await self.hear(self.unheard.pop(place))
        elif self.heard:
            await self.workshop.deliver([self.random.choice(self.heard)])

    async def state(self) -> None:
        must = self.random.choice((0, 100_000, 300_000, 500_000))
        may = must + self.random.choice((0, 0, 200_000))
        some = self.random.sample(self.pledges, self.random.randint(1, len(self.pledges)))
        await self.pool.owes(*(pledge.due(must, may) for pledge in some))
        if self.random.random() < 0.5:
            await self.hear(self.unheard.pop())

    async def on_pool(self, work) -> None:
        with suppress(Refusal):
            async with self.workshop.db.transaction() as tx:
                pool = await pools.lock_pool(tx, self.pool.id)
                await work(tx, pool)

    async def take_cash(self) -> None:
        pledge, amount = self.random.choice(self.known), self.random.choice((50_000, 100_000))
        await self.on_pool(lambda tx, pool: deposits.record_cash(tx, pool, pledge.id, amount, None, self.pool.operator))

    async def find_transfer(self) -> None:
        pledge, amount = self.random.choice(self.known), self.random.choice((50_007, 100_123))

        async def work(tx, pool):
            if await banks.bank_of_pool(tx, pool.id) is None:
                bank = banks.BankAccount(new_id(), "Bank", "12345", "Kelompok")
                await banks.choose_bank(tx, pool.id, bank, self.pool.treasurer.account_id, await tx.now())
            await deposits.record_transfer(tx, pool, pledge.id, amount, str(new_id()), self.pool.operator)

        await self.on_pool(work)

    async def open_page(self) -> None:
        pledge = self.random.choice(self.known)
        with suppress(Refusal, provider.CardGatewayUnavailable, provider.CardGatewayRefused):
            customer = await provider.make_customer(self.workshop.cards, pledge.account_id)
            async with self.workshop.db.transaction() as tx:
                pool = await pools.lock_pool(tx, self.pool.id)
                (holding,) = await holdings.load(tx, pool, [pledge.id])
                customer = await holdings.keep_customer(tx, holding.account_id, customer)
                page = await pages.begin_page(tx, holding, customer, "https://a.example/", "https://a.example/")
            if self.random.random() < 0.2:
                return  # killed before the provider was asked
            open_, what = (provider.open_setup, page.setup) if page.setup else (provider.open_link, page.link)
            opened = await open_(self.workshop.cards, what)
            if self.random.random() < 0.2:
                return  # killed before the answer was written down
            async with self.workshop.db.transaction() as tx:
                if page.setup:
                    await outcomes.record_setup_opened(tx, page.setup, opened)
                else:
                    await outcomes.record_link_opened(tx, page.link.id, page.link.pool_id, opened)

    async def use_page(self) -> None:
        network = self.workshop.network
        for ref, checkout in list(network._checkouts.items()):
            if (
                checkout.pledge_id in {pledge.id for pledge in self.pledges}
                and network.checkout(ref).state.status == "open"
            ):
                network.complete_checkout(ref, self.random.choice(("ok", "ok", "ok", "declines_later", "refund_waits")))
                return

    async def settle_refund(self) -> None:
        network = self.workshop.network
        for ref, kept in network.refunds.items():
            if kept.refund.status == "pending":
                network.settle_refund(ref, self.random.choice(("succeeded", "failed")))

    async def by_hand(self) -> None:
        async with self.workshop.db.read() as sql:
            rows = await sql.rows(
                "SELECT id, state FROM refunds WHERE pool_id = $1 AND state IN ('requested', 'prepared')", self.pool.id
            )
        for refund_id, state in rows:

            async def work(tx, pool, refund_id=refund_id, state=state):
                if state == "requested":
                    await refunds.prepare_refund(tx, pool, refund_id, "bukti", self.pool.operator)
                else:
                    await refunds.approve_refund(tx, pool, refund_id, self.pool.colleague)

            await self.on_pool(work)

    async def misfortune(self) -> None:
        network = self.workshop.network
        self.random.choice((network.lose_next_answer, network.fail_next, network.decline_next, network.ask_next))()

    async def die(self) -> None:
        """A process takes due rows and is killed: before it asks the provider, or before it writes the answer down."""
        claim, ask = self.random.choice((
            (attempts.claim, self.ask_attempt),
            (setups.claim, lambda setup, now: provider.look_at_setup(self.workshop.cards, setup)),
            (refund_rows.claim, lambda refund, now: provider.look_at_refund(self.workshop.cards, refund, now)),
        ))  # fmt: skip
        async with self.workshop.db.transaction() as tx:
            now = await tx.now()
            claimed = await claim(tx, now, now + timedelta(seconds=30), 5)
        for row in claimed:
            if self.random.random() < 0.5:
                with suppress(provider.CardGatewayUnavailable, provider.CardGatewayRefused):
                    await ask(row, now)

    async def ask_attempt(self, attempt, now):
        if attempt.kind == "link":
            return await provider.look_at_link(self.workshop.cards, attempt)
        return await provider.look_at_charge(self.workshop.cards, attempt, now)

    async def work(self) -> None:
        await self.workshop.run(self.random.choice(JOBS))

    async def pass_time(self) -> None:
        self.workshop.db.clock_offset += timedelta(seconds=self.random.choice((1, 60, 1800)))

    async def end(self) -> None:
        while self.unheard:
            await self.hear(self.unheard.pop())
        while await self.is_busy():
            self.workshop.db.clock_offset += timedelta(hours=2)  # longer than every lease, pause and look
            assert self.workshop.db.clock_offset < timedelta(days=10), "it never comes to rest"
            for job in JOBS:
                await self.workshop.run(job)
            await self.settle_refund()
            await self.by_hand()

    async def is_busy(self) -> bool:
        async with self.workshop.db.read() as sql:
            return bool(await sql.value(BUSY))


@pytest.mark.parametrize("seed", range(8))
async def test_every_story_ends_with_what_pools_has_said(workshop, seed):
    story = Story(workshop, seed)
    await story.begin()
    steps = [
        story.hear_something, story.hear_something, story.state, story.take_cash, story.find_transfer, story.open_page,
        story.use_page, story.use_page, story.settle_refund, story.by_hand, story.misfortune, story.die, story.work, story.work,
        story.work, story.pass_time,
    ]  # fmt: skip
    for _ in range(80):
        await story.random.choice(steps)()
    if seed % 3 == 0:  # the pool fails: every rupiah goes back
        await story.pool.owes(*(pledge.due(0, reason="failed") for pledge in story.pledges))
    await story.end()

    findings = await workshop.verify()
    assert findings.drifts == []
    async with workshop.db.read() as sql:
        rows = await sql.rows("SELECT * FROM holdings WHERE pool_id = $1", story.pool.id)
        parked = await sql.value("SELECT count(*) FROM parked")
        last = await sql.rows(LAST_TOLD)
    assert len(rows) == 4
    assert parked == 0
    told = {row["aggregate_id"]: row["body"]["held_idr"] for row in last}
    for row in rows:
        assert row["held_idr"] <= row["may_hold_idr"], dict(row)
        assert told.get(row["pledge_id"], 0) == row["held_idr"] == findings.facts["held_idr"][str(row["pledge_id"])]
        if seed % 3 == 0:
            assert (row["held_idr"], row["codes_idr"]) == (0, 0)
    # The provider's own book: no attempt of ours was paid twice.
    paid = [kept.attempt_id for kept in workshop.network.charges.values() if kept.charge.status == "succeeded"]
    assert len(paid) == len(set(paid))


async def die_before_asking(workshop, claim, ask):
    async with workshop.db.transaction() as tx:
        now = await tx.now()
        assert await claim(tx, now, now + timedelta(seconds=30), 5)


async def die_before_writing(workshop, claim, ask):
    async with workshop.db.transaction() as tx:
        now = await tx.now()
        claimed = await claim(tx, now, now + timedelta(seconds=30), 5)
    for row in claimed:
        await ask(workshop.cards, row, now)


async def lose_the_answer(workshop, claim, ask):
    workshop.network.lose_next_answer()
    assert await workshop.run("advance_attempts" if claim is attempts.claim else "advance_refunds") == 0


@pytest.mark.parametrize("fault", [die_before_asking, die_before_writing, lose_the_answer])
async def test_killed_or_cut_off_at_any_point_money_moves_once(workshop, fault):
    workshop.calm()
    pool = workshop.pool("after_acceptance")
    await pool.open()
    pledge = await pool.pledge("card", 500_000)
    customer = await provider.make_customer(workshop.cards, pledge.account_id)
    workshop.network.methods[f"pm_{pledge.id}"] = (customer, "ok")
    async with workshop.db.transaction() as tx:
        await holdings.keep_customer(tx, pledge.account_id, customer)
        await holdings.save_card(tx, pledge.id, f"pm_{pledge.id}")

    async def held() -> int:
        async with workshop.db.read() as sql:
            return await sql.value("SELECT held_idr FROM holdings WHERE pledge_id = $1", pledge.id)

    await pool.owes(pledge.due(400_000))
    await fault(workshop, attempts.claim, provider.look_at_charge)
    assert await held() == 0
    workshop.db.clock_offset += timedelta(minutes=2)
    assert await workshop.run("advance_attempts") == 1
    assert await held() == 400_000

    await pool.owes(pledge.due(100_000, reason="adjusted"))
    await fault(workshop, refund_rows.claim, provider.look_at_refund)
    assert await held() == 400_000
    workshop.db.clock_offset += timedelta(minutes=2)
    assert await workshop.run("advance_refunds") == 1
    assert await held() == 100_000

    charges = [ref for ref, kept in workshop.network.charges.items() if kept.customer == customer]
    totals = [await workshop.cards.fetch_totals(ref) for ref in charges]
    assert [(found.received_idr, found.refunded_idr) for found in totals] == [(400_000, 300_000)]


@pytest.mark.parametrize("hours", [1, 25])
async def test_charge_of_unknown_outcome_that_nobody_wants_any_more_is_looked_for_not_made(workshop, hours):
    workshop.calm()
    pool = workshop.pool("after_acceptance")
    await pool.open()
    made, lost = await pool.pledge("card", 500_000), await pool.pledge("card", 500_000)
    for pledge in (made, lost):
        customer = await provider.make_customer(workshop.cards, pledge.account_id)
        workshop.network.methods[f"pm_{pledge.id}"] = (customer, "ok")
        async with workshop.db.transaction() as tx:
            await holdings.keep_customer(tx, pledge.account_id, customer)
            await holdings.save_card(tx, pledge.id, f"pm_{pledge.id}")
    await pool.owes(made.due(400_000))
    await die_before_writing(workshop, attempts.claim, provider.look_at_charge)
    await pool.owes(lost.due(400_000))
    await die_before_asking(workshop, attempts.claim, provider.look_at_charge)
    await pool.owes(made.due(0, reason="failed"), lost.due(0, reason="failed"))
    workshop.db.clock_offset += timedelta(hours=hours)
    for job in ("advance_attempts", "advance_refunds"):
        await workshop.run(job)
    async with workshop.db.read() as sql:
        rows = await sql.rows(
            "SELECT pledge_id, received_idr, held_idr, attempts.state FROM holdings JOIN attempts USING (pledge_id)"
            " WHERE holdings.pool_id = $1",
            pool.id,
        )
    assert {row["pledge_id"]: tuple(row)[1:] for row in rows} == {
        made.id: (400_000, 0, "succeeded"),
        lost.id: (0, 0, "cancelled"),
    }


async def test_a_provider_that_tells_of_another_amount_is_not_believed(workshop):
    pool = workshop.pool("after_acceptance")
    await pool.open()
    pledge = await pool.pledge("card", 500_000)
    async with workshop.db.transaction() as tx:
        await holdings.keep_customer(tx, pledge.account_id, "cus_1")
        await holdings.save_card(tx, pledge.id, "pm_1")
    await pool.owes(pledge.due(400_000))
    async with workshop.db.read() as sql:
        attempt_id = await sql.value("SELECT id FROM attempts WHERE pledge_id = $1", pledge.id)
    with pytest.raises(OutcomeUnbelievable):
        async with workshop.db.transaction() as tx:
            await outcomes.record_charge(
                tx, attempt_id, pool.id, provider.Charge("pi_1", "succeeded", None, 400_001), 0
            )
