"""What the routes of identity have in common: the route table, and how a caller is known here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from services.identity import commands
from services.identity.domain.codes import Purpose
from services.identity.keys import SESSION_PREFIX
from services.identity.refusals import CodeExhausted, CodeExpired, CodeUsed, CodeWrong
from services.identity.resources import Resources
from services.identity.views import ChallengeView
from shared.auth import Principal
from shared.callers import caller_key
from shared.db import Transaction
from shared.errors import NotSignedIn
from shared.http.call import Answer, Call
from shared.http.edge import bearer
from shared.http.routes import Routes
from shared.service import Context

CODE_REFUSALS = (CodeWrong, CodeExpired, CodeExhausted, CodeUsed)


async def authenticate(request: web.Request, context: Context) -> Principal | None:
    """Read the principal of a signed token. A session's token is none: the routes that take one look at it themselves."""
    return None if read_session_token(request) else await bearer(request, context)


def read_session_token(request: web.Request) -> str | None:
    """Read a session's token from the Authorization header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token.startswith(SESSION_PREFIX) else None


def session_token(call: Call) -> str:
    """Give the session's token that the request must carry. Raises `NotSignedIn`."""
    token = read_session_token(call.request)
    if token is None:
        raise NotSignedIn
    return token


def resources_of(call: Call) -> Resources:
    """Give what the service has at hand."""
    resources: Resources = call.context.resources
    return resources


def caller_of(call: Call) -> str | None:
    """Name the network caller for the limits of rate."""
    key = caller_key(call.remote)
    return f"address {key}" if key else None


def announced(call: Call, tx: Transaction, asked: commands.Asked) -> ChallengeView:
    """Answer that a code is on its way, and have it sent as soon as it is kept."""
    tx.after_commit(lambda: call.context.wake("send_codes"))
    return ChallengeView(challenge_id=asked.challenge_id, channel=asked.channel, expires_at=asked.expires_at)


async def with_code(
    call: Call,
    challenge_id: UUID,
    purpose: Purpose,
    code: str,
    command: Callable[[Transaction], Awaitable[object]],
    *,
    asker: UUID | None = None,
) -> Answer:
    """Run a command that uses a code, once the try has been judged and counted in a transaction of its own."""
    async with call.context.db.transaction() as tx:
        refusal = await commands.check_code(tx, resources_of(call).keys, challenge_id, purpose, code, asker=asker)
    if refusal is not None:
        raise refusal
    return await call.transact(command)


routes = Routes("identity", authenticate=authenticate)
