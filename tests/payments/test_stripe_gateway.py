"""What the Stripe adapter makes of Stripe's bad days: errors that are kept under a key, broken answers, outages."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.payments.card_gateway import CardGatewayRefused, CardGatewayUnavailable, Charge, Refund
from services.payments.stripe_answers import rupiah, stripe_amount
from services.payments.stripe_gateway import StripeCardGateway
from services.payments.stripe_simulator import Fault, StripeSimulator, serve
from services.payments.stripe_simulator.faults import FaultKind

KEY = "sk_test_gateway"
Attempt = Callable[[], Coroutine[None, None, Charge]]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - the condition is another task's
            await asyncio.sleep(0.005)


@pytest.fixture
async def simulator() -> AsyncIterator[StripeSimulator]:
    async with serve(secret_key=KEY, webhook_secret="whsec_x", clock=lambda: datetime.now(UTC)) as running:
        yield running


@pytest.fixture
async def gateway(simulator: StripeSimulator) -> AsyncIterator[StripeCardGateway]:
    made = StripeCardGateway(secret_key=KEY, webhook_secret="whsec_x", api_base=simulator.public_url, timeout_s=5)
    yield made
    await made.close()


@pytest.fixture
async def charge(simulator: StripeSimulator, gateway: StripeCardGateway) -> Attempt:
    """One attempt to charge a saved card, to be repeated with its key."""
    customer = await gateway.create_customer(account_id=uuid4(), key="customer")
    checkout = await gateway.start_setup(
        customer=customer,
        pledge_id=UUID(int=1),
        success_url="https://urunbeli.example/",
        cancel_url="https://urunbeli.example/",
        expires_at=datetime.fromtimestamp(simulator.now() + 3600, UTC),
        key="setup",
    )
    simulator.submit_card(checkout.ref, "4242424242424242")
    method = (await gateway.fetch_checkout(checkout.ref)).payment_method
    assert method is not None

    async def attempt() -> Charge:
        return await gateway.charge(
            customer=customer,
            payment_method=method,
            amount_idr=150_000,
            pledge_id=UUID(int=1),
            attempt_id=UUID(int=2),
            key="charge",
        )

    return attempt


@pytest.mark.parametrize("kind", ["error_before_commit", "error_after_commit", "drop_response"])
async def test_a_charge_heals_from_any_fault_and_is_made_once(
    simulator: StripeSimulator, charge: Attempt, kind: FaultKind
) -> None:
    simulator.faults.plan(Fault(kind, path="/v1/payment_intents"))
    with pytest.raises(CardGatewayUnavailable):
        await charge()
    first, second = await charge(), await charge()
    assert first == second
    assert first.status == "succeeded"
    ledger = simulator.ledger()
    assert [row["status"] for row in ledger["payment_intents"]] == ["succeeded"]
    assert ledger["amount_received"] == 15_000_000


async def test_a_charge_heals_when_the_fresh_key_fails_as_well(simulator: StripeSimulator, charge: Attempt) -> None:
    simulator.faults.plan(Fault("error_before_commit", path="/v1/payment_intents"))
    simulator.faults.plan(Fault("error_after_commit", path="/v1/payment_intents"))
    for _ in range(2):
        with pytest.raises(CardGatewayUnavailable):
            await charge()
    assert (await charge()).status == "succeeded"
    assert simulator.ledger()["amount_received"] == 15_000_000


async def test_a_long_bad_day_leaves_no_customer_without_a_way_to_pay(
    simulator: StripeSimulator, gateway: StripeCardGateway
) -> None:
    """Stripe keeps each 500 for a day; the member who tapped ten times in the outage must get on after it."""
    account = uuid4()
    simulator.faults.plan(Fault("error_before_commit", path="/v1/customers", times=10))
    for _ in range(10):
        with pytest.raises(CardGatewayUnavailable):
            await gateway.create_customer(account_id=account, key="customer")
    made = await gateway.create_customer(account_id=account, key="customer")
    assert made == await gateway.create_customer(account_id=account, key="customer")


@pytest.mark.parametrize("kind", ["error_before_commit", "error_after_commit", "drop_response"])
async def test_a_refund_heals_from_any_fault_and_is_made_once(
    simulator: StripeSimulator, gateway: StripeCardGateway, charge: Attempt, kind: FaultKind
) -> None:
    paid = (await charge()).ref

    async def refund() -> Refund:
        return await gateway.refund(charge=paid, amount_idr=60_000, refund_id=UUID(int=3), key="refund")

    simulator.faults.plan(Fault(kind, path="/v1/refunds"))
    with pytest.raises(CardGatewayUnavailable):
        await refund()
    assert await refund() == await refund()
    assert (await gateway.fetch_totals(paid)).held_idr == 90_000


async def test_a_request_that_is_still_at_work_is_not_done_twice(simulator: StripeSimulator, charge: Attempt) -> None:
    simulator.faults.plan(Fault("hold", path="/v1/payment_intents"))
    first = asyncio.create_task(charge())
    await until(lambda: simulator.faults.held == 1)
    with pytest.raises(CardGatewayUnavailable):
        await charge()
    simulator.faults.release_held()
    assert await first == await charge()
    assert simulator.ledger()["amount_received"] == 15_000_000


async def test_a_caller_that_gave_up_learns_the_outcome_by_repeating(
    simulator: StripeSimulator, charge: Attempt
) -> None:
    simulator.faults.plan(Fault("hold", path="/v1/payment_intents"))
    first = asyncio.create_task(charge())
    await until(lambda: simulator.faults.held == 1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    simulator.faults.release_held()
    await until(lambda: bool(simulator.ledger()["amount_received"]))
    assert (await charge()).status == "succeeded"
    assert simulator.ledger()["amount_received"] == 15_000_000


async def test_the_adapter_bounds_its_requests(simulator: StripeSimulator) -> None:
    hasty = StripeCardGateway(secret_key=KEY, webhook_secret="x", api_base=simulator.public_url, timeout_s=0.1)
    simulator.faults.plan(Fault("hold"))
    with pytest.raises(CardGatewayUnavailable):
        await hasty.create_customer(account_id=uuid4(), key="held")
    await hasty.close()


async def test_a_wrong_secret_key_is_an_outage_and_not_the_end_of_an_attempt(simulator: StripeSimulator) -> None:
    stranger = StripeCardGateway(secret_key="sk_test_old", webhook_secret="x", api_base=simulator.public_url)
    with pytest.raises(CardGatewayUnavailable):
        await stranger.create_customer(account_id=uuid4(), key="customer")
    await stranger.close()


async def test_nobody_listening_is_an_outage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    lonely = StripeCardGateway(secret_key=KEY, webhook_secret="x", api_base=f"http://127.0.0.1:{port}")
    with pytest.raises(CardGatewayUnavailable):
        await lonely.fetch_charge("pi_1")
    await lonely.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
        b"not even HTTP\r\n\r\n",
        b"",
    ],
)
async def test_a_broken_answer_is_an_outage(answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    gateway = StripeCardGateway(secret_key=KEY, webhook_secret="x", api_base=f"http://127.0.0.1:{port}", timeout_s=5)
    with pytest.raises(CardGatewayUnavailable):
        await gateway.create_customer(account_id=uuid4(), key="customer")
    await gateway.close()
    server.close()
    await server.wait_closed()


async def test_a_payment_that_waits_for_its_holder_needs_authentication(
    simulator: StripeSimulator, gateway: StripeCardGateway
) -> None:
    customer = await gateway.create_customer(account_id=uuid4(), key="customer")
    link = await gateway.start_payment(
        customer=customer,
        pledge_id=UUID(int=1),
        attempt_id=UUID(int=2),
        amount_idr=20_000,
        description="Urun beli",
        success_url="https://urunbeli.example/",
        cancel_url="https://urunbeli.example/",
        expires_at=datetime.fromtimestamp(simulator.now() + 3600, UTC),
        key="link",
    )
    assert simulator.submit_card(link.ref, "4000002760003184").outcome == "challenge"
    state = await gateway.fetch_checkout(link.ref)
    assert state.charge is not None
    assert (await gateway.fetch_charge(state.charge)).status == "authentication_required"


async def test_a_card_approved_once_when_saved_is_charged_without_its_holder(
    simulator: StripeSimulator, gateway: StripeCardGateway
) -> None:
    customer = await gateway.create_customer(account_id=uuid4(), key="customer")
    setup = await gateway.start_setup(
        customer=customer,
        pledge_id=UUID(int=1),
        success_url="https://urunbeli.example/",
        cancel_url="https://urunbeli.example/",
        expires_at=datetime.fromtimestamp(simulator.now() + 3600, UTC),
        key="setup",
    )
    assert simulator.submit_card(setup.ref, "4000002500003155").outcome == "challenge"
    assert simulator.submit_card(setup.ref, "4000002500003155", "approve").outcome == "complete"
    method = (await gateway.fetch_checkout(setup.ref)).payment_method
    assert method is not None
    charge = await gateway.charge(
        customer=customer,
        payment_method=method,
        amount_idr=20_000,
        pledge_id=UUID(int=1),
        attempt_id=UUID(int=2),
        key="charge",
    )
    assert charge.status == "succeeded"


@pytest.mark.parametrize("amount_idr", [0, 1, 50_000, 9_999_999_999])
def test_rupiah_have_two_decimals_at_stripe(amount_idr: int) -> None:
    assert stripe_amount(amount_idr) == amount_idr * 100
    assert rupiah(stripe_amount(amount_idr)) == amount_idr


def test_a_part_of_a_rupiah_is_never_rounded_away() -> None:
    with pytest.raises(CardGatewayRefused) as refusal:
        rupiah(5_000_001)
    assert refusal.value.code == "fractional_rupiah"


async def test_a_refund_of_part_of_a_rupiah_shows_up_in_the_totals(
    simulator: StripeSimulator, gateway: StripeCardGateway, charge: Attempt
) -> None:
    paid = (await charge()).ref
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http,
        http.post(f"{simulator.public_url}/v1/refunds", data={"payment_intent": paid, "amount": "150"}) as answer,
    ):
        assert answer.status == 200
    with pytest.raises(CardGatewayRefused):
        await gateway.fetch_totals(paid)
