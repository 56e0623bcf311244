"""Regions, posts and their officers."""

from __future__ import annotations

from typing import cast, get_args

from services.posyantek.api.table import routes
from services.posyantek.commands import posts as commands
from services.posyantek.domain.posts import OfficerRole
from services.posyantek.queries import posts as queries
from services.posyantek.refusals import AlreadyServing, RegionHasPost, RegionTakesNoPost, RegionUnknown
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
from shared.auth import OFFICER, OPERATOR, PUBLIC, require
from shared.db import Transaction
from shared.errors import NotFound
from shared.http.call import Answer, Call
from shared.http.paging import Page


@routes.get("/api/v1/regions", policy=PUBLIC, query=RegionQuery, answer=Page[RegionItem])
async def list_regions(call: Call, query: RegionQuery) -> Page[RegionItem]:
    """List or search the regions of DKI Jakarta."""
    async with call.context.db.read() as sql:
        return await queries.list_regions(sql, query)


@routes.get("/api/v1/posts", policy=PUBLIC, query=PostQuery, answer=Page[PostItem])
async def list_posts(call: Call, query: PostQuery) -> Page[PostItem]:
    """List or search the posts."""
    async with call.context.db.read() as sql:
        return await queries.list_posts(sql, query)


@routes.get("/api/v1/posts/by-slug/{slug:[a-z0-9-]+}", policy=PUBLIC, answer=PostPage)
async def get_post_by_slug(call: Call) -> PostPage:
    """Read a post by the name in its web address."""
    async with call.context.db.read() as sql:
        return await queries.get_post(sql, slug=call.text("slug"))


@routes.get("/api/v1/posts/{post_id}", policy=PUBLIC, answer=PostPage)
async def get_post(call: Call) -> PostPage:
    """Read a post."""
    async with call.context.db.read() as sql:
        return await queries.get_post(sql, post_id=call.id("post_id"))


@routes.post(
    "/api/v1/posts",
    policy=OFFICER,
    body=NewPost,
    answer=PostPage,
    status=201,
    refusals=(RegionUnknown, RegionTakesNoPost, RegionHasPost),
)
async def register_post(call: Call, body: NewPost) -> Answer:
    """Register the post of a kecamatan or kelurahan."""

    async def command(tx: Transaction) -> PostPage:
        post = await commands.register_post(tx, **body.model_dump(), by=call.who.account_id)
        return await queries.get_post(tx, post_id=post.id)

    return await call.transact(command, location=lambda post: f"/api/v1/posts/{post.id}")


@routes.get("/api/v1/posts/{post_id}/officers", policy=OPERATOR, query=OfficerQuery, answer=Page[OfficerItem])
async def list_officers(call: Call, query: OfficerQuery) -> Page[OfficerItem]:
    """List who serves at a post; for those who work there."""
    require(call.who.operates(call.id("post_id")))
    async with call.context.db.read() as sql:
        return await queries.list_officers(sql, call.id("post_id"), query)


@routes.post(
    "/api/v1/posts/{post_id}/officers",
    policy=OFFICER,
    body=NewOfficer,
    answer=OfficerItem,
    status=201,
    refusals=(AlreadyServing,),
)
async def appoint_officer(call: Call, body: NewOfficer) -> Answer:
    """Appoint an operator, chair or treasurer of a post."""
    post_id = call.id("post_id")

    async def command(tx: Transaction) -> OfficerItem:
        officer = await commands.appoint_officer(tx, post_id, body.account_id, body.role, call.who.account_id)
        return queries.officer_item(officer)

    return await call.transact(command)


@routes.delete("/api/v1/posts/{post_id}/officers/{account_id}/{role}", policy=OFFICER)
async def dismiss_officer(call: Call) -> Answer:
    """Dismiss somebody from a role at a post."""
    role = call.text("role")
    if role not in get_args(OfficerRole):
        raise NotFound
    post_id, account_id, by = call.id("post_id"), call.id("account_id"), call.who.account_id
    return await call.transact(
        lambda tx: commands.dismiss_officer(tx, post_id, account_id, cast("OfficerRole", role), by)
    )
