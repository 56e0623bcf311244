"""What listings has at hand besides its database: photos' store and darkroom, and limits for those without an account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.listings.darkroom import Darkroom
from services.listings.object_photo_store import open_photo_store
from services.listings.photo_store_gateway import PhotoStore
from services.listings.rates import Rate
from shared.service import Context


@dataclass(frozen=True, slots=True)
class Resources:
    """Where photos are kept and made, and the limits of what anybody may send."""

    photos: PhotoStore
    darkroom: Darkroom
    attention: Rate = field(default_factory=lambda: Rate(120, 60))
    """The pages of one web process send at most 60 lists a minute."""
    enquiries: Rate = field(default_factory=lambda: Rate(60, 600))
    reports: Rate = field(default_factory=lambda: Rate(20, 600))


@asynccontextmanager
async def setup(context: Context) -> AsyncIterator[Resources]:
    """Open the store that the settings name; the darkroom's children start with the first photo."""
    darkroom = Darkroom()
    try:
        yield Resources(open_photo_store(context.settings), darkroom)
    finally:
        await darkroom.close()
