"""What the card provider has answered about attempts and pages, written down. Each may be told any number of times."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from services.payments.card_gateway import Charge, Checkout, CheckoutState
from services.payments.commands.booking import take_in
from services.payments.commands.securing import answer_closing
from services.payments.commands.settling import settle
from services.payments.domain.accounts import stripe_balance
from services.payments.domain.holding import Attempt, AttemptState, Pool
from services.payments.repository import attempts, holdings, pools, setups
from services.payments.repository.payments import Received
from services.payments.repository.setups import Setup
from shared.contracts.payments import ChargeDeclined
from shared.db import Transaction

LOOK_AGAIN = timedelta(minutes=2)
"""Webhooks tell sooner; this is for those that are lost."""


class OutcomeUnbelievable(Exception):
    """The provider tells of another amount than we asked for; somebody must look."""


async def record_charge(tx: Transaction, attempt_id: UUID, pool_id: UUID, charge: Charge, nudges: int) -> None:
    """A charge stands so. A success counts even after the attempt was given up: it is late money. Raises LookupError."""
    pool, attempt, now = await _locked(tx, pool_id, attempt_id)
    match charge.status:
        case "succeeded":
            await _succeed(tx, pool, attempt, charge.ref, charge.amount_idr, now)
        case "processing":
            await attempts.go_on(
                tx,
                attempt_id,
                state="processing",
                charge_ref=charge.ref,
                nudges=nudges,
                now=now,
                look_at=now + LOOK_AGAIN,
            )
        case "declined" | "authentication_required" | "cancelled":
            await _fail(tx, pool, attempt, charge.status, now, charge_ref=charge.ref, code=charge.decline_code)


async def record_refused(tx: Transaction, attempt_id: UUID, pool_id: UUID, code: str) -> None:
    """The provider will not do it: a charge counts as declined, a link is not opened."""
    pool, attempt, now = await _locked(tx, pool_id, attempt_id)
    await _fail(tx, pool, attempt, "refused", now, code=code)


async def record_never_made(tx: Transaction, attempt_id: UUID, pool_id: UUID) -> None:
    """An attempt that nobody wanted any more was never made."""
    pool, attempt, now = await _locked(tx, pool_id, attempt_id)
    await _fail(tx, pool, attempt, "cancelled", now)


async def record_link_opened(tx: Transaction, attempt_id: UUID, pool_id: UUID, page: Checkout) -> None:
    """The provider has opened a payment link."""
    _, _, now = await _locked(tx, pool_id, attempt_id)
    look_at = min(now + LOOK_AGAIN, page.expires_at + timedelta(seconds=5))
    await attempts.opened(tx, attempt_id, page.ref, page.url, page.expires_at, now, look_at)


async def record_link(tx: Transaction, attempt_id: UUID, pool_id: UUID, state: CheckoutState, nudges: int) -> None:
    """A payment link stands so."""
    pool, attempt, now = await _locked(tx, pool_id, attempt_id)
    if state.paid:
        assert state.charge is not None
        assert state.amount_idr is not None
        await _succeed(tx, pool, attempt, state.charge, state.amount_idr, now)
    elif state.status == "expired":
        await _fail(tx, pool, attempt, "expired", now)
    else:
        await attempts.go_on(
            tx, attempt_id, state=None, charge_ref=None, nudges=nudges, now=now, look_at=now + LOOK_AGAIN
        )


async def record_setup_opened(tx: Transaction, setup: Setup, page: Checkout) -> None:
    """The provider has opened a page on which a card is saved."""
    await pools.know_pool(tx, setup.pool_id)
    now = await tx.now()
    look_at = min(now + LOOK_AGAIN, page.expires_at + timedelta(seconds=5))
    await setups.opened(tx, setup.id, page.ref, page.url, page.expires_at, now, look_at)


async def record_setup(tx: Transaction, setup: Setup, state: CheckoutState) -> None:
    """A page on which a card is saved stands so."""
    pool = await pools.know_pool(tx, setup.pool_id)
    now = await tx.now()
    if state.status == "open":
        await setups.postpone(tx, setup.id, setup.nudges, now, now + LOOK_AGAIN)
    elif await setups.end(tx, setup.id, state.status):
        if state.payment_method is not None:
            await holdings.save_card(tx, setup.pledge_id, state.payment_method)
            await settle(tx, pool, [setup.pledge_id], now)
        await answer_closing(tx, pool, now)


async def record_setup_refused(tx: Transaction, setup: Setup) -> None:
    """The provider will not open the page, or knows nothing of it."""
    pool = await pools.know_pool(tx, setup.pool_id)
    if await setups.end(tx, setup.id, "refused"):
        await answer_closing(tx, pool, await tx.now())


async def _locked(tx: Transaction, pool_id: UUID, attempt_id: UUID) -> tuple[Pool, Attempt, datetime]:
    pool = await pools.know_pool(tx, pool_id)
    return pool, await attempts.lock_attempt(tx, attempt_id), await tx.now()


async def _succeed(
    tx: Transaction, pool: Pool, attempt: Attempt, charge_ref: str, amount_idr: int, now: datetime
) -> None:
    if attempt.state == "succeeded":
        return
    if amount_idr != attempt.amount_idr:
        raise OutcomeUnbelievable(
            f"attempt {attempt.id} asked for {attempt.amount_idr}, the provider took {amount_idr}"
        )
    await attempts.end(tx, attempt.id, "succeeded", now, charge_ref=charge_ref)
    payment = Received(
        attempt.id, attempt.pledge_id, pool.id, "card", amount_idr, stripe_balance(pool.id), "", attempt_id=attempt.id
    )
    await take_in(tx, pool, payment, now)
    await settle(tx, pool, [attempt.pledge_id], now)


async def _fail(
    tx: Transaction,
    pool: Pool,
    attempt: Attempt,
    state: AttemptState,
    now: datetime,
    *,
    charge_ref: str | None = None,
    code: str | None = None,
) -> None:
    if not attempt.in_flight:
        await attempts.go_on(tx, attempt.id, state=None, charge_ref=charge_ref, nudges=0, now=now, look_at=now)
        return
    await attempts.end(tx, attempt.id, state, now, charge_ref=charge_ref, decline_code=code)
    if attempt.kind == "charge" and state != "cancelled":
        await _tell_declined(tx, pool, attempt, state, code)
    await settle(tx, pool, [attempt.pledge_id], now)


async def _tell_declined(tx: Transaction, pool: Pool, attempt: Attempt, state: AttemptState, code: str | None) -> None:
    """The card is not charged again until pools says something new; the member is told, unless the money is not wanted."""
    reason = code or state
    await holdings.block_charge(tx, attempt.pledge_id, reason)
    (holding,) = await holdings.load(tx, pool, [attempt.pledge_id])
    if holding.position.missing_idr:
        tx.emit(
            ChargeDeclined(
                pledge_id=attempt.pledge_id,
                pool_id=pool.id,
                account_id=holding.account_id,
                reason=reason,
                action_needed=state == "authentication_required",
            )
        )
