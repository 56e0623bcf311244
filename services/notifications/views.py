"""The shapes that the API of notifications takes and gives."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field, StrictBool

from shared.http.fields import Body, View


class MessageItem(View):
    """A message in the reader's language."""

    id: UUID
    template: str = Field(description="What kind of message it is; stable, for programs")
    title: str
    text: str
    link: str = Field(description="A path on the web where one reads or does more")
    at: datetime
    read: bool


class UnreadCount(View):
    """How many messages are unread."""

    count: int


class Preferences(Body):
    """By what a person wishes to be told besides the inbox."""

    email: StrictBool
    whatsapp: StrictBool
