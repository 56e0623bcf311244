"""Registering posts, appointing and dismissing officers."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from services.posyantek.domain.posts import Officer, OfficerRole, Post, PostLevel, slugs_for
from services.posyantek.refusals import AlreadyServing, RegionHasPost, RegionTakesNoPost, RegionUnknown
from services.posyantek.regions import Region, load_regions
from services.posyantek.repository import posts as repository
from shared.contracts.posyantek import OfficerAppointed, OfficerDismissed, PostRegistered
from shared.db import Transaction, UniqueViolation
from shared.errors import Conflict, NotFound
from shared.ids import new_id


async def register_post(
    tx: Transaction,
    *,
    region_code: str,
    name: str,
    address: str | None = None,
    whatsapp: str | None = None,
    hours: str | None = None,
    pilot: bool = False,
    by: UUID | None = None,
) -> Post:
    """Register the post of a kecamatan or kelurahan. `whatsapp` in E.164; `by`: the province officer.

    Raises `RegionUnknown`, `RegionTakesNoPost`, `RegionHasPost`; `Conflict` where another post took its slug this moment.
    """
    region = _region_for_post(region_code)
    wish, otherwise = slugs_for(name, region.name, region.code)
    slug = otherwise if await repository.slug_taken(tx, wish) else wish
    post = Post(new_id(), slug, name, region.code, address, whatsapp, hours, pilot)
    try:
        free = await repository.add_post(tx, post, by, await tx.now())
    except UniqueViolation as error:
        raise Conflict from error
    if not free:
        known = await repository.posts_of_regions(tx, [region.code])
        raise RegionHasPost(region_name=region.name, post_id=str(known[region.code]))
    level = cast("PostLevel", region.level)
    tx.emit(
        PostRegistered(post_id=post.id, name=name, region_code=region.code, region_level=level, region_name=region.name)
    )
    return post


async def ensure_post(
    tx: Transaction,
    *,
    region_code: str,
    name: str,
    address: str | None = None,
    whatsapp: str | None = None,
    hours: str | None = None,
    pilot: bool = False,
) -> UUID:
    """Give the post of a region, registering it if there is none; one that is there stays as it is. For seeding."""
    try:
        post = await register_post(
            tx, region_code=region_code, name=name, address=address, whatsapp=whatsapp, hours=hours, pilot=pilot
        )
    except RegionHasPost as known:
        return UUID(known.details["post_id"])
    return post.id


async def appoint_officer(
    tx: Transaction, post_id: UUID, account_id: UUID, role: OfficerRole, by: UUID | None = None
) -> Officer:
    """Let an account serve at a post. Whether it exists is identity's to know. Raises `NotFound`, `AlreadyServing`."""
    if not await repository.post_exists(tx, post_id):
        raise NotFound
    officer = await repository.appoint(tx, new_id(), post_id, account_id, role, by, await tx.now())
    if officer is None:
        raise AlreadyServing(role=role)
    tx.emit(OfficerAppointed(post_id=post_id, account_id=account_id, role=role))
    return officer


async def ensure_officer(tx: Transaction, post_id: UUID, account_id: UUID, role: OfficerRole) -> bool:
    """Appoint an account unless it serves already; tells whether it was appointed. Raises `NotFound`. For seeding."""
    try:
        await appoint_officer(tx, post_id, account_id, role)
    except AlreadyServing:
        return False
    return True


async def dismiss_officer(
    tx: Transaction, post_id: UUID, account_id: UUID, role: OfficerRole, by: UUID | None = None
) -> None:
    """End somebody's service in a role. Raises `NotFound` where there is none."""
    if not await repository.dismiss(tx, post_id, account_id, role, by, await tx.now()):
        raise NotFound
    tx.emit(OfficerDismissed(post_id=post_id, account_id=account_id, role=role))


def _region_for_post(code: str) -> Region:
    region = load_regions().by_code.get(code)
    if region is None:
        raise RegionUnknown(region_code=code)
    if region.level not in {"district", "village"}:
        raise RegionTakesNoPost(region_name=region.name)
    return region
