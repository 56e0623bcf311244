"""What tests of identity share: contacts of their own, and people who log in."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from services.identity.keys import Keys
from services.identity.resources import Resources
from shared.testing.running import Client, Reply


def some_phone() -> str:
    """A phone number that no other test has."""
    return f"+62812{secrets.randbelow(10**8):08}"


@pytest.fixture
def new_phone() -> Callable[[], str]:
    return some_phone


@pytest.fixture
def phone() -> str:
    return some_phone()


@pytest.fixture(scope="session")
def resources(settings) -> Resources:
    """As on a developer's machine: no messenger, codes in the message box."""
    return Resources(Keys.of(settings), (), development=True)


@pytest.fixture
async def db(database):
    return await database("identity")


@dataclass(frozen=True)
class LoggedInPerson:
    """Somebody who is logged in."""

    client: Client
    account_id: UUID
    session_token: str
    contact: str

    async def token(self) -> str:
        """A fresh signed token."""
        reply = await self.client.post("/api/v1/tokens", who=self.session_token)
        assert reply.status == 200, reply.body
        return reply.body["token"]

    async def send(self, method: str, path: str, body: object = None) -> Reply:
        """A request with a fresh token."""
        return await self.client.send(method, path, await self.token(), body=body)


async def code_of(client: Client, challenge_id: str) -> str:
    """Read a code from the message box."""
    box = await client.get("/api/v1/dev-messages")
    return next(message["code"] for message in box.body["items"] if message["challenge_id"] == challenge_id)


async def ask(client: Client, to: str, **more: object) -> tuple[str, str]:
    """Ask for a code; gives the challenge's id and the code."""
    reply = await client.post("/api/v1/codes", {"to": to, **more})
    assert reply.status == 202, reply.body
    return reply.body["challenge_id"], await code_of(client, reply.body["challenge_id"])


@pytest.fixture
def read_code() -> Callable[[Client, str], Awaitable[str]]:
    return code_of


@pytest.fixture
def ask_code() -> Callable[..., Awaitable[tuple[str, str]]]:
    return ask


@pytest.fixture
def log_in() -> Callable[..., Awaitable[LoggedInPerson]]:
    """Log somebody in, with an account if they have none: `person = await log_in(client)`."""

    async def log_in(client: Client, contact: str | None = None, name: str = "Ibu Sri") -> LoggedInPerson:
        contact = contact or some_phone()
        challenge_id, code = await ask(client, contact)
        body = {"challenge_id": challenge_id, "code": code, "name": name, "consent": True}
        reply = await client.post("/api/v1/sessions", body)
        assert reply.status == 201, reply.body
        return LoggedInPerson(client, UUID(reply.body["account_id"]), reply.body["session_token"], contact)

    return log_in
