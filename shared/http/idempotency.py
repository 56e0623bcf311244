"""Idempotency keys: whoever asks the same again gets the first answer, and nothing happens twice.

The key is claimed and the answer kept in the command's own transaction, so there is no moment in which one is there
without the other. A refusal undoes the transaction and its claim: the same key may then be tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.db import Reader, columns
from shared.errors import IdempotencyKeyReused, RequestInFlight
from shared.json import dumps

CLAIM = "INSERT INTO idempotency_keys (account_id, key, request) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"

# Two tries of one request at the same time: the second is told at once instead of waiting for the first to commit.
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7240504))"

KNOWN = """
SELECT account_id, key, request, status, answer, headers FROM idempotency_keys
JOIN unnest($1::uuid[], $2::text[]) AS asked (account_id, key) USING (account_id, key)
"""

KEEP = """
UPDATE idempotency_keys SET status = $3, answer = $4, headers = $5::text::jsonb WHERE account_id = $1 AND key = $2
"""

ADD = """
INSERT INTO idempotency_keys (account_id, key, request, status, answer, headers)
SELECT account_id, key, request, status, answer, headers::jsonb
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::smallint[], $5::bytea[], $6::text[])
    AS given (account_id, key, request, status, answer, headers)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One request of one account under one key; `request` is the SHA-256 of its method, path and body."""

    account_id: UUID
    key: str
    request: bytes

    @classmethod
    def of(cls, account_id: UUID, key: str, method: str, path: str, body: bytes) -> Claim:
        """Make the claim of a request."""
        digest = hashlib.sha256(f"{method} {path}\n".encode() + body).digest()
        return cls(account_id, key, digest)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was first given."""

    status: int
    body: bytes
    headers: dict[str, str]


async def claim_one(sql: Reader, claim: Claim) -> Kept | None:
    """Claim a key, or give the answer kept for it. Raises `RequestInFlight` or `IdempotencyKeyReused`."""
    if not await sql.value(TRY_LOCK, f"{claim.account_id}:{claim.key}"):
        raise RequestInFlight
    if await sql.run(CLAIM, claim.account_id, claim.key, claim.request):
        return None
    answer = (await known_answers(sql, [claim]))[claim]
    if isinstance(answer, IdempotencyKeyReused):
        raise answer
    return answer


async def known_answers(sql: Reader, claims: Sequence[Claim]) -> dict[Claim, Kept | IdempotencyKeyReused]:
    """Give, for those keys that are known already, the kept answer or the refusal; in one statement."""
    rows = await sql.rows(KNOWN, *columns([(claim.account_id, claim.key) for claim in claims], 2))
    known = {(row["account_id"], row["key"]): row for row in rows}
    found: dict[Claim, Kept | IdempotencyKeyReused] = {}
    for claim in claims:
        row = known.get((claim.account_id, claim.key))
        if row is not None:
            is_same = row["request"] == claim.request
            found[claim] = Kept(row["status"], row["answer"], row["headers"]) if is_same else IdempotencyKeyReused()
    return found


async def keep_answer(sql: Reader, claim: Claim, kept: Kept) -> None:
    """Keep the answer for a key that was claimed."""
    await sql.run(KEEP, claim.account_id, claim.key, kept.status, kept.body, _headers(kept))


async def add_answers(sql: Reader, answers: Sequence[tuple[Claim, Kept]]) -> None:
    """Claim keys and keep their answers, in one statement. Raises `UniqueViolation` where somebody was faster."""
    rows = [
        (claim.account_id, claim.key, claim.request, kept.status, kept.body, _headers(kept)) for claim, kept in answers
    ]
    await sql.run(ADD, *columns(rows, 6))


def _headers(kept: Kept) -> str:
    return dumps(kept.headers).decode()
