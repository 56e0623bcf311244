"""Accounts: registering, changing and erasing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.identity.commands.codes import open_challenge
from services.identity.commands.grants import revoke_all
from services.identity.domain.accounts import Account
from services.identity.domain.codes import Language
from services.identity.domain.consents import Purpose, current_version
from services.identity.domain.contacts import Contact
from services.identity.keys import Keys
from services.identity.refusals import ContactTaken, LastContact
from services.identity.repository import accounts as repository
from services.identity.repository.accounts import Consent
from shared.contracts.identity import AccountErased, AccountRegistered, ProfileChanged
from shared.db import Reader, Transaction
from shared.errors import NotFound
from shared.ids import new_id


async def find_by_contact(tx: Transaction, contact: Contact) -> Account | None:
    """Find whose contact this is, and keep it from being given to anybody else until the commit."""
    await repository.lock_contact(tx, contact)
    account_id = await repository.find_holder(tx, contact)
    return await repository.lock_account(tx, account_id) if account_id else None


async def register(
    tx: Transaction,
    contact: Contact,
    name: str,
    language: Language,
    *,
    now: datetime,
    proved: bool,
    post_id: UUID | None = None,
) -> Account:
    """Make an account. The caller has looked by `find_by_contact` that there is none. `proved`: its holder gave a code."""
    account = Account(id=new_id(), name=name, language=language).with_contact(contact)
    await repository.add_account(tx, account, post_id, now)
    await repository.put_contact(tx, account.id, contact, now if proved else None)
    tx.emit(AccountRegistered(account_id=account.id), _profile(account))
    return account


async def record_consent(tx: Transaction, account_id: UUID, purpose: Purpose, recorded_by: UUID, now: datetime) -> UUID:
    """Keep the proof that a person agreed to the present words; gives its id."""
    consent = Consent(new_id(), purpose, current_version(purpose), recorded_by, now)
    await repository.add_consent(tx, account_id, consent)
    return consent.id


async def change_profile(
    tx: Transaction,
    account_id: UUID,
    *,
    name: str | None = None,
    language: Language | None = None,
    drop_email: bool = False,
) -> Account:
    """Change name or language, or drop the e-mail address. Raises `NotFound`, or `LastContact` where nothing else is left."""
    before = await _locked(tx, account_id)
    after = replace(before, name=name or before.name, language=language or before.language)
    if drop_email and before.email:
        if before.phone is None:
            raise LastContact
        await repository.remove_contact(tx, account_id, "email")
        after = replace(after, email=None)
    return await _changed(tx, before, after)


async def prove_contact(tx: Transaction, keys: Keys, account_id: UUID, challenge_id: UUID, code: str) -> Account:
    """Give an account the contact whose code it gives. Raises what `check_code` gives, `ContactTaken`, `NotFound`."""
    challenge = await open_challenge(tx, keys, challenge_id, "contact", code, asker=account_id)
    holder = await find_by_contact(tx, challenge.contact)
    if holder is not None and holder.id != account_id:
        raise ContactTaken
    before = await _locked(tx, account_id)
    await repository.put_contact(tx, account_id, challenge.contact, await tx.now())
    return await _changed(tx, before, before.with_contact(challenge.contact))


async def erase(tx: Transaction, account_id: UUID) -> None:
    """Forget a person: name, contacts, sessions and roles go, the id stays. Nothing is refused; twice is as once."""
    if await repository.lock_account(tx, account_id) is None:
        return
    await revoke_all(tx, account_id)
    await repository.erase_account(tx, account_id, await tx.now())
    tx.emit(AccountErased(account_id=account_id))


async def snapshot(sql: Reader, account_ids: Sequence[UUID]) -> list[ProfileChanged]:
    """Give the present profiles of those accounts that are not erased."""
    return [_profile(account) for account in await repository.find_accounts(sql, account_ids)]


async def _locked(tx: Transaction, account_id: UUID) -> Account:
    account = await repository.lock_account(tx, account_id)
    if account is None:
        raise NotFound
    return account


async def _changed(tx: Transaction, before: Account, after: Account) -> Account:
    if after != before:
        await repository.change_account(tx, after)
        tx.emit(_profile(after))
    return after


def _profile(account: Account) -> ProfileChanged:
    return ProfileChanged(
        account_id=account.id,
        name=account.name,
        phone=account.phone,
        email=account.email,
        language=account.language,
    )
