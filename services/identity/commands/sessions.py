"""Logging in and out, and the principal for whom a session's tokens are signed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.identity.commands.accounts import find_by_contact, record_consent, register
from services.identity.commands.codes import open_challenge
from services.identity.domain.accounts import Account
from services.identity.domain.codes import Challenge
from services.identity.domain.consents import consent_text, current_version
from services.identity.domain.sessions import ABSOLUTE, EndReason, Session, is_live, should_note
from services.identity.keys import Keys, new_session_token, token_hash
from services.identity.refusals import ConsentNeeded, NameNeeded
from services.identity.repository import accounts, grants
from services.identity.repository import sessions as repository
from shared.auth import Principal
from shared.db import Transaction
from shared.errors import NotFound, NotSignedIn
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A log-in that succeeded. The token is told once and kept nowhere."""

    session_token: str = field(repr=False)
    account_id: UUID
    name: str
    new: bool


async def log_in(
    tx: Transaction,
    keys: Keys,
    challenge_id: UUID,
    code: str,
    *,
    name: str | None,
    consent: bool,
    old_token: str | None,
) -> LoggedIn:
    """Open a session with a code, and an account before that where the contact is new here.

    The session that the same browser had before ends (`old_token`). Raises what `check_code` gives, `NameNeeded`,
    `ConsentNeeded`; the code stays usable then.
    """
    challenge = await open_challenge(tx, keys, challenge_id, "log-in", code)
    account = await find_by_contact(tx, challenge.contact)
    now = await tx.now()
    new = account is None
    if account is None:
        account = await _registered(tx, challenge, name, consent, now)
    else:
        await accounts.verify_contact(tx, challenge.contact, now)
    if old_token is not None:
        await _end_token(tx, old_token, now, "rotated")
    token = new_session_token()
    session = Session(new_id(), account.id, created_at=now, last_seen_at=now, expires_at=now + ABSOLUTE)
    await repository.add_session(tx, session, token_hash(token), challenge_id)
    return LoggedIn(token, account.id, account.name, new)


async def log_out(tx: Transaction, token: str) -> None:
    """End the session of a token. Raises `NotSignedIn` where there is none."""
    if not await _end_token(tx, token, await tx.now(), "logged-out"):
        raise NotSignedIn


async def revoke_session(tx: Transaction, account_id: UUID, session_id: UUID) -> None:
    """End one of an account's sessions. Raises `NotFound` where it has no such live session."""
    session = await repository.session_of_account(tx, session_id, account_id)
    if session is None or not await repository.end_session(tx, session_id, await tx.now(), "revoked"):
        raise NotFound


async def principal_of(tx: Transaction, token: str) -> Principal:
    """Say for whom a session's token speaks, with the roles of this moment. Raises `NotSignedIn`."""
    session = await repository.session_of_token(tx, token_hash(token))
    now = await tx.now()
    if session is None or not is_live(session, now):
        raise NotSignedIn
    if should_note(session, now):
        await repository.note_seen(tx, session.id, now)
    return Principal(session.account_id, frozenset(await grants.grants_of(tx, session.account_id)))


async def _registered(tx: Transaction, challenge: Challenge, name: str | None, consent: bool, now: datetime) -> Account:
    if name is None:
        raise NameNeeded
    if not consent:
        version = current_version("account")
        raise ConsentNeeded(text=consent_text("account", version, challenge.language), text_version=version)
    account = await register(
        tx, challenge.contact, name, challenge.language, now=now, proved=True, post_id=challenge.post_id
    )
    await record_consent(tx, account.id, "account", account.id, now)
    return account


async def _end_token(tx: Transaction, token: str, now: datetime, reason: EndReason) -> bool:
    session = await repository.session_of_token(tx, token_hash(token))
    return session is not None and await repository.end_session(tx, session.id, now, reason)
