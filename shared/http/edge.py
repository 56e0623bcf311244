"""The edge: from a request to a handler and back. Authenticates, authorises, parses, and tells every refusal one way."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import cache

import structlog
from aiohttp import web
from multidict import CIMultiDict
from prometheus_client import Histogram
from pydantic import BaseModel, ValidationError

from shared.auth import Principal, read_token
from shared.db import StatementCount
from shared.errors import BadInput, NotFound, NotSignedIn, Refusal, TooLarge, TooMany, Unavailable
from shared.http.call import Answer, Call, language_of
from shared.http.fields import refusal_of
from shared.http.paging import Page, Rows
from shared.http.routes import Refuse, Route, Routes
from shared.http.waiting import wait_for_version
from shared.json import dumps
from shared.keys import load_token_keys
from shared.service import Context, Service
from shared.trace import traced

log = structlog.get_logger()

REQUESTS = Histogram(
    "urunbeli_request_seconds",
    "Time to answer a request",
    ["service", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
STATEMENTS = Histogram(
    "urunbeli_request_statements",
    "SQL statements that a request's handler sent; neither those of a batch that it shares nor those that wait for a version",
    ["service", "route"],
    buckets=(0, 1, 2, 3, 4, 6, 8, 12, 20),
)
STATEMENTS_HEADER = "Server-Timing"
"""Tells a developer's browser, and the tests, how many statements a request took: `sql;desc="3"`."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ANY_FRAME = "frame-ancestors *"
"""In a page's own policy: any site may show it in a frame. The older header would contradict it."""


class InternalError(Refusal):
    """Our own mistake. It is logged with the trace id that the problem carries."""

    slug = "internal-error"
    status = 500
    message_id = "Ada gangguan di pihak kami. Coba lagi; bila berulang, sampaikan nomor {trace_id}."
    message_en = "Something went wrong on our side. Try again; if it persists, report number {trace_id}."


class MethodNotAllowed(Refusal):
    """The path is there, but not for this method; `allowed` lists those that it takes."""

    slug = "method-not-allowed"
    status = 405
    message_id = "Alamat ini tidak menerima permintaan seperti itu."
    message_en = "This address does not take that method."


class BrokenBody(BadInput):
    """The body did not arrive as its headers announce it."""

    slug = "broken-body"
    message_id = "Kiriman tidak sampai dengan utuh. Kirim ulang."
    message_en = "The request body did not arrive whole. Send it again."


class EncodingNotTaken(Refusal):
    """The body is compressed."""

    slug = "encoding-not-taken"
    status = 415
    message_id = "Kiriman yang dimampatkan tidak diterima. Kirim tanpa Content-Encoding."
    message_en = "A compressed body is not taken. Send it without Content-Encoding."


def add_service(app: web.Application, service: Service, context: Context) -> None:
    """Put a service's routes into an application."""
    for route in service.routes.all:
        app.router.add_route(route.method, route.path, _endpoint(route, service.routes, context))


def new_app(unknown: Refuse | None = None) -> web.Application:
    """Make an empty application. `unknown` answers for addresses outside the API; a problem is told for all others."""
    return web.Application(middlewares=[_outermost(unknown)], client_max_size=1024**2)


def _outermost(unknown: Refuse | None) -> Callable[..., Awaitable[web.StreamResponse]]:
    @web.middleware
    async def middleware(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            refusal = _from_http(error)
            if unknown is not None and not request.path.startswith("/api/"):
                response = await unknown(request, request.app[CONTEXT], refusal)
            else:
                response = problem(request, refusal)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        if ANY_FRAME in response.headers.get("Content-Security-Policy", ""):
            del response.headers["X-Frame-Options"]
        return response

    return middleware


CONTEXT: web.AppKey[Context] = web.AppKey("context", Context)
"""The context of the service that answers for unknown addresses."""


def _from_http(error: web.HTTPException) -> Refusal:
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodNotAllowed(allowed=sorted(error.allowed_methods))
    if error.status == 413:
        return TooLarge()
    return NotFound()


def _endpoint(route: Route, routes: Routes, context: Context) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    refuse = routes.refuse or _refuse
    authenticate = routes.authenticate or bearer
    # Looked up once: finding a metric by its labels costs more than the observation.
    statements = STATEMENTS.labels(context.service, route.name)
    seconds = cache(lambda status: REQUESTS.labels(context.service, route.name, str(status)))

    async def endpoint(request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        with traced(request.headers.get("traceparent")) as span:
            try:
                response = await _answered(request, route, context, await authenticate(request, context), statements)
            except Refusal as refusal:
                response = await refuse(request, context, refusal)
            except web.HTTPException as found:
                if found.status >= 400:
                    response = await refuse(request, context, _from_http(found))
                else:
                    response = found
            except Exception:
                log.exception("request failed", service=context.service, route=route.name)
                response = await refuse(request, context, InternalError(trace_id=span.split("-")[1]))
            response.headers.setdefault("traceparent", span)
        seconds(response.status).observe(time.perf_counter() - started)
        return response

    return endpoint


async def _answered(
    request: web.Request, route: Route, context: Context, principal: Principal | None, statements: Histogram
) -> web.StreamResponse:
    route.policy.check(principal)
    waited_in_vain = await wait_for_version(request, context)
    raw = await _read(request, route)
    call = Call(request, route, context, principal, raw)
    arguments = _parsed(call, route, raw)
    count = StatementCount()
    try:
        with count:
            result = await route.handle(call, *arguments)
    finally:
        statements.observe(count.sent)
    if isinstance(result, web.StreamResponse):
        response = result
    else:
        answer = result if isinstance(result, Answer) else Answer.of(result, route.status)
        response = _respond(request, answer, result)
    if context.settings.development:
        response.headers[STATEMENTS_HEADER] = f'sql;desc="{count.sent}"'
    if waited_in_vain:
        response.headers["Preference-Applied"] = "wait=0"
    return response


async def _read(request: web.Request, route: Route) -> bytes:
    if request.method in {"GET", "HEAD", "DELETE"} and not request.can_read_body:
        return b""
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise EncodingNotTaken
    if request.content_length is not None and request.content_length > route.max_bytes:
        raise TooLarge
    body = bytearray()
    try:
        while piece := await request.content.readany():
            body += piece
            if len(body) > route.max_bytes:
                raise TooLarge
    except (web.RequestPayloadError, ConnectionError) as error:  # badly framed, or a phone that lost its network
        raise BrokenBody from error
    return bytes(body)


def _parsed(call: Call, route: Route, raw: bytes) -> list[BaseModel]:
    if route.raw:
        return []
    try:
        if route.body is not None:
            return [route.body.model_validate_json(raw or b"{}")]
        if route.query is not None:
            return [route.query.model_validate(dict(call.request.query))]
    except ValidationError as error:
        raise refusal_of(error, call.language) from error
    return []


def _respond(request: web.Request, answer: Answer, result: object) -> web.Response:
    headers = CIMultiDict(answer.headers)
    headers["Vary"] = "Authorization, Accept-Language"
    headers.setdefault("Cache-Control", "no-cache" if request.method == "GET" else "no-store")
    if isinstance(result, Page | Rows) and result.next:
        url = request.rel_url.update_query(cursor=result.next)
        headers["Link"] = f'<{url}>; rel="next"'
    if request.method == "GET" and answer.status == 200:
        tag = f'W/"{hashlib.sha256(answer.body).hexdigest()[:24]}"'
        headers["ETag"] = tag
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
    if answer.status == 204:
        return web.Response(status=204, headers=headers)
    return web.Response(body=answer.body, status=answer.status, headers=headers, content_type=answer.content_type)


async def bearer(request: web.Request, context: Context) -> Principal | None:
    """Read the principal from the Authorization header. Raises `NotSignedIn` on a token that is no good."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn
    return read_token(load_token_keys(context.settings).public, token.strip())


async def _refuse(request: web.Request, _: Context, refusal: Refusal) -> web.StreamResponse:
    return problem(request, refusal)


def problem(request: web.Request, refusal: Refusal) -> web.Response:
    """Tell a refusal as application/problem+json (RFC 9457)."""
    headers = {"Vary": "Accept-Language", "Cache-Control": "no-store", "Content-Language": language_of(request)}
    if isinstance(refusal, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, MethodNotAllowed):
        headers["Allow"] = ", ".join(refusal.details["allowed"])
    if isinstance(refusal, TooMany):
        headers["Retry-After"] = str(refusal.details["retry_after_s"])
    if isinstance(refusal, Unavailable):
        headers["Retry-After"] = "2"
    return web.Response(
        body=dumps(refusal.problem(language_of(request))),
        status=refusal.status,
        headers=headers,
        content_type="application/problem+json",
    )


def routes_of(services: Iterable[Service]) -> list[tuple[Service, Route]]:
    """List every route of some services."""
    return [(service, route) for service in services for route in service.routes.all]
