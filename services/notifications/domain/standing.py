"""What a member is told of an allocation or of an amount, given how their pledge stood before.

Pools states figures absolutely and may state them again. A person is told what is new to them, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from shared.contracts.pools import AllocationLine, AmountDue, PayMethod, PayTiming, PledgeLine

Outcome = Literal["allocated", "waitlisted", "ceiling_too_low", "not_secured"]

_RELEASED = frozenset({"withdrawn", "dropped", "failed", "cancelled"})
_TOLD_AT_CLOSING = frozenset({"ceiling_too_low", "not_secured"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A pledge as it was last heard of. Amounts in rupiah; None: never heard."""

    account_id: UUID
    method: PayMethod | None = None
    units: int | None = None
    outcome: Outcome | None = None
    must_hold_idr: int | None = None
    pay_by: datetime | None = None
    version: int = 0
    """The pool's version that it stands by."""


class Words(NamedTuple):
    """A template and its facts."""

    template: str
    facts: Mapping[str, object]


def pledge_words(line: PledgeLine, timing: PayTiming | None) -> Words:
    """Confirm a new pledge, and say what makes it count."""
    facts = {**_figures(line), "next": _next(line.method, timing)}
    return Words("pledge_made" if line.assisted_by is None else "pledge_made_for_you", facts)


def changed_words(line: PledgeLine) -> Words:
    """Confirm a pledge's new figures."""
    return Words("pledge_changed", _figures(line))


def _figures(line: PledgeLine) -> dict[str, object]:
    return {"units": line.units, "ceiling_idr": line.ceiling_idr, "may_hold_idr": line.may_hold_idr}


def _next(method: PayMethod, timing: PayTiming | None) -> str:
    if method == "card":
        return "card"
    if timing is None:
        return "other"
    return f"{method}_deposit" if timing == "deposit" else "later"


def allocation_words(line: AllocationLine, before: Standing | None, unit_price_idr: int) -> Words | None:
    """Tell a member what they got and why; None after a second run, of which the amounts tell."""
    if before is not None and before.outcome is not None:
        return None
    if line.outcome == "waitlisted":
        return Words("pledge_waitlisted", {})
    if line.outcome == "ceiling_too_low":
        return Words("pledge_over_ceiling", {})
    if line.outcome == "not_secured":
        return Words("pledge_not_secured", {})
    facts = {"units": line.units, "amount_idr": line.amount_idr, "unit_price_idr": unit_price_idr}
    asked = before.units if before is not None else None
    if asked is None or asked == line.units:
        return Words("pledge_allocated", facts)
    more = "pledge_allocated_more" if line.units > asked else "pledge_allocated_fewer"
    return Words(more, {**facts, "asked_units": asked})


def ends(line: AmountDue) -> bool:
    """Whether this statement puts a member out of the pool."""
    return line.reason in _RELEASED or (line.reason == "waitlisted" and line.may_hold_idr == 0)


def amount_words(line: AmountDue, before: Standing | None, timing: PayTiming | None) -> Words | None:
    """Tell a member what they owe now, or that nothing is owed any more; None where nothing is new to them."""
    match line.reason:
        case "failed" | "cancelled":
            return Words(f"pledge_{line.reason}", {})
        case "dropped" | "waitlisted":
            return _out(line, before)
        case "promoted":
            return Words("seat_offered", {"amount_idr": line.must_hold_idr, **_paying(line, before, timing)})
        case "accepted" | "adjusted" | "under_delivered":
            return _owed(line, before, timing)
        case _:  # the member has been told by the pledge's own event
            return None


def _out(line: AmountDue, before: Standing | None) -> Words | None:
    outcome = before.outcome if before is not None else None
    if not ends(line) or outcome in _TOLD_AT_CLOSING:
        return None
    waited = line.reason == "waitlisted" or outcome == "waitlisted"
    return Words("wait_ended" if waited else "pledge_dropped", {})


def _owed(line: AmountDue, before: Standing | None, timing: PayTiming | None) -> Words | None:
    was_idr = (before.must_hold_idr if before is not None else None) or 0
    change_idr = line.must_hold_idr - was_idr
    if change_idr == 0:
        return None
    if was_idr == 0:
        return Words("amount_due", {"amount_idr": line.must_hold_idr, **_paying(line, before, timing)})
    facts = {"amount_idr": line.must_hold_idr, "before_idr": was_idr, "difference_idr": abs(change_idr)}
    if change_idr < 0:
        return Words("amount_lowered", facts)
    return Words("amount_raised", {**facts, **_paying(line, before, timing)})


def _paying(line: AmountDue, before: Standing | None, timing: PayTiming | None) -> dict[str, object]:
    method = before.method if before is not None else None
    how: str = method or "other"
    if timing == "deposit" and method in {"transfer", "cash"}:
        how = "deposit"
    return {"how": how, "pay_by_at": line.pay_by}
