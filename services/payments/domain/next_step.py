"""What a member does next, told in one word for the page's one button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.payments.domain.accounts import Method
from services.payments.domain.reconcile import Limits, Position
from services.payments.domain.securing import Terms, expected_idr

StepKind = Literal["none", "save_card", "pay_card_link", "transfer", "cash", "confirm_at_post", "wait"]


@dataclass(frozen=True, slots=True)
class Step:
    """The next step and its amount in rupiah; 0 where no money moves."""

    kind: StepKind
    amount_idr: int = 0


def next_step(
    position: Position,
    terms: Terms | None,
    *,
    method: Method | None,
    secured: bool,
    link_open: bool,
    transfer_unchecked: bool,
    has_bank_account: bool,
    limits: Limits | None,
) -> Step:
    """Say what the member does next. `limits`: what cards can carry, None where no cards are taken."""
    if position.may_idr == 0:
        return Step("wait" if position.attempt is not None or position.refunding_idr else "none")
    if link_open and position.missing_idr:
        return Step("pay_card_link", position.missing_idr)
    if position.attempt is not None or transfer_unchecked:
        return Step("wait")
    if terms is None or method is None:
        return Step("none")
    if method == "card" and limits is not None:
        return _by_card(position, limits, idle=secured or terms.closing)
    by_word = method != "card" and not secured
    return _by_hand(position, terms, by_transfer=method == "transfer" and has_bank_account, by_word=by_word)


def _by_hand(position: Position, terms: Terms, *, by_transfer: bool, by_word: bool) -> Step:
    expected = expected_idr(terms, missing_idr=position.missing_idr, room_idr=position.room_idr)
    if expected:
        return Step("transfer" if by_transfer else "cash", expected)
    return Step("confirm_at_post" if by_word and not terms.closing else "none")


def _by_card(position: Position, limits: Limits, *, idle: bool) -> Step:
    if not position.missing_idr:
        return Step("none" if idle else "save_card")
    if not limits[0] <= position.missing_idr <= limits[1]:
        return Step("cash", position.missing_idr)
    return Step("wait") if position.chargeable else Step("pay_card_link", position.missing_idr)
