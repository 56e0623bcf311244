"""Sending: outside of any transaction, at least once, until a message is sent or given up.

A message goes again only if the process dies between the sending and its record; it carries the same Message-ID then.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from services.notifications.domain.letters import SETTINGS_PATH, letter, slip
from services.notifications.domain.notice import link_of
from services.notifications.domain.sending import Fate, after_failure, obstacle
from services.notifications.domain.template import write
from services.notifications.domain.templates import TEMPLATES
from services.notifications.repository import deliveries
from services.notifications.repository.deliveries import Taken
from services.notifications.resources import Resources
from shared.contracts.notifications import MessageSent
from shared.db import Database
from shared.messengers import Message, Messenger, MessengerRefused, MessengerUnavailable, Template
from shared.service import Context

log = structlog.get_logger()

MOST_AT_ONCE = 20
LEASE = timedelta(minutes=2)
"""How long a message is left to whoever took it; longer than any messenger may take."""
WHATSAPP_TEMPLATE = "urunbeli_notice"
"""WhatsApp template of category utility; its three values are title, text and address."""


async def send_due(context: Context, now: datetime) -> int:
    """Send the messages that are due; gives how many were taken up."""
    resources: Resources = context.resources
    by_channel = {messenger.channel: messenger for messenger in resources.messengers}
    if not by_channel:
        return 0
    async with context.db.transaction() as tx:
        taken = await deliveries.take(tx, now, now + LEASE, resources.channels, MOST_AT_ONCE)
    public_url = context.settings.public_url.rstrip("/")
    outcomes = await asyncio.gather(
        *(_deliver(context.db, by_channel[one.channel], one, public_url, now) for one in taken), return_exceptions=True
    )
    for outcome in outcomes:  # only now, so that one that breaks does not keep what the others did from being recorded
        if isinstance(outcome, BaseException):
            raise outcome
    return len(taken)


async def _deliver(db: Database, messenger: Messenger, taken: Taken, public_url: str, now: datetime) -> None:
    fate = await _send(messenger, taken, public_url, now)
    async with db.transaction() as tx:
        recorded = await deliveries.settle(tx, taken, fate, now)
        if recorded and fate.state == "sent":
            tx.emit(
                MessageSent(
                    message_id=taken.message_id,
                    account_id=taken.account_id,
                    channel=taken.channel,
                    template=taken.template,
                )
            )


async def _send(messenger: Messenger, taken: Taken, public_url: str, now: datetime) -> Fate:
    if reason := obstacle(taken.reader, taken.channel, taken.at, now):
        return Fate("given_up", reason=reason)
    try:
        reference = await messenger.send(_composed(taken, public_url))
    except MessengerUnavailable as error:
        log.warning("a message waits", channel=taken.channel, attempts=taken.attempts, reason=error.reason)
        return after_failure(taken.attempts, error.reason, now)
    except MessengerRefused as error:
        log.warning("a message was refused", channel=taken.channel, reason=error.reason)
        return Fate("given_up", reason=error.reason)
    return Fate("sent", reference=reference)


def _composed(taken: Taken, public_url: str) -> Message:
    reader = taken.reader
    address = reader.address(taken.channel)
    assert address is not None
    written = write(TEMPLATES[taken.template], taken.facts, taken.names, reader.language)
    url = public_url + link_of(taken.template, taken.object_id)
    mail = letter(written, reader.name, url, public_url + SETTINGS_PATH, reader.language)
    return Message(
        to=address,
        subject=mail.subject,
        text=mail.text,
        language=reader.language,
        template=Template(WHATSAPP_TEMPLATE, slip(written, url)) if taken.channel == "whatsapp" else None,
        reference=taken.message_id,
    )
