"""Idempotency keys: whoever asks the same again gets the first answer, and nothing happens twice.

The key is claimed and the answer kept in the command's own transaction, so there is no moment in which one is there
without the other. A refusal undoes the transaction and its claim: the same key may then be tried again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from shared.db import Reader, columns
from shared.errors import IdempotencyKeyReused, RequestInFlight
from shared.json import dumps

CLAIM = """
INSERT INTO idempotency_keys (account_id, key, request)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[])
ON CONFLICT DO NOTHING RETURNING account_id, key
"""

# Two tries of one request at the same time: the second is told at once instead of waiting for the first to commit.
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7240504))"

KNOWN = """
SELECT account_id, key, request, status, answer, headers FROM idempotency_keys
JOIN unnest($1::uuid[], $2::text[]) AS asked (account_id, key) USING (account_id, key)
"""

KEEP = """
UPDATE idempotency_keys AS kept SET status = given.status, answer = given.answer, headers = given.headers::jsonb
FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::bytea[], $5::text[])
    AS given (account_id, key, status, answer, headers)
WHERE kept.account_id = given.account_id AND kept.key = given.key
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
    kept = await claim_many(sql, [claim])
    answer = kept.get(claim)
    if isinstance(answer, IdempotencyKeyReused):
        raise answer
    return answer


async def claim_many(sql: Reader, claims: list[Claim]) -> dict[Claim, Kept | IdempotencyKeyReused]:
    """Claim keys in one statement; gives, for those known already, the kept answer or the refusal."""
    arguments = columns([(claim.account_id, claim.key, claim.request) for claim in claims], 3)
    new = {(row["account_id"], row["key"]) for row in await sql.rows(CLAIM, *arguments)}
    asked = [claim for claim in claims if (claim.account_id, claim.key) not in new]
    if not asked:
        return {}
    known = {(row["account_id"], row["key"]): row for row in await sql.rows(KNOWN, *arguments[:2])}
    found: dict[Claim, Kept | IdempotencyKeyReused] = {}
    for claim in asked:
        row = known[claim.account_id, claim.key]
        if row["request"] != claim.request:
            found[claim] = IdempotencyKeyReused()
        else:
            found[claim] = Kept(row["status"], row["answer"], row["headers"])
    return found


async def keep_answers(sql: Reader, answers: list[tuple[Claim, Kept]]) -> None:
    """Keep answers for their keys, in one statement."""
    rows = [
        (claim.account_id, claim.key, kept.status, kept.body, dumps(kept.headers).decode()) for claim, kept in answers
    ]
    await sql.run(KEEP, *columns(rows, 5))
