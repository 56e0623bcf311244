"""What the supplier is paid, and when: down payment, on delivery, on acceptance. Amounts are whole rupiah."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.pools.domain.refusals import BadPayoutShares


class PayoutStage(StrEnum):
    """When a part of the money goes to the supplier."""

    DOWN_PAYMENT = "down_payment"
    """When the order is funded and firm."""
    ON_DELIVERY = "on_delivery"
    """When all goods are received."""
    ON_ACCEPTANCE = "on_acceptance"
    """When the acceptance test has passed: the rest."""


@dataclass(frozen=True, slots=True)
class PayoutTerms:
    """The shares of the first two stages, in whole percent of the total. Raises BadPayoutShares."""

    down_payment_percent: int
    on_delivery_percent: int

    def __post_init__(self) -> None:
        shares = (self.down_payment_percent, self.on_delivery_percent)
        if min(shares) < 0 or sum(shares) > 100:
            raise BadPayoutShares


@dataclass(frozen=True, slots=True)
class Payout:
    """One stage's amount, in rupiah."""

    stage: PayoutStage
    amount_idr: int


def payouts(total_idr: int, terms: PayoutTerms) -> tuple[Payout, ...]:
    """Divide what the supplier is owed over the stages, in their order; stages without an amount are left out.

    The early stages are rounded down: the odd rupiah stays with the members until the goods have passed. Parts sum
    exactly to `total_idr`.
    """
    assert total_idr >= 0
    down_idr = total_idr * terms.down_payment_percent // 100
    delivery_idr = total_idr * terms.on_delivery_percent // 100
    amounts = (
        Payout(PayoutStage.DOWN_PAYMENT, down_idr),
        Payout(PayoutStage.ON_DELIVERY, delivery_idr),
        Payout(PayoutStage.ON_ACCEPTANCE, total_idr - down_idr - delivery_idr),
    )
    return tuple(payout for payout in amounts if payout.amount_idr)
