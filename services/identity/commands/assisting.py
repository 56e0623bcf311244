"""Dibantu petugas: an operator acts for a person at the counter, with consent and code; both names stand in the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.identity.commands.accounts import find_by_contact, record_consent, register
from services.identity.commands.codes import Asked, ask_code, open_challenge
from services.identity.domain.accounts import Account
from services.identity.domain.contacts import Contact
from services.identity.keys import Keys
from services.identity.repository import accounts as repository
from services.identity.resources import Resources
from shared.auth import require
from shared.db import Transaction
from shared.errors import NotFound
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Offered:
    """An operator's help, waiting for the person's code."""

    account_id: UUID
    asked: Asked


async def offer_help(
    tx: Transaction, resources: Resources, contact: Contact, name: str, *, operator_id: UUID, post_id: UUID
) -> Offered:
    """Find or make a person's account, and send them the code by which they accept the operator's help.

    `name` counts for a new account only. Raises `NotAllowed` to an operator who would help themselves, and what
    `ask_code` raises.
    """
    account = await find_by_contact(tx, contact)
    if account is None:
        now = await tx.now()
        account = await register(tx, contact, name, "id", now=now, proved=False, post_id=post_id)
        await record_consent(tx, account.id, "account", operator_id, now)
    require(account.id != operator_id)
    operator = await repository.find_account(tx, operator_id)
    asked = await ask_code(
        tx,
        resources,
        contact,
        "assist",
        account.language,
        caller=f"operator {operator_id}",
        account_id=account.id,
        requested_by=operator_id,
        operator_name=operator.name if operator else None,
        post_id=post_id,
    )
    return Offered(account.id, asked)


async def begin_assistance(
    tx: Transaction, keys: Keys, challenge_id: UUID, code: str, *, operator_id: UUID, operates: Callable[[UUID], bool]
) -> Account:
    """Let an operator act for the person whose code they give; gives whom. The consent is recorded now, that the code proves it.

    Raises what `check_code` gives, `NotAllowed` to who works at the post no longer, `NotFound` of an erased account.
    """
    challenge = await open_challenge(tx, keys, challenge_id, "assist", code, asker=operator_id)
    assert challenge.post_id is not None
    assert challenge.account_id is not None
    require(operates(challenge.post_id))
    account = await repository.lock_account(tx, challenge.account_id)
    if account is None or not account.has(challenge.contact):
        raise NotFound
    now = await tx.now()
    await repository.verify_contact(tx, challenge.contact, now)
    await repository.add_assistance(
        tx,
        new_id(),
        account_id=account.id,
        operator_account_id=operator_id,
        post_id=challenge.post_id,
        consent_id=await record_consent(tx, account.id, "assistance", operator_id, now),
        challenge_id=challenge_id,
        now=now,
    )
    return account
