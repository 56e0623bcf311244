"""One's own account: reading, changing and erasing it; and the roles that province officers give."""

from __future__ import annotations

from uuid import UUID

from services.identity import commands, queries
from services.identity.api.calls import CODE_REFUSALS, announced, resources_of, routes, with_code
from services.identity.domain.contacts import read_email
from services.identity.refusals import (
    ChannelNotSetUp,
    CodeTooOften,
    ContactInvalid,
    ContactTaken,
    LastContact,
    LastOfficer,
    ScopeMismatch,
)
from services.identity.views import ChallengeView, ChangedMe, ChangeMe, ConsentItem, GrantBody, GrantView, ListQuery, Me
from shared.auth import IN_PERSON, OFFICER, SIGNED_IN, Grant, require
from shared.db import Transaction
from shared.errors import InvalidFields
from shared.http.call import Answer, Call
from shared.http.paging import Page


@routes.get("/api/v1/accounts/me", policy=SIGNED_IN, answer=Me)
async def read_me(call: Call) -> Me:
    """Read one's own account."""
    async with call.context.db.read() as sql:
        return await queries.read_me(sql, call.who)


@routes.patch(
    "/api/v1/accounts/me",
    policy=SIGNED_IN,
    body=ChangeMe,
    answer=ChangedMe,
    refusals=(*CODE_REFUSALS, ContactInvalid, ChannelNotSetUp, CodeTooOften, ContactTaken, LastContact),
)
async def change_me(call: Call, body: ChangeMe) -> Answer:
    """Change one's own name, language or e-mail address.

    A new address is sent a code, and becomes the account's when the code comes back: `{challenge_id, code}`. Until then
    nothing is written to it. Contacts are changed by the person alone, not through an operator's assistance.
    """
    account_id = call.who.account_id
    if "email" in body.model_fields_set or body.challenge_id or body.code:
        require(call.who.assisted_by is None)

    async def command(tx: Transaction) -> ChangedMe:
        account = await commands.change_profile(
            tx,
            account_id,
            name=body.name,
            language=body.language,
            drop_email="email" in body.model_fields_set and body.email is None,
        )
        if body.challenge_id and body.code:
            await commands.prove_contact(tx, resources_of(call).keys, account_id, body.challenge_id, body.code)
        asked = None
        if body.email is not None:
            asked = await commands.ask_code(
                tx,
                resources_of(call),
                read_email(body.email),
                "contact",
                account.language,
                caller=f"account {account_id}",
                account_id=account_id,
            )
        return await _changed(call, tx, announced(call, tx, asked) if asked else None)

    if (body.challenge_id is None) != (body.code is None):
        missing = "code" if body.code is None else "challenge_id"
        raise InvalidFields([{"field": missing, "message": "Required." if call.language == "en" else "Wajib diisi."}])
    if body.challenge_id and body.code:
        return await with_code(call, body.challenge_id, "contact", body.code, command, asker=account_id)
    return await call.transact(command)


async def _changed(call: Call, tx: Transaction, challenge: ChallengeView | None) -> ChangedMe:
    me = await queries.read_me(tx, call.who)
    return ChangedMe(**me.model_dump(), email_challenge=challenge)


@routes.get("/api/v1/accounts/me/consents", policy=SIGNED_IN, query=ListQuery, answer=Page[ConsentItem])
async def list_consents(call: Call, query: ListQuery) -> Page[ConsentItem]:
    """List what one has agreed to, word for word, newest first."""
    async with call.context.db.read() as sql:
        return await queries.list_consents(sql, call.who.account_id, call.language, query)


@routes.post("/api/v1/accounts/me/erasure", policy=IN_PERSON)
async def erase_me(call: Call) -> Answer:
    """Delete one's own name and contacts, everywhere; log out everywhere and lose all roles. Cannot be undone."""
    account_id = call.who.account_id
    return await call.transact(lambda tx: commands.erase(tx, account_id))


@routes.post(
    "/api/v1/accounts/{account_id}/grants",
    policy=OFFICER,
    body=GrantBody,
    answer=GrantView,
    status=201,
    refusals=(ScopeMismatch,),
)
async def grant_role(call: Call, body: GrantBody) -> Answer:
    """Give an account a role. Again is as once."""
    account_id, grant = _grant_of(call, body)

    async def command(tx: Transaction) -> GrantView:
        await commands.appoint(tx, account_id, grant, by=call.who.account_id)
        return GrantView(**grant._asdict())

    return await call.transact(command)


@routes.post("/api/v1/accounts/{account_id}/grants/revoke", policy=OFFICER, body=GrantBody, refusals=(LastOfficer,))
async def revoke_role(call: Call, body: GrantBody) -> Answer:
    """Take a role from an account. Tokens that carry it are over within five minutes."""
    account_id, grant = _grant_of(call, body)
    return await call.transact(lambda tx: commands.dismiss(tx, account_id, grant))


def _grant_of(call: Call, body: GrantBody) -> tuple[UUID, Grant]:
    """Read whose and which role it is about. Over a province only its own officers decide."""
    if body.scope_kind == "province":
        require(call.who.holds("officer", body.scope_id))
    return call.id("account_id"), Grant(body.role, body.scope_kind, body.scope_id)
