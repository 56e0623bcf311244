"""Codes: asking for one, trying one, and what opens with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.identity.domain import limits
from services.identity.domain.codes import LIFETIME, Challenge, Language, Purpose, hash_code, judge
from services.identity.domain.contacts import Contact
from services.identity.keys import Keys, new_code
from services.identity.refusals import CodeTooOften
from services.identity.repository import codes as repository
from services.identity.resources import Channel, Resources
from services.identity.texts import code_message
from shared.db import Transaction
from shared.errors import Refusal
from shared.ids import new_id

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """A challenge that waits for its code."""

    challenge_id: UUID
    channel: Channel
    expires_at: datetime


async def ask_code(
    tx: Transaction,
    resources: Resources,
    contact: Contact,
    purpose: Purpose,
    language: Language,
    *,
    caller: str | None,
    account_id: UUID | None = None,
    requested_by: UUID | None = None,
    operator_name: str | None = None,
    post_id: UUID | None = None,
) -> Asked:
    """Make a code for a contact and the intent to send it; the sending is a job's, after the commit.

    Nothing here depends on whether the contact has an account, so neither the answer nor its time tells. `caller` names
    who is counted besides the contact. Raises `ChannelNotSetUp` or `CodeTooOften`.
    """
    channel = resources.channel_to(contact)
    now = await _counted(tx, resources, contact, caller)
    code = new_code()
    challenge_id = new_id()
    challenge = Challenge(
        id=challenge_id,
        purpose=purpose,
        contact=contact,
        language=language,
        code_hash=hash_code(resources.keys.code, challenge_id, code),
        created_at=now,
        expires_at=now + LIFETIME,
        account_id=account_id,
        requested_by=requested_by,
        post_id=post_id,
    )
    await repository.add_challenge(tx, challenge)
    if channel == "development":
        await repository.add_unsent_message(tx, challenge_id, "dev-messages", now)
    else:
        await repository.add_message(tx, challenge_id, resources.keys.seal.encrypt(code.encode()), now)
    if resources.development:
        await _put_into_box(tx, challenge, code, operator_name)
    return Asked(challenge_id, channel, challenge.expires_at)


async def check_code(
    tx: Transaction, keys: Keys, challenge_id: UUID, purpose: Purpose, code: str, *, asker: UUID | None = None
) -> Refusal | None:
    """Try a code in a transaction of its own, and give the refusal instead of raising it.

    A refusal that is raised undoes its transaction, and the count of wrong tries with it: whoever guesses could go on for
    ever. So the try is judged and counted here and committed, and only then does the caller raise. What the right code
    opens happens in a second transaction, which judges again under the same lock (`open_challenge`).
    `asker`: who must have asked for the code, unless it is for a log-in.
    """
    challenge = await repository.lock_challenge(tx, challenge_id)
    verdict = judge(challenge, purpose, asker, hash_code(keys.code, challenge_id, code), await tx.now())
    if verdict.wrong:
        await repository.count_wrong_try(tx, challenge_id)
    return verdict.refusal


async def open_challenge(
    tx: Transaction, keys: Keys, challenge_id: UUID, purpose: Purpose, code: str, *, asker: UUID | None = None
) -> Challenge:
    """Use a code up, in one transaction with what it opens. Raises what `check_code` gives."""
    challenge = await repository.lock_challenge(tx, challenge_id)
    now = await tx.now()
    verdict = judge(challenge, purpose, asker, hash_code(keys.code, challenge_id, code), now)
    if verdict.refusal is not None:
        raise verdict.refusal
    assert challenge is not None, "only a challenge that is there is opened"
    await repository.use_challenge(tx, challenge_id, now)
    return challenge


async def _counted(tx: Transaction, resources: Resources, contact: Contact, caller: str | None) -> datetime:
    """Count one more request, if the limits allow it; gives its time."""
    keys, factor = resources.keys, resources.code_limit_factor
    contact_digest = keys.digested("contact", contact.value)
    caller_digest = keys.digested("caller", caller) if caller is not None else None
    await repository.lock_requests(tx, contact_digest, caller_digest)
    now = await tx.now()
    to_contact, by_caller = await repository.times_of_requests(tx, contact_digest, caller_digest, now - limits.LONGEST)
    needed = max(
        limits.wait(limits.PER_CONTACT, to_contact, now, factor), limits.wait(limits.PER_CALLER, by_caller, now, factor)
    )
    if needed > timedelta(0):
        raise CodeTooOften(retry_after_s=math.ceil(needed.total_seconds()))
    await repository.add_request(tx, contact_digest, caller_digest, now)
    return now


async def _put_into_box(tx: Transaction, challenge: Challenge, code: str, operator_name: str | None) -> None:
    message = code_message(challenge.contact.value, challenge.purpose, code, challenge.language, operator_name)
    shown = repository.DevMessage(challenge.id, message.to, message.text, code, challenge.created_at)
    await repository.add_dev_message(tx, new_id(), shown)
    tx.after_commit(lambda: log.info("message to a person", to=message.to, text=message.text))
