"""The control API under `/_simulator`: fault switches and totals, for tests that run in another process.

It asks for the same secret key as the API, because the hosted page makes this server known to browsers.
"""

from collections.abc import Callable, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.payments.stripe_simulator.errors import ApiError, Json
from services.payments.stripe_simulator.faults import Fault, FaultKind
from services.payments.stripe_simulator.simulator import StripeSimulator

_Work = Callable[[StripeSimulator, str, bytes], Json]  # gets the id in the path ("" without one) and the body


class _FaultBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: FaultKind
    method: str = "POST"
    path: str = "/v1/"
    times: int | None = Field(default=1, ge=1)
    chance: float = Field(default=1.0, gt=0, le=1)


class _WebhookBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    delay_s: float | None = Field(default=None, ge=0)
    copies: int | None = Field(default=None, ge=1, le=10)
    out_of_order: bool | None = None
    suppressed: bool | None = None


class _RefundBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    status: str = Field(pattern="^(succeeded|failed)$")


def routes(simulator: StripeSimulator, authenticate: Callable[[web.Request], str]) -> Sequence[web.RouteDef]:
    """Make the routes; `authenticate` raises ApiError for a request without the secret key."""

    def guarded(work: _Work) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                authenticate(request)
                answer = work(simulator, request.match_info.get("id", ""), await request.read())
            except ApiError as refusal:
                return web.json_response(refusal.body(), status=refusal.status)
            except ValidationError as refusal:
                return web.json_response({"error": {"message": str(refusal)}}, status=400)
            return web.json_response(answer)

        return handle

    return [
        web.get("/_simulator/faults", guarded(_show)),
        web.post("/_simulator/faults", guarded(_plan)),
        web.delete("/_simulator/faults", guarded(_clear)),
        web.post("/_simulator/release", guarded(_release)),
        web.post("/_simulator/webhooks", guarded(_set_webhooks)),
        web.post("/_simulator/refunds/{id}/settle", guarded(_settle)),
        web.post("/_simulator/events/{id}/resend", guarded(_resend)),
        web.get("/_simulator/ledger", guarded(_ledger)),
    ]


def _plan(simulator: StripeSimulator, _ident: str, body: bytes) -> Json:
    simulator.faults.plan(Fault(**_FaultBody.model_validate_json(body).model_dump()))
    return _switches(simulator)


def _clear(simulator: StripeSimulator, _ident: str, _body: bytes) -> Json:
    simulator.faults.clear()
    return _switches(simulator)


def _release(simulator: StripeSimulator, _ident: str, _body: bytes) -> Json:
    simulator.faults.release_held()
    return _switches(simulator)


def _resend(simulator: StripeSimulator, ident: str, _body: bytes) -> Json:
    simulator.deliveries.enqueue(simulator.platform, [ident])
    return _switches(simulator)


def _settle(simulator: StripeSimulator, ident: str, body: bytes) -> Json:
    return simulator.settle_refund(ident, _RefundBody.model_validate_json(body).status)


def _ledger(simulator: StripeSimulator, _ident: str, _body: bytes) -> Json:
    return simulator.ledger()


def _show(simulator: StripeSimulator, _ident: str, _body: bytes) -> Json:
    return _switches(simulator)


def _set_webhooks(simulator: StripeSimulator, _ident: str, body: bytes) -> Json:
    wanted = _WebhookBody.model_validate_json(body)
    faults = simulator.faults
    if wanted.delay_s is not None:
        faults.webhook_delay_s = wanted.delay_s
    if wanted.copies is not None:
        faults.webhook_copies = wanted.copies
    if wanted.out_of_order is not None:
        faults.webhooks_out_of_order = wanted.out_of_order
    if wanted.suppressed is not None:
        faults.webhooks_suppressed = wanted.suppressed
    return _switches(simulator)


def _switches(simulator: StripeSimulator) -> Json:
    faults = simulator.faults
    return {
        "faults": [vars(fault) for fault in faults.planned],
        "held": faults.held,
        "webhooks": {
            "delay_s": faults.webhook_delay_s,
            "copies": faults.webhook_copies,
            "out_of_order": faults.webhooks_out_of_order,
            "suppressed": faults.webhooks_suppressed,
        },
    }
