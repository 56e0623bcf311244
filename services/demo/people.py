"""People who use the API: they log in with the code that was sent to them, and act."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from shared.http.client import ApiClient, Reply

TOKEN_FRESH_S = 200


class StepFailed(Exception):
    """A step of the story did not go as it must."""


@dataclass(slots=True)
class Person:
    """Somebody with a name and a phone, on one installation."""

    api: ApiClient
    name: str
    phone: str
    account_id: str = ""
    session_token: str = ""
    _token: str = ""
    _token_at: float = field(default=0.0)

    async def sign_in(self) -> Person:
        """Ask for a code, read it from the development message box, and open a session."""
        challenge = await done(await self.api.send("POST", "/api/v1/codes", body={"to": self.phone}))
        code = await self.read_code(challenge["challenge_id"])
        body = {"challenge_id": challenge["challenge_id"], "code": code, "name": self.name, "consent": True}
        session = await done(await self.api.send("POST", "/api/v1/sessions", body=body))
        self.account_id, self.session_token = session["account_id"], session["session_token"]
        return self

    async def read_code(self, challenge_id: str) -> str:
        """Read the code of a challenge from the development message box."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            box = await done(await self.api.send("GET", f"/api/v1/dev-messages?to={quote(self.phone)}"))
            for message in box["items"]:
                if message.get("challenge_id") in {challenge_id, None} and message.get("code"):
                    code: str = message["code"]
                    return code
            await pause()
        raise StepFailed(f"no code came to {self.phone}")

    async def token(self) -> str:
        """Give a fresh access token."""
        if time.monotonic() - self._token_at > TOKEN_FRESH_S:
            await self.refresh()
        return self._token

    async def refresh(self) -> None:
        """Fetch a new token now, for instance because a role was granted."""
        answer = await done(await self.api.send("POST", "/api/v1/tokens", self.session_token))
        self._token, self._token_at = answer["token"], time.monotonic()

    async def send(self, method: str, path: str, body: object = None, **more: Any) -> Reply:  # noqa: ANN401
        """Send a request in this person's name, whatever comes of it."""
        return await self.api.send(method, f"/api/v1{path}", await self.token(), body=body, **more)

    async def post(self, path: str, body: object = None, **more: Any) -> Any:  # noqa: ANN401 -- JSON
        """Do something that must work; gives the answer. Raises `StepFailed`."""
        return await done(await self.send("POST", path, body if body is not None else {}, **more))

    async def get(self, path: str, **more: Any) -> Any:  # noqa: ANN401 -- JSON
        """Read something that must be there. Raises `StepFailed`."""
        return await done(await self.send("GET", path, **more))

    async def has_role(self, role: str, scope_id: str) -> bool:
        """Look whether a role has arrived, with a fresh token."""
        me = await self.get("/accounts/me")
        if any(grant["role"] == role and grant["scope_id"] == scope_id for grant in me["grants"]):
            await self.refresh()
            return True
        return False


async def done(reply: Reply) -> Any:  # noqa: ANN401 -- JSON
    """Give the body of a request that worked. Raises `StepFailed` with the problem otherwise."""
    if not reply.ok:
        raise StepFailed(f"{reply.status}: {reply.body}")
    return reply.body


async def pause() -> None:
    """Wait a moment before asking again."""
    await asyncio.sleep(0.05)


async def until(ask: Any, right: Any, what: str, within_s: float = 30) -> Any:  # noqa: ANN401 -- any question
    """Ask again and again until the answer is right; gives it. Raises `StepFailed` at the deadline."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await ask()
        if right(answer):
            return answer
        if time.monotonic() > deadline:
            raise StepFailed(f"waited {within_s:g} s for: {what}; last seen: {str(answer)[:600]}")
        await pause()
