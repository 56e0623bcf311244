"""What identity has at hand besides its database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.identity.domain.contacts import Contact
from services.identity.keys import Keys
from services.identity.refusals import ChannelNotSetUp
from shared.messengers import Messenger, messenger_for

Channel = Literal["whatsapp", "email", "development"]


@dataclass(frozen=True, slots=True)
class Resources:
    """The installation's keys and messengers. `development`: codes also go into the message box, in the clear.

    `code_limit_factor` multiplies how many codes may be asked for.
    """

    keys: Keys
    messengers: tuple[Messenger, ...]
    development: bool
    code_limit_factor: int = 1

    def channel_to(self, contact: Contact) -> Channel:
        """Say how a contact is reached. Raises `ChannelNotSetUp`."""
        messenger = messenger_for(self.messengers, contact.value)
        if messenger is not None:
            return messenger.channel
        if self.development:
            return "development"
        raise ChannelNotSetUp(channel_name="WhatsApp" if contact.kind == "phone" else "e-mail")
