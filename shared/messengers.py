"""Messengers carry a message to a person: by e-mail, by WhatsApp, or, in tests, into a list.

A messenger is a port to the outside, so it is never called inside a transaction: record the intent, commit, send, record the
outcome. Failures come in two kinds. `MessengerUnavailable`: the way is blocked, the same message may go later.
`MessengerRefused`: this message or address will never go. Neither error's text holds an address or the message.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import aiohttp
import aiosmtplib

from shared.config import Settings
from shared.ids import new_id

TIMEOUT_S = 20
"""Seconds that one message may take on its way, connecting included."""

GRAPH_URL = "https://graph.facebook.com/v23.0"


class MessengerError(Exception):
    """A message did not go. `reason` says why, without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MessengerUnavailable(MessengerError):
    """The way is blocked: try the same message again later."""


class MessengerRefused(MessengerError):
    """This message will never go this way: do not try again."""


@dataclass(frozen=True, slots=True)
class Template:
    """A message form that the provider has approved under `name`, and the values for its places.

    WhatsApp takes free text only within 24 hours of the person's last message; anything else must fill a template.
    `copy_code` puts a code behind the template's copy button (authentication templates).
    """

    name: str
    values: tuple[str, ...] = field(default=(), repr=False)
    copy_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one person. `to`: an e-mail address, or a phone number in E.164 form. Its repr shows nothing personal.

    `reference` is ours: the same message sent twice carries it twice, where the channel can show that.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    language: Literal["id", "en"] = "id"
    template: Template | None = None
    reference: UUID = field(default_factory=new_id)


class Messenger(Protocol):
    """A way to reach people."""

    channel: Literal["email", "whatsapp"]

    def handles(self, address: str) -> bool:
        """Whether this is an address of this channel."""

    async def send(self, message: Message) -> str:
        """Send; gives the provider's reference. Raises `MessengerUnavailable` or `MessengerRefused`."""


def is_email(address: str) -> bool:
    """Whether an address can be an e-mail address that any server takes: one `@`, ASCII, nothing unprintable."""
    return address.count("@") == 1 and address.isascii() and address.isprintable() and " " not in address


def is_phone(address: str) -> bool:
    """Whether an address is a phone number in E.164 form."""
    return address.startswith("+") and address[1:].isascii() and address[1:].isdigit() and 7 <= len(address) - 1 <= 15


class SmtpMessenger:
    """Sends e-mail through an SMTP server: `smtps://` speaks TLS from the first byte, `smtp://` must offer STARTTLS.

    `smtp://host:1025?starttls=no` sends in the clear, for a mail catcher on the same machine or network. A password is
    never sent in the clear. Raises `ValueError` on a URL or sender that makes no sense.
    """

    channel: Literal["email", "whatsapp"] = "email"

    def __init__(
        self, url: str, sender: str, *, timeout_s: float = TIMEOUT_S, tls_context: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(url)
        clear = parse_qs(parts.query).get("starttls") == ["no"]
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("an SMTP URL is smtp://host:587 or smtps://host:465, with user:password@ if needed")
        if clear and parts.username:
            raise ValueError("starttls=no would send the password in the clear")
        self._from = _sender(sender)
        implicit = parts.scheme == "smtps"
        self._timeout_s = timeout_s
        self._how: dict[str, Any] = {
            "hostname": parts.hostname,
            "port": parts.port or (465 if implicit else 587),
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": implicit,
            "start_tls": not (implicit or clear),
            "tls_context": tls_context,
            "timeout": timeout_s,
            "local_hostname": self._from.domain,
        }

    def handles(self, address: str) -> bool:
        """Whether this is an e-mail address."""
        return is_email(address)

    async def send(self, message: Message) -> str:
        """Send an e-mail; gives its Message-ID."""
        mail = self._composed(message)
        try:
            async with asyncio.timeout(self._timeout_s):
                # The recipient is named apart from the headers, so no header can add another.
                await aiosmtplib.send(mail, sender=self._from.addr_spec, recipients=[message.to], **self._how)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _from_reply(error.recipients[0].code, "the recipient was refused") from None
        except aiosmtplib.SMTPDataError as error:
            raise _from_reply(error.code, "the message was refused") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            # Wrong password, no TLS, a refused sender: our set-up or the server is at fault, not this message.
            code = getattr(error, "code", "")
            raise MessengerUnavailable(f"SMTP: {type(error).__name__} {code}".strip()) from None
        return str(mail["Message-ID"])

    def _composed(self, message: Message) -> EmailMessage:
        if not self.handles(message.to):
            raise MessengerRefused("not an e-mail address")
        mail = EmailMessage()
        try:  # EmailMessage itself refuses line ends in a header, so nothing can be smuggled in
            mail["From"] = self._from
            mail["To"] = Address(addr_spec=message.to)
            mail["Subject"] = message.subject
        except (ValueError, MessageError, IndexError):
            raise MessengerRefused("the address or subject cannot stand in a header") from None
        mail["Date"] = formatdate(usegmt=True)
        mail["Message-ID"] = f"<{message.reference}@{self._from.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps holiday replies away
        mail.set_content(message.text)
        if message.html is not None:
            mail.add_alternative(message.html, subtype="html")
        mail["Content-Language"] = message.language  # last: setting content clears such headers
        return mail


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    if not is_email(address):
        raise ValueError("the sender of e-mail needs an address")
    return Address(display_name=name, addr_spec=address)


def _from_reply(code: int, what: str) -> MessengerError:
    """Tell a passing SMTP refusal (4yz, RFC 5321 §4.2.1) from one for good."""
    kind = MessengerUnavailable if 400 <= code < 500 else MessengerRefused
    return kind(f"SMTP: {what} ({code})")


# Meta's error codes that are about the moment or the sender's own account: the same message may go once that is mended.
_PASSING_CODES = frozenset(
    {0, 1, 2, 3, 4, 10, 190, 368, 80007, 130429, 131000, 131005, 131016, 131031, 131042, 131045, 131048, 131056, 131057, 133004}
)  # fmt: skip
_PASSING_STATUSES = frozenset({401, 403, 408, 429})


class WhatsAppMessenger:
    """Sends WhatsApp messages by Meta's Cloud API, from the business number with id `phone_id`.

    `base_url` is the Graph API with its version.
    """

    channel: Literal["email", "whatsapp"] = "whatsapp"

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: str,
        phone_id: str,
        *,
        base_url: str = GRAPH_URL,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._session = session
        self._url = f"{base_url.rstrip('/')}/{phone_id}/messages"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    def handles(self, address: str) -> bool:
        """Whether this is a phone number in E.164 form."""
        return is_phone(address)

    async def send(self, message: Message) -> str:
        """Send a template if the message names one, else free text; gives WhatsApp's message id."""
        if not self.handles(message.to):
            raise MessengerRefused("not a phone number")
        try:
            async with self._session.post(
                self._url,
                json=_whatsapp_body(message),
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                status = response.status
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise MessengerUnavailable(f"WhatsApp: {type(error).__name__}") from None
        return _whatsapp_reference(status, answer)


def _whatsapp_body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to.removeprefix("+"),
    }
    if message.template is None:
        return {**body, "type": "text", "text": {"preview_url": False, "body": message.text}}
    components: list[dict[str, Any]] = []
    if message.template.values:
        components.append({"type": "body", "parameters": _texts(message.template.values)})
    if message.template.copy_code is not None:
        # Meta turns the copy button of an authentication template into a button of type url.
        code = _texts([message.template.copy_code])
        components.append({"type": "button", "sub_type": "url", "index": "0", "parameters": code})
    template = {"name": message.template.name, "language": {"code": message.language}, "components": components}
    return {**body, "type": "template", "template": template}


def _texts(values: Sequence[str]) -> list[dict[str, str]]:
    return [{"type": "text", "text": value} for value in values]


def _whatsapp_reference(status: int, answer: object) -> str:
    if status < 300:
        match answer:
            case {"messages": [{"id": str(reference)}, *_]}:
                return reference
        raise MessengerUnavailable("WhatsApp: an answer without a message id")
    error = answer.get("error") if isinstance(answer, Mapping) else None
    code = error.get("code") if isinstance(error, Mapping) else None
    passing = status >= 500 or status in _PASSING_STATUSES or code in _PASSING_CODES
    kind = MessengerUnavailable if passing else MessengerRefused
    raise kind(f"WhatsApp: status {status}, code {code}")


class RecordingMessenger:
    """Keeps what it is given. Make it fail with `down`, or refuse the addresses in `refusing`."""

    def __init__(self, channel: Literal["email", "whatsapp"]) -> None:
        self.channel: Literal["email", "whatsapp"] = channel
        self.sent: list[Message] = []
        self.down = False
        self.refusing: set[str] = set()
        self._known: Callable[[str], bool] = is_email if channel == "email" else is_phone

    def handles(self, address: str) -> bool:
        """Whether this is an address of its channel."""
        return self._known(address)

    async def send(self, message: Message) -> str:
        """Keep the message; gives its reference."""
        if not self.handles(message.to) or message.to in self.refusing:
            raise MessengerRefused("refused")
        if self.down:
            raise MessengerUnavailable("down")
        self.sent.append(message)
        return f"recorded-{message.reference}"


@asynccontextmanager
async def open_messengers(settings: Settings) -> AsyncIterator[tuple[Messenger, ...]]:
    """Open the messengers that the settings name: none, e-mail, WhatsApp or both. Raises `ValueError` on bad settings."""
    messengers: list[Messenger] = []
    if settings.smtp_url is not None:
        messengers.append(SmtpMessenger(settings.smtp_url.get_secret_value(), settings.mail_from))
    if settings.whatsapp_token is None or settings.whatsapp_phone_id is None:
        yield tuple(messengers)
        return
    async with aiohttp.ClientSession() as session:
        token = settings.whatsapp_token.get_secret_value()
        yield (*messengers, WhatsAppMessenger(session, token, settings.whatsapp_phone_id))


def messenger_for(messengers: Sequence[Messenger], address: str) -> Messenger | None:
    """Give the first messenger that handles an address."""
    return next((messenger for messenger in messengers if messenger.handles(address)), None)
