"""Saying present transient facts anew: their bodies have left the log, and somebody must hear them (again).

For a service that is new, or that has lost what it heard. A rebuild needs none of this: it takes the facts from their owner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from shared.config import Settings
from shared.operate.opening import UnknownName, find, opened
from shared.service import Service

PAGE = 500
"""Aggregates spoken of in one transaction."""

SPOKEN_OF = """
SELECT DISTINCT aggregate_id FROM events WHERE transient AND aggregate_id > $1 ORDER BY aggregate_id LIMIT $2
"""

# As every command does before it speaks, and in the same order: a change that is under way is either seen, or said later.
LOCK = "SELECT FROM aggregates WHERE aggregate_id = ANY ($1::uuid[]) ORDER BY aggregate_id FOR UPDATE"


async def say_snapshot(
    settings: Settings,
    owner_dsn: str,
    everything: Sequence[Service],
    name: str,
    report: Callable[[int], None] = lambda _: None,
) -> int:
    """Say each present transient fact of a service anew, a page in each transaction; gives how many.

    Raises `UnknownName` where the service has none, or `Unavailable`.
    """
    service = find(everything, name)
    if service.snapshot is None:
        raise UnknownName(f"{name} says nothing transient")
    said, after = 0, UUID(int=0)
    async with opened(service, settings, owner_dsn) as context:
        while True:
            async with context.db.transaction() as tx:
                ids = [row["aggregate_id"] for row in await tx.rows(SPOKEN_OF, after, PAGE)]
                if not ids:
                    return said
                await tx.rows(LOCK, ids)
                facts = await service.snapshot(tx, ids)
                tx.emit(*facts)
            said, after = said + len(facts), ids[-1]
            report(said)
