"""What every card gateway promises payments: one suite for the fake and for Stripe over the simulator."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.payments.card_gateway import (
    CardGateway,
    CardGatewayRefused,
    CardGatewayUnavailable,
    CardLimits,
    Charge,
    Checkout,
    ForgedWebhook,
    Refund,
    StaleWebhook,
)
from services.payments.fake_card_gateway import FakeCardGateway
from services.payments.fake_card_network import FakeCard, FakeCardNetwork
from services.payments.stripe_gateway import StripeCardGateway
from services.payments.stripe_simulator import Fault, StripeSimulator, serve
from services.payments.stripe_simulator.webhooks import signature_header

LIMITS = CardLimits(minimum_charge_idr=10_000)
NUMBERS: dict[FakeCard, str] = {
    "ok": "4242 4242 4242 4242",
    "declined": "4000000000000002",
    "declines_later": "4000000000000341",
    "asks": "4000002760003184",
    "refund_waits": "4000000000007726",
}


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **passed: float) -> None:
        self.now += timedelta(**passed)


class World(Protocol):
    """A gateway and the provider behind it, in the hands of the test."""

    gateway: CardGateway
    clock: Clock

    async def submit(self, checkout: Checkout, card: FakeCard) -> None: ...
    def lose_next_answer(self) -> None: ...
    def settle_refund(self, refund: Refund, status: str) -> None: ...
    def notice(self, charge: Charge, pledge_id: UUID, attempt_id: UUID) -> tuple[bytes, str]: ...


class FakeWorld:
    def __init__(self) -> None:
        self.clock = Clock()
        self.network = FakeCardNetwork(self.clock, limits=LIMITS)
        self.gateway: CardGateway = FakeCardGateway(self.network)

    async def submit(self, checkout: Checkout, card: FakeCard) -> None:
        self.network.complete_checkout(checkout.ref, card)

    def lose_next_answer(self) -> None:
        self.network.lose_next_answer()

    def settle_refund(self, refund: Refund, status: str) -> None:
        self.network.settle_refund(refund.ref, "succeeded" if status == "succeeded" else "failed")

    def notice(self, charge: Charge, pledge_id: UUID, attempt_id: UUID) -> tuple[bytes, str]:
        ids = {"charge": charge.ref, "pledge_id": str(pledge_id), "attempt_id": str(attempt_id)}
        return self.network.sign_notice("payment_intent.succeeded", "charge", charge.ref, ids)


class StripeWorld:
    def __init__(self, simulator: StripeSimulator, clock: Clock, browser: aiohttp.ClientSession) -> None:
        self.clock = clock
        self.simulator = simulator
        self.browser = browser
        self.gateway: CardGateway = StripeCardGateway(
            secret_key="sk_test_contract",
            webhook_secret="whsec_contract",
            api_base=simulator.public_url,
            limits=LIMITS,
        )

    async def submit(self, checkout: Checkout, card: FakeCard) -> None:
        form = {"number": NUMBERS[card], "action": "pay"}
        async with self.browser.post(checkout.url, data=form, allow_redirects=False) as answer:
            page = await answer.text()
        if "Ya, setujui" in page:
            form = {"number": NUMBERS[card], "answer": "approve"}
            async with self.browser.post(checkout.url, data=form, allow_redirects=False) as answer:
                assert answer.status == 303

    def lose_next_answer(self) -> None:
        self.simulator.faults.plan(Fault("drop_response"))

    def settle_refund(self, refund: Refund, status: str) -> None:
        self.simulator.settle_refund(refund.ref, status)

    def notice(self, charge: Charge, pledge_id: UUID, attempt_id: UUID) -> tuple[bytes, str]:
        events = self.simulator.account(self.simulator.platform).newest_first("event")
        event = next(e for e in events if e["data"]["object"]["id"] == charge.ref)
        payload = json.dumps(event)
        signed_at = int(self.clock().timestamp())
        return payload.encode(), signature_header(payload, "whsec_contract", signed_at)


@pytest.fixture(params=["fake", "stripe"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    clock = Clock()
    async with (
        serve(secret_key="sk_test_contract", webhook_secret="whsec_contract", clock=clock) as simulator,
        aiohttp.ClientSession() as browser,
    ):
        stripe_world = StripeWorld(simulator, clock, browser)
        yield stripe_world
        await stripe_world.gateway.close()


async def customer_of(world: World) -> str:
    return await world.gateway.create_customer(account_id=uuid4(), key=f"customer-{uuid4()}")


async def open_setup(world: World, customer: str, *, key: str | None = None, ahead_s: float = 3600) -> Checkout:
    return await world.gateway.start_setup(
        customer=customer,
        pledge_id=UUID(int=1),
        success_url="https://urunbeli.example/ok?s={CHECKOUT_SESSION_ID}",
        cancel_url="https://urunbeli.example/batal",
        expires_at=world.clock() + timedelta(seconds=ahead_s),
        key=key or f"setup-{uuid4()}",
    )


async def open_payment(
    world: World, customer: str, amount_idr: int, *, attempt_id: UUID | None = None, key: str | None = None
) -> Checkout:
    return await world.gateway.start_payment(
        customer=customer,
        pledge_id=UUID(int=1),
        attempt_id=attempt_id or uuid4(),
        amount_idr=amount_idr,
        description="Urun beli spinner peniris minyak",
        success_url="https://urunbeli.example/ok",
        cancel_url="https://urunbeli.example/batal",
        expires_at=world.clock() + timedelta(minutes=30),
        key=key or f"payment-{uuid4()}",
    )


async def saved_card(world: World, customer: str, card: FakeCard = "ok") -> str:
    checkout = await open_setup(world, customer)
    await world.submit(checkout, card)
    state = await world.gateway.fetch_checkout(checkout.ref)
    assert state.payment_method is not None
    return state.payment_method


async def charge_card(
    world: World,
    card: FakeCard = "ok",
    amount_idr: int = 150_000,
    *,
    customer: str | None = None,
    attempt_id: UUID | None = None,
) -> Charge:
    customer = customer or await customer_of(world)
    method = await saved_card(world, customer, card)
    return await world.gateway.charge(
        customer=customer,
        payment_method=method,
        amount_idr=amount_idr,
        pledge_id=UUID(int=1),
        attempt_id=attempt_id or uuid4(),
        key=f"charge-{uuid4()}",
    )


async def test_a_setup_saves_a_card_and_takes_no_money(world: World) -> None:
    checkout = await open_setup(world, await customer_of(world))
    assert checkout.url.startswith("http")
    assert checkout.expires_at == world.clock() + timedelta(hours=1)
    before = await world.gateway.fetch_checkout(checkout.ref)
    assert (before.status, before.payment_method, before.charge) == ("open", None, None)
    await world.submit(checkout, "ok")
    after = await world.gateway.fetch_checkout(checkout.ref)
    assert after.status == "complete"
    assert after.payment_method
    assert (after.charge, after.amount_idr, after.paid) == (None, None, False)


async def test_a_declined_card_leaves_the_setup_open_for_another(world: World) -> None:
    checkout = await open_setup(world, await customer_of(world))
    await world.submit(checkout, "declined")
    assert (await world.gateway.fetch_checkout(checkout.ref)).status == "open"
    await world.submit(checkout, "ok")
    assert (await world.gateway.fetch_checkout(checkout.ref)).status == "complete"


async def test_a_saved_card_is_charged_to_the_rupiah(world: World) -> None:
    charge = await charge_card(world, amount_idr=123_457)
    assert (charge.status, charge.decline_code, charge.amount_idr) == ("succeeded", None, 123_457)
    assert await world.gateway.fetch_charge(charge.ref) == charge
    totals = await world.gateway.fetch_totals(charge.ref)
    assert (totals.received_idr, totals.refunded_idr, totals.held_idr) == (123_457, 0, 123_457)


@pytest.mark.parametrize(
    ("card", "status", "decline_code"),
    [
        ("declines_later", "declined", "generic_decline"),
        ("asks", "authentication_required", None),
    ],
)
async def test_a_charge_that_fails_is_an_answer_and_takes_nothing(
    world: World, card: FakeCard, status: str, decline_code: str | None
) -> None:
    charge = await charge_card(world, card)
    assert (charge.status, charge.decline_code) == (status, decline_code)
    assert await world.gateway.fetch_charge(charge.ref) == charge
    assert (await world.gateway.fetch_totals(charge.ref)).received_idr == 0


async def test_a_card_that_asks_pays_through_a_link(world: World) -> None:
    customer = await customer_of(world)
    charge = await charge_card(world, "asks", customer=customer)
    assert (await world.gateway.cancel_charge(charge.ref)).status == "cancelled"
    checkout = await open_payment(world, customer, 150_000)
    await world.submit(checkout, "asks")
    state = await world.gateway.fetch_checkout(checkout.ref)
    assert (state.status, state.paid, state.amount_idr) == ("complete", True, 150_000)
    assert state.charge is not None
    assert (await world.gateway.fetch_charge(state.charge)).status == "succeeded"
    assert (await world.gateway.fetch_totals(state.charge)).held_idr == 150_000


async def test_a_declined_link_stays_open_and_its_charge_ends_with_it(world: World) -> None:
    checkout = await open_payment(world, await customer_of(world), 150_000)
    await world.submit(checkout, "declined")
    state = await world.gateway.fetch_checkout(checkout.ref)
    assert (state.status, state.paid) == ("open", False)
    assert state.charge is not None
    assert (await world.gateway.fetch_charge(state.charge)).status == "declined"
    with pytest.raises(CardGatewayRefused):
        await world.gateway.cancel_charge(state.charge)
    await world.gateway.expire_checkout(checkout.ref)
    assert (await world.gateway.fetch_charge(state.charge)).status == "cancelled"


async def test_only_the_owner_of_a_card_is_charged(world: World) -> None:
    method = await saved_card(world, await customer_of(world))
    with pytest.raises(CardGatewayRefused) as refusal:
        await world.gateway.charge(
            customer=await customer_of(world),
            payment_method=method,
            amount_idr=150_000,
            pledge_id=UUID(int=1),
            attempt_id=uuid4(),
            key=f"charge-{uuid4()}",
        )
    assert refusal.value.code == "resource_missing"


@pytest.mark.parametrize(("amount_idr", "code"), [(9_999, "amount_too_small"), (10_000_000_000, "amount_too_large")])
async def test_amounts_that_cards_cannot_carry_are_refused(world: World, amount_idr: int, code: str) -> None:
    customer = await customer_of(world)
    with pytest.raises(CardGatewayRefused) as refusal:
        await open_payment(world, customer, amount_idr)
    assert refusal.value.code == code
    with pytest.raises(CardGatewayRefused) as refusal:
        await charge_card(world, amount_idr=amount_idr, customer=customer)
    assert refusal.value.code == code


@pytest.mark.parametrize("ahead_s", [-60, 1799, 86_401])
async def test_a_checkout_lasts_from_half_an_hour_to_a_day(world: World, ahead_s: int) -> None:
    with pytest.raises(CardGatewayRefused) as refusal:
        await open_setup(world, await customer_of(world), ahead_s=ahead_s)
    assert refusal.value.code == "invalid_expires_at"


async def test_refunds_in_parts_never_exceed_the_charge(world: World) -> None:
    charge = await charge_card(world, amount_idr=150_000)

    async def give_back(amount_idr: int) -> Refund:
        return await world.gateway.refund(
            charge=charge.ref, amount_idr=amount_idr, refund_id=uuid4(), key=f"refund-{uuid4()}"
        )

    first = await give_back(40_001)
    assert (first.status, first.amount_idr) == ("succeeded", 40_001)
    with pytest.raises(CardGatewayRefused) as refusal:
        await give_back(110_000)
    assert refusal.value.code == "invalid_amount"
    await give_back(109_999)
    with pytest.raises(CardGatewayRefused) as refusal:
        await give_back(1)
    assert refusal.value.code == "charge_already_refunded"
    totals = await world.gateway.fetch_totals(charge.ref)
    assert (totals.received_idr, totals.refunded_idr, totals.held_idr) == (150_000, 150_000, 0)
    assert await world.gateway.fetch_refund(first.ref) == first


async def test_what_was_not_paid_is_not_refunded(world: World) -> None:
    charge = await charge_card(world, "declines_later")
    with pytest.raises(CardGatewayRefused):
        await world.gateway.refund(charge=charge.ref, amount_idr=1, refund_id=uuid4(), key=f"refund-{uuid4()}")


@pytest.mark.parametrize(("status", "held_idr"), [("succeeded", 0), ("failed", 150_000)])
async def test_a_refund_may_wait_and_a_failed_one_is_ours_again(world: World, status: str, held_idr: int) -> None:
    charge = await charge_card(world, "refund_waits", 150_000)
    refund = await world.gateway.refund(
        charge=charge.ref, amount_idr=150_000, refund_id=uuid4(), key=f"refund-{uuid4()}"
    )
    assert refund.status == "pending"
    world.settle_refund(refund, status)
    assert (await world.gateway.fetch_refund(refund.ref)).status == status
    assert (await world.gateway.fetch_totals(charge.ref)).held_idr == held_idr


async def test_the_same_key_gives_the_same_thing(world: World) -> None:
    account_id, attempt_id, refund_id = uuid4(), uuid4(), uuid4()
    gateway = world.gateway
    customer = await gateway.create_customer(account_id=account_id, key="customer")
    assert await gateway.create_customer(account_id=account_id, key="customer") == customer
    setup = await open_setup(world, customer, key="setup")
    assert await open_setup(world, customer, key="setup") == setup
    payment = await open_payment(world, customer, 150_000, attempt_id=attempt_id, key="payment")
    assert await open_payment(world, customer, 150_000, attempt_id=attempt_id, key="payment") == payment
    method = await saved_card(world, customer)
    charges = [
        await gateway.charge(
            customer=customer,
            payment_method=method,
            amount_idr=150_000,
            pledge_id=UUID(int=1),
            attempt_id=attempt_id,
            key="charge",
        )
        for _ in range(2)
    ]
    assert charges[0] == charges[1]
    refunds = [
        await gateway.refund(charge=charges[0].ref, amount_idr=100_000, refund_id=refund_id, key="refund")
        for _ in range(2)
    ]
    assert refunds[0] == refunds[1]
    assert (await gateway.fetch_totals(charges[0].ref)).refunded_idr == 100_000


async def test_a_declined_charge_is_replayed_too(world: World) -> None:
    customer = await customer_of(world)
    method = await saved_card(world, customer, "declines_later")
    attempt_id = uuid4()
    charges = [
        await world.gateway.charge(
            customer=customer,
            payment_method=method,
            amount_idr=150_000,
            pledge_id=UUID(int=1),
            attempt_id=attempt_id,
            key="declined",
        )
        for _ in range(2)
    ]
    assert charges[0] == charges[1]
    assert charges[0].status == "declined"


async def test_a_key_is_not_for_two_purposes(world: World) -> None:
    customer = await customer_of(world)
    await open_payment(world, customer, 150_000, attempt_id=UUID(int=7), key="used")
    with pytest.raises(CardGatewayRefused) as refusal:
        await open_payment(world, customer, 160_000, attempt_id=UUID(int=7), key="used")
    assert refusal.value.code == "idempotency_error"


async def test_a_lost_answer_is_fetched_by_repeating_and_charges_once(world: World) -> None:
    customer = await customer_of(world)
    method = await saved_card(world, customer)
    attempt_id = uuid4()

    async def attempt() -> Charge:
        return await world.gateway.charge(
            customer=customer,
            payment_method=method,
            amount_idr=150_000,
            pledge_id=UUID(int=1),
            attempt_id=attempt_id,
            key="lost",
        )

    world.lose_next_answer()
    with pytest.raises(CardGatewayUnavailable):
        await attempt()
    found = await world.gateway.find_charge(customer=customer, attempt_id=attempt_id)
    charge = await attempt()
    assert charge == found
    assert charge.status == "succeeded"
    world.lose_next_answer()
    refund_id = uuid4()
    with pytest.raises(CardGatewayUnavailable):
        await world.gateway.refund(charge=charge.ref, amount_idr=150_000, refund_id=refund_id, key="lost-refund")
    found_refund = await world.gateway.find_refund(charge=charge.ref, refund_id=refund_id)
    refund = await world.gateway.refund(charge=charge.ref, amount_idr=150_000, refund_id=refund_id, key="lost-refund")
    assert refund == found_refund
    assert (await world.gateway.fetch_totals(charge.ref)).refunded_idr == 150_000


async def test_nothing_is_found_for_an_attempt_that_was_never_charged(world: World) -> None:
    customer = await customer_of(world)
    attempt_id = uuid4()
    checkout = await open_payment(world, customer, 150_000, attempt_id=attempt_id)
    await world.submit(checkout, "ok")
    assert await world.gateway.find_charge(customer=customer, attempt_id=attempt_id) is None
    state = await world.gateway.fetch_checkout(checkout.ref)
    assert state.charge is not None
    assert await world.gateway.find_refund(charge=state.charge, refund_id=uuid4()) is None


async def test_expiring_answers_how_a_checkout_ended(world: World) -> None:
    customer = await customer_of(world)
    idle = await open_setup(world, customer)
    assert (await world.gateway.expire_checkout(idle.ref)).status == "expired"
    assert (await world.gateway.expire_checkout(idle.ref)).status == "expired"
    done = await open_payment(world, customer, 150_000)
    await world.submit(done, "ok")
    state = await world.gateway.expire_checkout(done.ref)
    assert (state.status, state.paid) == ("complete", True)


async def test_a_checkout_expires_by_itself(world: World) -> None:
    checkout = await open_payment(world, await customer_of(world), 150_000)
    world.clock.advance(minutes=29, seconds=59)
    assert (await world.gateway.fetch_checkout(checkout.ref)).status == "open"
    world.clock.advance(seconds=1)
    assert (await world.gateway.fetch_checkout(checkout.ref)).status == "expired"


async def test_cancelling_a_charge_that_went_through_says_so(world: World) -> None:
    charge = await charge_card(world)
    assert (await world.gateway.cancel_charge(charge.ref)).status == "succeeded"
    declined = await charge_card(world, "declines_later")
    assert (await world.gateway.cancel_charge(declined.ref)).status == "cancelled"
    assert (await world.gateway.cancel_charge(declined.ref)).status == "cancelled"


async def test_unknown_refs_are_refused(world: World) -> None:
    gateway = world.gateway
    for asking in (
        gateway.fetch_checkout("cs_none"),
        gateway.expire_checkout("cs_none"),
        gateway.fetch_charge("pi_none"),
        gateway.fetch_totals("pi_none"),
        gateway.fetch_refund("re_none"),
    ):
        with pytest.raises(CardGatewayRefused) as refusal:
            await asking
        assert refusal.value.code == "resource_missing"


async def test_a_genuine_webhook_says_what_to_fetch(world: World) -> None:
    attempt_id = uuid4()
    charge = await charge_card(world, attempt_id=attempt_id)
    payload, signature = world.notice(charge, UUID(int=1), attempt_id)
    notice = world.gateway.parse_webhook(payload, signature, world.clock())
    assert notice.type == "payment_intent.succeeded"
    assert (notice.subject, notice.object_ref, notice.charge) == ("charge", charge.ref, charge.ref)
    assert (notice.pledge_id, notice.attempt_id) == (UUID(int=1), attempt_id)
    assert abs(notice.created - world.clock()) < timedelta(seconds=5)


async def test_forged_webhooks_are_rejected(world: World) -> None:
    charge = await charge_card(world)
    payload, signature = world.notice(charge, UUID(int=1), uuid4())
    stamp = signature.split(",", maxsplit=1)[0]
    forgeries = [
        (payload + b" ", signature),
        (payload.replace(b"succeeded", b"failed"), signature),
        (payload, signature.replace("t=", "t=1")),
        (payload, f"{stamp},v1={'0' * 64}"),
        (payload, f"{stamp},v1=é"),
        (payload, f"{stamp},v0={signature.rpartition('=')[2]}"),
        (payload, ""),
        (payload, "t=x,v1=y"),
        (b"\xff", signature),
    ]
    for forged_payload, forged_signature in forgeries:
        with pytest.raises(ForgedWebhook):
            world.gateway.parse_webhook(forged_payload, forged_signature, world.clock())


async def test_stale_webhooks_are_rejected(world: World) -> None:
    payload, signature = world.notice(await charge_card(world), UUID(int=1), uuid4())
    for offset_s in (299, -299):
        world.gateway.parse_webhook(payload, signature, world.clock() + timedelta(seconds=offset_s))
    for offset_s in (301, -301):
        with pytest.raises(StaleWebhook):
            world.gateway.parse_webhook(payload, signature, world.clock() + timedelta(seconds=offset_s))
