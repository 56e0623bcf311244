"""The ledger: transfers onto one escrow account, posted together and one at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

from services.payments.domain.accounts import escrow, stripe_balance
from services.payments.domain.entries import Entry, Movement, received
from services.payments.repository import ledger
from shared.db import Database
from shared.ids import new_id
from shared.migrate import service_dsn
from tests.benchmarks.ground import Ground
from tests.benchmarks.measure import Figure, median

RUNS = 3
TOGETHER = 100
BATCHES = 100
ALONE = 1_000

BALANCE = "SELECT balance_idr FROM accounts WHERE code = $1"


async def measure(ground: Ground) -> list[Figure]:
    """Post cash of one pool's members in both ways; the balances must be exact."""
    dsn = await ground.database("ledger")
    database = Database(service_dsn(ground.settings, dsn, "payments"), schema="payments", size=2)
    await database.open()
    together, alone = [], []
    for _ in range(RUNS):
        together.append(await _post(database, BATCHES, TOGETHER))
        alone.append(await _post(database, ALONE, 1))
    await database.close()
    return [
        Figure(
            "transfers onto one escrow account, a hundred together", median(together), "/s", median(alone),
            "one at a time", at_least=3_000 / 950,
        ),
        Figure("the same", median(together), "/s", at_least=3_000),
    ]  # fmt: skip


async def _post(database: Database, transactions: int, each: int) -> float:
    """Post so many transfers in each transaction. Gives transfers a second."""
    pool_id = new_id()
    work = [_entries(pool_id, each) for _ in range(transactions)]
    started = time.perf_counter()
    for entries in work:
        async with database.transaction() as tx:
            await ledger.post(tx, entries, await tx.now())
    took = time.perf_counter() - started
    async with database.read() as sql:
        balance = await sql.value(BALANCE, escrow(pool_id).code)
    assert balance == transactions * each * 150_000, balance
    return transactions * each / took


def _entries(pool_id: UUID, count: int) -> Sequence[Entry]:
    movements = [Movement(new_id(), pool_id, f"KW-{number}", new_id()) for number in range(count)]
    return [
        entry for movement in movements for entry in received(movement, "card", stripe_balance(pool_id), 150_000, 0)
    ]
