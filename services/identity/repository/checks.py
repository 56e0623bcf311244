"""What must be true of the rows, asked of the rows: each statement gives the ids for which it is not."""

from __future__ import annotations

from uuid import UUID

from shared.db import Reader

ERASED_WITH_CONTACT = """
SELECT id FROM accounts WHERE erased_at IS NOT NULL AND EXISTS (SELECT FROM contacts WHERE account_id = accounts.id)
"""

ERASED_WITH_SESSION = """
SELECT id FROM accounts
WHERE erased_at IS NOT NULL AND EXISTS (SELECT FROM sessions WHERE account_id = accounts.id AND ended_at IS NULL)
"""

ERASED_WITH_ROLE = """
SELECT id FROM accounts WHERE erased_at IS NOT NULL AND EXISTS (SELECT FROM grants WHERE account_id = accounts.id)
"""

UNREACHABLE = """
SELECT id FROM accounts WHERE erased_at IS NULL AND NOT EXISTS (SELECT FROM contacts WHERE account_id = accounts.id)
"""

UNSAID = """
SELECT id FROM accounts
WHERE NOT EXISTS (SELECT FROM events WHERE aggregate_id = accounts.id AND type = 'identity.account_registered.v1')
   OR (erased_at IS NOT NULL)
      <> EXISTS (SELECT FROM events WHERE aggregate_id = accounts.id AND type = 'identity.account_erased.v1')
"""

# A log-in code and the session that it opened, as long as both are kept; the same for help at the counter.
USED_WITHOUT_EFFECT = """
SELECT challenge_id AS id FROM login_codes
WHERE used_at IS NOT NULL AND (
    (purpose = 'log-in' AND NOT EXISTS (SELECT FROM sessions WHERE challenge_id = login_codes.challenge_id)) OR
    (purpose = 'assist' AND NOT EXISTS (SELECT FROM assistances WHERE challenge_id = login_codes.challenge_id)))
"""

UNUSED_WITH_EFFECT = """
SELECT challenge_id AS id FROM login_codes
WHERE used_at IS NULL AND (
    EXISTS (SELECT FROM sessions WHERE challenge_id = login_codes.challenge_id) OR
    EXISTS (SELECT FROM assistances WHERE challenge_id = login_codes.challenge_id))
"""

DEAF_ASSISTANCE = """
SELECT assistances.id FROM assistances JOIN consents ON consents.id = consent_id
WHERE consents.account_id <> assistances.account_id OR purpose <> 'assistance' OR recorded_by <> operator_account_id
"""

# The roles as the log of events tells them: of each, whether it was granted or revoked last.
ROLES_BY_LOG = """
SELECT coalesce(said.account_id, grants.account_id) AS account_id,
       coalesce(said.role, grants.role) AS role,
       coalesce(said.scope_id, grants.scope_id) AS scope_id,
       coalesce(said.held, false) AS said, grants.account_id IS NOT NULL AS kept
FROM (
    SELECT DISTINCT ON (aggregate_id, body ->> 'role', body ->> 'scope_kind', body ->> 'scope_id')
           aggregate_id AS account_id, body ->> 'role' AS role, body ->> 'scope_kind' AS scope_kind,
           (body ->> 'scope_id')::uuid AS scope_id, type = 'identity.role_granted.v1' AS held
    FROM events WHERE type IN ('identity.role_granted.v1', 'identity.role_revoked.v1')
    ORDER BY aggregate_id, body ->> 'role', body ->> 'scope_kind', body ->> 'scope_id', version DESC
) AS said
FULL JOIN grants USING (account_id, role, scope_kind, scope_id)
WHERE coalesce(said.held, false) <> (grants.account_id IS NOT NULL)
"""

CHECKS = {
    "erased account still has a contact": ERASED_WITH_CONTACT,
    "erased account is still logged in": ERASED_WITH_SESSION,
    "erased account still has a role": ERASED_WITH_ROLE,
    "account has no contact left": UNREACHABLE,
    "account and what was said of it differ": UNSAID,
    "code was used to no effect": USED_WITHOUT_EFFECT,
    "code took effect without being used": UNUSED_WITH_EFFECT,
    "assistance without the person's consent": DEAF_ASSISTANCE,
}


async def broken(sql: Reader) -> list[tuple[str, UUID]]:
    """Give what is not as it must be: the check, and the id it fails for."""
    return [(what, row["id"]) for what, statement in CHECKS.items() for row in await sql.rows(statement)]


async def roles_unlike_log(sql: Reader) -> list[tuple[UUID, str, UUID, bool, bool]]:
    """Give roles that the log and the table tell differently: account, role, scope, held by the log, held by the table."""
    return [tuple(row) for row in await sql.rows(ROLES_BY_LOG)]
