"""The job that sends, at times of our choosing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.notifications.commands import people
from services.notifications.domain.notice import Notice
from services.notifications.domain.sending import MOST_ATTEMPTS
from services.notifications.jobs import forget_notices, send_due_messages
from services.notifications.repository import deliveries, messages
from services.notifications.repository.people import Wishes, keep_wishes
from services.notifications.resources import Resources
from shared.contracts import identity
from shared.contracts.pools import TierReached
from shared.ids import new_id
from shared.messengers import RecordingMessenger
from shared.testing.running import eventually

SAID = "SELECT body ->> 'channel' AS channel FROM events WHERE type = 'notifications.message_sent.v1' ORDER BY 1"

BLOCKED = """
SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()
"""


async def send(desk, later=timedelta(0)):
    return await send_due_messages(desk.context, await desk.now() + later)


async def test_message_leaves_once_by_every_way(desk, cast):
    await desk.hear(cast.profile(cast.member), cast.submitted(), cast.pledged())
    assert await send(desk) == 2
    assert await send(desk, timedelta(days=1)) == 0
    (mail,), (chat,) = desk.email.sent, desk.whatsapp.sent
    (message,) = await desk.rows("SELECT id FROM messages")
    assert mail.reference == chat.reference == message["id"], "the Message-ID is made of it"
    assert (mail.to, chat.to) == ("sri@contoh.id", "+6281234567890")
    assert mail.template is None
    assert chat.template.name == "urunbeli_notice"
    assert chat.template.values[0] == "Komitmen Anda tercatat"
    assert chat.template.values[2].endswith(f"/komitmen/{cast.pledge_id}")
    assert await desk.ways() == [("email", "sent", None), ("whatsapp", "sent", None)]
    assert [row["channel"] for row in await desk.rows(SAID)] == ["email", "whatsapp"]


async def test_good_to_know_stays_in_the_inbox(desk, cast):
    await desk.hear(
        cast.profile(cast.initiator),
        cast.submitted(),
        TierReached(pool_id=cast.pool_id, from_units=5, unit_price_idr=9),
    )
    assert await send(desk) == 0
    assert len(await desk.rows("SELECT FROM messages WHERE account_id = $1", cast.initiator)) == 1


async def test_blocked_way_is_tried_again_with_growing_pauses(desk, cast):
    await desk.hear(cast.profile(cast.member, phone=None), cast.pledged())
    desk.email.down = True
    assert await send(desk) == 1
    assert await desk.ways() == [("email", "waiting", "down")]
    assert await send(desk, timedelta(seconds=50)) == 0
    assert await send(desk, timedelta(seconds=61)) == 1
    assert await send(desk, timedelta(seconds=170)) == 0
    desk.email.down = False
    assert await send(desk, timedelta(seconds=182)) == 1
    assert await desk.ways() == [("email", "sent", None)]
    assert len(desk.email.sent) == 1


async def test_sending_is_given_up_with_a_reason_and_the_inbox_keeps_the_message(desk, cast):
    await desk.hear(cast.profile(cast.member, phone=None), cast.pledged())
    desk.email.down = True
    tries, later = 0, timedelta(0)
    while done := await send(desk, later):
        tries, later = tries + done, later + timedelta(hours=6, seconds=1)
    assert tries == MOST_ATTEMPTS
    assert await desk.ways() == [("email", "given_up", "down")]
    assert await desk.rows(SAID) == []
    assert len(await desk.rows("SELECT FROM messages WHERE account_id = $1", cast.member)) == 1


async def test_refused_address_is_given_up_at_once_and_harms_no_other(desk, cast):
    other = new_id()
    await desk.hear(
        cast.profile(cast.member, phone=None, email="mati@contoh.id"),
        cast.profile(other, phone=None, email="hidup@contoh.id"),
        cast.pledged(cast.line(), cast.line(other, new_id())),
    )
    desk.email.refusing.add("mati@contoh.id")
    assert await send(desk) == 2
    assert sorted(await desk.ways()) == [("email", "given_up", "refused"), ("email", "sent", None)]
    assert [message.to for message in desk.email.sent] == ["hidup@contoh.id"]


async def test_message_waits_for_the_contact_and_leaves_when_it_comes(desk, cast):
    await desk.hear(cast.pledged())
    assert await send(desk, timedelta(hours=23)) == 0
    await desk.hear(cast.profile(cast.member, phone=None))
    assert await send(desk, timedelta(seconds=1)) == 2
    assert [message.to for message in desk.email.sent] == ["sri@contoh.id"]
    assert await desk.ways() == [("email", "sent", None), ("whatsapp", "given_up", "no address")]


async def test_message_waits_a_day_for_the_contact_and_no_longer(desk, cast):
    await desk.hear(cast.pledged())
    assert await send(desk, timedelta(hours=24, minutes=1)) == 2
    assert await desk.ways() == [("email", "given_up", "no address"), ("whatsapp", "given_up", "no address")]


async def test_who_is_known_to_have_no_mail_gets_none_later(desk, cast):
    await desk.hear(cast.profile(cast.member, email=None), cast.pledged())
    await desk.hear(cast.profile(cast.member, email="baru@contoh.id"))
    assert await send(desk) == 1
    assert (len(desk.email.sent), len(desk.whatsapp.sent)) == (0, 1)


@pytest.mark.parametrize(("email", "whatsapp"), [(True, False), (False, True), (False, False)])
async def test_wishes_are_respected_before_and_after_writing(desk, cast, email, whatsapp):
    second = new_id()
    await desk.hear(cast.profile(cast.member), cast.pledged())
    async with desk.context.db.transaction() as tx:
        await keep_wishes(tx, cast.member, Wishes(email, whatsapp))
    await desk.hear(cast.pledged(cast.line(cast.member, second)))
    await send(desk)
    assert (len(desk.email.sent), len(desk.whatsapp.sent)) == (2 * email, 2 * whatsapp)
    reasons = [reason for _, state, reason in await desk.ways() if state == "given_up"]
    assert set(reasons) <= {"switched off"}
    assert len(await desk.rows("SELECT FROM messages")) == 2


async def test_too_old_a_message_is_not_sent_any_more(desk, cast):
    await desk.hear(cast.profile(cast.member, phone=None), cast.pledged())
    await send(desk, timedelta(days=4))
    assert await desk.ways() == [("email", "given_up", "too old")]


async def test_language_is_the_readers_at_the_time_of_sending(desk, cast):
    await desk.hear(cast.pledged(), cast.profile(cast.member, language="en"))
    await send(desk, timedelta(seconds=1))
    assert desk.email.sent[0].subject == "Your pledge is recorded"


async def test_two_senders_do_not_send_the_same_message(desk, cast):
    people = [(new_id(), new_id()) for _ in range(30)]
    await desk.hear(*(cast.profile(account, phone=None) for account, _ in people))
    await desk.hear(cast.pledged(*(cast.line(account, pledge) for account, pledge in people)))
    now = await desk.now()
    async with desk.context.db.transaction() as tx:
        taken = await deliveries.take(tx, now, now + timedelta(minutes=2), ["email"], 20)
        assert (len(taken), await send(desk)) == (20, 10), (
            "it neither waits for what another has taken nor takes it too"
        )
    assert await send(desk, timedelta(minutes=1)) == 0
    assert len({message.reference for message in desk.email.sent}) == len(desk.email.sent) == 10


class Endless(RecordingMessenger):
    """Takes a message and never comes to an end with it."""

    def __init__(self):
        super().__init__("email")
        self.begun = asyncio.Event()

    async def send(self, message):
        self.begun.set()
        await asyncio.Event().wait()


async def test_message_of_a_sender_that_died_is_found_again_with_the_same_id(desk, cast):
    await desk.hear(cast.profile(cast.member, phone=None), cast.pledged())
    working, endless = desk.context.resources, Endless()
    desk.context.resources = Resources((endless,))
    sender = asyncio.create_task(send(desk))
    await endless.begun.wait()
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)
    desk.context.resources = working
    assert await send(desk, timedelta(minutes=1)) == 0, "it may still be on its way"
    assert await send(desk, timedelta(minutes=3)) == 1
    (message,) = await desk.rows("SELECT id FROM messages")
    assert [sent.reference for sent in desk.email.sent] == [message["id"]]


async def test_erased_person_gets_no_mail_that_waited(desk, cast):
    await desk.hear(cast.profile(cast.member), cast.pledged(), identity.AccountErased(account_id=cast.member))
    assert await send(desk, timedelta(hours=1)) == 0
    assert await desk.ways() == []


async def test_without_messengers_nothing_waits(desk, cast):
    desk.context.resources = Resources(())
    await desk.hear(cast.profile(cast.member), cast.pledged())
    assert await send(desk) == 0
    assert await desk.ways() == []
    assert len(await desk.rows("SELECT FROM messages")) == 1


async def test_notices_for_late_officers_are_forgotten_after_a_day(desk, cast):
    await desk.hear(cast.submitted())
    assert await forget_notices(desk.context, await desk.now() + timedelta(hours=23)) == 0
    assert await forget_notices(desk.context, await desk.now() + timedelta(hours=25)) == 1
    await desk.hear(cast.role(cast.operator))
    assert [row["template"] for row in await desk.rows("SELECT template FROM messages")] == ["role_granted"]


async def blocked(desk):
    return len(await desk.rows(BLOCKED))


def notice(cast):
    return Notice(cast.member, "pledge_withdrawn", object_id=cast.pledge_id, subject_id=cast.pool_id)


async def write(tx, cast):
    await messages.write(tx, new_id(), [notice(cast)], ["email"], frozenset(), await tx.now(), timedelta(days=1))


async def test_nothing_slips_in_while_a_person_is_erased(desk, cast):
    async def erase():
        async with desk.context.db.transaction() as tx:
            await people.erase(tx, cast.member)

    await desk.hear(cast.profile(cast.member))
    async with desk.context.db.transaction() as tx:
        await write(tx, cast)
        erasing = asyncio.create_task(erase())
        await eventually(lambda: blocked(desk))
    await erasing
    assert await desk.rows("SELECT FROM messages") == []
    async with desk.context.db.transaction() as tx:
        await write(tx, cast)
    assert await desk.rows("SELECT FROM messages") == []


async def test_contact_that_comes_while_a_message_is_written_is_not_missed(desk, cast):
    await desk.hear(cast.pledged())

    async def tell():
        async with desk.context.db.transaction() as tx:
            await write(tx, cast)

    async with desk.context.db.transaction() as tx:
        await people.keep_profile(tx, cast.profile(cast.member, phone=None), 1, desk.context)
        telling = asyncio.create_task(tell())
        await eventually(lambda: blocked(desk))
    await telling
    assert await send(desk, timedelta(seconds=1)) == 3
    assert [message.to for message in desk.email.sent] == ["sri@contoh.id"] * 2
