"""What posyantek says: posts and their officers, and what is needed there."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Event

Count = Annotated[int, Field(ge=0, strict=True)]
"""How many."""


class PostRegistered(Event):
    """A Posyantek exists for a kelurahan or kecamatan (Kemendagri `region_code`)."""

    type = "posyantek.post_registered.v1"
    aggregate = "post_id"

    post_id: UUID
    name: str
    region_code: str
    region_level: Literal["district", "village"]
    region_name: str


class OfficerAppointed(Event):
    """An account serves at a post; identity grants the role over it."""

    type = "posyantek.officer_appointed.v1"
    aggregate = "post_id"

    post_id: UUID
    account_id: UUID
    role: Literal["operator", "chair", "treasurer"]


class OfficerDismissed(Event):
    """An account serves at a post no longer; identity revokes the role."""

    type = "posyantek.officer_dismissed.v1"
    aggregate = "post_id"

    post_id: UUID
    account_id: UUID
    role: Literal["operator", "chair", "treasurer"]


NeedEnding = Literal["fulfilled", "not_feasible", "duplicate", "abandoned"]
"""Why a need is closed: an operator says so, or (abandoned) nobody is left who needs it."""


class _Need(Event):
    """What all events of a need tell: how many people need the technology there, and how many units altogether, after it."""

    type = "posyantek.need_raised.v1"
    aggregate = "need_id"

    need_id: UUID
    post_id: UUID
    technology_id: UUID
    supporters: Count
    units: Count


class NeedRaised(_Need):
    """Somebody needs a technology at a post where nobody had said so; they are its first supporter."""

    type = "posyantek.need_raised.v1"

    account_id: UUID


class NeedSupported(_Need):
    """Somebody needs it too; or, if they did already, another number of units."""

    type = "posyantek.need_supported.v1"

    account_id: UUID


class NeedSupportWithdrawn(_Need):
    """Somebody does not need it any more."""

    type = "posyantek.need_support_withdrawn.v1"

    account_id: UUID


class NeedMatured(_Need):
    """Enough people need it to make a group: somebody may propose a pool. Said once of a need, at most."""

    type = "posyantek.need_matured.v1"


class NeedClosed(_Need):
    """The need stands no longer; the same may be raised anew. `closed_by`: the operator, if it was one."""

    type = "posyantek.need_closed.v1"

    ending: NeedEnding
    closed_by: UUID | None
