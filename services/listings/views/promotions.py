"""Promotions over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.contracts.base import Moment, PositiveRupiah
from shared.http.fields import Body, View


class NewPromotion(Body):
    """A lower price for a time; from now on where no beginning is named. `price_idr`: whole rupiah per unit of the listing."""

    price_idr: PositiveRupiah
    starts_at: Moment | None = None
    ends_at: Moment


class Promotion(View):
    """A promotion. `cancelled_at`: when it was ended before `ends_at`, or called off before it began."""

    id: UUID
    listing_id: UUID
    price_idr: int
    starts_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None
    status: Literal["coming", "running", "over", "cancelled"]
