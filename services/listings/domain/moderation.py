"""A case about a product: what it is opened for, and what operators and its owner make of it.

open ──→ dismissed                      (let be)
  │
  └────→ hidden ←──→ appealed ──→ restored
            └────────────┴──────→ closed        (archived or erased; an open one, too)

Whoever runs the business, or helped to register it, decides nothing; who hid a product does not decide its appeal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from services.listings.domain.listing import Listing, ListingStatus
from services.listings.domain.moderation_refusals import AppealUsed, SameOperator, WordsMissing, WrongCaseState
from services.listings.domain.refusals import OwnBusiness, WrongListingState
from shared.contracts.listings import HidingReason

Reason = HidingReason
CaseState = Literal["open", "hidden", "appealed", "dismissed", "restored", "closed"]
SuspicionKind = Literal["forbidden_goods", "duplicate_photo"]
Was = Literal["published", "paused"]

MOST_REPORT_WORDS: Final = 500
MOST_APPEALS: Final = 2
"""Of one hiding; the second only for a product that was changed since the first was turned down."""
ALIKE_BITS: Final = 3
"""Photos whose hashes differ in no more bits than that look like the same picture (`0008_moderation.sql` finds no more)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as the rules see it. `near`: who runs the business or helped to register it."""

    id: UUID
    listing_id: UUID
    post_id: UUID
    state: CaseState
    near: frozenset[UUID]
    hidden_by: UUID | None = None
    was: Was | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """An appeal: what the product was like when it was decided; None while it waits."""

    seen: str | None


def require_words(reason: Reason, words: str | None) -> None:
    """Let nobody report for another reason without telling it. Raises `WordsMissing`."""
    if reason == "other" and words is None:
        raise WordsMissing


def require_outsider(near: frozenset[UUID], by: UUID) -> None:
    """Let nobody look into, or decide, a case of what they run or helped to register. Raises `OwnBusiness`."""
    if by in near:
        raise OwnBusiness


def dismissed(case: Case, by: UUID) -> Case:
    """Let the product be. Raises `OwnBusiness`, `WrongCaseState`."""
    require_outsider(case.near, by)
    _require(case, "open")
    return replace(case, state="dismissed")


def hidden(case: Case, listing: Listing, by: UUID, reason: Reason) -> tuple[Case, Listing]:
    """Take the product off show until an appeal is granted. Raises `OwnBusiness`, `WrongCaseState`, `WrongListingState`."""
    require_outsider(case.near, by)
    _require(case, "open")
    if listing.status not in {"published", "paused"}:
        raise WrongListingState(listing_status=listing.status)
    was: Was = "published" if listing.on_show else "paused"
    return replace(case, state="hidden", hidden_by=by, was=was, reason=reason), _moved(listing, "hidden")


def appealed(case: Case, appeals: Sequence[Decided], seen_now: str) -> Case:
    """Speak against the hiding. Raises `WrongCaseState`, `AppealUsed`."""
    _require(case, "hidden")
    if not may_appeal(appeals, seen_now):
        raise AppealUsed(most=MOST_APPEALS)
    return replace(case, state="appealed")


def may_appeal(appeals: Sequence[Decided], seen_now: str) -> bool:
    """Whether an appeal may be made: the first one, and once more for a product that was changed since."""
    return not appeals or (len(appeals) < MOST_APPEALS and appeals[-1].seen not in {None, seen_now})


def seen(listing_version: int, photo_ids: Sequence[UUID]) -> str:
    """Tell what a product is like: another text after any change of its words, price or photos."""
    return "|".join([str(listing_version), *map(str, photo_ids)])


def upheld(case: Case, by: UUID) -> Case:
    """Keep the product hidden. Raises `OwnBusiness`, `WrongCaseState`, `SameOperator`."""
    _require_other(case, by)
    return replace(case, state="hidden")


def restored(case: Case, listing: Listing, by: UUID) -> tuple[Case, Listing]:
    """Give the product back as it was. Raises `OwnBusiness`, `WrongCaseState`, `SameOperator`, `WrongListingState`."""
    _require_other(case, by)
    if listing.status != "hidden":
        raise WrongListingState(listing_status=listing.status)
    assert case.was is not None, "a hidden product was something before"
    return replace(case, state="restored"), _moved(listing, case.was)


def _require_other(case: Case, by: UUID) -> None:
    require_outsider(case.near, by)
    _require(case, "appealed")
    if by == case.hidden_by:
        raise SameOperator


def _require(case: Case, state: CaseState) -> None:
    if case.state != state:
        raise WrongCaseState(case_state=case.state)


def _moved(listing: Listing, to: ListingStatus) -> Listing:
    return replace(listing, status=to, version=listing.version + 1)
