"""Telling people: into the inbox at once, and on its way by what is set up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.notifications.domain.notice import Notice, PostNotice, PostRole
from services.notifications.domain.sending import CONTACT_WAIT
from services.notifications.domain.templates import QUIET
from services.notifications.repository import messages, surroundings
from services.notifications.resources import Resources
from shared.db import Transaction
from shared.service import Context, Delivery

SENDER = "send_due_messages"
"""The job that sends."""

MISSED_FOR = CONTACT_WAIT
"""How long ago a thing may have happened that somebody new at a post is still told of."""


async def tell(tx: Transaction, delivery: Delivery, notices: Iterable[Notice]) -> None:
    """Tell people what an event means to them."""
    await _write(tx, delivery.context, delivery.event_id, list(notices))


async def tell_post(tx: Transaction, delivery: Delivery, notice: PostNotice) -> None:
    """Tell whoever serves at a post, and for a day whoever turns out to."""
    await surroundings.keep_notice(tx, delivery.event_id, notice, await tx.now())
    await tell(tx, delivery, [notice.to(account_id) for account_id in await surroundings.officers(tx, notice)])


async def catch_up(tx: Transaction, context: Context, post_id: UUID, account_id: UUID, role: PostRole) -> None:
    """Tell somebody new in a role what the post was told in the last day."""
    since = await tx.now() - MISSED_FOR
    for event_id, notice in await surroundings.missed_notices(tx, post_id, role, since, account_id):
        await _write(tx, context, event_id, [notice.to(account_id)])


async def _write(tx: Transaction, context: Context, event_id: UUID, notices: Sequence[Notice]) -> None:
    if not notices:
        return
    resources: Resources = context.resources
    to_send = await messages.write(tx, event_id, notices, resources.channels, QUIET, await tx.now(), CONTACT_WAIT)
    if to_send:
        tx.after_commit(lambda: context.wake(SENDER))
