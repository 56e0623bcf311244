"""Attention: adding up what the pages have counted."""

from __future__ import annotations

from collections.abc import Sequence

from services.listings.domain import attention as rules
from services.listings.domain.attention import Kind, Seen
from services.listings.repository import attention
from shared.db import Transaction

KINDS: tuple[Kind, ...] = ("listing", "business")


async def add_attention(tx: Transaction, seen: Sequence[Seen]) -> None:
    """Add what was seen to the counts of today, in Jakarta; what is not known is ignored."""
    today = rules.day_of(await tx.now())
    for kind in KINDS:  # always in this order, so that writers never wait for each other in a ring
        counts = rules.summed(seen, kind)
        if counts:
            await attention.add(tx, kind, counts, today)
