"""Sending codes: outside of any transaction, at least once, until they are sent, refused or too late."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from services.identity.repository import codes as repository
from services.identity.repository.codes import CodeMessage
from services.identity.resources import Resources
from services.identity.texts import code_message
from shared.db import Database
from shared.messengers import MessengerRefused, MessengerUnavailable, messenger_for

log = structlog.get_logger()

MOST_AT_ONCE = 20
LEASE = timedelta(seconds=45)
"""How long a message is left to whoever took it; longer than any messenger may take."""
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(seconds=30)


async def send_due_codes(db: Database, resources: Resources, now: datetime) -> int:
    """Send the codes that are due; gives how many were taken up."""
    async with db.transaction() as tx:
        taken = await repository.take_messages(tx, now, now + LEASE, MOST_AT_ONCE)
    await asyncio.gather(*(_send(db, resources, message, now) for message in taken))
    return len(taken)


async def _send(db: Database, resources: Resources, taken: CodeMessage, now: datetime) -> None:
    if now >= taken.expires_at:
        async with db.transaction() as tx:
            await repository.settle_message(tx, taken.challenge_id, "late")
        return
    messenger = messenger_for(resources.messengers, taken.contact.value)
    code = resources.keys.seal.decrypt(taken.sealed_code).decode()
    message = code_message(taken.contact.value, taken.purpose, code, taken.language, taken.operator_name)
    try:
        if messenger is None:  # it was there when the code was asked for; the settings have changed since
            raise MessengerUnavailable("no messenger")
        reference = await messenger.send(message)
    except MessengerUnavailable as error:
        log.warning("a message waits", kind=taken.contact.kind, attempts=taken.attempts, reason=error.reason)
        pause = min(FIRST_PAUSE * 2 ** (taken.attempts - 1), LONGEST_PAUSE)
        async with db.transaction() as tx:
            await repository.postpone_message(tx, taken.challenge_id, await tx.now() + pause, error.reason)
    except MessengerRefused as error:
        log.warning("a message was refused", kind=taken.contact.kind, reason=error.reason)
        async with db.transaction() as tx:
            await repository.settle_message(tx, taken.challenge_id, "refused", reason=error.reason)
    else:
        log.info("a message was sent", kind=taken.contact.kind, attempts=taken.attempts)
        async with db.transaction() as tx:
            await repository.settle_message(tx, taken.challenge_id, "sent", reference=reference)
