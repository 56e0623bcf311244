"""What can be asked of identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.identity.domain.consents import consent_text
from services.identity.domain.contacts import read_contact, read_phone
from services.identity.domain.sessions import IDLE
from services.identity.repository import accounts, checks, codes, grants, sessions
from services.identity.views import (
    ConsentItem,
    DevMessageItem,
    DevMessages,
    Found,
    FoundItem,
    GrantView,
    ListQuery,
    Me,
    Names,
    NameView,
    SessionItem,
)
from shared.auth import Principal
from shared.db import Reader
from shared.errors import NotFound
from shared.http.paging import Page, decode_cursor, page
from shared.service import Context, Drift, Findings

_MOST_DEV_MESSAGES = 50


async def read_me(sql: Reader, who: Principal) -> Me:
    """Show the caller their account. Raises `NotFound` where it is erased."""
    account = await accounts.find_account(sql, who.account_id)
    if account is None:
        raise NotFound
    held = [] if who.assisted_by else await grants.grants_of(sql, account.id)
    return Me(
        id=account.id,
        name=account.name,
        phone=account.phone,
        email=account.email,
        language=account.language,
        grants=[GrantView(**grant._asdict()) for grant in held],
        assisted_by=who.assisted_by,
    )


async def read_name(sql: Reader, account_id: UUID) -> NameView:
    """Tell whose account this is. Raises `NotFound`."""
    account = await accounts.find_account(sql, account_id)
    if account is None:
        raise NotFound
    return NameView(id=account.id, name=account.name)


async def read_names(sql: Reader, account_ids: Sequence[UUID]) -> Names:
    """Tell whose accounts these are, of those that are there."""
    found = await accounts.find_accounts(sql, account_ids)
    return Names(items=[NameView(id=account.id, name=account.name) for account in found])


async def search_phone(sql: Reader, phone: str) -> Found:
    """Find who has exactly this phone number. Raises `ContactInvalid`."""
    contact = read_phone(phone)
    account_id = await accounts.find_holder(sql, contact)
    account = await accounts.find_account(sql, account_id) if account_id else None
    if account is None:
        return Found(items=[])
    return Found(items=[FoundItem(id=account.id, name=account.name, phone_masked=contact.masked)])


async def list_sessions(sql: Reader, account_id: UUID, now: datetime, query: ListQuery) -> Page[SessionItem]:
    """List where an account is logged in, newest first."""
    before = decode_cursor(query.cursor, UUID)
    found = await sessions.live_sessions(sql, account_id, now, now - IDLE, before, query.limit + 1)
    items = [
        SessionItem(
            id=session.id,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
        )
        for session in found
    ]
    return page(items, query.limit, lambda item: item.id)


async def list_consents(sql: Reader, account_id: UUID, language: str, query: ListQuery) -> Page[ConsentItem]:
    """List what an account has agreed to, newest first."""
    before = decode_cursor(query.cursor, UUID)
    found = await accounts.consents_of(sql, account_id, before, query.limit + 1)
    items = [
        ConsentItem(
            id=consent.id,
            purpose=consent.purpose,
            text_version=consent.text_version,
            text=consent_text(consent.purpose, consent.text_version, language),
            recorded_by=consent.recorded_by,
            at=consent.at,
        )
        for consent in found
    ]
    return page(items, query.limit, lambda item: item.id)


async def list_dev_messages(sql: Reader, to: str | None) -> DevMessages:
    """List what the message box of a developer's machine holds. Raises `ContactInvalid`."""
    recipient = read_contact(to).value if to else None
    found = await codes.dev_messages(sql, recipient, _MOST_DEV_MESSAGES)
    return DevMessages(
        items=[
            DevMessageItem(
                challenge_id=message.challenge_id,
                to=message.recipient,
                text=message.text,
                code=message.code,
                at=message.at,
            )
            for message in found
        ]
    )


async def verify(sql: Reader, _: Context) -> Findings:
    """Check the rows against one another, and the roles against the log of events."""
    drifts = [Drift(what, str(id_), "never", "so it is") for what, id_ in await checks.broken(sql)]
    for account_id, role, scope_id, said, kept in await checks.roles_unlike_log(sql):
        drifts.append(Drift(f"role {role} over {scope_id} by the log and by the table", str(account_id), said, kept))
    return Findings(drifts)
