"""The cash book of a pool, for everybody; and where its members pay to."""

from __future__ import annotations

from uuid import UUID

from services.payments import queries
from services.payments.api.table import on_pool, routes
from services.payments.commands import custodians
from services.payments.domain.holding import Pool
from services.payments.repository.banks import BankAccount
from services.payments.rights import keeps_money
from services.payments.views import BankChoice, Book, BookQuery, Custodians
from shared.auth import IN_PERSON, PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.ids import new_id


@routes.get("/api/v1/ledger/pools/{pool_id:[0-9a-fA-F-]+}.csv", policy=PUBLIC, answer=str)
async def get_book_csv(call: Call) -> Answer:
    """Download a pool's whole cash book as CSV."""
    async with call.context.db.read() as sql:
        text = await queries.get_book_csv(sql, call.id("pool_id"))
    headers = {"Content-Disposition": f'attachment; filename="buku-kas-{call.id("pool_id")}.csv"'}
    return Answer(text.encode(), headers=headers, content_type="text/csv")


@routes.get("/api/v1/ledger/pools/{pool_id}", policy=PUBLIC, query=BookQuery, answer=Book)
async def get_book(call: Call, query: BookQuery) -> Book:
    """Read a pool's cash book: every rupiah in and out with its receipt, the balance, and who holds it."""
    async with call.context.db.read() as sql:
        return await queries.get_book(sql, call.id("pool_id"), query)


@routes.get("/api/v1/custodians/pools/{pool_id}", policy=SIGNED_IN, answer=Custodians)
async def get_custodians(call: Call) -> Custodians:
    """Read where a pool's members pay to; for its people."""
    async with call.context.db.read() as sql:
        return await queries.get_custodians(sql, call.id("pool_id"), call.who)


@routes.put("/api/v1/custodians/pools/{pool_id}", policy=IN_PERSON, body=BankChoice, answer=Custodians)
async def choose_bank(call: Call, body: BankChoice) -> Answer:
    """Name the group's bank account to which members transfer; for its treasurer or an operator of its post."""

    async def command(tx: Transaction, pool: Pool, _: UUID) -> Custodians:
        bank = BankAccount(new_id(), body.bank_name, body.account_number, body.account_holder)
        await custodians.choose_bank(tx, pool, bank, call.who)
        return await queries.custodians_of(tx, pool, call.who)

    return await on_pool(call, "pool_id", lambda pool: keeps_money(call.who, pool), command)
