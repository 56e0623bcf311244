"""The way of a code to its person: after the commit, at least once, until sent, refused or too late."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.identity import commands
from services.identity.commands.sending import LEASE
from services.identity.domain.contacts import read_contact
from services.identity.keys import Keys
from services.identity.repository import codes as repository
from services.identity.resources import Resources
from shared.db import Database
from shared.migrate import service_dsn
from shared.processes import spare_port
from shared.testing.databases import rolled_back
from shared.testing.running import eventually


@pytest.fixture(scope="module")
async def kept(settings, module_dsn):
    """A database of this module alone, for what must be committed."""
    database = Database(service_dsn(settings, module_dsn, "identity"), schema="identity", size=4)
    await database.open()
    yield database
    await database.close()


class Post:
    """A production installation with one recording messenger."""

    def __init__(self, db, settings):
        from shared.messengers import RecordingMessenger

        self.db = db
        self.messenger = RecordingMessenger("whatsapp")
        self.resources = Resources(Keys.of(settings), (self.messenger,), development=False)

    async def ask(self, phone):
        async with self.db.transaction() as tx:
            return await commands.ask_code(tx, self.resources, read_contact(phone), "log-in", "id", caller=None)

    async def send(self, **later):
        async with self.db.transaction() as tx:
            now = await tx.now() + timedelta(**later)
        return await commands.send_due_codes(self.db, self.resources, now)

    async def message(self, asked):
        async with self.db.read() as sql:
            return await sql.row("SELECT * FROM code_messages WHERE challenge_id = $1", asked.challenge_id)


@pytest.fixture
def post(kept, settings):
    return Post(kept, settings)


async def test_a_code_is_sent_once_and_then_forgotten(post, phone):
    asked = await post.ask(phone)
    assert asked.channel == "whatsapp"
    before = await post.message(asked)
    assert (before["state"], len(before["sealed_code"]) > 20) == ("waiting", True)
    assert await post.send() == 1
    assert await post.send() == 0
    (message,) = post.messenger.sent
    code = message.template.copy_code
    assert message.to == phone
    assert code in message.text
    after = await post.message(asked)
    assert (after["state"], after["sealed_code"]) == ("sent", None)
    assert after["reference"] == f"recorded-{message.reference}"
    async with post.db.read() as sql:
        assert await sql.value("SELECT count(*) FROM dev_messages") == 0  # never in production
    async with post.db.transaction() as tx:
        done = await commands.log_in(
            tx, post.resources.keys, asked.challenge_id, code, name="Ibu Sri", consent=True, old_token=None
        )
    assert done.new


async def test_two_senders_at_once_send_each_code_once(post, new_phone):
    phones = [new_phone() for _ in range(12)]
    for phone in phones:
        await post.ask(phone)
    await asyncio.gather(*(post.send() for _ in range(4)))
    assert sorted(message.to for message in post.messenger.sent) == sorted(phones)


async def test_a_sender_passes_by_what_another_has_in_hand(post, phone):
    await post.ask(phone)
    async with post.db.transaction() as one, post.db.transaction() as other:
        now = await one.now()
        assert len(await repository.take_messages(one, now, now + LEASE, 20)) == 1
        assert await repository.take_messages(other, now, now + LEASE, 20) == []
    assert await post.send(seconds=LEASE.total_seconds() + 1) == 1


async def test_an_outage_delays_a_code_with_growing_pauses(post, phone):
    asked = await post.ask(phone)
    post.messenger.down = True
    assert await post.send() == 1
    assert await post.send() == 0  # not at once again
    waiting = await post.message(asked)
    assert (waiting["state"], waiting["attempts"], waiting["reason"]) == ("waiting", 1, "down")
    assert await post.send(seconds=3) == 1
    longer = await post.message(asked)
    post.messenger.down = False
    assert await post.send(seconds=31) == 1
    assert longer["attempts"] == 2
    assert (await post.message(asked))["state"] == "sent"
    assert [message.to for message in post.messenger.sent] == [phone]


async def test_a_refused_code_is_not_tried_again(post, phone):
    asked = await post.ask(phone)
    post.messenger.refusing.add(phone)
    assert await post.send() == 1
    assert await post.send(minutes=2) == 0
    message = await post.message(asked)
    assert (message["state"], message["sealed_code"]) == ("refused", None)


async def test_a_code_that_is_over_is_not_sent(post, phone):
    asked = await post.ask(phone)
    assert await post.send(minutes=5) == 1
    assert post.messenger.sent == []
    message = await post.message(asked)
    assert (message["state"], message["sealed_code"]) == ("late", None)


async def test_a_crash_while_sending_only_delays(post, phone):
    asked = await post.ask(phone)
    async with post.db.transaction() as tx:  # somebody takes it up, and dies
        now = await tx.now()
        await repository.take_messages(tx, now, now + LEASE, 20)
    assert await post.send() == 0
    assert await post.send(seconds=LEASE.total_seconds() + 1) == 1
    assert [message.to for message in post.messenger.sent] == [phone]
    assert (await post.message(asked))["attempts"] == 2


async def test_an_undone_request_sends_nothing(post, phone):
    async with rolled_back(post.db) as tx:
        await commands.ask_code(tx, post.resources, read_contact(phone), "log-in", "id", caller=None)
    assert await post.send() == 0
    assert post.messenger.sent == []


async def test_old_codes_requests_and_messages_are_forgotten_with_their_rows(post, phone, resources):
    asked = await post.ask(phone)
    async with post.db.transaction() as tx:
        await commands.ask_code(tx, resources, read_contact(phone), "log-in", "id", caller="address 203.0.113.1")
        now = await tx.now()
        assert await commands.forget_old(tx, now) == 0
        await commands.forget_old(tx, now + timedelta(hours=26))
        for table in ("login_codes", "code_messages", "code_requests", "dev_messages"):
            assert await tx.value(f"SELECT count(*) FROM {table}") == 0, table
    assert await post.message(asked) is None


async def test_a_code_goes_out_by_itself_after_the_request(run_services, fresh_dsn):
    """Through the running service: the sending job is woken by the commit, not by its timer."""
    taken = []

    async def take(reader, writer):
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.partition(" ")[0]
            writer.write({"DATA": b"354 go\r\n", "QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))
            if verb == "DATA":
                taken.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                writer.write(b"250 taken\r\n")
            if verb == "QUIT":
                break
        writer.close()

    port = spare_port()
    async with await asyncio.start_server(take, "127.0.0.1", port):
        changes = {"environment": "production", "smtp_url": f"smtp://127.0.0.1:{port}?starttls=no"}
        async with run_services(fresh_dsn, "identity", **changes) as (runner, client):

            async def sent():
                async with runner.contexts["identity"].db.read() as sql:
                    return await sql.value("SELECT count(*) FROM code_messages WHERE state = 'sent'")

            for number in (1, 2):  # the second comes right after the timer ran, so only the wake-up is in time
                asked = await client.post("/api/v1/codes", {"to": "sri@contoh.id", "language": "en"})
                assert asked.body["channel"] == "email"
                await eventually(sent, until=lambda found, number=number: found == number, within_s=1.5)
    for mail in taken:
        assert "To: sri@contoh.id" in mail
        assert "Your urunbeli log-in code" in mail
