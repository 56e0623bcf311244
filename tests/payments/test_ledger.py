"""The book refuses, by itself and whoever asks, what must not be. Promise 9: as raw SQL by the service's own role."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from services.payments.domain.accounts import Account, bank_account, cash_box, escrow, stripe_balance
from services.payments.domain.entries import Entry, Movement, paid_out, received, refunded
from services.payments.repository import ledger
from shared.db import DataRefused, UniqueViolation
from shared.ids import new_id
from shared.testing.databases import Undo, rolled_back


@pytest.fixture
async def db(database):
    return await database("payments")


async def balance(tx, account: Account) -> int:
    return await tx.value("SELECT balance_idr FROM accounts WHERE code = $1", account.code)


async def take(tx, custodian: Account, amount_idr: int, code_idr: int = 0) -> Movement:
    movement = Movement(new_id(), custodian.pool_id, "KW-2026-00001", new_id(), recorded_by=new_id())
    await ledger.post(tx, received(movement, "cash", custodian, amount_idr, code_idr), await tx.now())
    return movement


async def test_balances_follow_entries_in_the_same_statement(db):
    pool = new_id()
    box, bank = cash_box(new_id(), pool), bank_account(new_id(), pool)
    async with rolled_back(db) as tx:
        await take(tx, box, 500_000)
        moved = await take(tx, bank, 300_000, 123)
        assert [await balance(tx, account) for account in (box, bank, escrow(pool))] == [500_000, 300_123, 800_000]
        back = Movement(new_id(), pool, "BKK-2026-00001", moved.pledge_id)
        await ledger.post(tx, refunded(back, "transfer", bank, 100_000, 123), await tx.now())
        paid = Movement(new_id(), pool, "BKK-2026-00002")
        supplier = new_id()
        await ledger.post(tx, paid_out(paid, supplier, [(bank, 200_000), (box, 50_000)]), await tx.now())
        assert [await balance(tx, account) for account in (box, bank, escrow(pool))] == [450_000, 0, 450_000]
        assert await balance(tx, Account("supplier", supplier, pool)) == 0


async def test_a_reversal_undoes_a_movement_once(db):
    box = cash_box(new_id(), new_id())
    async with rolled_back(db) as tx:
        moved = await take(tx, box, 500_000, 99)
        assert await ledger.reverse(tx, moved.id, None, await tx.now()) == 2
        assert await balance(tx, box) == 0
        with pytest.raises(UniqueViolation):
            async with tx.savepoint():
                await ledger.reverse(tx, moved.id, None, await tx.now())
        assert await balance(tx, box) == 0


async def test_an_entry_is_written_once_for_its_key(db):
    box = cash_box(new_id(), new_id())
    async with rolled_back(db) as tx:
        movement = Movement(new_id(), box.pool_id, "KW-2026-00001", new_id())
        entries = received(movement, "cash", box, 500_000, 0)
        await ledger.post(tx, entries, await tx.now())
        with pytest.raises(UniqueViolation):
            async with tx.savepoint():
                await ledger.post(tx, entries, await tx.now())
        assert await balance(tx, box) == 500_000


async def test_nothing_is_overdrawn(db):
    pool = new_id()
    box = cash_box(new_id(), pool)
    async with rolled_back(db) as tx:
        await take(tx, box, 500_000)
        for parts in ([(box, 500_001)], [(stripe_balance(pool), 1)]):
            with pytest.raises(DataRefused):
                async with tx.savepoint():
                    await ledger.post(tx, paid_out(Movement(new_id(), pool, "x"), new_id(), parts), await tx.now())
        assert await balance(tx, escrow(pool)) == 500_000


IDS = "'00000000-0000-7000-8000-00000000000a'::uuid"
ENTRY = f"""
INSERT INTO ledger (debit, credit, amount_idr, kind, method, pool_id, movement_id, key)
VALUES ({{debit}}, {{credit}}, {{amount}}, 'payment', 'cash', {IDS}, {IDS}, 'raw')
"""
BOX, ESCROW = "'{box}'", "'{escrow}'"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET amount_idr = amount_idr + 1",
        "UPDATE ledger SET debit = credit",
        "DELETE FROM ledger",
        "TRUNCATE ledger",
        "TRUNCATE ledger, accounts, payments CASCADE",
        "ALTER TABLE ledger DISABLE TRIGGER ALL",
        "DROP TABLE ledger CASCADE",
        "UPDATE accounts SET balance_idr = balance_idr + 1",
        "UPDATE accounts SET kind = 'operating'",
        "DELETE FROM accounts",
        f"INSERT INTO accounts (code, kind, pool_id, balance_idr) VALUES ('escrow:{new_id()}', 'escrow', {IDS}, 1000)",
        "UPDATE receipts SET number = 7",
        "DELETE FROM receipts",
        "DELETE FROM payments",
        "DELETE FROM refunds",
        "DELETE FROM payouts",
        "DELETE FROM attempts",
        "DELETE FROM holdings",
        "SELECT move_balances()",
        ENTRY.format(debit=BOX, credit=BOX, amount=1),
        ENTRY.format(debit=BOX, credit=ESCROW, amount=0),
        ENTRY.format(debit=BOX, credit=ESCROW, amount=-5),
        ENTRY.format(debit=BOX, credit="NULL", amount=5),
        ENTRY.format(debit=BOX, credit="'escrow:00000000-0000-7000-8000-00000000000c'", amount=5),
        ENTRY.format(debit=ESCROW, credit=BOX, amount=600_000),
    ],
)
async def test_the_services_own_role_cannot_bend_the_book(db, statement):
    pool = new_id()
    box = cash_box(new_id(), pool)
    async with rolled_back(db) as tx:
        await take(tx, box, 500_000)
        await ledger.give_receipt(tx, "KW", new_id(), new_id(), await tx.now())
        with pytest.raises((asyncpg.PostgresError,)) as refused:
            async with tx.savepoint():
                await tx.run(statement.format(box=box.code, escrow=escrow(pool).code))
        assert isinstance(
            refused.value,
            asyncpg.InsufficientPrivilegeError
            | asyncpg.IntegrityConstraintViolationError
            | asyncpg.FeatureNotSupportedError,
        ), refused.value
        assert await balance(tx, escrow(pool)) == 500_000


async def test_not_even_the_owner_rewrites_the_book(worker_dsn, db):
    box = cash_box(new_id(), new_id())
    async with db.transaction() as tx:
        await take(tx, box, 500_000)
    connection = await asyncpg.connect(worker_dsn)
    try:
        for statement in (
            "UPDATE payments.ledger SET amount_idr = 1",
            "DELETE FROM payments.ledger",
            "TRUNCATE payments.ledger",
        ):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_receipts_have_no_holes_when_a_transaction_is_undone(db):
    post = new_id()
    async with rolled_back(db) as tx:
        now = await tx.now()
        year = now.year
        assert await ledger.give_receipt(tx, "KW", post, new_id(), now) == f"KW-{year}-00001"
        with suppress(Undo):
            async with tx.savepoint():
                assert await ledger.give_receipt(tx, "KW", post, new_id(), now) == f"KW-{year}-00002"
                raise Undo
        assert await ledger.give_receipt(tx, "KW", post, new_id(), now) == f"KW-{year}-00002"
        assert await ledger.give_receipt(tx, "BKK", post, new_id(), now) == f"BKK-{year}-00001"
        assert await ledger.give_receipt(tx, "KW", new_id(), new_id(), now) == f"KW-{year}-00001"


async def test_entries_that_cross_each_other_do_not_wait_for_each_other_forever(db):
    pool = new_id()
    hands = [cash_box(new_id(), pool), bank_account(new_id(), pool), stripe_balance(pool)]
    async with db.transaction() as tx:
        for hand in hands:
            await take(tx, hand, 1_000)

    async def move(number: int) -> None:
        async with db.transaction() as tx:
            to, source = hands[number % 3], hands[(number + 1) % 3]
            movement = Movement(new_id(), pool, "x")
            entries = [
                Entry(to, source, 1, "payment", "cash", movement, f"{movement.id}:{place}") for place in range(3)
            ]
            await ledger.post(tx, entries, await tx.now())

    await asyncio.gather(*(move(number) for number in range(30)))
    async with db.read() as sql:
        assert [await balance(sql, hand) for hand in hands] == [1_000] * 3
