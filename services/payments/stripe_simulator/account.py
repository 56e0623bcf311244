"""One Stripe account as one request sees it: its objects, the time, and the events that the request causes."""

import copy
import secrets
from dataclasses import dataclass, field

from services.payments.stripe_simulator.errors import Json, resource_missing
from services.payments.stripe_simulator.store import Store

API_VERSION = "2026-10-28.endive"


def new_id(prefix: str) -> str:
    """Make an id of Stripe's form, such as `pi_4f…`."""
    return f"{prefix}_{secrets.token_hex(12)}"


@dataclass
class Account:
    """The window through which endpoints see and change one account; `now` is in epoch seconds.

    `events` and `sessions` are what the request has caused and touched so far.
    """

    id: str
    store: Store
    now: int
    public_url: str
    endpoints: int = 0
    request_id: str | None = None
    idempotency_key: str | None = None
    events: list[str] = field(default_factory=list)
    sessions: list[Json] = field(default_factory=list)

    def put(self, thing: Json) -> None:
        """Keep a new or changed object."""
        self.store.put(self.id, thing)
        if thing["object"] == "checkout.session":
            self.sessions.append(thing)

    def find(self, kind: str, ident: str) -> Json | None:
        """Answer an object of this account, or None."""
        return self.store.find(self.id, kind, ident)

    def need(self, kind: str, ident: str, *, param: str, status: int = 400) -> Json:
        """Answer an object of this account; raises Stripe's `resource_missing` if it is not there."""
        thing = self.find(kind, ident)
        if thing is None:
            raise resource_missing(kind, ident, param, status)
        return thing

    def newest_first(self, kind: str) -> list[Json]:
        """Answer the objects of a kind in the order of Stripe's lists."""
        return self.store.all(self.id, kind)[::-1]

    def emit(self, type: str, thing: Json, previous: Json | None = None) -> None:
        """Record an event with a snapshot of `thing` as it is now."""
        data: Json = {"object": copy.deepcopy(thing)}
        if previous is not None:
            data["previous_attributes"] = previous
        event: Json = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": self.endpoints,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": type,
        }
        self.put(event)
        self.events.append(event["id"])
