"""What was typed into a form that could not be taken, kept in the visitor's own browser until the form is open again.

A session may end while somebody writes. Their words then wait, signed, in a cookie of half an hour: after logging in the form
is filled in as they left it. Codes and the form's own secrets are not kept. A browser keeps about 4 KB a cookie; what is longer
than that loses its longest field.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from services.web import cookies
from services.web.forms import Form
from services.web.local import local_path, split
from shared.config import Settings
from shared.json import dumps, loads

KEPT: Final = "__Host-isian"
KEPT_S: Final = 1800
RAW: web.RequestKey[bytes] = web.RequestKey("raw", bytes)
"""The body of this request, once it has been read."""
_MOST_TEXT: Final = 3700
_MOST_BODY: Final = 64 * 1024
_NOT_KEPT: Final = frozenset({"code", "challenge_id", "channel", "kembali"})


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What was typed, and the page with the form that it belongs into."""

    path: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def into(self, context: dict[str, object]) -> dict[str, object]:
        """Fill it into the forms that a page is drawn with; one that shows errors has newer words."""
        filled = {
            name: Form(self.fields) for name, value in context.items() if isinstance(value, Form) and not value.errors
        }
        return {**context, **filled}


async def typed(request: web.Request) -> dict[str, str]:
    """Read the fields of a form that nobody has read yet; nothing where it is no form of ours or too large.

    Only what our own page sends is read: another site must not put words into a form.
    """
    if not is_from_here(request) or request.content_type != "application/x-www-form-urlencoded":
        return {}
    raw = request.get(RAW)
    if raw is None:
        if request.content_length is None or request.content_length > _MOST_BODY:
            return {}
        try:
            raw = await request.read()
        except (web.RequestPayloadError, ConnectionError):
            return {}
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError:
        return {}


def is_from_here(request: web.Request) -> bool:
    """Whether a page of this site sent the request."""
    return split(request.headers.get("Origin", "")).netloc == request.host


def form_page(request: web.Request, fields: Mapping[str, str]) -> str:
    """Find the page on which a sent form stands: where it asks to be led back to, its own address, or whence it came."""
    came_from = split(request.headers.get("Referer", ""))
    referer = f"{came_from.path}?{came_from.query}".rstrip("?") if came_from.netloc == request.host else ""
    for candidate in (fields.get("kembali", ""), referer, request.path_qs):
        if candidate and local_path(candidate) == candidate and _can_be_opened(request, candidate):
            return candidate.partition("#")[0]
    return "/"


def _can_be_opened(request: web.Request, url: str) -> bool:
    """Whether there is a page at an address, and not only a form's target."""
    path = split(url).path
    infos = (
        route.resource.get_info() for route in request.app.router.routes() if route.method == "GET" and route.resource
    )
    return any(
        path == info.get("path") or ("pattern" in info and info["pattern"].fullmatch(path) is not None)
        for info in infos
    )


def keep(settings: Settings, response: web.StreamResponse, path: str, fields: Mapping[str, str]) -> bool:
    """Keep what was typed, if there is anything; says whether there is."""
    kept = {
        name: value for name, value in fields.items() if value and not name.startswith("_") and name not in _NOT_KEPT
    }
    while kept:
        packed = base64.urlsafe_b64encode(zlib.compress(dumps([path, kept]), 9)).decode()
        if len(packed) <= _MOST_TEXT:
            cookies.keep_secret(response, KEPT, f"{packed}.{_sign(settings, packed)}", KEPT_S)
            return True
        del kept[max(kept, key=lambda name: len(kept[name]))]
    return False


def read(settings: Settings, request: web.Request) -> KeptForm | None:
    """Read what this browser has kept for us, if it is ours."""
    packed, _, signature = request.cookies.get(KEPT, "").partition(".")
    if not packed or not hmac.compare_digest(signature.encode(), _sign(settings, packed).encode()):
        return None
    try:
        path, fields = loads(zlib.decompress(base64.urlsafe_b64decode(packed)))
    except (ValueError, zlib.error, binascii.Error):
        return None
    return KeptForm(path, fields)


def _sign(settings: Settings, text: str) -> str:
    return hmac.new(settings.derived("kept form").encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
