"""Messengers: one contract for e-mail, WhatsApp and the recording fake, and what is special to each."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.messengers import (
    Message,
    Messenger,
    MessengerRefused,
    MessengerUnavailable,
    RecordingMessenger,
    SmtpMessenger,
    Template,
    WhatsAppMessenger,
    messenger_for,
    open_messengers,
)
from shared.processes import spare_port
from shared.testing.running import settings_for_tests

SENDER = "urunbeli <no-reply@urunbeli.example>"


@dataclass
class SmtpServer:
    """A small SMTP server: keeps what it takes, and refuses or falters as told."""

    tls: ssl.SSLContext | None = None
    """Offer STARTTLS with this."""
    taken: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    """What to say to a verb instead of yes."""
    refused: set[str] = field(default_factory=set)
    silent: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.silent:
            await reader.read()
            return
        sender, recipients = "", []
        writer.write(b"220 test ESMTP\r\n")
        while line := (await reader.readline()).decode().strip():
            verb, _, rest = line.partition(" ")
            address = rest.partition("<")[2].partition(">")[0]
            writer.write(self.reply(verb, address).encode() + b"\r\n")
            if verb == "QUIT":
                return
            if verb in self.replies:
                continue
            if verb == "STARTTLS":
                await writer.drain()
                await writer.start_tls(self.tls)
            elif verb == "MAIL":
                sender, recipients = address, []
            elif verb == "RCPT":
                recipients.append(address)
            elif verb == "DATA":
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                self.taken.append((sender, recipients, message_from_bytes(raw, policy=policy.default)))
                self.encrypted.append(writer.get_extra_info("ssl_object") is not None)
                writer.write(b"250 taken\r\n")

    def reply(self, verb: str, address: str) -> str:
        if verb in self.replies:
            return self.replies[verb]
        if verb == "EHLO" and self.tls:
            return "250-test\r\n250 STARTTLS"
        if verb == "RCPT" and address in self.refused:
            return "550 no such user"
        return {"DATA": "354 end with .", "QUIT": "221 bye", "STARTTLS": "220 go ahead"}.get(verb, "250 ok")


@contextlib.asynccontextmanager
async def smtp_listening(server: SmtpServer, implicit: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=implicit)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


@dataclass
class GraphApi:
    """A stub of the Graph API: keeps what it is sent, answers as Meta does."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    answer: tuple[int, object] | None = None
    refused: set[str] = field(default_factory=set)

    async def messages(self, request: web.Request) -> web.Response:
        self.seen.append((request.path, request.headers["Authorization"]))
        body = await request.json()
        if self.answer is not None:
            status, answer = self.answer
            return (
                web.json_response(answer, status=status)
                if answer is not None
                else web.Response(status=status, text="<html>")
            )
        if "+" + body["to"] in self.refused:
            return web.json_response(graph_error(131026), status=400)
        self.sent.append(body)
        reference = f"wamid.{len(self.sent)}"
        contacts = [{"input": body["to"], "wa_id": body["to"]}]
        return web.json_response(
            {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": reference}]}
        )


def graph_error(code: int) -> dict[str, object]:
    return {"error": {"message": f"(#{code}) no", "type": "OAuthException", "code": code, "fbtrace_id": "A"}}


@contextlib.asynccontextmanager
async def whatsapp_with(api: GraphApi, **more: Any) -> AsyncIterator[WhatsAppMessenger]:
    app = web.Application()
    app.router.add_post("/v23.0/{phone}/messages", api.messages)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = spare_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with aiohttp.ClientSession() as session:
        yield WhatsAppMessenger(session, "token-1", "1066", base_url=f"http://127.0.0.1:{port}/v23.0", **more)
    await runner.cleanup()


@dataclass
class Rig:
    """A messenger, the far end as the contract sees it, and ways to make it fail."""

    messenger: Messenger
    address: str
    foreign: str
    delivered: Callable[[], list[tuple[str, str]]]
    fail: Callable[[bool], None]
    refuse: Callable[[str], None]


@pytest.fixture(params=["smtp", "whatsapp", "recording"])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    if request.param == "recording":
        fake = RecordingMessenger("email")
        yield Rig(
            fake, "sri@contoh.id", "+6281234567890", lambda: [(m.to, m.text) for m in fake.sent],
            lambda down: setattr(fake, "down", down), fake.refusing.add,
        )  # fmt: skip
    elif request.param == "smtp":
        server = SmtpServer()
        async with smtp_listening(server) as port:
            yield Rig(
                SmtpMessenger(f"smtp://127.0.0.1:{port}?starttls=no", SENDER), "sri@contoh.id", "+6281234567890",
                lambda: [(to, mail.get_content().strip()) for _, (to,), mail in server.taken],
                lambda down: server.replies.update(MAIL="421 closing") if down else server.replies.clear(),
                server.refused.add,
            )  # fmt: skip
    else:
        api = GraphApi()
        async with whatsapp_with(api) as messenger:
            yield Rig(
                messenger, "+6281234567890", "sri@contoh.id",
                lambda: [("+" + body["to"], body["text"]["body"]) for body in api.sent],
                lambda down: setattr(api, "answer", (503, graph_error(2)) if down else None), api.refused.add,
            )  # fmt: skip


class TestContract:
    async def test_a_message_arrives_whole_and_once_with_a_reference(self, rig):
        first = await rig.messenger.send(Message(rig.address, "Halo", "Kode Anda: 123456\n\nJangan dibagikan — ya."))
        second = await rig.messenger.send(Message(rig.address, "Halo", "Yang kedua"))
        assert rig.delivered() == [
            (rig.address, "Kode Anda: 123456\n\nJangan dibagikan — ya."),
            (rig.address, "Yang kedua"),
        ]
        assert first
        assert second
        assert first != second

    async def test_another_channels_address_is_not_handled_and_refused(self, rig):
        assert rig.messenger.handles(rig.address)
        assert not rig.messenger.handles(rig.foreign)
        with pytest.raises(MessengerRefused):
            await rig.messenger.send(Message(rig.foreign, "Halo", "Halo"))
        assert rig.delivered() == []

    async def test_a_refused_person_is_refused_for_good(self, rig):
        rig.refuse(rig.address)
        with pytest.raises(MessengerRefused) as refusal:
            await rig.messenger.send(Message(rig.address, "Halo", "rahasia 123456"))
        assert rig.address not in str(refusal.value)
        assert "123456" not in str(refusal.value)

    async def test_an_outage_passes(self, rig):
        rig.fail(True)
        with pytest.raises(MessengerUnavailable):
            await rig.messenger.send(Message(rig.address, "Halo", "Halo"))
        rig.fail(False)
        await rig.messenger.send(Message(rig.address, "Halo", "Lagi"))
        assert [text for _, text in rig.delivered()] == ["Lagi"]


class TestSmtp:
    async def test_headers_name_sender_recipient_and_reference(self):
        server = SmtpServer()
        message = Message("sri@contoh.id", "Kode masuk", "teks", html="<p>teks</p>", language="en")
        async with smtp_listening(server) as port:
            reference = await SmtpMessenger(f"smtp://127.0.0.1:{port}?starttls=no", SENDER).send(message)
        (sender, recipients, mail), *_ = server.taken
        assert (sender, recipients) == ("no-reply@urunbeli.example", ["sri@contoh.id"])
        assert mail["From"] == SENDER
        assert mail["To"] == "sri@contoh.id"
        assert mail["Subject"] == "Kode masuk"
        assert mail["Message-ID"] == reference == f"<{message.reference}@urunbeli.example>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Content-Language"] == "en"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]

    @pytest.mark.parametrize(
        ("to", "subject"),
        [
            ("sri@contoh.id\r\nBcc: lain@contoh.id", "Halo"),
            ("sri@contoh.id", "Halo\r\nBcc: lain@contoh.id"),
            ("sri@contoh.id, lain@contoh.id", "Halo"),
            ("sri@contoh.id,lain", "Halo"),
            ("@", "Halo"),
            ("<sri@contoh.id>", "Halo"),
        ],
    )
    async def test_nothing_can_be_smuggled_into_headers(self, to, subject):
        server = SmtpServer()
        async with smtp_listening(server) as port:
            with pytest.raises(MessengerRefused):
                await SmtpMessenger(f"smtp://127.0.0.1:{port}?starttls=no", SENDER).send(Message(to, subject, "teks"))
        assert server.taken == []

    @pytest.mark.parametrize(
        ("verb", "reply", "error"),
        [
            ("RCPT", "450 mailbox busy", MessengerUnavailable),
            ("RCPT", "550 unknown", MessengerRefused),
            ("DATA", "451 later", MessengerUnavailable),
            ("DATA", "554 spam", MessengerRefused),
            ("MAIL", "550 sender unknown", MessengerUnavailable),
            ("EHLO", "421 busy", MessengerUnavailable),
        ],
    )
    async def test_replies_tell_passing_from_final(self, verb, reply, error):
        server = SmtpServer(replies={verb: reply})
        async with smtp_listening(server) as port:
            with pytest.raises(error):
                await SmtpMessenger(f"smtp://127.0.0.1:{port}?starttls=no", SENDER).send(Message("a@b.id", "s", "t"))

    async def test_a_silent_or_missing_server_ends_in_bounded_time(self):
        async with smtp_listening(SmtpServer(silent=True)) as port:
            with pytest.raises(MessengerUnavailable):
                await SmtpMessenger(f"smtp://127.0.0.1:{port}?starttls=no", SENDER, timeout_s=0.2).send(
                    Message("a@b.id", "s", "t")
                )
        with pytest.raises(MessengerUnavailable):
            await SmtpMessenger(f"smtp://127.0.0.1:{spare_port()}", SENDER).send(Message("a@b.id", "s", "t"))

    @pytest.mark.parametrize("scheme", ["smtp", "smtps"])
    async def test_mail_travels_encrypted(self, scheme, certificates):
        at_server, at_client = certificates
        server = SmtpServer(tls=at_server if scheme == "smtp" else None)
        async with smtp_listening(server, implicit=at_server if scheme == "smtps" else None) as port:
            messenger = SmtpMessenger(f"{scheme}://127.0.0.1:{port}", SENDER, tls_context=at_client)
            await messenger.send(Message("a@b.id", "s", "t"))
        assert server.encrypted == [True]

    async def test_no_encryption_no_mail(self, certificates):
        plain = SmtpServer()
        async with smtp_listening(plain) as port:
            with pytest.raises(MessengerUnavailable):
                await SmtpMessenger(f"smtp://127.0.0.1:{port}", SENDER).send(Message("a@b.id", "s", "t"))
        foreign = SmtpServer(tls=certificates[0])
        async with smtp_listening(foreign) as port:
            with pytest.raises(MessengerUnavailable):
                await SmtpMessenger(f"smtp://127.0.0.1:{port}", SENDER).send(Message("a@b.id", "s", "t"))
        assert plain.taken + foreign.taken == []

    @pytest.mark.parametrize(
        ("url", "sender"),
        [
            ("http://mail", SENDER),
            ("smtp://", SENDER),
            ("smtp://user:pass@mail?starttls=no", SENDER),
            ("smtp://mail", "nobody"),
        ],
    )
    def test_settings_that_make_no_sense_are_refused_at_once(self, url, sender):
        with pytest.raises(ValueError, match=r"SMTP|password|sender"):
            SmtpMessenger(url, sender)


class TestWhatsApp:
    async def test_a_template_carries_its_values_and_the_copy_code(self):
        api = GraphApi()
        template = Template("urunbeli_login_code", ("123456",), copy_code="123456")
        async with whatsapp_with(api) as messenger:
            reference = await messenger.send(Message("+6281234567890", "", "teks", language="en", template=template))
        assert reference == "wamid.1"
        assert api.seen == [("/v23.0/1066/messages", "Bearer token-1")]
        code = [{"type": "text", "text": "123456"}]
        assert api.sent[0] == {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "6281234567890",
            "type": "template",
            "template": {
                "name": "urunbeli_login_code",
                "language": {"code": "en"},
                "components": [
                    {"type": "body", "parameters": code},
                    {"type": "button", "sub_type": "url", "index": "0", "parameters": code},
                ],
            },
        }

    @pytest.mark.parametrize(
        ("status", "answer", "error"),
        [
            (400, graph_error(131026), MessengerRefused),  # not on WhatsApp
            (400, graph_error(131047), MessengerRefused),  # free text after 24 hours
            (404, graph_error(132001), MessengerRefused),  # no such template
            (400, graph_error(131056), MessengerUnavailable),  # too many to this person just now
            (429, graph_error(130429), MessengerUnavailable),
            (401, graph_error(190), MessengerUnavailable),  # our token is over
            (500, graph_error(131000), MessengerUnavailable),
            (502, None, MessengerUnavailable),
            (400, [], MessengerRefused),
            (200, {"messages": []}, MessengerUnavailable),
        ],
    )
    async def test_errors_tell_passing_from_final(self, status, answer, error):
        async with whatsapp_with(GraphApi(answer=(status, answer))) as messenger:
            with pytest.raises(error):
                await messenger.send(Message("+6281234567890", "s", "t"))

    async def test_a_missing_server_is_unavailable(self):
        async with aiohttp.ClientSession() as session:
            messenger = WhatsAppMessenger(session, "t", "1", base_url=f"http://127.0.0.1:{spare_port()}")
            with pytest.raises(MessengerUnavailable):
                await messenger.send(Message("+6281234567890", "s", "t"))


@pytest.mark.parametrize(
    ("changes", "channels"),
    [
        ({}, []),
        ({"smtp_url": "smtp://mail:25"}, ["email"]),
        ({"whatsapp_token": "t", "whatsapp_phone_id": "1"}, ["whatsapp"]),
        ({"whatsapp_token": "t"}, []),
        ({"smtp_url": "smtps://u:p@mail", "whatsapp_token": "t", "whatsapp_phone_id": "1"}, ["email", "whatsapp"]),
    ],
)
async def test_settings_decide_which_messengers_there_are(tmp_path, changes, channels):
    async with open_messengers(settings_for_tests(tmp_path, **changes)) as messengers:
        assert [messenger.channel for messenger in messengers] == channels
        by_phone = messenger_for(messengers, "+6281234567890")
        assert (by_phone is not None) == ("whatsapp" in channels)
        assert messenger_for(messengers, "bukan alamat") is None


def test_a_messages_repr_hides_whom_and_what():
    message = Message("sri@contoh.id", "Kode", "123456", template=Template("t", ("123456",), "123456"))
    assert "123456" not in repr(message)
    assert "sri" not in repr(message)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS context for 127.0.0.1, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    at_server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    at_server.load_cert_chain(pem)
    at_client = ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())
    return at_server, at_client
