"""Where a group's money lies: its bank account."""

from __future__ import annotations

from services.payments.commands.statements import settle_all
from services.payments.domain.holding import Pool
from services.payments.repository import banks
from services.payments.repository.banks import BankAccount
from shared.auth import Principal
from shared.db import Transaction


async def choose_bank(tx: Transaction, pool: Pool, bank: BankAccount, who: Principal) -> None:
    """Let members of a pool transfer to this account from now on; those who were asked to transfer get a new kode unik."""
    now = await tx.now()
    await banks.choose_bank(tx, pool.id, bank, who.account_id, now)
    await settle_all(tx, pool.id, now)
