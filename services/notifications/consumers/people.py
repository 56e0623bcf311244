"""Who people are, how they are reached, and that somebody asks to be forgotten."""

from __future__ import annotations

from services.notifications.commands import people
from services.notifications.consumers.table import consumers
from shared.contracts.identity import AccountErased, ProfileChanged
from shared.db import Transaction
from shared.service import Delivery


@consumers.projection(ProfileChanged, fills={"people"}, clear=people.forget_profiles)
async def keep_profile(tx: Transaction, event: ProfileChanged, delivery: Delivery) -> None:
    """Keep a person's name, contacts and language."""
    await people.keep_profile(tx, event, delivery.version, delivery.context)


@consumers.reaction(AccountErased)
async def forget_person(tx: Transaction, event: AccountErased, _: Delivery) -> None:
    """Delete a person's contacts and messages."""
    await people.erase(tx, event.account_id)
