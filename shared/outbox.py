"""The log of what a service has said, and the outbox of what others have not heard yet.

Both are written in the transaction of the command. Versions count per aggregate without holes; the row of `aggregates`
is locked until the commit, so the order of versions is the order of commits, and of positions in the outbox.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from shared.contracts.base import Event
from shared.ids import new_id
from shared.trace import traceparent

if TYPE_CHECKING:
    from shared.db import Reader


@dataclass(frozen=True, slots=True)
class Said:
    """An event on its way into the log."""

    id: UUID
    aggregate_id: UUID
    type: str
    transient: bool
    body: str

    @classmethod
    def of(cls, event: Event) -> Said:
        """Put an event into its wire form."""
        return cls(new_id(), event.aggregate_id, event.type, event.transient, event.model_dump_json())


# $1 ids of the aggregates in ascending order (no two transactions lock them crosswise), $2 how many events each gets
COUNT_VERSIONS = """
INSERT INTO aggregates (aggregate_id, version)
SELECT * FROM unnest($1::uuid[], $2::bigint[])
ON CONFLICT (aggregate_id) DO UPDATE SET version = aggregates.version + excluded.version
RETURNING aggregate_id, version
"""

WRITE_EVENTS = """
WITH said AS (
    INSERT INTO events (id, aggregate_id, version, type, transient, body, traceparent)
    SELECT id, aggregate_id, version, type, transient, body::jsonb, $7
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::boolean[], $6::text[])
        AS said (id, aggregate_id, version, type, transient, body)
)
INSERT INTO outbox (event_id)
SELECT id FROM unnest($1::uuid[]) WITH ORDINALITY AS said (id, place) ORDER BY place
"""


Told = dict[UUID, dict[str, int]]
"""What a transaction has said: by aggregate, the newest version of each event type."""


async def write_events(sql: Reader, said: list[Said]) -> Told:
    """Write events into log and outbox, in two statements. Gives what was told."""
    counts = sorted(Counter(event.aggregate_id for event in said).items())
    rows = await sql.rows(COUNT_VERSIONS, [aggregate for aggregate, _ in counts], [count for _, count in counts])
    newest: dict[UUID, int] = {row["aggregate_id"]: row["version"] for row in rows}
    following = {aggregate: newest[aggregate] - count for aggregate, count in counts}
    versions = []
    told: Told = {aggregate: {} for aggregate, _ in counts}
    for event in said:
        following[event.aggregate_id] += 1
        versions.append(following[event.aggregate_id])
        told[event.aggregate_id][event.type] = following[event.aggregate_id]
    await sql.run(
        WRITE_EVENTS,
        [event.id for event in said],
        [event.aggregate_id for event in said],
        versions,
        [event.type for event in said],
        [event.transient for event in said],
        [event.body for event in said],
        traceparent(),
    )
    return told
