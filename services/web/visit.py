"""One visit of one page: asks the API in the visitor's name, reads forms, and draws the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timezone
from typing import Any
from urllib.parse import parse_qsl, quote

from aiohttp import web
from multidict import MultiDict

from services.web import cookies, keeping, uploads
from services.web.catalogues import Locale, translations
from services.web.forms import Form
from services.web.local import local_path, split
from services.web.page import Flash, Page, Section, Tone
from services.web.refusals import ApiRefusal, ForeignForm, StaleForm
from services.web.rendering import render
from services.web.sessions import TOKEN, Resources, exchange
from services.web.zones import WIB
from shared.errors import BadInput, IdempotencyKeyReused, NotSignedIn, Refusal
from shared.http.call import Call, remote_of
from shared.http.client import Reply
from shared.service import Context

LAST_WRITE = "versi"
LAST_WRITE_S = 15
MOST_FIELDS = 200
_LONGEST_KEY = 200
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'; form-action 'self' https://checkout.stripe.com https://wa.me https://api.whatsapp.com",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Me:
    """The account that is logged in, as the header shows it."""

    name: str
    unread: int


class Visit:
    """What a page's handler works with."""

    def __init__(self, request: web.Request, context: Context, raw: bytes = b"") -> None:
        self.request = request
        self._raw = raw
        self.context = context
        self.locale: Locale = locale_of(request)
        self.session_token = request.cookies.get(cookies.SESSION, "")
        self.token = request.get(TOKEN)
        self.assisted = cookies.read_assisted(request) if self.token else None
        self.after = request.cookies.get(LAST_WRITE)
        """The version of the visitor's newest write: ask with it where the own write must be seen."""
        self.files: list[uploads.SentFile] = []
        """The files that came with the form, once it is read."""
        self._wrote: str | None = None
        self._me = asyncio.ensure_future(self._ask_me()) if self.token and request.method == "GET" else None

    @classmethod
    def of(cls, call: Call) -> Visit:
        """Begin a visit."""
        return cls(call.request, call.context, call.raw)

    async def enter(self, session_token: str) -> None:
        """Go on as who has just logged in. Raises `Unavailable`, `NotSignedIn`."""
        token = await exchange(self.context.resources, session_token)
        if token is None:
            raise NotSignedIn
        self.session_token, self.token, self.assisted = session_token, token, None

    # Asking the API

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        raw: bytes | None = None,
        key: str | None = None,
        after: bool = False,
    ) -> Reply:
        """Send a request in the visitor's name, whatever comes of it. `path` begins after `/api/v1`; `raw`: a file."""
        resources: Resources = self.context.resources
        headers = {"Accept-Language": self.locale, "X-Forwarded-For": remote_of(self.request, self.context.settings)}
        reply = await resources.api.send(
            method,
            f"/api/v1{path}",
            self.token,
            body=body,
            raw=raw,
            key=key,
            headers=headers,
            after=self.after if after else None,
        )
        if method != "GET" and reply.version:
            self._wrote = reply.version
        return reply

    async def get(self, path: str, *, after: bool = False) -> Any:  # noqa: ANN401 -- JSON
        """Read something. Raises `ApiRefusal`. `after`: wait until the visitor's newest write shows."""
        return _done(await self.ask("GET", path, after=after))

    async def get_all(self, *paths: str) -> list[Any]:
        """Read several things at the same time. Raises `ApiRefusal`."""
        return list(await asyncio.gather(*(self.get(path) for path in paths)))

    async def maybe(self, path: str, otherwise: Any = None) -> Any:  # noqa: ANN401 -- JSON
        """Read something that may be missing or refused without spoiling the page."""
        reply = await self.ask("GET", path)
        return reply.body if reply.ok else otherwise

    async def post(self, path: str, body: object = None, *, key: str | None = None, method: str = "POST") -> Any:  # noqa: ANN401
        """Do something; `key` is the form's own, so that a double tap does nothing twice. Raises `ApiRefusal`."""
        reply = await self.ask(method, path, body={} if body is None else body, key=sound_key(key))
        if reply.slug == IdempotencyKeyReused.slug:
            # Gone back to a form that was sent already, and changed it: the page is drawn with a new key.
            text = self.gettext(
                "Formulir ini sudah pernah terkirim. Kalau memang mau mengirim yang baru, kirim sekali lagi."
            )
            reply.body["detail"] = text
        return _done(reply)

    # Reading forms

    async def form(self) -> MultiDict[str]:
        """Read the form that was sent, by our own page and in this session. Raises `ForeignForm`, `StaleForm`."""
        origin = self.request.headers.get("Origin")
        # "null" comes with a stricter referrer policy of the browser's; the token then decides alone.
        if origin not in {None, "null"} and not keeping.is_from_here(self.request):
            raise ForeignForm
        fields: MultiDict[str] = MultiDict((name, value.strip()) for name, value in self._sent())
        settings = self.context.settings
        if self.session_token and not cookies.csrf_matches(settings, self.session_token, fields.get("_csrf", "")):
            raise StaleForm if keeping.is_from_here(self.request) else ForeignForm
        if not self.session_token and origin in {None, "null"}:
            raise ForeignForm
        return fields

    def _sent(self) -> list[tuple[str, str]]:
        """Take the body apart, which the edge has read already, to hold it to the route's size. Raises `BadInput`."""
        if self.request.content_type == uploads.MULTIPART:
            sent = uploads.parse(self._raw, self.request.headers["Content-Type"])
            self.files = sent.files
            return sent.fields
        try:
            return parse_qsl(self._raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise BadInput from error

    # Answering

    def gettext(self, text: str) -> str:
        """Translate a text whose source is Indonesian."""
        return translations(self.locale).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Translate a text that tells a number of things."""
        return translations(self.locale).ngettext(one, many, count)

    async def draw(
        self, template: str, *, section: Section = "", status: int = 200, zone: timezone = WIB, **context: object
    ) -> web.Response:
        """Draw a page. `zone`: the clock of the place that it is about."""
        me = await self._me if self._me is not None else await self._ask_me() if self.token else None
        settings = self.context.settings
        flashes = cookies.read_flash(settings, self.request)
        kept = self._kept_here(template)
        if kept is not None:
            context = kept.into(context)
            flashes = (*flashes, Flash(self.gettext("Isian Anda tadi masih ada. Periksa, lalu kirim lagi."), "info"))
        page = Page(
            path=self._address(),
            origin=settings.public_url,
            section=section,
            csrf=cookies.csrf_of(settings, self.session_token) if self.session_token else "",
            account_name=me.name if me else None,
            unread_count=me.unread if me else 0,
            search_query=self.request.query.get("q", "")[:120],
            flashes=flashes,
            assisted_name=self.assisted.name if self.assisted else None,
        )
        html = render(template, self.locale, zone, page=page, **context)
        response = web.Response(text=html, status=status, content_type="text/html", headers=SECURITY)
        response.headers["Cache-Control"] = "private, no-store" if self.session_token else "no-cache"
        response.headers["Vary"] = "Cookie, Accept-Language"
        response.headers["Content-Language"] = self.locale
        if flashes:
            cookies.drop(response, cookies.FLASH)
        if kept is not None:
            cookies.drop(response, keeping.KEPT)
        return response

    def _kept_here(self, template: str) -> keeping.KeptForm | None:
        """What was typed on this page before, when it could not be taken."""
        kept = keeping.read(self.context.settings, self.request) if self.request.method == "GET" else None
        is_here = kept is not None and kept.path == self.request.path_qs and not template.startswith("errors/")
        return kept if is_here else None

    @property
    def kept_path(self) -> str:
        """The page with the form that this visitor has not sent yet; empty where there is none."""
        kept = keeping.read(self.context.settings, self.request)
        return kept.path if kept else ""

    async def draw_again(
        self,
        template: str,
        fields: Mapping[str, str],
        refusal: ApiRefusal,
        names: Mapping[str, str] | None = None,
        **context: Any,  # noqa: ANN401
    ) -> web.Response:
        """Draw a form again with what was typed and what is wrong. `names`: API fields that the page calls otherwise."""
        known = names or {}
        errors = {known.get(name, name): message for name, message in refusal.fields.items()}
        status = refusal.problem_status if 400 <= refusal.problem_status < 500 else 503
        if not errors:
            context["trouble"] = refusal.text
        context.setdefault("form_key", fields.get("_key", ""))
        return await self.draw(template, status=status, form=Form(dict(fields), errors), **context)

    def go(self, path: str, flash: str | None = None, tone: Tone = "good") -> web.Response:
        """Send the browser to another page of ours, which shows `flash` once."""
        response = web.Response(status=303, headers={"Location": local_path(path), "Cache-Control": "no-store"})
        if flash:
            cookies.keep_flash(self.context.settings, response, Flash(flash, tone))
        if self._wrote:
            response.set_cookie(LAST_WRITE, self._wrote, max_age=LAST_WRITE_S, path="/", httponly=True, samesite="Lax")
        return response

    def _address(self) -> str:
        """Where this page can be read again: what a refused form draws is found where the form was."""
        if self.request.method == "GET":
            return self.request.path_qs
        came_from = split(self.request.headers.get("Referer", ""))
        return local_path(came_from.path or "/") if came_from.netloc == self.request.host else "/"

    async def _ask_me(self) -> Me | None:
        account, unread = await asyncio.gather(self.ask("GET", "/accounts/me"), self.ask("GET", "/messages/unread"))
        if not account.ok:
            return None
        return Me(account.body["name"] or "…", unread.body["count"] if unread.ok else 0)


def sound_key(key: str | None) -> str | None:
    """Leave out a key that no page of ours has made: it may be nothing that a header can carry."""
    return key if key and len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable() else None


def _done(reply: Reply) -> Any:  # noqa: ANN401 -- JSON
    if reply.status == 401:
        raise NotSignedIn
    if not reply.ok:
        raise ApiRefusal(reply)
    return reply.body


def locale_of(request: web.Request) -> Locale:
    """The language that the visitor chose; Indonesian otherwise, whatever the browser prefers."""
    return "en" if request.cookies.get(cookies.LANGUAGE) == "en" else "id"


async def refuse(request: web.Request, context: Context, refusal: Refusal) -> web.StreamResponse:
    """Show a refusal as a page that says what to do next."""
    visit = Visit(request, context)
    if isinstance(refusal, NotSignedIn) and request.method == "GET":
        return visit.go(f"/masuk?lanjut={quote(request.path_qs)}")
    if isinstance(refusal, NotSignedIn | StaleForm):
        return await _expired(visit, 401 if isinstance(refusal, NotSignedIn) else 403)
    if isinstance(refusal, ForeignForm):
        return await visit.draw("errors/foreign.html", status=refusal.status)
    status = refusal.problem_status if isinstance(refusal, ApiRefusal) else refusal.status
    return await visit.draw(f"errors/{_page_for(status)}.html", status=status, detail=refusal.message(visit.locale))


def _page_for(status: int) -> int:
    """Choose among the error pages that there are."""
    if status in {400, 403, 404, 409, 429, 500, 503}:
        return status
    if status == 405:
        return 404  # a form's target that somebody opens as a page
    if status in {413, 415, 422}:
        return 400
    return 409 if 400 <= status < 500 else 500


async def _expired(visit: Visit, status: int) -> web.Response:
    """Say that the session is over, and keep what was typed until the form is open again."""
    fields = await keeping.typed(visit.request)
    path = keeping.form_page(visit.request, fields)
    draft = web.Response()
    is_kept = keeping.keep(visit.context.settings, draft, path, fields)
    response = await visit.draw(
        "errors/expired.html",
        status=status,
        is_kept=is_kept,
        again_href=f"/masuk?lanjut={quote(path)}" if status == 401 else path,
    )
    response.cookies.update(draft.cookies)
    return response
