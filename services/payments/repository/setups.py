"""Pages on which members save a card."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.db import Reader, Transaction

SetupState = Literal["intended", "open", "complete", "expired", "refused"]


@dataclass(frozen=True, slots=True)
class Setup:
    """A page to save a card. `nudges`: webhooks that had come when it was read."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    customer: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    state: SetupState
    ref: str | None
    url: str | None
    unwanted: bool
    nudges: int = 0
    tries: int = 0


_NAMES = ", ".join(Setup.__slots__)

LIVE = f"SELECT {_NAMES} FROM card_setups WHERE pledge_id = $1 AND state IN ('intended', 'open')"  # noqa: S608


async def live_setup(sql: Reader, pledge_id: UUID) -> Setup | None:
    """Find the page that is open, or about to be, for a pledge."""
    row = await sql.row(LIVE, pledge_id)
    return Setup(**row) if row else None


GET = f"SELECT {_NAMES} FROM card_setups WHERE id = $1"  # noqa: S608


async def get_setup(sql: Reader, setup_id: UUID) -> Setup:
    """Read a page."""
    row = await sql.row(GET, setup_id)
    assert row is not None, f"no card setup {setup_id}"
    return Setup(**row)


ADD = """
INSERT INTO card_setups
    (id, pledge_id, pool_id, customer, success_url, cancel_url, expires_at, state, look_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'intended', $8, $9)
"""


async def add_setup(tx: Transaction, setup: Setup, now: datetime, look_at: datetime) -> None:
    """Record the intent to open a page. The caller opens it at once; a job sees to it at `look_at` if the caller dies."""
    await tx.run(
        ADD, setup.id, setup.pledge_id, setup.pool_id, setup.customer, setup.success_url, setup.cancel_url,
        setup.expires_at, look_at, now,
    )  # fmt: skip


CLAIM = f"""
WITH due AS (
    SELECT id AS due_id FROM card_setups WHERE look_at <= $1 ORDER BY look_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE card_setups SET look_at = $2, tries = tries + 1 FROM due WHERE id = due_id RETURNING {_NAMES}
"""  # noqa: S608


async def claim(tx: Transaction, now: datetime, until: datetime, limit: int) -> list[Setup]:
    """Take pages that are due, until `until`."""
    return [Setup(**row) for row in await tx.rows(CLAIM, now, until, limit)]


OPENED = """
UPDATE card_setups SET state = 'open', ref = $2, url = $3, expires_at = $4, tries = 0,
    look_at = CASE WHEN unwanted THEN $5::timestamptz ELSE $6::timestamptz END
WHERE id = $1 AND state = 'intended'
"""


async def opened(
    tx: Transaction, setup_id: UUID, ref: str, url: str, expires_at: datetime, now: datetime, look_at: datetime
) -> None:
    """The provider has opened the page."""
    await tx.run(OPENED, setup_id, ref, url, expires_at, now, look_at)


END = "UPDATE card_setups SET state = $2, look_at = NULL WHERE id = $1 AND state IN ('intended', 'open')"


async def end(tx: Transaction, setup_id: UUID, state: SetupState) -> bool:
    """The page has come to its end; tells whether that is news."""
    return await tx.run(END, setup_id, state) == 1


POSTPONE = """
UPDATE card_setups SET look_at = CASE WHEN nudges > $2 THEN $3::timestamptz ELSE $4::timestamptz END
WHERE id = $1 AND look_at IS NOT NULL
"""


async def postpone(tx: Transaction, setup_id: UUID, nudges: int, now: datetime, look_at: datetime) -> None:
    """Look again at `look_at`, or at once if a webhook has come since the job took it."""
    await tx.run(POSTPONE, setup_id, nudges, now, look_at)


ABANDON = """
UPDATE card_setups SET unwanted = true, look_at = $2, nudges = nudges + 1
WHERE pledge_id = ANY ($1::uuid[]) AND state IN ('intended', 'open') AND NOT unwanted
"""


async def abandon(tx: Transaction, pledge_ids: Collection[UUID], now: datetime) -> None:
    """Let the job expire the pages of these pledges."""
    await tx.run(ABANDON, list(pledge_ids), now)


ABANDON_ALL = """
UPDATE card_setups SET unwanted = true, look_at = $2, nudges = nudges + 1
WHERE pool_id = $1 AND state IN ('intended', 'open') AND NOT unwanted
"""


async def abandon_all(tx: Transaction, pool_id: UUID, now: datetime) -> int:
    """Let the job expire all of a pool's open pages; gives how many there were."""
    return await tx.run(ABANDON_ALL, pool_id, now)


STILL_OPEN = """
SELECT
    (SELECT count(*) FROM card_setups WHERE pool_id = $1 AND state IN ('intended', 'open')) AS setups,
    (SELECT count(*) FROM payments WHERE pool_id = $1 AND state = 'awaiting_check') AS transfers
"""


async def still_open(sql: Reader, pool_id: UUID) -> tuple[int, int]:
    """Count a pool's open pages, and its transfers that nobody has checked."""
    row = await sql.row(STILL_OPEN, pool_id)
    assert row is not None
    return row["setups"], row["transfers"]
