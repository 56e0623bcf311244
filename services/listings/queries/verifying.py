"""Whether what is stored agrees with what was done and said."""

from __future__ import annotations

from services.listings.repository import drifts, moderation_shown, photos, projections
from shared.db import Reader
from shared.service import Context, Findings


async def verify(sql: Reader, _: Context) -> Findings:
    """Compare businesses and listings with their history and with what others were told. States each post's name."""
    return Findings(
        drifts=[
            *await drifts.unlike_history(sql),
            *await drifts.businesses_unlike_log(sql),
            *await drifts.listings_unlike_log(sql),
            *await drifts.shown_unverified(sql),
            *await drifts.wrong_copies(sql),
            *await drifts.named_unlike_log(sql),
            *await drifts.halal_unlike_permit(sql),
            *await drifts.checked_by_manager(sql),
            *await photos.covers_unlike_photos(sql),
            *await moderation_shown.unlike_cases(sql),
        ],
        facts={"post_name": await projections.post_names(sql)},
    )
