"""What the browser keeps for us: the session, who is being assisted, the language, and one message to show once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from aiohttp import web

from services.web.page import Flash, Tone
from shared.config import Settings
from shared.json import dumps, loads

SESSION = "__Host-urunbeli"
ASSISTED = "__Host-dibantu"
LANGUAGE = "bahasa"
FLASH = "pesan"
SESSION_S = 90 * 86400
FLASH_S = 60
_TONES: tuple[Tone, ...] = ("good", "info", "warn", "bad")


@dataclass(frozen=True, slots=True)
class Assisted:
    """A person at the counter, for whom an operator acts with this token."""

    token: str
    name: str


def keep_secret(response: web.StreamResponse, name: str, value: str, max_age_s: int) -> None:
    """Set a cookie that scripts cannot read, that only this host gets, and that other sites' forms do not carry."""
    response.set_cookie(name, value, max_age=max_age_s, path="/", secure=True, httponly=True, samesite="Lax")


def drop(response: web.StreamResponse, name: str) -> None:
    """Remove a cookie."""
    response.set_cookie(name, "", max_age=0, path="/", secure=True, httponly=True, samesite="Lax")


def csrf_of(settings: Settings, session_token: str) -> str:
    """Derive the form token of a session: another site cannot know it."""
    key = settings.derived("csrf").encode()
    return hmac.new(key, session_token.encode(), hashlib.sha256).hexdigest()[:32]


def csrf_matches(settings: Settings, session_token: str, sent: str) -> bool:
    """Compare a form's token, in constant time."""
    return hmac.compare_digest(csrf_of(settings, session_token).encode(), sent.encode())


def keep_flash(settings: Settings, response: web.StreamResponse, flash: Flash) -> None:
    """Keep a message for the next page, signed so that nobody else can put words there."""
    text = base64.urlsafe_b64encode(dumps([flash.text, flash.tone])).decode()
    response.set_cookie(
        FLASH, f"{text}.{_sign(settings, text)}", max_age=FLASH_S, path="/", httponly=True, samesite="Lax"
    )


def read_flash(settings: Settings, request: web.Request) -> tuple[Flash, ...]:
    """Read the message kept for this page, if it is ours."""
    text, _, signature = request.cookies.get(FLASH, "").partition(".")
    if not text or not hmac.compare_digest(signature.encode(), _sign(settings, text).encode()):
        return ()
    try:
        words, tone = loads(base64.urlsafe_b64decode(text))
    except (ValueError, binascii.Error):
        return ()
    return (Flash(words, tone),) if tone in _TONES else ()


def keep_assisted(response: web.StreamResponse, assisted: Assisted, max_age_s: int) -> None:
    """Keep whom the operator is assisting."""
    name = base64.urlsafe_b64encode(assisted.name.encode()).decode()
    keep_secret(response, ASSISTED, f"{name}~{assisted.token}", max_age_s)


def read_assisted(request: web.Request) -> Assisted | None:
    """Read whom the operator is assisting. The token proves itself."""
    name, _, token = request.cookies.get(ASSISTED, "").partition("~")
    if not token:
        return None
    try:
        return Assisted(token, base64.urlsafe_b64decode(name).decode()[:120])
    except (ValueError, binascii.Error):
        return None


def _sign(settings: Settings, text: str) -> str:
    return hmac.new(settings.derived("flash").encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
