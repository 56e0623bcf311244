"""What a machine would save somebody, by their own figures. Amounts are whole rupiah; nothing here is a promise.

All is computed with exact fractions and rounded once, against the machine: savings and hours saved down, electricity,
hours of running and months up. A machine's hours count as the owner's own, though a dryer runs unwatched; its fuel,
where it is heated with gas, is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Final, Literal
from uuid import UUID

from services.offers.domain.electricity import tariff_sen_per_kwh
from services.offers.domain.terms import landed_price_idr
from shared.contracts.offers import OfferTerms

WEEKS_PER_MONTH: Final = Fraction(52, 12)
LONGEST_PAYBACK_MONTHS: Final = 120
"""Machines of this kind do not last longer, so that no payback beyond it is told."""


class Figure(StrEnum):
    """What somebody has to tell of their own work."""

    KG_PER_WEEK = "kg_per_week"
    PIECES_PER_WEEK = "pieces_per_week"
    HOURS_PER_WEEK = "hours_per_week"
    HOUR_VALUE_IDR = "hour_value_idr"


class NoPayback(StrEnum):
    """Why there are no months after which a machine has paid for itself."""

    CAPACITY_UNKNOWN = "capacity_unknown"
    NEEDS_FIGURES = "needs_figures"
    TOO_SLOW = "too_slow"
    NO_SAVING = "no_saving"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """What somebody tells of their work, a week; `hour_value_idr`: what an hour of theirs is worth to them."""

    kg_per_week: Decimal | None = None
    pieces_per_week: int | None = None
    hours_per_week: Decimal | None = None
    hour_value_idr: int | None = None
    supply_va: int | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """What the rule has to know of a machine: how much an hour, by weight or in pieces, its watts and its price."""

    kg_per_hour: Decimal | None
    pieces_per_hour: int | None
    watts: int | None
    price_idr: int


@dataclass(frozen=True, slots=True)
class Price:
    """What one machine costs: by the cheapest standing offer, else the middle of the catalogue's estimate."""

    idr: int
    basis: Literal["offer", "estimate"]
    offer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a machine would save. Hours are of a week where not said otherwise; None is what does not follow.

    `needs`: the figures that are missing. A machine that is too slow saves nothing, so none of its savings is told.
    """

    hours_by_hand: Fraction | None = None
    hours_with_machine: Fraction | None = None
    saved_hours_per_month: Fraction | None = None
    saved_idr_per_month: int | None = None
    electricity_idr_per_month: int | None = None
    net_idr_per_month: int | None = None
    payback_months: int | None = None
    payback_reason: NoPayback | None = None
    needs: tuple[Figure, ...] = ()


def benefit(machine: Machine, own: OwnFigures) -> Benefit:
    """Compare the work done by hand with the same work done by a machine."""
    by_hand = None if own.hours_per_week is None else Fraction(own.hours_per_week)
    amount, capacity, figure = _work(machine, own)
    if capacity is None:
        return Benefit(by_hand, payback_reason=NoPayback.CAPACITY_UNKNOWN)
    told = {figure: amount, Figure.HOURS_PER_WEEK: by_hand, Figure.HOUR_VALUE_IDR: own.hour_value_idr}
    needs = tuple(name for name, value in told.items() if value is None)
    lacking = NoPayback.NEEDS_FIGURES if needs else None
    if amount is None:
        return Benefit(by_hand, payback_reason=lacking, needs=needs)
    running = amount / capacity
    known = Benefit(
        by_hand,
        running,
        electricity_idr_per_month=_electricity_idr(machine.watts, running, own.supply_va),
        payback_reason=lacking,
        needs=needs,
    )
    if by_hand is None:
        return known
    if running > by_hand:
        return replace(known, payback_reason=NoPayback.TOO_SLOW, needs=())
    known = replace(known, saved_hours_per_month=(by_hand - running) * WEEKS_PER_MONTH)
    return known if own.hour_value_idr is None else _in_rupiah(known, own.hour_value_idr, machine.price_idr)


def price(offers: Iterable[tuple[UUID, OfferTerms]], low_idr: int, high_idr: int) -> Price:
    """Give the lowest landed price at an offer's minimum order, of equals the older; without offers the estimate."""
    landed = ((landed_price_idr(terms, terms.minimum_units), offer_id) for offer_id, terms in offers)
    cheapest = min(landed, default=None)
    if cheapest is None:
        return Price(ceil(Fraction(low_idr + high_idr, 2)), "estimate")
    return Price(cheapest[0], "offer", cheapest[1])


def _work(machine: Machine, own: OwnFigures) -> tuple[Fraction | None, Fraction | None, Figure]:
    """Give the amount of a week and the capacity of an hour, in the unit in which the machine is measured."""
    if machine.kg_per_hour is None and machine.pieces_per_hour is not None:
        return _exact(own.pieces_per_week), Fraction(machine.pieces_per_hour), Figure.PIECES_PER_WEEK
    return _exact(own.kg_per_week), _exact(machine.kg_per_hour), Figure.KG_PER_WEEK


def _exact(number: Decimal | int | None) -> Fraction | None:
    return None if number is None else Fraction(number)


def _electricity_idr(watts: int | None, running: Fraction, va: int | None) -> int:
    """What a month of running costs, rounded up. `running`: hours a week."""
    kwh = Fraction(watts or 0, 1000) * running * WEEKS_PER_MONTH
    return ceil(kwh * tariff_sen_per_kwh(va) / 100)


def _in_rupiah(known: Benefit, hour_value_idr: int, price_idr: int) -> Benefit:
    """Add what the hours saved are worth, and when that has paid for the machine."""
    assert known.saved_hours_per_month is not None
    assert known.electricity_idr_per_month is not None
    saved_idr = floor(known.saved_hours_per_month * hour_value_idr)
    net_idr = saved_idr - known.electricity_idr_per_month
    known = replace(known, saved_idr_per_month=saved_idr)
    if net_idr <= 0:
        return replace(known, payback_reason=NoPayback.NO_SAVING)
    months = ceil(Fraction(price_idr, net_idr))
    if months > LONGEST_PAYBACK_MONTHS:
        return replace(known, net_idr_per_month=net_idr, payback_reason=NoPayback.TOO_LONG)
    return replace(known, net_idr_per_month=net_idr, payback_months=months)
