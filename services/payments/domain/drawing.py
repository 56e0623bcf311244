"""Out of whose hands money goes: a refund back the way it came, a payout from whoever holds the pool's money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.payments.domain.accounts import GIVES_BY, Account, AccountKind, Method

_ORDER: dict[AccountKind, int] = {"bank": 0, "stripe": 1, "cash_box": 2}


@dataclass(frozen=True, slots=True)
class Source:
    """A payment that was received. `charge_ref`: the provider can give it back to the card, up to `left_idr` rupiah."""

    payment_id: UUID
    custodian: Account
    left_idr: int
    charge_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A refund to make: `amount_idr` of the price and `code_idr` of kode unik, from one custodian."""

    method: Method
    custodian: Account
    amount_idr: int
    code_idr: int = 0
    payment_id: UUID | None = None
    charge_ref: str | None = None


def plan_refund(amount_idr: int, sources: Sequence[Source], available: Mapping[Account, int]) -> list[Part]:
    """Give `amount_idr` back the way it came, the newest payment (first in `sources`) first.

    `available`: what each custodian has of the pool's money and owes to nobody else, in rupiah. Where the way back is
    barred, because a payout has used that custodian's money, another custodian gives it by hand. What nobody has is left out.
    """
    left = dict(available)
    by_card: list[Part] = []
    by_hand: dict[Account, int] = {}
    for source in sources:
        taken = min(amount_idr, source.left_idr, left.get(source.custodian, 0))
        if taken <= 0:
            continue
        if source.charge_ref is not None:
            by_card.append(Part("card", source.custodian, taken, 0, source.payment_id, source.charge_ref))
        else:
            by_hand[source.custodian] = by_hand.get(source.custodian, 0) + taken
        left[source.custodian] -= taken
        amount_idr -= taken
    for custodian, taken in draw(amount_idr, left, as_far_as_it_goes=True):
        by_hand[custodian] = by_hand.get(custodian, 0) + taken
    return by_card + [Part(GIVES_BY[custodian.kind], custodian, taken) for custodian, taken in by_hand.items()]


def with_codes(parts: Sequence[Part], codes: Mapping[Account, int]) -> list[Part]:
    """Let each custodian who has kode unik of the member give it back too, with its part by hand if there is one."""
    given = dict(codes)
    planned = []
    for part in parts:
        code_idr = 0 if part.charge_ref else given.pop(part.custodian, 0)
        planned.append(Part(part.method, part.custodian, part.amount_idr, code_idr, part.payment_id, part.charge_ref))
    planned += [
        Part(GIVES_BY[custodian.kind], custodian, 0, code_idr) for custodian, code_idr in given.items() if code_idr
    ]
    return planned


def draw(
    amount_idr: int, available: Mapping[Account, int], *, as_far_as_it_goes: bool = False
) -> list[tuple[Account, int]]:
    """Take an amount from custodians, bank accounts first and cash boxes last. Empty when they do not have it all."""
    parts = []
    for custodian in sorted(available, key=lambda account: (_ORDER[account.kind], account.code)):
        taken = min(amount_idr, available[custodian])
        if taken > 0:
            parts.append((custodian, taken))
            amount_idr -= taken
    return parts if amount_idr == 0 or as_far_as_it_goes else []
