"""What posyantek says: posts and their officers."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from shared.contracts.base import Event


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
