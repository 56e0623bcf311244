"""Moderation, as operators see it, and a hiding as those who run the business do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.listings.domain import moderation as rules
from services.listings.domain.forbidden import BY_CODE
from services.listings.domain.moderation import Decided
from services.listings.domain.refusals import OwnBusiness
from services.listings.queries.businesses import posts_of
from services.listings.queries.owning import require_concerned
from services.listings.queries.photos import photo_view
from services.listings.repository import moderation, moderation_shown, photos
from services.listings.views.businesses import QueueQuery
from services.listings.views.moderation import Appeal, Case, Hiding, PastCase, Report, Suspicion, WaitingCase
from services.listings.views.photos import Photo
from shared.auth import Principal, require
from shared.db import Reader, Row
from shared.errors import NotFound
from shared.http.paging import Page, PageQuery, decode_cursor, page


async def list_queue(sql: Reader, who: Principal, query: QueueQuery) -> Page[WaitingCase]:
    """List what waits for a decision at the caller's posts, oldest first. Raises `BadCursor`, `NotAllowed`."""
    posts = posts_of(who, query)
    after = decode_cursor(query.cursor, tuple[datetime, UUID])
    rows = await moderation_shown.list_waiting(sql, who.account_id, posts, after, query.limit + 1)
    items = [WaitingCase.model_validate(dict(row)) for row in rows]
    return page(items, query.limit, lambda item: [item.since, item.id])


async def get_case(sql: Reader, case_id: UUID, who: Principal) -> Case:
    """Give a case of the caller's post. Raises `NotFound`, `NotAllowed`, `OwnBusiness`."""
    row = _for_judges(await moderation_shown.get(sql, case_id), who)
    if row is None:
        raise OwnBusiness
    found = await moderation_shown.suspicions_of(sql, case_id)
    ids = {one[name] for one in found for name in ("photo_id", "other_photo_id") if one[name]}
    shown = {photo.id: photo_view(photo) for photo in await photos.of_ids(sql, ids)} if ids else {}
    return Case.model_validate(
        {
            **row,
            "hidden_by_you": row["hidden_by"] == who.account_id,
            "suspicions": [_suspicion(one, shown) for one in found],
            "appeals": _appeals(await moderation.appeals_of(sql, case_id)),
        }
    )


async def list_reports(sql: Reader, case_id: UUID, who: Principal, query: PageQuery) -> Page[Report]:
    """List the reports of a case, oldest first; none of a case too near the caller. Raises as `list_cases` does."""
    after = decode_cursor(query.cursor, UUID)
    seen = _for_judges(await moderation_shown.get(sql, case_id), who)
    rows = await moderation_shown.list_reports(sql, case_id, after, query.limit + 1) if seen else []
    return page([Report.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)


async def list_cases(sql: Reader, listing_id: UUID, who: Principal, query: PageQuery) -> Page[PastCase]:
    """List the cases of a listing, newest first; none that is too near. Raises `BadCursor`, `NotFound`, `NotAllowed`."""
    before = decode_cursor(query.cursor, UUID)
    seen = _for_judges(await moderation_shown.near_listing(sql, listing_id), who)
    rows = await moderation_shown.list_of_listing(sql, listing_id, before, query.limit + 1) if seen else []
    return page([PastCase.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)


async def get_hiding(sql: Reader, listing_id: UUID, who: Principal) -> Hiding:
    """Tell whoever runs a hidden listing, and its post, why it is hidden. Raises `NotFound`, `NotAllowed`."""
    await require_concerned(sql, who, "listing", listing_id)
    row = await moderation_shown.hiding_of(sql, listing_id)
    if row is None:
        raise NotFound
    appeals = await moderation.appeals_of(sql, row["id"])
    decided = [Decided(appeal["seen"]) for appeal in appeals]
    may_appeal = rules.may_appeal(decided, rules.seen(row["version"], row["photo_ids"]))
    may_repeat = bool(appeals) and appeals[-1]["decided_by"] is not None and len(appeals) < rules.MOST_APPEALS
    return Hiding.model_validate(
        {**row, "appeals": _appeals(appeals), "may_appeal": may_appeal, "may_repeat": may_repeat}
    )


def _for_judges(row: Row | None, who: Principal) -> Row | None:
    """Let operators of the post pass; nothing for one who has to do with the business. Raises `NotFound`, `NotAllowed`."""
    if row is None:
        raise NotFound
    require(who.operates(row["post_id"]))
    return None if who.account_id in row["near"] else row


def _suspicion(row: Row, shown: Mapping[UUID, Photo]) -> Suspicion:
    group = BY_CODE.get(row["goods"] or "")
    return Suspicion.model_validate(
        {
            **row,
            "goods_id": group.name_id if group else None,
            "goods_en": group.name_en if group else None,
            "source": group.source if group else None,
            "photo": shown.get(row["photo_id"]),
            "other_photo": shown.get(row["other_photo_id"]),
        }
    )


def _appeals(rows: Sequence[Row]) -> list[Appeal]:
    return [Appeal.model_validate({**row, "ended_at": row["decided_at"]}) for row in rows]
