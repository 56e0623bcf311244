"""People: their contacts, their wishes, and their wish to be forgotten."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.notifications.commands.telling import MISSED_FOR, SENDER
from services.notifications.repository import messages, people, surroundings
from services.notifications.repository.people import Wishes
from shared.contracts.identity import ProfileChanged
from shared.db import Transaction
from shared.errors import NotFound
from shared.service import Context


async def keep_profile(tx: Transaction, event: ProfileChanged, version: int, context: Context) -> None:
    """Keep a person's contacts; what waited for them leaves now."""
    if await people.keep_profile(tx, event, version, await tx.now()):
        tx.after_commit(lambda: context.wake(SENDER))


async def forget_profiles(tx: Transaction) -> None:
    """Take out all that was heard of people, so that it can be heard again; wishes and erasures stay."""
    await people.forget_profiles(tx)


async def erase(tx: Transaction, account_id: UUID) -> None:
    """Forget a person. Nothing is ever written to them again."""
    await people.erase(tx, account_id, await tx.now())


async def choose(tx: Transaction, account_id: UUID, wished: Wishes) -> Wishes:
    """Switch e-mail and WhatsApp on or off. The inbox stays."""
    await people.keep_wishes(tx, account_id, wished)
    return wished


async def mark_read(tx: Transaction, account_id: UUID, message_id: UUID) -> None:
    """Mark one's own message as read. Raises `NotFound`, also where it is another's."""
    if not await messages.mark_read(tx, message_id, account_id, await tx.now()):
        raise NotFound


async def mark_all_read(tx: Transaction, account_id: UUID) -> None:
    """Mark all of one's messages as read."""
    await messages.mark_all_read(tx, account_id, await tx.now())


async def forget_notices(tx: Transaction, now: datetime) -> int:
    """Delete posts' notices that nobody can have missed any more; gives how many."""
    return await surroundings.forget_notices(tx, now - MISSED_FOR)
