"""The HTTP side: authentication, idempotency, faults and Stripe's headers around every endpoint."""

import base64
import binascii
import hmac
import json
import re

from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

from services.payments.stripe_simulator import (
    accounts_api,
    checkout_api,
    control,
    hosted_page,
    payments_api,
    refunds_api,
)
from services.payments.stripe_simulator.account import API_VERSION, Account, new_id
from services.payments.stripe_simulator.errors import ApiError, Json, server_error, unrecognized_url
from services.payments.stripe_simulator.operation import EXPAND, Operation, expand
from services.payments.stripe_simulator.params import nest, read
from services.payments.stripe_simulator.simulator import StripeSimulator

OPERATIONS = (
    *accounts_api.OPERATIONS,
    *checkout_api.OPERATIONS,
    *payments_api.OPERATIONS,
    *refunds_api.OPERATIONS,
)


def create_app(simulator: StripeSimulator) -> web.Application:
    """Make the application: Stripe's API under `/v1`, the hosted page, and the control API.

    It may be served alone or mounted with `add_subapp`; starting and stopping the simulator is up to the
    caller.
    """
    app = web.Application(client_max_size=1024 * 1024)
    for operation in OPERATIONS:
        app.router.add_route(operation.method, operation.path, _endpoint(simulator, operation))
    app.router.add_routes(hosted_page.routes(simulator))
    app.router.add_routes(control.routes(simulator, lambda request: _authenticate(simulator, request)))
    app.router.add_route("*", "/{tail:.*}", _unknown(simulator))
    return app


def _endpoint(simulator: StripeSimulator, operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        account = simulator.account(simulator.platform, new_id("req"))
        try:
            account.id = _authenticate(simulator, request)
            return await _answer(simulator, operation, request, account)
        except ApiError as refusal:
            return _respond(account, refusal.status, json.dumps(refusal.body()))

    return handle


async def _answer(
    simulator: StripeSimulator, operation: Operation, request: web.Request, account: Account
) -> web.StreamResponse:
    path = _path(request, operation)
    raw = nest(await _pairs(request))
    params = read({**operation.spec, "expand": EXPAND}, raw)
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    simulator.sweep()
    if key is None:
        fault = simulator.faults.strike(request.method, path)
        if fault == "hold":
            await simulator.faults.hold()
        status, body, _ = _execute(operation, request, account, params, fault)
        simulator.commit(account)
        return _deliver(request, account, status, body, fault)
    account.idempotency_key = key
    saved = simulator.keys.begin(account, key, path, raw)
    if saved is not None:
        return _replay(account, saved)
    result: tuple[int, str] | None = None
    try:
        fault = simulator.faults.strike(request.method, path)
        if fault == "hold":
            await simulator.faults.hold()
        status, body, executed = _execute(operation, request, account, params, fault)
        result = (status, body) if executed else None
    finally:
        simulator.keys.finish(account, key, path, raw, result)
        simulator.commit(account)
    return _deliver(request, account, status, body, fault)


def _execute(
    operation: Operation, request: web.Request, account: Account, params: Json, fault: str | None
) -> tuple[int, str, bool]:
    """Run the endpoint; answer status, body, and whether the result is to be kept under the key."""
    if fault == "error_before_commit":
        return 500, json.dumps(server_error().body()), True
    executed = True
    paths = params.pop("expand", [])
    try:
        answer = expand(account, operation.run(account, request.match_info.get("id", ""), params), paths)
        status, body = 200, json.dumps(answer)
    except ApiError as refusal:
        status, body, executed = refusal.status, json.dumps(refusal.body()), refusal.executed
    if fault == "error_after_commit":
        return 500, json.dumps(server_error().body()), True
    return status, body, executed


def _deliver(request: web.Request, account: Account, status: int, body: str, fault: str | None) -> web.StreamResponse:
    if fault == "drop_response" and request.transport is not None:
        request.transport.abort()
    return _respond(account, status, body)


def _replay(account: Account, saved: Json) -> web.Response:
    response = _respond(account, saved["status"], saved["body"])
    response.headers["Idempotent-Replayed"] = "true"
    response.headers["Original-Request"] = saved["request_id"]
    if saved["status"] >= 500:
        response.headers["Stripe-Should-Retry"] = "false"
    return response


def _respond(account: Account, status: int, body: str) -> web.Response:
    headers = CIMultiDict({"Request-Id": account.request_id or "", "Stripe-Version": API_VERSION})
    if account.idempotency_key is not None:
        headers["Idempotency-Key"] = account.idempotency_key
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)


def _path(request: web.Request, operation: Operation) -> str:
    """Answer the path as Stripe knows it, without the prefix of a mount."""
    return operation.path.replace("{id}", request.match_info.get("id", ""))


async def _pairs(request: web.Request) -> list[tuple[str, str]]:
    if request.method == "GET":
        return list(request.query.items())
    if request.can_read_body and request.content_type != "application/x-www-form-urlencoded":
        raise ApiError(
            400,
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded).",
            executed=False,
        )
    return [(name, value) for name, value in (await request.post()).items() if isinstance(value, str)]


def _authenticate(simulator: StripeSimulator, request: web.Request) -> str:
    """Answer the account that the request speaks for; raises ApiError 401 or 403."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    key = credentials.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if not key:
        raise ApiError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            executed=False,
        )
    if not hmac.compare_digest(key.encode(), simulator.secret_key.encode()):
        raise ApiError(401, f"Invalid API Key provided: {key[:8]}{'*' * 8}{key[-4:]}", executed=False)
    account = request.headers.get("Stripe-Account", simulator.platform)
    if not re.fullmatch(r"acct_[A-Za-z0-9_]+", account):
        raise ApiError(
            403,
            f"The provided key does not have access to account '{account}' (or that account does not exist).",
            code="account_invalid",
            executed=False,
        )
    return account


def _unknown(simulator: StripeSimulator) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        account = simulator.account(simulator.platform, new_id("req"))
        refusal = unrecognized_url(request.method, "/" + request.match_info["tail"])
        return _respond(account, refusal.status, json.dumps(refusal.body()))

    return handle
