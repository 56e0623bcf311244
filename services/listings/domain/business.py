"""A business: its profile, who runs it, and its review: pending → verified | rejected.

pending ──→ verified
   │           ↑
   └──→ rejected          (a rejected one may still be verified)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal
from uuid import UUID

import phonenumbers

from services.listings.domain.refusals import AlreadyReviewed, OwnBusiness, StaleBusiness
from shared.contracts.base import Event
from shared.contracts.listings import BusinessChanged

BusinessStatus = Literal["pending", "verified", "rejected"]
Role = Literal["owner", "manager"]

REVISABLE: Final = ("name", "story", "whatsapp", "kelurahan_code", "address", "hours", "categories", "welcomes_visits")
"""The fields that whoever runs a business may change."""
_TOLD: Final = ("name", "kelurahan_code", "address")
"""The fields by which a business is found: others hear when one of these changes."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a business is open: ISO weekdays (1 is Monday), times as HH:MM. `closes` before `opens`: past midnight."""

    open_days: tuple[int, ...]
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Business:
    """A UKM as the rules see it.

    `whatsapp` in E.164; no `hours`: by appointment; `assisted_by`: the operator who sat beside the owner at registration.
    """

    id: UUID
    owner_account_id: UUID
    post_id: UUID
    name: str
    whatsapp: str
    status: BusinessStatus
    version: int
    story: str | None = None
    kelurahan_code: str | None = None
    address: str | None = None
    hours: Hours | None = None
    categories: tuple[str, ...] = ()
    welcomes_visits: bool = False
    reason: str | None = None
    assisted_by: UUID | None = None
    reviewed_by: UUID | None = None
    managers: frozenset[UUID] = frozenset()

    def run_by(self, account_id: UUID) -> bool:
        """Whether somebody is its owner or one of its managers."""
        return account_id == self.owner_account_id or account_id in self.managers

    def concerned(self, account_id: UUID) -> bool:
        """Whether somebody runs it or helped to register it: too near to check anything about it."""
        return self.run_by(account_id) or account_id == self.assisted_by


def verified(business: Business, by: UUID) -> Business:
    """Verify a business. Raises `OwnBusiness`, `AlreadyReviewed`."""
    require_second_person(business, by)
    if business.status == "verified":
        raise AlreadyReviewed(business_status=business.status)
    return replace(business, status="verified", reason=None, reviewed_by=by, version=business.version + 1)


def rejected(business: Business, by: UUID, reason: str) -> Business:
    """Turn a business down, with a reason for its owner. Raises `OwnBusiness`, `AlreadyReviewed`."""
    require_second_person(business, by)
    if business.status != "pending":
        raise AlreadyReviewed(business_status=business.status)
    return replace(business, status="rejected", reason=reason, reviewed_by=by, version=business.version + 1)


def require_second_person(business: Business, by: UUID) -> None:
    """Let nobody check what they run or helped to register. Raises `OwnBusiness`."""
    if business.concerned(by):
        raise OwnBusiness


def revised(business: Business, changes: Mapping[str, object], seen_version: int | None) -> Business:
    """Change fields; the review stands. `seen_version`: what the caller looked at, if told.

    The same business comes back if nothing differs. Raises `StaleBusiness` when somebody has changed it since.
    """
    assert set(changes) <= set(REVISABLE)
    if seen_version is not None and seen_version != business.version:
        raise StaleBusiness(version=business.version)
    after = replace(business, **changes)  # type: ignore[arg-type]  # their names are checked above
    return business if after == business else replace(after, version=business.version + 1)


def differences(before: Business, after: Business) -> dict[str, list[object]]:
    """Give what a change did, as `{field: [before, after]}`."""
    return {
        field: [_plain(getattr(before, field)), _plain(getattr(after, field))]
        for field in REVISABLE
        if getattr(before, field) != getattr(after, field)
    }


def _plain(value: object) -> object:
    return asdict(value) if isinstance(value, Hours) else value


def told(before: Business, after: Business) -> list[Event]:
    """Say what others must hear of a change: a new name or place."""
    if all(getattr(before, field) == getattr(after, field) for field in _TOLD):
        return []
    return [
        BusinessChanged(
            business_id=after.id, owner_account_id=after.owner_account_id, post_id=after.post_id, name=after.name
        )
    ]


def whatsapp_number(text: str) -> str:
    """Write a phone number, as Indonesians type it, in E.164. Raises `ValueError`."""
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a phone number") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("no such phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
