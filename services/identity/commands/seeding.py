"""The accounts with which an installation begins."""

from __future__ import annotations

import re
from uuid import UUID

from services.identity.commands.accounts import find_by_contact, register
from services.identity.commands.grants import appoint
from services.identity.domain.contacts import read_contact
from services.identity.domain.roles import DKI_JAKARTA
from services.identity.repository import grants
from shared.auth import Grant
from shared.db import Transaction

OFFICER = Grant("officer", "province", DKI_JAKARTA)

_NAMED_CONTACT = re.compile(r"\s*(?P<name>[^<>]{1,120}?)\s*<\s*(?P<contact>[^<>]+?)\s*>\s*")


async def ensure_officer(tx: Transaction, contact: str, name: str) -> UUID:
    """Make somebody a province officer, with an account if they have none; gives its id. Again is as once.

    Raises `ContactInvalid`.
    """
    read = read_contact(contact)
    account = await find_by_contact(tx, read)
    if account is None:
        account = await register(tx, read, name, "id", now=await tx.now(), proved=False)
    await appoint(tx, account.id, OFFICER, by=None)
    return account.id


async def ensure_first_officer(tx: Transaction, setting: str) -> UUID | None:
    """Make the province officer of the setting `Name <contact>`, unless the province has one; gives the account made so.

    Raises `ValueError` where the setting has another form, or `ContactInvalid`.
    """
    match = _NAMED_CONTACT.fullmatch(setting)
    if match is None:
        raise ValueError("FIRST_OFFICER has the form: Name <+62...>")
    if await grants.lock_holders(tx, OFFICER):
        return None
    return await ensure_officer(tx, match["contact"], match["name"])
