"""The Stripe simulator speaks as Stripe does, over plain HTTP: shapes, keys, the hosted page, webhooks, faults."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stripe
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.payments.stripe_simulator import Fault, StripeSimulator, create_app, serve
from services.payments.stripe_simulator.faults import FaultKind

KEY = "sk_test_simulator"
SECRET = "whsec_simulator"
Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Api:
    """A client that knows no more than HTTP."""

    simulator: StripeSimulator
    http: aiohttp.ClientSession
    clock: Clock

    async def call(
        self, method: str, path: str, data: Json | None = None, **headers: str
    ) -> tuple[int, Json, Mapping[str, str]]:
        sent = {"Authorization": f"Bearer {KEY}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        query, form = (data, None) if method == "GET" else (None, data)
        url = self.simulator.public_url + path
        async with self.http.request(method, url, params=query, data=form, headers=sent) as answer:
            return answer.status, await answer.json(), answer.headers

    async def post(self, path: str, data: Json | None = None, **headers: str) -> Json:
        status, body, _ = await self.call("POST", path, data, **headers)
        assert status == 200, body
        return body

    async def get(self, path: str, data: Json | None = None) -> Json:
        status, body, _ = await self.call("GET", path, data)
        assert status == 200, body
        return body

    async def refused(self, path: str, data: Json | None = None, **headers: str) -> tuple[int, Json]:
        status, body, _ = await self.call("POST", path, data, **headers)
        assert status >= 400, body
        return status, body["error"]

    async def post_control(self, what: str, **body: object) -> Json:
        url = f"{self.simulator.public_url}/_simulator/{what}"
        async with self.http.post(url, json=body, headers={"Authorization": f"Bearer {KEY}"}) as answer:
            assert answer.status == 200
            shown: Json = await answer.json()
            return shown

    async def open_payment(self, amount: int = 15_000_000, **more: str) -> Json:
        price = "line_items[0][price_data]"
        return await self.post(
            "/v1/checkout/sessions",
            {
                "mode": "payment",
                "success_url": "https://urunbeli.example/ok?s={CHECKOUT_SESSION_ID}",
                "cancel_url": "https://urunbeli.example/batal",
                f"{price}[currency]": "idr",
                f"{price}[unit_amount]": str(amount),
                f"{price}[product_data][name]": "Spinner",
                "line_items[0][quantity]": "1",
                **more,
            },
        )

    async def saved_card(self, number: str) -> tuple[str, str]:
        customer = (await self.post("/v1/customers"))["id"]
        session = await self.post(
            "/v1/checkout/sessions",
            {"mode": "setup", "currency": "idr", "success_url": "https://x.example", "customer": customer},
        )
        self.simulator.submit_card(session["id"], number, "approve")
        intent = await self.get(f"/v1/setup_intents/{session['setup_intent']}")
        assert intent["status"] == "succeeded"
        return customer, intent["payment_method"]

    async def paid(self, amount: int = 15_000_000) -> Json:
        customer, method = await self.saved_card("4242424242424242")
        return await self.post("/v1/payment_intents", off_session(customer, method, amount))


def off_session(customer: str, method: str, amount: int = 15_000_000) -> Json:
    return {
        "amount": str(amount),
        "currency": "idr",
        "customer": customer,
        "payment_method": method,
        "confirm": "true",
        "off_session": "true",
        "metadata[pledge_id]": "p1",
    }


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    clock = Clock()
    async with (
        serve(secret_key=KEY, webhook_secret=SECRET, clock=clock) as simulator,
        aiohttp.ClientSession() as http,
    ):
        yield Api(simulator, http, clock)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - the condition is another task's
            await asyncio.sleep(0.005)


# --- errors and parameters


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer sk_test_wrong"}, 401),
        ({"Authorization": "Basic !!"}, 401),
        ({"Authorization": f"Bearer {KEY}", "Stripe-Account": "nobody"}, 403),
        ({"Authorization": aiohttp.encode_basic_auth(KEY, "")}, 200),
        ({"Authorization": f"Bearer {KEY}"}, 200),
    ],
)
async def test_the_secret_key_is_asked_for(api: Api, headers: dict[str, str], status: int) -> None:
    async with api.http.get(f"{api.simulator.public_url}/v1/balance", headers=headers) as answer:
        assert answer.status == status
        body = await answer.json()
    assert status == 200 or body["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("data", "code", "param"),
    [
        ({"amount": "1000000", "currency": "idr", "colour": "red"}, "parameter_unknown", "colour"),
        ({"amount": "1000000", "currency": "idr", "payment_method_types[]": "card"}, "parameter_unknown", None),
        ({"currency": "idr"}, "parameter_missing", "amount"),
        ({"amount": "ten", "currency": "idr"}, "parameter_invalid_integer", "amount"),
        ({"amount": "", "currency": "idr"}, "parameter_invalid_empty", "amount"),
        ({"amount": "799999", "currency": "idr"}, "amount_too_small", "amount"),
        ({"amount": "1000000000000", "currency": "idr"}, "amount_too_large", "amount"),
        ({"amount": "1000000", "currency": "idr", "off_session": "true"}, None, "off_session"),
        ({"amount": "1000000", "currency": "idr", "customer": "cus_none"}, "resource_missing", "customer"),
        ({"amount": "1000000", "currency": "idr", "metadata[a][b]": "c"}, None, "metadata[a]"),
    ],
)
async def test_bad_parameters_are_named(api: Api, data: Json, code: str | None, param: str | None) -> None:
    status, error = await api.refused("/v1/payment_intents", data)
    assert (status, error["type"], error.get("code")) == (400, "invalid_request_error", code)
    assert param is None or error["param"] == param


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/unicorns"), ("PUT", "/v1/customers"), ("GET", "/v1")])
async def test_unknown_paths_answer_in_stripes_shape(api: Api, method: str, path: str) -> None:
    status, body, _ = await api.call(method, path)
    assert status == 404
    assert f"Unrecognized request URL ({method}: {path})" in body["error"]["message"]


@pytest.mark.parametrize(
    "path",
    ["customers/cus_0", "checkout/sessions/cs_0", "payment_intents/pi_0", "refunds/re_0", "transfers/tr_0",
     "events/evt_0", "setup_intents/seti_0", "payment_methods/pm_0", "charges/ch_0"],
)  # fmt: skip
async def test_missing_objects_are_404(api: Api, path: str) -> None:
    status, body, _ = await api.call("GET", f"/v1/{path}")
    assert (status, body["error"]["code"]) == (404, "resource_missing")


async def test_every_object_has_the_members_that_the_sdk_declares(api: Api) -> None:
    intent = await api.paid()
    session = await api.open_payment()
    refund = await api.post("/v1/refunds", {"payment_intent": intent["id"], "amount": "100"})
    transfer = await api.post("/v1/transfers", {"amount": "100", "currency": "idr", "destination": "acct_1"})
    setup = api.simulator.account(api.simulator.platform).newest_first("setup_intent")[0]
    made: list[tuple[type[stripe.StripeObject], Json]] = [
        (stripe.Customer, await api.get(f"/v1/customers/{intent['customer']}")),
        (stripe.PaymentMethod, await api.get(f"/v1/payment_methods/{intent['payment_method']}")),
        (stripe.SetupIntent, setup),
        (stripe.PaymentIntent, intent),
        (stripe.Charge, await api.get(f"/v1/charges/{intent['latest_charge']}")),
        (stripe.Refund, refund),
        (stripe.Transfer, transfer),
        (stripe.checkout.Session, session),
        (stripe.Event, (await api.get("/v1/events"))["data"][0]),
        (stripe.Balance, await api.get("/v1/balance")),
    ]
    for kind, thing in made:
        declared = {name: str(hint) for name, hint in kind.__annotations__.items() if name != "OBJECT_NAME"}
        declared = {name: hint for name, hint in declared.items() if not name.startswith("_")}
        assert set(thing) <= set(declared), kind
        assert {name for name, hint in declared.items() if "Optional" not in hint} <= set(thing), kind


# --- idempotency keys


async def test_a_key_replays_the_first_answer(api: Api) -> None:
    first = await api.post("/v1/customers", {"name": "a"}, Idempotency_Key="k")
    status, again, headers = await api.call("POST", "/v1/customers", {"name": "a"}, Idempotency_Key="k")
    assert (status, again) == (200, first)
    assert headers["Idempotent-Replayed"] == "true"
    assert (await api.post("/v1/customers", {"name": "a"}, Idempotency_Key="k2"))["id"] != first["id"]


async def test_a_key_is_bound_to_its_parameters_and_endpoint(api: Api) -> None:
    await api.post("/v1/customers", {"name": "a"}, Idempotency_Key="k")
    status, error = await api.refused("/v1/customers", {"name": "b"}, Idempotency_Key="k")
    assert (status, error["type"]) == (400, "idempotency_error")
    status, error = await api.refused(
        "/v1/payment_intents", {"amount": "1000000", "currency": "idr"}, Idempotency_Key="k"
    )
    assert (status, error["type"]) == (400, "idempotency_error")


async def test_a_decline_is_replayed_without_a_second_attempt(api: Api) -> None:
    customer, method = await api.saved_card("4000000000000341")
    answers = [
        await api.refused("/v1/payment_intents", off_session(customer, method), Idempotency_Key="k") for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len((await api.get("/v1/payment_intents"))["data"]) == 1


async def test_a_request_that_failed_validation_leaves_its_key_free(api: Api) -> None:
    await api.refused("/v1/customers", {"colour": "red"}, Idempotency_Key="k")
    await api.post("/v1/customers", {"name": "a"}, Idempotency_Key="k")


async def test_a_saved_server_error_is_replayed_for_a_day(api: Api) -> None:
    api.simulator.faults.plan(_fault("error_after_commit"))
    for _ in range(2):
        status, error = await api.refused("/v1/customers", Idempotency_Key="k")
        assert (status, error["type"]) == (500, "api_error")
    api.clock.now += timedelta(hours=24, seconds=1)
    await api.post("/v1/customers", Idempotency_Key="k")


async def test_a_key_at_work_is_a_conflict(api: Api) -> None:
    api.simulator.faults.plan(_fault("hold"))
    first = asyncio.create_task(api.post("/v1/customers", Idempotency_Key="k"))
    await until(lambda: api.simulator.faults.held == 1)
    status, error = await api.refused("/v1/customers", Idempotency_Key="k")
    assert (status, error["code"]) == (409, "idempotency_key_in_use")
    api.simulator.faults.release_held()
    assert await first == await api.post("/v1/customers", Idempotency_Key="k")


async def test_keys_and_objects_belong_to_one_account(api: Api) -> None:
    ours = await api.post("/v1/customers", {"name": "a"}, Idempotency_Key="k")
    theirs = await api.post("/v1/customers", {"name": "b"}, Idempotency_Key="k", Stripe_Account="acct_other")
    status, _, _ = await api.call("GET", f"/v1/customers/{ours['id']}", Stripe_Account="acct_other")
    assert (theirs["name"], status) == ("b", 404)


# --- payments, refunds, transfers


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000341", "card_declined", "generic_decline"),
        ("4000002760003184", "authentication_required", "authentication_required"),
    ],
)
async def test_a_failed_off_session_charge_is_a_card_error_with_its_intent(
    api: Api, number: str, code: str, decline_code: str
) -> None:
    customer, method = await api.saved_card(number)
    status, error = await api.refused("/v1/payment_intents", off_session(customer, method))
    assert (status, error["type"], error["code"], error["decline_code"]) == (402, "card_error", code, decline_code)
    intent = await api.get(f"/v1/payment_intents/{error['payment_intent']['id']}")
    assert intent == error["payment_intent"]
    assert (intent["status"], intent["last_payment_error"]["code"]) == ("requires_payment_method", code)
    canceled = await api.post(f"/v1/payment_intents/{intent['id']}/cancel")
    assert canceled["status"] == "canceled"


async def test_with_the_holder_present_the_bank_asks(api: Api) -> None:
    customer, method = await api.saved_card("4000002760003184")
    intent = await api.post("/v1/payment_intents", off_session(customer, method) | {"off_session": "false"})
    assert (intent["status"], intent["amount_received"]) == ("requires_action", 0)
    events = await api.get("/v1/events", {"type": "payment_intent.requires_action"})
    assert [event["data"]["object"]["id"] for event in events["data"]] == [intent["id"]]


async def test_refunds_stop_at_what_was_paid(api: Api) -> None:
    intent = await api.paid(10_000_000)
    await api.post("/v1/refunds", {"payment_intent": intent["id"], "amount": "4000000"})
    status, error = await api.refused("/v1/refunds", {"payment_intent": intent["id"], "amount": "6000001"})
    assert (status, error["param"]) == (400, "amount")
    rest = await api.post("/v1/refunds", {"charge": intent["latest_charge"]})
    assert rest["amount"] == 6_000_000
    status, error = await api.refused("/v1/refunds", {"payment_intent": intent["id"]})
    assert (status, error["code"]) == (400, "charge_already_refunded")
    expanded = await api.get(f"/v1/payment_intents/{intent['id']}", {"expand[]": "latest_charge"})
    assert (expanded["latest_charge"]["amount_refunded"], expanded["latest_charge"]["refunded"]) == (10_000_000, True)


async def test_a_paid_intent_cannot_be_canceled(api: Api) -> None:
    intent = await api.paid()
    status, error = await api.refused(f"/v1/payment_intents/{intent['id']}/cancel")
    assert (status, error["code"]) == (400, "payment_intent_unexpected_state")
    assert error["payment_intent"]["status"] == "succeeded"


async def test_transfers_spend_received_money_only(api: Api) -> None:
    await api.paid(10_000_000)
    send = {"currency": "idr", "destination": "acct_pemasok", "transfer_group": "order-1"}
    transfer = await api.post("/v1/transfers", send | {"amount": "7000000"})
    assert await api.get(f"/v1/transfers/{transfer['id']}") == transfer
    status, error = await api.refused("/v1/transfers", send | {"amount": "3000001"})
    assert (status, error["code"]) == (400, "balance_insufficient")
    status, error = await api.refused("/v1/transfers", send | {"amount": "1", "destination": "somebody"})
    assert (status, error["code"]) == (400, "resource_missing")
    _, theirs, _ = await api.call("GET", "/v1/balance", Stripe_Account="acct_pemasok")
    ours = await api.get("/v1/balance")
    assert (ours["available"][0]["amount"], theirs["available"][0]["amount"]) == (3_000_000, 7_000_000)


async def test_lists_are_newest_first_and_paged(api: Api) -> None:
    ids = [(await api.paid())["id"] for _ in range(3)]
    first = await api.get("/v1/payment_intents", {"limit": "2"})
    assert ([row["id"] for row in first["data"]], first["has_more"]) == ([ids[2], ids[1]], True)
    rest = await api.get("/v1/payment_intents", {"limit": "2", "starting_after": ids[1]})
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == ([ids[0]], False)
    back = await api.get("/v1/payment_intents", {"limit": "1", "ending_before": ids[0]})
    assert ([row["id"] for row in back["data"]], back["has_more"]) == ([ids[1]], True)


async def test_the_ledger_tells_what_came_and_went(api: Api) -> None:
    intent = await api.paid(10_000_000)
    await api.post("/v1/refunds", {"payment_intent": intent["id"], "amount": "2500000"})
    await api.post("/v1/transfers", {"amount": "500000", "currency": "idr", "destination": "acct_1"})
    ledger = await api.get("/_simulator/ledger")
    assert {name: value for name, value in ledger.items() if isinstance(value, int)} == {
        "amount_received": 10_000_000,
        "amount_refunded": 2_500_000,
        "amount_transferred": 500_000,
        "balance": 7_000_000,
    }
    row = ledger["payment_intents"][0]
    assert (row["id"], row["amount_received"], row["amount_refunded"]) == (intent["id"], 10_000_000, 2_500_000)


# --- the hosted page


class Form(HTMLParser):
    """The fields and buttons of a page, as a browser without JavaScript sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.buttons: set[tuple[str, str]] = set()
        self.labels: set[str] = set()
        self.ids: set[str] = set()
        self.lang = ""
        self.scripts = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = got["lang"]
        if tag == "script":
            self.scripts += 1
        if tag == "label" and "for" in got:
            self.labels.add(got["for"])
        if tag == "button":
            self.buttons.add((got["name"], got["value"]))
        if tag == "input" and (got["type"] != "radio" or "checked" in got):
            self.fields[got["name"]] = got.get("value", "")
        if tag == "input" and got["type"] == "text":
            self.ids.add(got["id"])


@dataclass
class Browser:
    http: aiohttp.ClientSession
    url: str
    status: int = 0
    location: str = ""
    form: Form = field(default_factory=lambda: Form("<html lang=''>"))
    text: str = ""

    async def open(self) -> None:
        await self._read(self.http.get(self.url, allow_redirects=False))

    async def press(self, name: str, value: str, **typed: str) -> None:
        assert (name, value) in self.form.buttons
        data = self.form.fields | typed | {name: value}
        await self._read(self.http.post(self.url, data=data, allow_redirects=False))

    async def _read(self, request: Any) -> None:
        async with request as answer:
            self.status, self.location = answer.status, answer.headers.get("Location", "")
            self.text = await answer.text()
            if answer.content_type == "text/html":
                self.form = Form(self.text)


async def test_paying_on_the_hosted_page(api: Api) -> None:
    session = await api.open_payment(15_000_000)
    browser = Browser(api.http, session["url"])
    await browser.open()
    assert (browser.status, browser.form.lang, browser.form.scripts) == (200, "id", 0)
    assert "Bayar Rp 150.000" in browser.text
    assert browser.form.ids <= browser.form.labels
    await browser.press("action", "pay")
    assert (browser.status, browser.location) == (303, f"https://urunbeli.example/ok?s={session['id']}")
    done = await api.get(f"/v1/checkout/sessions/{session['id']}", {"expand[0]": "payment_intent.latest_charge"})
    assert (done["status"], done["payment_status"], done["url"]) == ("complete", "paid", None)
    assert done["payment_intent"]["latest_charge"]["amount_captured"] == 15_000_000


async def test_a_second_tap_pays_once(api: Api) -> None:
    session = await api.open_payment(15_000_000)
    browser = Browser(api.http, session["url"])
    await browser.open()
    for _ in range(2):
        await browser.press("action", "pay")
        assert browser.status == 303
        assert browser.location.startswith("https://urunbeli.example/ok")
    await browser.open()
    assert "Pembayaran sudah diterima" in browser.text
    assert api.simulator.ledger()["amount_received"] == 15_000_000


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("4000 0000 0000 0002", "Kartu ditolak bank"),
        ("4000000000009995", "Saldo atau limit kartu tidak cukup"),
        ("4111111111111111", "hanya nomor kartu uji"),
        ("<script>", "hanya nomor kartu uji"),
    ],
)
async def test_a_declined_card_can_be_replaced(api: Api, number: str, says: str) -> None:
    session = await api.open_payment()
    browser = Browser(api.http, session["url"])
    await browser.open()
    await browser.press("action", "pay", number=number)
    assert browser.status == 402
    assert says in browser.text
    assert browser.form.scripts == 0
    await browser.press("action", "pay", number="4242424242424242")
    assert browser.status == 303


async def test_the_bank_asks_and_its_holder_answers(api: Api) -> None:
    session = await api.open_payment()
    browser = Browser(api.http, session["url"])
    await browser.open()
    await browser.press("action", "pay", number='4000002760003184"><script>')
    assert (browser.status, browser.form.scripts) == (200, 0)
    await browser.press("answer", "refuse")
    assert (browser.status, api.simulator.ledger()["amount_received"]) == (402, 0)
    await browser.press("action", "pay", number="4000002760003184")
    await browser.press("answer", "approve")
    assert (browser.status, api.simulator.ledger()["amount_received"]) == (303, 15_000_000)


async def test_going_back_leaves_the_session_open(api: Api) -> None:
    session = await api.open_payment()
    browser = Browser(api.http, session["url"])
    await browser.open()
    await browser.press("action", "cancel")
    assert (browser.status, browser.location) == (303, "https://urunbeli.example/batal")
    assert (await api.get(f"/v1/checkout/sessions/{session['id']}"))["status"] == "open"


async def test_an_expired_page_takes_no_money(api: Api) -> None:
    by_hand, by_time = await api.open_payment(), await api.open_payment()
    await api.post(f"/v1/checkout/sessions/{by_hand['id']}/expire")
    status, _ = await api.refused(f"/v1/checkout/sessions/{by_hand['id']}/expire")
    assert status == 400
    api.clock.now += timedelta(hours=24)
    for session in (by_hand, by_time):
        async with api.http.post(session["url"], data={"card": "4242424242424242"}) as answer:
            assert (answer.status, "sudah lewat" in await answer.text()) == (410, True)
    assert api.simulator.ledger()["amount_received"] == 0


async def test_a_card_is_not_taken_in_the_second_after_the_deadline(api: Api) -> None:
    session = await api.open_payment()
    api.clock.now += timedelta(hours=24)
    assert api.simulator.submit_card(session["id"], "4242424242424242").outcome == "declined"
    assert api.simulator.ledger()["amount_received"] == 0


async def test_the_page_is_locked_down(api: Api) -> None:
    session = await api.open_payment()
    async with api.http.get(session["url"]) as answer:
        policy = answer.headers["Content-Security-Policy"]
        html = await answer.text()
    nonce = re.search(r"style-src 'nonce-([^']+)'", policy)
    assert "default-src 'none'" in policy
    assert nonce is not None
    assert f'<style nonce="{nonce[1]}">' in html
    async with api.http.get(api.simulator.public_url + "/c/pay/cs_none") as answer:
        assert answer.status == 404


# --- webhooks


@dataclass
class Receiver:
    """An endpoint that verifies with Stripe's own SDK."""

    events: list[Json] = field(default_factory=list)
    failures: int = 0

    async def take(self, request: web.Request) -> web.Response:
        if self.failures:
            self.failures -= 1
            return web.Response(status=500)
        event = stripe.Webhook.construct_event(await request.read(), request.headers["Stripe-Signature"], SECRET)
        self.events.append(event.to_dict())
        return web.Response()

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    listening = Receiver()
    app = web.Application()
    app.router.add_post("/hook", listening.take)
    async with TestServer(app) as server:
        yield listening, str(server.make_url("/hook"))


@pytest.fixture
async def hooked(receiver: tuple[Receiver, str]) -> AsyncIterator[tuple[Api, Receiver]]:
    clock = Clock()
    listening, url = receiver
    async with (
        serve(secret_key=KEY, webhook_secret=SECRET, clock=clock, webhook_url=url) as simulator,
        aiohttp.ClientSession() as http,
    ):
        yield Api(simulator, http, clock), listening


async def test_webhooks_are_signed_and_in_order(hooked: tuple[Api, Receiver]) -> None:
    api, receiver = hooked
    session = await api.open_payment()
    api.simulator.submit_card(session["id"], "4000000000000002")
    api.simulator.submit_card(session["id"], "4242424242424242")
    done = await api.get(f"/v1/checkout/sessions/{session['id']}")
    await api.post("/v1/refunds", {"payment_intent": done["payment_intent"]})
    expected = [
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "refund.created",
        "charge.refunded",
        "refund.updated",
    ]
    await until(lambda: len(receiver.events) == len(expected))
    assert receiver.types == expected
    assert receiver.events[4]["data"]["object"]["amount_refunded"] == 15_000_000
    stored = await api.get(f"/v1/events/{receiver.events[0]['id']}")
    assert (stored["pending_webhooks"], stored["data"]) == (0, receiver.events[0]["data"])


async def test_a_webhook_is_sent_until_it_is_accepted(hooked: tuple[Api, Receiver]) -> None:
    api, receiver = hooked
    api.simulator.deliveries.retry_delays_s = (0.01, 0.01, 0.01)
    receiver.failures = 2
    await api.paid()
    await until(lambda: {"setup_intent.succeeded", "payment_intent.succeeded"} <= set(receiver.types))


async def test_webhooks_twice_late_in_disorder_or_never(hooked: tuple[Api, Receiver]) -> None:
    api, receiver = hooked
    await api.post_control("webhooks", copies=2, out_of_order=True)
    await api.paid()
    await until(lambda: len(receiver.events) == 6)
    assert receiver.types[:2] == ["payment_intent.succeeded"] * 2
    assert receiver.types[4:] == ["setup_intent.succeeded"] * 2
    await api.post_control("webhooks", copies=1, out_of_order=False, suppressed=True)
    intent = await api.paid()
    events = await api.get("/v1/events", {"type": "payment_intent.succeeded"})
    missed = next(event for event in events["data"] if event["data"]["object"]["id"] == intent["id"])
    await until(lambda: missed_is_given_up(api, missed["id"]))
    assert len(receiver.events) == 6
    await api.post_control("webhooks", suppressed=False)
    await api.post_control(f"events/{missed['id']}/resend")
    await until(lambda: len(receiver.events) == 7)
    assert receiver.events[-1]["id"] == missed["id"]


def missed_is_given_up(api: Api, event_id: str) -> bool:
    event = api.simulator.store.find(api.simulator.platform, "event", event_id)
    return event is not None and event["pending_webhooks"] == 0


# --- faults and persistence


def _fault(kind: FaultKind) -> Fault:
    return Fault(kind, path="/v1/customers")


async def test_faults_are_switched_over_http(api: Api) -> None:
    plan = {"kind": "error_before_commit", "path": "/v1/customers", "times": 2}
    shown = await api.post_control("faults", **plan)
    assert shown["faults"] == [plan | {"method": "POST", "chance": 1.0}]
    assert (await api.refused("/v1/customers"))[0] == 500
    async with api.http.delete(
        api.simulator.public_url + "/_simulator/faults", headers={"Authorization": f"Bearer {KEY}"}
    ) as answer:
        assert (await answer.json())["faults"] == []
    await api.post("/v1/customers")
    async with api.http.post(api.simulator.public_url + "/_simulator/faults", json=plan) as answer:
        assert answer.status == 401


async def test_a_dropped_response_was_nevertheless_work_done(api: Api) -> None:
    intent = await api.paid()
    api.simulator.faults.plan(Fault("drop_response", path="/v1/refunds"))
    body = {"payment_intent": intent["id"], "amount": "100"}
    with pytest.raises(aiohttp.ClientError):
        await api.post("/v1/refunds", body, Idempotency_Key="k")
    assert api.simulator.ledger()["amount_refunded"] == 100
    await api.post("/v1/refunds", body, Idempotency_Key="k")
    assert api.simulator.ledger()["amount_refunded"] == 100


async def test_everything_survives_a_restart(tmp_path: Path, receiver: tuple[Receiver, str]) -> None:
    clock, state_file = Clock(), tmp_path / "stripe" / "state.jsonl"
    listening, url = receiver
    async with (
        serve(secret_key=KEY, webhook_secret=SECRET, clock=clock, state_file=state_file) as simulator,
        aiohttp.ClientSession() as http,
    ):
        api = Api(simulator, http, clock)
        intent = await api.paid()
        customer = await api.post("/v1/customers", {"name": "a"}, Idempotency_Key="k")
        session = await api.open_payment()
        ledger = simulator.ledger()
    with state_file.open("a") as journal:
        journal.write('[["acct_torn","custo')  # the process died while writing
    clock.now += timedelta(hours=1)
    async with (
        serve(secret_key=KEY, webhook_secret=SECRET, clock=clock, state_file=state_file, webhook_url=url) as simulator,
        aiohttp.ClientSession() as http,
    ):
        api = Api(simulator, http, clock)
        assert simulator.ledger() == ledger
        assert await api.get(f"/v1/payment_intents/{intent['id']}") == intent
        assert await api.post("/v1/customers", {"name": "a"}, Idempotency_Key="k") == customer
        async with http.get(f"{simulator.public_url}/c/pay/{session['id']}") as answer:
            assert answer.status == 200
        clock.now += timedelta(hours=23)
        assert (await api.get(f"/v1/checkout/sessions/{session['id']}"))["status"] == "expired"
        await until(lambda: listening.types == ["checkout.session.expired"])


async def test_webhooks_left_over_go_out_after_a_restart(tmp_path: Path, receiver: tuple[Receiver, str]) -> None:
    clock, state_file = Clock(), tmp_path / "state.jsonl"
    listening, url = receiver
    before = StripeSimulator("http://127.0.0.1:1", KEY, SECRET, url, state_file, clock)
    account = before.account(before.platform)
    account.emit("transfer.created", {"object": "transfer", "id": "tr_1"})
    before.commit(account)
    before.store.close()
    async with serve(secret_key=KEY, webhook_secret=SECRET, clock=clock, state_file=state_file, webhook_url=url):
        await until(lambda: listening.types == ["transfer.created"])


async def test_it_can_be_mounted_in_another_application() -> None:
    clock = Clock()
    simulator = StripeSimulator("http://elsewhere.example/stripe", KEY, SECRET, None, None, clock)
    house = web.Application()
    house.add_subapp("/stripe", create_app(simulator))
    async with TestServer(house) as server, aiohttp.ClientSession() as http:
        simulator.public_url = str(server.make_url("/stripe"))
        api = Api(simulator, http, clock)
        session = await api.open_payment()
        browser = Browser(http, session["url"])
        await browser.open()
        await browser.press("action", "pay")
        assert browser.status == 303
        status, body, _ = await api.call("GET", "/v1/unicorns")
        assert (status, "GET: /v1/unicorns" in body["error"]["message"]) == (404, True)
