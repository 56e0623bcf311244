"""Names of accounts, for those who may read them: a post's operators."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from services.web.reading import principal_of
from services.web.visit import Visit

MOST_NAMES = 100
"""So many accounts' names the API gives at once."""


async def names_of(visit: Visit, account_ids: Iterable[str]) -> dict[str, str]:
    """Whose accounts these are; nobody's where the visitor may not read it, and erased ones are left out."""
    who = principal_of(visit)
    if who is None or who.assisted_by or not who.has("operator", "officer"):
        return {}
    ids = sorted(set(account_ids))
    parts = [",".join(ids[start : start + MOST_NAMES]) for start in range(0, len(ids), MOST_NAMES)]
    found = await asyncio.gather(*(visit.maybe(f"/accounts/names?ids={part}", {"items": []}) for part in parts))
    return {account["id"]: account["name"] for part in found for account in part["items"]}
