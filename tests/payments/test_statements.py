"""What pools says, in any order and number, comes to the same; long lists are one piece of work; and what others tell."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from services.payments.commands import deposits, statements
from services.payments.repository import banks, pools
from shared.contracts.identity import AccountErased
from shared.contracts.offers import SupplierPayeeChanged
from shared.contracts.pools import (
    AmountDue,
    AmountsDue,
    PledgeChanged,
    PledgeLine,
    PledgesMade,
    PledgeWithdrawn,
    PoolClosing,
)
from shared.db import recorded_statements
from shared.ids import new_id
from shared.testing.running import eventually

FIGURES = "SELECT method, must_hold_idr, may_hold_idr, secured FROM holdings WHERE pledge_id = $1"


async def test_statements_in_any_order_and_number_come_to_the_same(workshop, make_pledge):
    for order in itertools.islice(itertools.permutations(range(5)), 0, None, 5):
        pool = workshop.pool()
        pledge = make_pledge(pool, "cash", 500_000)
        told = [
            pool.envelope(pool.opened()),
            pool.envelope(PledgesMade(pool_id=pool.id, pledges=[pledge.line()])),
            pool.envelope(PledgeChanged(pool_id=pool.id, pledge=pledge.line(700_000))),
            pool.envelope(AmountsDue(pool_id=pool.id, lines=[pledge.due(400_000)])),
            pool.envelope(AmountsDue(pool_id=pool.id, lines=[pledge.due(300_000, reason="adjusted")])),
        ]
        for place in order:
            await workshop.deliver([told[place], told[order[0]]])
        async with workshop.db.read() as sql:
            row = await sql.row(FIGURES, pledge.id)
        assert tuple(row) == ("cash", 300_000, 300_000, False), order


async def test_withdrawal_heard_before_the_pledge_still_stands(workshop, make_pledge):
    pool = workshop.pool()
    pledge = make_pledge(pool, "cash", 500_000)
    made = pool.envelope(PledgesMade(pool_id=pool.id, pledges=[pledge.line()]))
    gone = pool.envelope(PledgeWithdrawn(pool_id=pool.id, pledge_id=pledge.id, account_id=pledge.account_id))
    await workshop.deliver([gone, made])
    async with workshop.db.read() as sql:
        assert tuple(await sql.row(FIGURES, pledge.id)) == ("cash", 0, 0, False)


async def test_long_lists_are_handled_as_a_whole_and_answered_in_chunks(workshop):
    pool = workshop.pool("after_acceptance")
    await pool.open()
    lines = [
        PledgeLine(
            pledge_id=new_id(), account_id=new_id(), number=number, units=1, tolerance_units=0, ceiling_idr=500_000,
            method="transfer", may_hold_idr=500_000,
        )
        for number in range(1, 1002)
    ]  # fmt: skip
    for start in (0, 500, 1000):
        await pool.says(PledgesMade(pool_id=pool.id, pledges=lines[start : start + 500]))
    async with workshop.db.transaction() as tx:
        await tx.run("UPDATE holdings SET confirmed_idr = may_hold_idr WHERE pool_id = $1", pool.id)
        await statements.settle_all(tx, pool.id)
    await pool.says(PoolClosing(pool_id=pool.id, reason="deadline", grace_until=datetime.now(UTC)))
    async with workshop.db.read() as sql:
        rows = await sql.rows(
            "SELECT body FROM events WHERE aggregate_id = $1 AND type = 'payments.securing_closed.v1' ORDER BY version",
            pool.id,
        )
    bodies = [row["body"] for row in rows]
    assert [(body["chunk"], body["chunks"], len(body["secured_pledge_ids"])) for body in bodies] == [
        (1, 3, 500), (2, 3, 500), (3, 3, 1),
    ]  # fmt: skip
    secured = [pledge_id for body in bodies for pledge_id in body["secured_pledge_ids"]]
    assert sorted(secured) == sorted(str(line.pledge_id) for line in lines)

    due = [
        AmountDue(
            pledge_id=line.pledge_id, account_id=line.account_id, must_hold_idr=400_000, may_hold_idr=400_000, pay_by=None,
            reason="accepted",
        )
        for line in lines[:500]
    ]  # fmt: skip
    with recorded_statements() as sent:
        await pool.says(AmountsDue(pool_id=pool.id, lines=due))
    assert len(sent) < 30


async def test_more_transfers_than_kode_unik_are_asked_without_one(workshop):
    pool = workshop.pool()
    await pool.open()
    async with workshop.db.transaction() as tx:
        bank = banks.BankAccount(new_id(), "Bank Penuh", "55555", "Kelompok")
        await banks.choose_bank(tx, pool.id, bank, pool.treasurer.account_id, await tx.now())
    lines = [
        PledgeLine(
            pledge_id=new_id(), account_id=new_id(), number=number, units=1, tolerance_units=0, ceiling_idr=500_000,
            method="transfer", may_hold_idr=500_000,
        )
        for number in range(1, 1001)
    ]  # fmt: skip
    for start in (0, 500):
        await pool.says(PledgesMade(pool_id=pool.id, pledges=lines[start : start + 500]))
    async with workshop.db.read() as sql:
        codes = [
            row["code"]
            for row in await sql.rows(
                "SELECT code FROM transfer_asks JOIN bank_accounts ON bank_accounts.id = bank_account_id"
                " WHERE account_number = '55555' AND closed_at IS NULL"
            )
        ]
    assert sorted(code for code in codes if code) == list(range(1, 1000))
    assert codes.count(None) == 1


async def test_payee_is_shown_to_those_who_pay_and_forgotten_with_its_person(workshop):
    pool = workshop.pool()
    await pool.open()
    payee = SupplierPayeeChanged(
        supplier_id=pool.supplier_id, bank_name="Bank A", account_number="111", account_holder="Pak Budi"
    )
    changed = payee.model_copy(update={"account_number": "222"})
    old, new = pool.envelope(payee), pool.envelope(changed)
    await workshop.deliver([new, old])

    async def number():
        async with workshop.db.read() as sql:
            return await sql.value("SELECT account_number FROM payees WHERE supplier_id = $1", pool.supplier_id)

    assert await number() == "222"
    await pool.says(AccountErased(account_id=pool.supplier.account_id))
    assert await number() is None


async def test_erased_member_leaves_no_words_behind(workshop, make_pledge):
    pool = workshop.pool()
    await pool.open()
    pledge = await pool.pledge("cash", 500_000)
    async with workshop.db.transaction() as tx:
        known = await pools.lock_pool(tx, pool.id)
        assert known is not None
        await deposits.record_cash(tx, known, pledge.id, 100_000, "titipan Ibu Sri", pool.operator)
    await pool.says(AccountErased(account_id=pledge.account_id))
    async with workshop.db.read() as sql:
        row = await sql.row("SELECT note, amount_idr FROM payments WHERE pledge_id = $1", pledge.id)
    assert tuple(row) == (None, 100_000)


async def test_without_a_card_provider_cards_are_not_offered(run_services, fresh_dsn, pool_of):
    async with run_services(fresh_dsn, "payments", environment="production") as (runner, client):
        pool = pool_of(runner.broker.publish)
        await pool.open()
        pledge = await pool.pledge("card", 500_000)

        async def holding():
            return (await client.get(f"/api/v1/holdings/{pledge.id}", pledge.owner)).body

        found = await eventually(holding, until=lambda body: "next" in body)
        assert (found["next"]["kind"], found["next"]["amount_idr"]) == ("cash", 500_000)
        page = await client.post(f"/api/v1/holdings/{pledge.id}/card", {"return_url_path": "/"}, pledge.owner)
        assert (page.status, page.slug) == (409, "cards-not-offered")
        assert (await client.get("/stripe-simulator/v1/events")).status == 404
        webhook = await client.send(
            "POST", "/api/v1/webhooks/stripe", raw=b"{}", headers={"Stripe-Signature": "t=1,v1=0"}
        )
        assert webhook.status == 404
