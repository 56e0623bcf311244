"""What cards can carry, as the rules take it."""

from __future__ import annotations

from typing import Final

from services.payments.card_gateway import CardLimits
from services.payments.domain.reconcile import Limits

LIMITS: Final = CardLimits()
CARD_LIMITS: Final[Limits] = (LIMITS.minimum_charge_idr, LIMITS.maximum_charge_idr)
"""The least and the most that a card can be charged, in rupiah."""
