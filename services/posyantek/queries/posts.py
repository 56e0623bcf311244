"""Regions from memory, posts and officers from the database."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import cast
from uuid import UUID

from services.posyantek.domain.posts import Officer, Post, PostLevel, folded, found_by, path_of
from services.posyantek.regions import Region, load_regions
from services.posyantek.repository import posts as repository
from services.posyantek.views.posts import (
    OfficerItem,
    OfficerQuery,
    PostItem,
    PostPage,
    PostQuery,
    RegionItem,
    RegionQuery,
)
from shared.db import Reader
from shared.errors import BadCursor, NotFound
from shared.http.paging import Page, decode_cursor, page


async def list_regions(sql: Reader, query: RegionQuery) -> Page[RegionItem]:
    """List regions: the best answers to a search first, then by code. Raises `BadCursor`."""
    regions = _after(_region_code(query.cursor), _chosen(query))[: query.limit + 1]
    posts = await repository.posts_of_regions(sql, [region.code for region in regions])
    return page([_region_item(region, posts) for region in regions], query.limit, lambda item: item.code)


async def list_posts(sql: Reader, query: PostQuery) -> Page[PostItem]:
    """List posts by region code. Raises `BadCursor`."""
    codes = [region.code for region in _answering(load_regions(), query.q)] if query.q else []
    posts = await repository.list_posts(
        sql,
        region=query.region,
        q=query.q,
        codes=codes,
        after=_region_code(query.cursor),
        limit=query.limit + 1,
    )
    return page(
        [PostItem.model_validate(_post_fields(post)) for post in posts], query.limit, lambda item: item.region_code
    )


async def get_post(sql: Reader, *, post_id: UUID | None = None, slug: str | None = None) -> PostPage:
    """Give a post by its id or slug. Raises `NotFound`."""
    found = await repository.get_post(sql, post_id=post_id, slug=slug)
    if found is None:
        raise NotFound
    post, officers_count = found
    return PostPage.model_validate(
        {
            **_post_fields(post),
            "hours": post.hours,
            "cash_box_name": f"Kas {post.name}",
            "officers_count": officers_count,
        }
    )


async def list_officers(sql: Reader, post_id: UUID, query: OfficerQuery) -> Page[OfficerItem]:
    """List who serves at a post, longest-serving first. Raises `BadCursor`."""
    officers = await repository.list_officers(
        sql, post_id, former_too=query.former, after=decode_cursor(query.cursor, UUID), limit=query.limit + 1
    )
    return page([officer_item(officer) for officer in officers], query.limit, lambda item: item.id)


def officer_item(officer: Officer) -> OfficerItem:
    """Show a time of service."""
    return OfficerItem(
        id=officer.id,
        post_id=officer.post_id,
        account_id=officer.account_id,
        role=officer.role,
        appointed_at=officer.appointed_at,
        dismissed_at=officer.dismissed_at,
    )


@cache
def _path(code: str) -> str:
    return path_of([region.name for region in load_regions().path_to(code)])


def _chosen(query: RegionQuery) -> list[Region]:
    regions: Iterable[Region] = load_regions()
    if query.parent is not None and query.level is None:
        regions = [region for region in regions if region.parent_code == query.parent]
    elif query.parent is not None:
        regions = [region for region in regions if region.code.startswith(f"{query.parent}.")]
    if query.level is not None:
        regions = [region for region in regions if region.level == query.level]
    return _answering(regions, query.q) if query.q else list(regions)


def _answering(regions: Iterable[Region], q: str) -> list[Region]:
    """Find the regions that answer a search, best first. Of a postal code speak only kecamatan and kelurahan."""
    words = [word for word in map(folded, q.split()) if word]
    ranked = []
    for region in regions:
        postal_codes = region.postal_codes if region.level in {"district", "village"} else ()
        rank = found_by(words, name=region.name, path=_path(region.code), postal_codes=postal_codes)
        if words and rank is not None:
            ranked.append((rank, region.code, region))
    return [region for _, _, region in sorted(ranked, key=lambda found: found[:2])]


def _region_code(cursor: str | None) -> str | None:
    """Read the place after which a list goes on: always a region that there is. Raises `BadCursor`."""
    code = decode_cursor(cursor, str)
    if code is not None and code not in load_regions().by_code:
        raise BadCursor
    return code


def _after(code: str | None, regions: list[Region]) -> list[Region]:
    if code is None:
        return regions
    for place, region in enumerate(regions):
        if region.code == code:
            return regions[place + 1 :]
    raise BadCursor


def _region_item(region: Region, posts: dict[str, UUID]) -> RegionItem:
    return RegionItem(
        code=region.code,
        level=region.level,
        name=region.name,
        parent_code=region.parent_code,
        path=_path(region.code),
        post_id=posts.get(region.code),
    )


def _post_fields(post: Post) -> dict[str, object]:
    region = load_regions()[post.region_code]
    return {
        "id": post.id,
        "slug": post.slug,
        "name": post.name,
        "region_code": post.region_code,
        "region_name": region.name,
        "region_level": cast("PostLevel", region.level),
        "region_path": _path(post.region_code),
        "whatsapp": post.whatsapp,
        "address": post.address,
        "pilot": post.pilot,
    }
