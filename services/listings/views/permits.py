"""Permits over the wire."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.listings.domain.business import BusinessStatus
from services.listings.domain.permits import PermitKind
from shared.http.fields import Body, Line, View


class PermitNumber(Body):
    """A permit's number as people write it: spaces, dots and dashes are taken off."""

    number: Line = Field(examples=["2063171010123-29"])


class PermitCheck(Body):
    """That a permit was checked. `number`: the one that the operator looked at, so that no other one counts as checked."""

    number: Line | None = None


class UncheckedPermit(View):
    """A permit that waits for a check. `concerns_you`: the caller is too near to check it."""

    business_id: UUID
    business_name: str
    business_status: BusinessStatus
    owner_account_id: UUID
    post_id: UUID
    whatsapp: str
    kind: PermitKind
    number: str
    since: datetime
    concerns_you: bool
