"""Figures of attention, as the owner and the post see them."""

from __future__ import annotations

from uuid import UUID

from services.listings.domain.attention import Kind
from services.listings.queries.owning import require_concerned
from services.listings.repository import attention
from services.listings.views.attention import Attention, AttentionDay
from shared.auth import Principal
from shared.db import Reader


async def get_attention(sql: Reader, who: Principal, kind: Kind, id_: UUID) -> Attention:
    """Give the last four weeks of a listing or business, day by day. Raises `NotFound`, `NotAllowed`."""
    await require_concerned(sql, who, kind, id_)
    return Attention(days=[AttentionDay.model_validate(dict(row)) for row in await attention.lately(sql, kind, id_)])
