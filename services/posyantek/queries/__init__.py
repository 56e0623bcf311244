"""What the API of posyantek reads, a file per story."""

from __future__ import annotations

from services.posyantek.queries.needs import get_need, list_needs
from services.posyantek.queries.posts import get_post, list_officers, list_posts, list_regions, officer_item
from services.posyantek.queries.verifying import verify

__all__ = [
    "get_need",
    "get_post",
    "list_needs",
    "list_officers",
    "list_posts",
    "list_regions",
    "officer_item",
    "verify",
]
