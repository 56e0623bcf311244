"""What goes over the wire: the bodies and queries that posyantek takes, and the answers it gives."""

from __future__ import annotations

from services.posyantek.views.posts import (
    NewOfficer,
    NewPost,
    OfficerItem,
    OfficerQuery,
    PostItem,
    PostPage,
    PostQuery,
    RegionItem,
    RegionQuery,
)

__all__ = [
    "NewOfficer",
    "NewPost",
    "OfficerItem",
    "OfficerQuery",
    "PostItem",
    "PostPage",
    "PostQuery",
    "RegionItem",
    "RegionQuery",
]
