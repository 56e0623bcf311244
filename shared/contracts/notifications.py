"""What notifications says: that somebody has been told."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from shared.contracts.base import Event


class MessageSent(Event):
    """A message has left by a channel; whom it went to is known by account id alone."""

    type = "notifications.message_sent.v1"
    aggregate = "message_id"

    message_id: UUID
    account_id: UUID
    channel: Literal["inbox", "email", "whatsapp"]
    template: str
