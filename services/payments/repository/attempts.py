"""Attempts to take money by card."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payments.domain.holding import Attempt, AttemptKind, AttemptState
from shared.db import Reader, Row, Transaction, columns

LIVE = "('intended', 'open', 'processing')"


def _attempt(row: Row) -> Attempt:
    return Attempt(
        row["id"], row["pledge_id"], row["pool_id"], row["kind"], row["amount_idr"], row["state"],
        row["sent_at"] is not None, row["unwanted"], row["ref"], row["url"], row["charge_ref"],
    )  # fmt: skip


IN_FLIGHT = f"""
SELECT * FROM attempts WHERE pledge_id = ANY ($1::uuid[]) AND state IN {LIVE} ORDER BY id
"""  # noqa: S608
IN_FLIGHT_LOCKED = IN_FLIGHT + " FOR UPDATE"


async def in_flight(sql: Reader, pledge_ids: Collection[UUID], *, lock: bool) -> dict[UUID, Attempt]:
    """Find the attempt in flight of each pledge that has one."""
    rows = await sql.rows(IN_FLIGHT_LOCKED if lock else IN_FLIGHT, list(pledge_ids))
    return {row["pledge_id"]: _attempt(row) for row in rows}


LOCK = "SELECT * FROM attempts WHERE id = $1 FOR UPDATE"


async def lock_attempt(tx: Transaction, attempt_id: UUID) -> Attempt:
    """Lock an attempt; its pool must be locked already."""
    row = await tx.row(LOCK, attempt_id)
    assert row is not None, f"no attempt {attempt_id}"
    return _attempt(row)


@dataclass(frozen=True, slots=True)
class NewCharge:
    """A charge of a saved card to make, in rupiah."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    amount_idr: int
    customer: str
    card_ref: str


ADD_CHARGES = """
INSERT INTO attempts (id, pledge_id, pool_id, kind, amount_idr, customer, card_ref, state, look_at, created_at)
SELECT id, pledge_id, pool_id, 'charge', amount_idr, customer, card_ref, 'intended', $1, $1
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::text[])
    AS new (id, pledge_id, pool_id, amount_idr, customer, card_ref)
"""


async def add_charges(tx: Transaction, charges: Sequence[NewCharge], now: datetime) -> None:
    """Record the intent to charge cards; a job does it at once."""
    rows = [(one.id, one.pledge_id, one.pool_id, one.amount_idr, one.customer, one.card_ref) for one in charges]
    await tx.run(ADD_CHARGES, now, *columns(rows, 6))


@dataclass(frozen=True, slots=True)
class NewLink:
    """A payment link to open, in rupiah."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    amount_idr: int
    customer: str
    success_url: str
    cancel_url: str
    expires_at: datetime


ADD_LINK = """
INSERT INTO attempts
    (id, pledge_id, pool_id, kind, amount_idr, customer, success_url, cancel_url, expires_at, state, sent_at, look_at, created_at)
VALUES ($1, $2, $3, 'link', $4, $5, $6, $7, $8, 'intended', $9, $10, $9)
"""


async def add_link(tx: Transaction, link: NewLink, now: datetime, look_at: datetime) -> None:
    """Record the intent to open a link. The caller opens it at once; a job sees to it at `look_at` if the caller dies."""
    await tx.run(
        ADD_LINK, link.id, link.pledge_id, link.pool_id, link.amount_idr, link.customer, link.success_url, link.cancel_url,
        link.expires_at, now, look_at,
    )  # fmt: skip


ABANDON = f"""
UPDATE attempts SET
    unwanted = true,
    state = CASE WHEN sent_at IS NULL THEN 'cancelled' ELSE state END,
    ended_at = CASE WHEN sent_at IS NULL THEN $2::timestamptz END,
    look_at = CASE WHEN sent_at IS NULL THEN NULL ELSE $2::timestamptz END,
    nudges = nudges + 1
WHERE id = ANY ($1::uuid[]) AND state IN {LIVE}
"""  # noqa: S608


async def abandon(tx: Transaction, attempt_ids: Collection[UUID], now: datetime) -> None:
    """Give up attempts in flight: ended if the provider has not been told, else for the job to end."""
    await tx.run(ABANDON, list(attempt_ids), now)


@dataclass(frozen=True, slots=True)
class ClaimedAttempt:
    """An attempt that a job has taken to ask the provider about. `sent_at`: when the provider was first told."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    kind: AttemptKind
    amount_idr: int
    customer: str
    card_ref: str | None
    success_url: str | None
    cancel_url: str | None
    expires_at: datetime | None
    state: AttemptState
    ref: str | None
    charge_ref: str | None
    unwanted: bool
    sent_at: datetime
    tries: int
    nudges: int
    title: str


# The lease ends by itself: whatever becomes of this process, somebody asks again with the same key.
CLAIM = """
WITH due AS (
    SELECT id FROM attempts WHERE look_at <= $1 ORDER BY look_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE attempts SET look_at = $2, tries = tries + 1, sent_at = coalesce(sent_at, $1)
FROM due, pools WHERE attempts.id = due.id AND pools.id = attempts.pool_id
RETURNING attempts.*, coalesce(title, '') AS title
"""


async def claim(tx: Transaction, now: datetime, until: datetime, limit: int) -> list[ClaimedAttempt]:
    """Take attempts that are due, until `until`."""
    names = ClaimedAttempt.__slots__
    return [ClaimedAttempt(**{name: row[name] for name in names}) for row in await tx.rows(CLAIM, now, until, limit)]


CALL = """
SELECT attempts.*, coalesce(title, '') AS title FROM attempts JOIN pools ON pools.id = attempts.pool_id WHERE attempts.id = $1
"""


async def get_call(sql: Reader, attempt_id: UUID) -> ClaimedAttempt:
    """Read what the provider is to be asked for an attempt whose caller asks at once."""
    row = await sql.row(CALL, attempt_id)
    assert row is not None, f"no attempt {attempt_id}"
    return ClaimedAttempt(**{name: row[name] for name in ClaimedAttempt.__slots__})


OPENED = """
UPDATE attempts SET state = 'open', ref = $2, url = $3, expires_at = $4, tries = 0,
    look_at = CASE WHEN unwanted THEN $5::timestamptz ELSE $6::timestamptz END
WHERE id = $1 AND state = 'intended'
"""


async def opened(
    tx: Transaction, attempt_id: UUID, ref: str, url: str, expires_at: datetime, now: datetime, look_at: datetime
) -> None:
    """The provider has opened the link."""
    await tx.run(OPENED, attempt_id, ref, url, expires_at, now, look_at)


GO_ON = """
UPDATE attempts SET
    state = CASE WHEN $2::text IS NULL OR ended_at IS NOT NULL THEN state ELSE $2 END,
    charge_ref = coalesce($3, charge_ref), tries = 0,
    look_at = CASE WHEN ended_at IS NOT NULL AND $2 IS NULL THEN NULL
        WHEN nudges > $4 THEN $5::timestamptz ELSE $6::timestamptz END
WHERE id = $1
"""


async def go_on(
    tx: Transaction,
    attempt_id: UUID,
    *,
    state: AttemptState | None,
    charge_ref: str | None,
    nudges: int,
    now: datetime,
    look_at: datetime,
) -> None:
    """Not at its end yet: look again at `look_at`, or at once if a webhook has come since the job took it.

    One that has ended for us is not looked at again, unless `state` says that the provider is still at it.
    """
    await tx.run(GO_ON, attempt_id, state, charge_ref, nudges, now, look_at)


END = """
UPDATE attempts SET state = $2, charge_ref = coalesce($3, charge_ref), decline_code = $4, ended_at = $5, look_at = NULL
WHERE id = $1
"""


async def end(
    tx: Transaction,
    attempt_id: UUID,
    state: AttemptState,
    now: datetime,
    *,
    charge_ref: str | None = None,
    decline_code: str | None = None,
) -> None:
    """The attempt has ended."""
    await tx.run(END, attempt_id, state, charge_ref, decline_code, now)


POSTPONE = """
UPDATE attempts SET look_at = CASE WHEN nudges > $2 THEN $3::timestamptz ELSE $4::timestamptz END
WHERE id = $1 AND look_at IS NOT NULL
"""


async def postpone(tx: Transaction, attempt_id: UUID, nudges: int, now: datetime, look_at: datetime) -> None:
    """The provider gave no answer: ask again at `look_at`."""
    await tx.run(POSTPONE, attempt_id, nudges, now, look_at)
