"""Dibantu petugas: what operators may look up, and how they come to act for a person at the counter."""

from __future__ import annotations

from datetime import UTC, datetime

from services.identity import commands, queries
from services.identity.api.calls import CODE_REFUSALS, announced, resources_of, routes, with_code
from services.identity.domain.contacts import read_phone
from services.identity.refusals import ChannelNotSetUp, CodeTooOften, ContactInvalid
from services.identity.views import (
    AssistanceView,
    BeginHelp,
    Found,
    Names,
    NamesQuery,
    NameView,
    OfferedView,
    OfferHelp,
    SearchQuery,
)
from shared.auth import ASSISTANCE_LIFETIME, OPERATOR, Principal, require, sign_token
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.keys import load_token_keys


@routes.post(
    "/api/v1/accounts/assisted",
    policy=OPERATOR,
    body=OfferHelp,
    answer=OfferedView,
    status=201,
    refusals=(ContactInvalid, ChannelNotSetUp, CodeTooOften),
)
async def offer_help(call: Call, body: OfferHelp) -> Answer:
    """Find or make the account of a person at the counter, and send them a code by which they accept help."""
    require(call.who.operates(body.post_id))
    contact = read_phone(body.phone)

    async def command(tx: Transaction) -> OfferedView:
        offered = await commands.offer_help(
            tx, resources_of(call), contact, body.name, operator_id=call.who.account_id, post_id=body.post_id
        )
        challenge = announced(call, tx, offered.asked)
        return OfferedView(account_id=offered.account_id, challenge_id=challenge.challenge_id)

    return await call.transact(command)


@routes.post(
    "/api/v1/assistance",
    policy=OPERATOR,
    body=BeginHelp,
    answer=AssistanceView,
    status=201,
    remembers=False,
    refusals=CODE_REFUSALS,
)
async def begin_assistance(call: Call, body: BeginHelp) -> Answer:
    """Act for the person who gave their code, for fifteen minutes.

    The token has none of the person's roles, and says who holds it. It neither manages sessions nor erases the account.
    """
    operator_id = call.who.account_id

    async def command(tx: Transaction) -> AssistanceView:
        account = await commands.begin_assistance(
            tx,
            resources_of(call).keys,
            body.challenge_id,
            body.code,
            operator_id=operator_id,
            operates=call.who.operates,
        )
        now = datetime.now(UTC)
        who = Principal(account.id, assisted_by=operator_id)
        token = sign_token(load_token_keys(call.context.settings), who, now, ASSISTANCE_LIFETIME)
        return AssistanceView(
            token=token, account_id=account.id, name=account.name, expires_at=now + ASSISTANCE_LIFETIME
        )

    return await with_code(call, body.challenge_id, "assist", body.code, command, asker=operator_id)


@routes.get("/api/v1/accounts/search", policy=OPERATOR, query=SearchQuery, answer=Found, refusals=(ContactInvalid,))
async def search_accounts(call: Call, query: SearchQuery) -> Found:
    """Find whose phone number this is; the whole number only, so that nobody can be leafed through."""
    async with call.context.db.read() as sql:
        return await queries.search_phone(sql, query.phone)


@routes.get("/api/v1/accounts/names", policy=OPERATOR, query=NamesQuery, answer=Names)
async def read_names(call: Call, query: NamesQuery) -> Names:
    """Read whose accounts these are, for a post's desk; those that are erased or unknown are left out."""
    async with call.context.db.read() as sql:
        return await queries.read_names(sql, query.ids)


@routes.get("/api/v1/accounts/{account_id}/name", policy=OPERATOR, answer=NameView)
async def read_name(call: Call) -> NameView:
    """Read whose account this is, for a post's desk."""
    async with call.context.db.read() as sql:
        return await queries.read_name(sql, call.id("account_id"))
