"""Codes, sessions, tokens, and the keys that verify them."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.identity import commands, queries
from services.identity.api.calls import (
    CODE_REFUSALS,
    announced,
    caller_of,
    read_session_token,
    resources_of,
    routes,
    session_token,
    with_code,
)
from services.identity.domain.contacts import read_contact
from services.identity.refusals import ChannelNotSetUp, CodeTooOften, ConsentNeeded, ContactInvalid, NameNeeded
from services.identity.views import (
    ChallengeView,
    CodeRequest,
    DevMessages,
    DevMessagesQuery,
    Jwk,
    Jwks,
    ListQuery,
    LogIn,
    SessionItem,
    SessionView,
    TokenView,
)
from shared.auth import IN_PERSON, PUBLIC, TOKEN_LIFETIME, sign_token
from shared.db import Transaction
from shared.errors import NotFound
from shared.http.call import Answer, Call
from shared.http.paging import Page
from shared.json import dumps
from shared.keys import load_token_keys


@routes.post(
    "/api/v1/codes",
    policy=PUBLIC,
    body=CodeRequest,
    answer=ChallengeView,
    status=202,
    refusals=(ContactInvalid, ChannelNotSetUp, CodeTooOften),
)
async def ask_code(call: Call, body: CodeRequest) -> Answer:
    """Ask for a log-in code.

    The answer is the same whether or not the contact has an account here.
    """
    contact = read_contact(body.to)

    async def command(tx: Transaction) -> ChallengeView:
        asked = await commands.ask_code(
            tx, resources_of(call), contact, "log-in", body.language, caller=caller_of(call), post_id=body.post_id
        )
        return announced(call, tx, asked)

    return await call.transact(command)


@routes.post(
    "/api/v1/sessions",
    policy=PUBLIC,
    body=LogIn,
    answer=SessionView,
    status=201,
    remembers=False,
    refusals=(*CODE_REFUSALS, NameNeeded, ConsentNeeded),
)
async def log_in(call: Call, body: LogIn) -> Answer:
    """Log in with a code, and register where the contact is new.

    A session token in the Authorization header, of the same browser's session before, ends that session. The answer holds
    a secret and is not kept for the Idempotency-Key: a code opens one session anyway.
    """

    async def command(tx: Transaction) -> SessionView:
        logged_in = await commands.log_in(
            tx,
            resources_of(call).keys,
            body.challenge_id,
            body.code,
            name=body.name,
            consent=body.consent,
            old_token=read_session_token(call.request),
        )
        return SessionView(
            session_token=logged_in.session_token,
            account_id=logged_in.account_id,
            name=logged_in.name,
            new=logged_in.new,
        )

    return await with_code(call, body.challenge_id, "log-in", body.code, command)


@routes.get("/api/v1/sessions", policy=IN_PERSON, query=ListQuery, answer=Page[SessionItem])
async def list_sessions(call: Call, query: ListQuery) -> Page[SessionItem]:
    """List where one's own account is logged in, newest first."""
    async with call.context.db.transaction() as tx:
        return await queries.list_sessions(tx, call.who.account_id, await tx.now(), query)


@routes.delete("/api/v1/sessions/current", policy=PUBLIC)
async def log_out(call: Call) -> Answer:
    """Log out: end the session whose token is in the Authorization header."""
    return await call.transact(lambda tx: commands.log_out(tx, session_token(call)))


@routes.delete("/api/v1/sessions/{session_id}", policy=IN_PERSON)
async def revoke_session(call: Call) -> Answer:
    """End one of one's own sessions, for instance on a lost phone."""
    session_id = call.id("session_id")
    return await call.transact(lambda tx: commands.revoke_session(tx, call.who.account_id, session_id))


@routes.post("/api/v1/tokens", policy=PUBLIC, answer=TokenView, remembers=False)
async def issue_token(call: Call) -> TokenView:
    """Get a signed token, good for five minutes, for the session whose token is in the Authorization header."""
    async with call.context.db.transaction() as tx:
        who = await commands.principal_of(tx, session_token(call))
    # The wall clock, not the database's: the services that verify the token compare it with theirs.
    now = datetime.now(UTC)
    token = sign_token(load_token_keys(call.context.settings), who, now)
    return TokenView(token=token, expires_at=now + TOKEN_LIFETIME, account_id=who.account_id)


@routes.get("/api/v1/jwks", policy=PUBLIC, answer=Jwks)
async def read_jwks(call: Call) -> Jwks:
    """Read the public keys that verify our tokens (RFC 7517)."""
    public = load_token_keys(call.context.settings).public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    x = _base64url(public)
    # The key's id is its thumbprint (RFC 7638): SHA-256 over the required members in alphabetical order.
    thumbprint = hashlib.sha256(dumps({"crv": "Ed25519", "kty": "OKP", "x": x})).digest()
    return Jwks(keys=[Jwk(kid=_base64url(thumbprint), x=x)])


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@routes.get(
    "/api/v1/dev-messages",
    policy=PUBLIC,
    query=DevMessagesQuery,
    answer=DevMessages,
    refusals=(NotFound, ContactInvalid),
)
async def list_dev_messages(call: Call, query: DevMessagesQuery) -> DevMessages:
    """Read the message box of a developer's or demo machine; not found anywhere else."""
    if not call.context.settings.development:
        raise NotFound
    async with call.context.db.read() as sql:
        return await queries.list_dev_messages(sql, query.to)
