"""SQL of moderation: cases, what they are opened for, what was decided, appeals. Whoever writes holds the listing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.listings.domain.moderation import Case, Decided, Reason, SuspicionKind
from services.listings.repository.managers import MANAGERS
from shared.auth import Principal
from shared.db import Reader, Row, Transaction, columns
from shared.ids import new_id


class Suspicion(NamedTuple):
    """Something that the rules found. `key`: the texts or photos it is about; of a listing each is looked at once."""

    listing_id: UUID
    key: str
    kind: SuspicionKind
    word: str | None = None
    goods: str | None = None
    photo_id: UUID | None = None
    other_photo_id: UUID | None = None
    other_listing_id: UUID | None = None


OPEN = """
INSERT INTO cases (id, listing_id, post_id, state, created_at, waiting_since)
SELECT given.id, listing_id, post_id, 'open', $3, $3
FROM unnest($1::uuid[], $2::uuid[]) AS given (id, listing_id) JOIN listings ON listings.id = listing_id
ON CONFLICT (listing_id) WHERE state IN ('open', 'hidden', 'appealed') DO NOTHING
"""


async def open_cases(tx: Transaction, listings: Collection[UUID], now: datetime) -> None:
    """Open a case of each listing that has none."""
    await tx.run(OPEN, [new_id() for _ in listings], list(listings), now)


NEAR_BUSINESS: Final = f"array_remove(ARRAY[owner_account_id, businesses.assisted_by] || {MANAGERS}, NULL)"
"""Who runs the row's business or helped to register it."""
_BESIDE_APPEALS = "ARRAY(SELECT assisted_by FROM appeals WHERE case_id = cases.id AND assisted_by IS NOT NULL)"
NEAR_CASE: Final = f"{NEAR_BUSINESS} || {_BESIDE_APPEALS}"
"""Who is too near to decide the row's case: those, and who sat beside an appeal."""

LOCK = f"""
SELECT cases.id, listing_id, cases.post_id, state, hidden_by, was, cases.reason,
       {NEAR_CASE} AS near
FROM cases JOIN listings ON listings.id = listing_id JOIN businesses ON businesses.id = listings.business_id
WHERE cases.listing_id = $1 AND ($2::uuid IS NULL OR cases.id = $2)
  AND ($2 IS NOT NULL OR state IN ('open', 'hidden', 'appealed'))
FOR UPDATE OF cases
"""  # noqa: S608 -- composed of constants


async def lock(tx: Transaction, listing_id: UUID, case_id: UUID | None = None) -> Case | None:
    """Give a case of a listing, or its open one, and hold it until the commit."""
    row = await tx.row(LOCK, listing_id, case_id)
    return Case(**{**row, "near": frozenset(row["near"])}) if row else None


async def listing_of(sql: Reader, case_id: UUID) -> UUID | None:
    """Give the listing that a case is about."""
    listing_id: UUID | None = await sql.value("SELECT listing_id FROM cases WHERE id = $1", case_id)
    return listing_id


SAVE = """
UPDATE cases
SET state = $2, waiting_since = CASE WHEN $2 = 'appealed' THEN $3::timestamptz END,
    ended_at = CASE WHEN $2 IN ('dismissed', 'restored') THEN $3 END,
    hidden_by = $4, hidden_at = CASE WHEN $4::uuid IS NOT NULL THEN coalesce(hidden_at, $3) END, was = $5, reason = $6,
    words = coalesce($7, words), dismissed_by = $8, note = $9
WHERE id = $1
"""


async def save(
    tx: Transaction,
    case: Case,
    now: datetime,
    *,
    words: str | None = None,
    dismissed_by: UUID | None = None,
    note: str | None = None,
) -> None:
    """Write what a case has come to. `words`: for the owner, at the hiding; `note`: why the product was let be."""
    await tx.run(SAVE, case.id, case.state, now, case.hidden_by, case.was, case.reason, words, dismissed_by, note)


CLOSE = """
UPDATE cases SET state = 'closed', waiting_since = NULL, ended_at = $2
WHERE listing_id = ANY ($1::uuid[]) AND state IN ('open', 'hidden', 'appealed')
"""


async def close(tx: Transaction, listings: Sequence[UUID], now: datetime) -> None:
    """Close what is open about some listings: they are away for good."""
    await tx.run(CLOSE, list(listings), now)


ERASE = """
WITH gone AS (SELECT id FROM cases WHERE listing_id = ANY ($1::uuid[])),
emptied AS (UPDATE reports SET words = NULL FROM gone WHERE case_id = gone.id),
silenced AS (UPDATE appeals SET words = NULL, answer = NULL FROM gone WHERE case_id = gone.id)
UPDATE cases SET words = NULL, note = NULL FROM gone WHERE cases.id = gone.id
"""


async def erase_of_listings(tx: Transaction, listings: Sequence[UUID]) -> None:
    """Empty the texts of every case of some listings."""
    await tx.run(ERASE, list(listings))


FORGET = """
WITH reported AS (UPDATE reports SET account_id = NULL, words = NULL WHERE account_id = $1)
UPDATE appeals SET account_id = NULL, words = NULL WHERE account_id = $1
"""


async def forget(tx: Transaction, account_id: UUID) -> None:
    """Forget who reported and appealed, with their words."""
    await tx.run(FORGET, account_id)


KNOWN_FORM = "SELECT case_id FROM reports WHERE form = $1"


async def case_of_form(sql: Reader, form: bytes) -> UUID | None:
    """Give the case to which a visitor's form was sent already."""
    case_id: UUID | None = await sql.value(KNOWN_FORM, form)
    return case_id


REPORT = """
INSERT INTO reports (id, case_id, account_id, form, reason, words, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (case_id, account_id) DO UPDATE SET reason = excluded.reason, words = excluded.words
"""


async def add_report(
    tx: Transaction, case_id: UUID, account_id: UUID | None, form: bytes | None, reason: Reason, words: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """Write a report; an account's second one of the same case takes the first one's place."""
    await tx.run(REPORT, new_id(), case_id, account_id, form, reason, words, now)


RESEND = """
UPDATE reports SET reason = $2, words = $3 FROM cases
WHERE form = $1 AND cases.id = case_id AND cases.state IN ('open', 'hidden', 'appealed')
"""


async def change_report(tx: Transaction, form: bytes, reason: Reason, words: str | None) -> None:
    """Write a visitor's report anew, who went back to the form and sent it again; one that was dealt with stays."""
    await tx.run(RESEND, form, reason, words)


NEW = """
SELECT listing_id, key FROM unnest($1::uuid[], $2::text[]) AS given (listing_id, key)
EXCEPT SELECT listing_id, key FROM suspicions WHERE listing_id = ANY ($1)
"""

NOTE = """
INSERT INTO suspicions (listing_id, key, kind, word, goods, photo_id, other_photo_id, other_listing_id, case_id, at)
SELECT given.*, cases.id, $1
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[])
         AS given (listing_id, key, kind, word, goods, photo_id, other_photo_id, other_listing_id)
JOIN cases ON cases.listing_id = given.listing_id AND state IN ('open', 'hidden', 'appealed')
ON CONFLICT (listing_id, key) DO NOTHING
"""


async def suspect(tx: Transaction, found: Sequence[Suspicion], now: datetime) -> None:
    """Note what was not noted before, each with the open case of its listing, which is opened if there is none."""
    given = columns([(one.listing_id, one.key) for one in found], 2)
    new = {(row["listing_id"], row["key"]) for row in await tx.rows(NEW, *given)}
    rows = [one for one in found if (one.listing_id, one.key) in new]
    if rows:
        await open_cases(tx, {one.listing_id for one in rows}, now)
        await tx.run(NOTE, now, *columns(rows, len(Suspicion._fields)))


# Those that share a quarter of their hash come from the index photos_alike (0008); few of them are alike.
_MOST_CANDIDATES: Final = 1000
ALIKE = """
SELECT mine.listing_id, mine.id AS photo_id, found.id AS other_photo_id, found.listing_id AS other_listing_id
FROM photos AS mine JOIN listings ON listings.id = mine.listing_id JOIN businesses ON businesses.id = business_id
CROSS JOIN LATERAL (
    SELECT other.id, other.listing_id, bit_count((other.dhash # mine.dhash)::bit(64)) AS distance
    FROM (
        SELECT id, listing_id, dhash FROM photos
        WHERE dhash_bands(dhash) && dhash_bands(mine.dhash) AND bit_count(dhash::bit(64)) BETWEEN 6 AND 58
        LIMIT $3
    ) AS other
    JOIN listings AS theirs ON theirs.id = other.listing_id JOIN businesses AS maker ON maker.id = theirs.business_id
    WHERE theirs.business_id <> listings.business_id AND maker.owner_account_id <> businesses.owner_account_id
      AND theirs.status IN ('published', 'paused') AND bit_count((other.dhash # mine.dhash)::bit(64)) <= $4
    ORDER BY distance, other.id LIMIT 1
) AS found
WHERE mine.listing_id = ANY ($1::uuid[]) AND ($2::uuid IS NULL OR mine.id = $2)
  AND listings.status IN ('published', 'paused', 'hidden')
  AND bit_count(mine.dhash::bit(64)) BETWEEN 6 AND 58
ORDER BY mine.listing_id, mine.position
"""


async def alike(sql: Reader, listings: Sequence[UUID], most_bits: int, photo_id: UUID | None = None) -> list[Suspicion]:
    """Find, for each photo of some listings, or for one of them, the most similar one of another owner's shown product."""
    return [
        Suspicion(key=f"photo:{row['photo_id']}:{row['other_photo_id']}", kind="duplicate_photo", **row)
        for row in await sql.rows(ALIKE, list(listings), photo_id, _MOST_CANDIDATES, most_bits)
    ]


ADD_APPEAL = """
INSERT INTO appeals (case_id, number, hidden_by, account_id, assisted_by, words, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def add_appeal(tx: Transaction, case: Case, number: int, who: Principal, words: str, now: datetime) -> None:
    """Write a new appeal against a hiding."""
    await tx.run(ADD_APPEAL, case.id, number, case.hidden_by, who.account_id, who.assisted_by, words, now)


DECIDE = """
UPDATE appeals SET decided_by = $2, decided_at = $3, is_granted = $4, answer = $5, seen = $6
WHERE case_id = $1 AND decided_by IS NULL
"""


async def decide_appeal(
    tx: Transaction, case_id: UUID, by: UUID, now: datetime, *, is_granted: bool, answer: str | None, seen: str
) -> None:
    """Write what was decided of the appeal that waits. `seen`: what the product was like."""
    await tx.run(DECIDE, case_id, by, now, is_granted, answer, seen)


APPEALS = "SELECT * FROM appeals WHERE case_id = $1 ORDER BY number"


async def appeals_of(sql: Reader, case_id: UUID) -> list[Row]:
    """List the appeals against a hiding, the first one first."""
    return await sql.rows(APPEALS, case_id)


async def decided_appeals(sql: Reader, case_id: UUID) -> list[Decided]:
    """List the appeals against a hiding as the rules see them."""
    return [Decided(row["seen"]) for row in await appeals_of(sql, case_id)]
