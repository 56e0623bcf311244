"""The rules of posyantek, a file per machine; those of posts may be named without theirs."""

from __future__ import annotations

from services.posyantek.domain.posts import (
    LONGEST_SLUG,
    Officer,
    OfficerRole,
    Post,
    PostLevel,
    folded,
    found_by,
    path_of,
    slug_of,
    slugs_for,
    whatsapp_number,
)

__all__ = [
    "LONGEST_SLUG",
    "Officer",
    "OfficerRole",
    "Post",
    "PostLevel",
    "folded",
    "found_by",
    "path_of",
    "slug_of",
    "slugs_for",
    "whatsapp_number",
]
