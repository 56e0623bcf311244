"""When a message is sent, when it is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from services.notifications.domain.languages import Language

Channel = Literal["email", "whatsapp"]

MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
CONTACT_WAIT = timedelta(days=1)
"""How long a message waits for somebody's contacts, when nothing has been heard of the person yet."""
TOO_OLD = timedelta(days=3)
"""A message that could not leave for so long is not sent any more; it stands in the inbox."""

Reason = Literal["switched off", "no address", "too old"]


@dataclass(frozen=True, slots=True)
class Reader:
    """How a person can be reached, and by what they wish to be."""

    name: str | None
    email: str | None
    phone: str | None
    language: Language
    wants_email: bool
    wants_whatsapp: bool

    def address(self, channel: Channel) -> str | None:
        """Give the address of a channel."""
        return self.email if channel == "email" else self.phone

    def wants(self, channel: Channel) -> bool:
        """Whether the person takes messages by this channel."""
        return self.wants_email if channel == "email" else self.wants_whatsapp


def obstacle(reader: Reader, channel: Channel, said_at: datetime, now: datetime) -> Reason | None:
    """Say why a message is not to be sent, if so."""
    if not reader.wants(channel):
        return "switched off"
    if reader.address(channel) is None:
        return "no address"
    return "too old" if now - said_at > TOO_OLD else None


class Fate(NamedTuple):
    """What becomes of a message after a try; `due_at` is None where it is settled."""

    state: Literal["waiting", "sent", "given_up"]
    due_at: datetime | None = None
    reason: str | None = None
    reference: str | None = None


def after_failure(attempts: int, reason: str, now: datetime) -> Fate:
    """The way was blocked: try again after a growing pause, until that has been tried often enough."""
    if attempts >= MOST_ATTEMPTS:
        return Fate("given_up", reason=reason)
    return Fate("waiting", now + min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE), reason)
