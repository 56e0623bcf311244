"""Accounts, their contacts and their consents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from services.identity.domain import consents
from services.identity.domain.accounts import Account
from services.identity.domain.contacts import Contact, ContactKind
from shared.db import Reader, Row, Transaction

# One contact has one account: whoever looks for it in order to make it waits for the other who does.
LOCK_CONTACT = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7240601))"

_ACCOUNT = """
SELECT accounts.id, accounts.name, accounts.language, accounts.erased_at,
       (SELECT value FROM contacts WHERE account_id = accounts.id AND kind = 'phone') AS phone,
       (SELECT value FROM contacts WHERE account_id = accounts.id AND kind = 'email') AS email
FROM accounts
"""

ACCOUNT = _ACCOUNT + "WHERE id = $1"

ACCOUNTS = _ACCOUNT + "WHERE id = ANY ($1::uuid[]) ORDER BY id"

LOCK_ACCOUNT = "SELECT id FROM accounts WHERE id = $1 FOR UPDATE"

HOLDER = "SELECT account_id FROM contacts WHERE kind = $1 AND value = $2"

ADD_ACCOUNT = "INSERT INTO accounts (id, name, language, post_id, registered_at) VALUES ($1, $2, $3, $4, $5)"

CHANGE_ACCOUNT = "UPDATE accounts SET name = $2, language = $3 WHERE id = $1"

PUT_CONTACT = """
INSERT INTO contacts (account_id, kind, value, verified_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, kind) DO UPDATE SET value = excluded.value, verified_at = excluded.verified_at
"""

VERIFY_CONTACT = """
UPDATE contacts SET verified_at = $3 WHERE kind = $1 AND value = $2 AND verified_at IS NULL
"""

REMOVE_CONTACT = "DELETE FROM contacts WHERE account_id = $1 AND kind = $2"

ERASE_ACCOUNT = "UPDATE accounts SET name = NULL, post_id = NULL, erased_at = $2 WHERE id = $1"

# In one statement, so that the contacts are still there to be compared with.
ERASE_TRACES = """
WITH gone AS (DELETE FROM contacts WHERE account_id = $1 RETURNING value),
     boxes AS (DELETE FROM dev_messages WHERE recipient IN (SELECT value FROM gone)
               OR challenge_id IN (SELECT challenge_id FROM login_codes WHERE account_id = $1)),
     codes AS (DELETE FROM login_codes WHERE account_id = $1 OR contact IN (SELECT value FROM gone))
UPDATE sessions SET ended_at = $2, end_reason = 'erased' WHERE account_id = $1 AND ended_at IS NULL
"""

ADD_CONSENT = """
INSERT INTO consents (id, account_id, purpose, text_version, recorded_by, at) VALUES ($1, $2, $3, $4, $5, $6)
"""

CONSENTS = """
SELECT id, purpose, text_version, recorded_by, at FROM consents
WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""

ADD_ASSISTANCE = """
INSERT INTO assistances (id, account_id, operator_account_id, post_id, consent_id, challenge_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that was given. `recorded_by`: the person, or the operator who wrote it down."""

    id: UUID
    purpose: consents.Purpose
    text_version: int
    recorded_by: UUID
    at: datetime


async def lock_contact(tx: Transaction, contact: Contact) -> None:
    """Keep others from giving this contact to an account until the commit."""
    await tx.run(LOCK_CONTACT, contact.value)


async def find_account(sql: Reader, account_id: UUID) -> Account | None:
    """Find an account that is not erased."""
    return _account(await sql.row(ACCOUNT, account_id))


async def find_accounts(sql: Reader, account_ids: Sequence[UUID]) -> list[Account]:
    """Find those of some accounts that are not erased."""
    return [account for row in await sql.rows(ACCOUNTS, account_ids) if (account := _account(row))]


async def lock_account(tx: Transaction, account_id: UUID) -> Account | None:
    """Find an account that is not erased, and keep it from changing until the commit."""
    await tx.row(LOCK_ACCOUNT, account_id)
    return await find_account(tx, account_id)  # a second statement, so that it sees what the lock waited for


async def find_holder(sql: Reader, contact: Contact) -> UUID | None:
    """Find whose contact this is."""
    return cast("UUID | None", await sql.value(HOLDER, contact.kind, contact.value))


async def add_account(tx: Transaction, account: Account, post_id: UUID | None, now: datetime) -> None:
    """Keep a new account, without contacts."""
    await tx.run(ADD_ACCOUNT, account.id, account.name, account.language, post_id, now)


async def change_account(tx: Transaction, account: Account) -> None:
    """Keep an account's new name and language."""
    await tx.run(CHANGE_ACCOUNT, account.id, account.name, account.language)


async def put_contact(tx: Transaction, account_id: UUID, contact: Contact, verified_at: datetime | None) -> None:
    """Give an account a contact, instead of another of its kind. Raises `UniqueViolation` where another account has it."""
    await tx.run(PUT_CONTACT, account_id, contact.kind, contact.value, verified_at)


async def verify_contact(tx: Transaction, contact: Contact, now: datetime) -> None:
    """Note that its holder has proved a contact."""
    await tx.run(VERIFY_CONTACT, contact.kind, contact.value, now)


async def remove_contact(tx: Transaction, account_id: UUID, kind: ContactKind) -> None:
    """Take a contact from an account."""
    await tx.run(REMOVE_CONTACT, account_id, kind)


async def erase_account(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """Delete name, contacts and whatever still carries them; end the sessions. The id stays."""
    await tx.run(ERASE_TRACES, account_id, now)
    await tx.run(ERASE_ACCOUNT, account_id, now)


async def add_consent(tx: Transaction, account_id: UUID, consent: Consent) -> None:
    """Keep the proof of a consent."""
    await tx.run(
        ADD_CONSENT, consent.id, account_id, consent.purpose, consent.text_version, consent.recorded_by, consent.at
    )


async def consents_of(sql: Reader, account_id: UUID, before: UUID | None, limit: int) -> list[Consent]:
    """List an account's consents, newest first."""
    return [Consent(**row) for row in await sql.rows(CONSENTS, account_id, before, limit)]


async def add_assistance(
    tx: Transaction,
    assistance_id: UUID,
    *,
    account_id: UUID,
    operator_account_id: UUID,
    post_id: UUID,
    consent_id: UUID,
    challenge_id: UUID,
    now: datetime,
) -> None:
    """Keep the record that an operator was let act for a person."""
    await tx.run(ADD_ASSISTANCE, assistance_id, account_id, operator_account_id, post_id, consent_id, challenge_id, now)


def _account(row: Row | None) -> Account | None:
    if row is None or row["erased_at"] is not None:
        return None
    return Account(row["id"], row["name"], row["language"], row["phone"], row["email"])
