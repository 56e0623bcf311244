"""When a pledge counts, and when new money may be taken for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.payments.domain.accounts import Method
from services.payments.domain.refusals import DepositNeeded, MoreThanDue, NotDueYet, NothingDue, SecuringIsOver

Timing = Literal["deposit", "after_acceptance"]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a pool takes money. `closing`: it takes no new pledges, and payments opens nothing new to secure one."""

    timing: Timing
    closing: bool


def is_secured(
    *, timing: Timing | None, method: Method | None, may_idr: int, held_idr: int, card_saved: bool, confirmed_idr: int
) -> bool:
    """Whether a pledge counts: its card is saved, its deposit is here, or an operator has confirmed its present figures.

    A deposit must cover the most that the pledge can come to (`may_idr`), so that nobody is asked twice.
    """
    if may_idr == 0:
        return False
    if held_idr >= may_idr:
        return True
    if method == "card":
        return card_saved
    return timing == "after_acceptance" and confirmed_idr >= may_idr


def expected_idr(terms: Terms, *, missing_idr: int, room_idr: int) -> int:
    """What a member is expected to pay now by transfer or cash: what is due, else the deposit; 0 when nothing is."""
    if missing_idr:
        return missing_idr
    return room_idr if terms.timing == "deposit" and not terms.closing else 0


def check_taking(terms: Terms, *, amount_idr: int, missing_idr: int, room_idr: int) -> None:
    """Whether new money may be taken at all, and so much. Raises a `Conflict` with the reason, or `MoreThanDue`."""
    if room_idr == 0:
        raise NothingDue
    if not missing_idr:
        if terms.closing:
            raise SecuringIsOver
        if terms.timing == "after_acceptance":
            raise NotDueYet
    if amount_idr > room_idr:
        raise MoreThanDue(most_idr=room_idr)


def check_confirming(terms: Terms, method: Method | None, may_idr: int) -> None:
    """Whether an operator's word can secure a pledge. Raises `NothingDue`, `SecuringIsOver` or `DepositNeeded`."""
    if may_idr == 0:
        raise NothingDue
    if terms.closing:
        raise SecuringIsOver
    if terms.timing != "after_acceptance" or method in {None, "card"}:
        raise DepositNeeded


def securing_may_end(*, open_setups: int, unchecked_transfers: int, grace_until: datetime, now: datetime) -> bool:
    """Whether the pool's securing can be closed: pages are let finish or expired, checks are waited for in the grace."""
    return open_setups == 0 and (unchecked_transfers == 0 or now >= grace_until)


def chunks_of(pledges: list[UUID], size: int = 500) -> list[list[UUID]]:
    """Cut a list into pieces that fit an event; an empty list is one empty piece."""
    return [pledges[start : start + size] for start in range(0, len(pledges), size)] or [[]]
