"""Who runs a business, over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.http.fields import Body, Line, View


class Manager(View):
    """Somebody who runs a business beside its owner."""

    account_id: UUID
    added_at: datetime


class Invitation(View):
    """An invitation to run a business. `code` is told this once and kept nowhere."""

    code: str
    expires_at: datetime


class InvitationCode(Body):
    """The code of an invitation."""

    code: Annotated[Line, Field(max_length=64)]


class Invited(View):
    """What an invitation is about."""

    business_id: UUID
    business_name: str
    expires_at: datetime
