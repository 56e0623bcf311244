"""Wakes the jobs after a commit that may have left them work; without it their timers find the same rows."""

from __future__ import annotations

from shared.db import Transaction
from shared.service import Context

_CARD_JOBS = ("advance_attempts", "advance_setups", "advance_refunds")


def wake_after(tx: Transaction, context: Context) -> None:
    """Let the jobs that speak with the card provider look once this transaction is kept."""

    def wake() -> None:
        for job in _CARD_JOBS:
            context.wake(job)

    tx.after_commit(wake)
