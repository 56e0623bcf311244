"""What notifications has at hand besides its database."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.domain.sending import Channel
from shared.messengers import Messenger


@dataclass(frozen=True, slots=True)
class Resources:
    """The messengers that are set up; without any, everything is told in the inbox alone."""

    messengers: tuple[Messenger, ...]

    @property
    def channels(self) -> list[Channel]:
        """The ways out of the house."""
        return [messenger.channel for messenger in self.messengers]
