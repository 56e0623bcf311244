"""A business and its review: pending → verified | rejected, and a rejected one may still be verified.

pending ──→ verified
   │           ↑
   └──→ rejected
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

import phonenumbers

from services.listings.domain.refusals import AlreadyReviewed, OwnBusiness

BusinessStatus = Literal["pending", "verified", "rejected"]


@dataclass(frozen=True, slots=True)
class Business:
    """A UKM as the rules see it. `assisted_by`: the operator who sat beside the owner at registration."""

    id: UUID
    owner_account_id: UUID
    post_id: UUID
    name: str
    status: BusinessStatus
    reason: str | None
    assisted_by: UUID | None
    reviewed_by: UUID | None
    version: int


def verified(business: Business, by: UUID) -> Business:
    """Verify a business. Raises `OwnBusiness`, `AlreadyReviewed`."""
    _require_second_person(business, by)
    if business.status == "verified":
        raise AlreadyReviewed(business_status=business.status)
    return replace(business, status="verified", reason=None, reviewed_by=by, version=business.version + 1)


def rejected(business: Business, by: UUID, reason: str) -> Business:
    """Turn a business down, with a reason for its owner. Raises `OwnBusiness`, `AlreadyReviewed`."""
    _require_second_person(business, by)
    if business.status != "pending":
        raise AlreadyReviewed(business_status=business.status)
    return replace(business, status="rejected", reason=reason, reviewed_by=by, version=business.version + 1)


def _require_second_person(business: Business, by: UUID) -> None:
    if by in {business.owner_account_id, business.assisted_by}:
        raise OwnBusiness


def whatsapp_number(text: str) -> str:
    """Write a phone number, as Indonesians type it, in E.164. Raises `ValueError`."""
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a phone number") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("no such phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
