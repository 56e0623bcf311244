"""Asks the card provider, outside any transaction. Every question may be asked again: the key is the row's own id.

All raise `CardGatewayUnavailable` when the outcome is unknown, and `CardGatewayRefused` for a no that will stay one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from services.payments.card_gateway import (
    KEYS_LAST_S,
    CardGateway,
    CardGatewayRefused,
    CardGatewayUnavailable,
    Charge,
    Checkout,
    CheckoutState,
    Refund,
)
from services.payments.repository import refunds
from services.payments.repository.attempts import ClaimedAttempt
from services.payments.repository.setups import Setup

_KEYS_LAST = timedelta(seconds=KEYS_LAST_S) - timedelta(hours=1)
STILL_ON_ITS_WAY = timedelta(minutes=2)
"""Longer than any request lasts: what the provider does not know by then, it will never hear of."""


async def make_customer(gateway: CardGateway, account_id: UUID) -> str:
    """Make the provider's customer for an account."""
    return await gateway.create_customer(account_id=account_id, key=f"customer-{account_id}")


async def open_setup(gateway: CardGateway, setup: Setup) -> Checkout:
    """Open the page on which a card is saved."""
    return await gateway.start_setup(
        customer=setup.customer,
        pledge_id=setup.pledge_id,
        success_url=setup.success_url,
        cancel_url=setup.cancel_url,
        expires_at=setup.expires_at,
        key=str(setup.id),
    )


async def look_at_setup(gateway: CardGateway, setup: Setup) -> Checkout | CheckoutState:
    """Ask how a page stands, expiring it if it is unwanted; one whose opening is uncertain is opened first."""
    if setup.ref is None:
        return await open_setup(gateway, setup)
    return await (gateway.expire_checkout if setup.unwanted else gateway.fetch_checkout)(setup.ref)


async def open_link(gateway: CardGateway, link: ClaimedAttempt) -> Checkout:
    """Open the page on which the amount is paid."""
    assert link.success_url is not None
    assert link.cancel_url is not None
    assert link.expires_at is not None
    return await gateway.start_payment(
        customer=link.customer,
        pledge_id=link.pledge_id,
        attempt_id=link.id,
        amount_idr=link.amount_idr,
        description=f"Urun beli: {link.title}",
        success_url=link.success_url,
        cancel_url=link.cancel_url,
        expires_at=link.expires_at,
        key=str(link.id),
    )


async def look_at_link(gateway: CardGateway, link: ClaimedAttempt) -> Checkout | CheckoutState:
    """Ask how a link stands, expiring it if it is unwanted; one whose opening is uncertain is opened first."""
    if link.ref is None and link.state == "intended":
        return await open_link(gateway, link)
    if link.ref is None:
        raise CardGatewayRefused("never_opened", f"the link {link.id} was never opened")
    return await (gateway.expire_checkout if link.unwanted else gateway.fetch_checkout)(link.ref)


async def look_at_charge(gateway: CardGateway, attempt: ClaimedAttempt, now: datetime) -> Charge | None:
    """Charge the card, or ask how the charge stands. None: it was never made, and will not be.

    A charge that nobody wants any more is not made now, however uncertain its first sending: it is looked for.
    """
    if attempt.charge_ref is not None:
        give_up = attempt.unwanted and attempt.state == "processing"
        return await (gateway.cancel_charge if give_up else gateway.fetch_charge)(attempt.charge_ref)
    ended = attempt.state != "intended"
    if ended or attempt.unwanted or now - attempt.sent_at > _KEYS_LAST:
        made = await gateway.find_charge(customer=attempt.customer, attempt_id=attempt.id)
        if made is not None:
            return made
        if ended or attempt.unwanted:
            if now - attempt.sent_at < STILL_ON_ITS_WAY:
                raise CardGatewayUnavailable("the charge may be on its way yet")
            return None
    assert attempt.card_ref is not None
    charge = await gateway.charge(
        customer=attempt.customer,
        payment_method=attempt.card_ref,
        amount_idr=attempt.amount_idr,
        pledge_id=attempt.pledge_id,
        attempt_id=attempt.id,
        key=str(attempt.id),
    )
    if charge.status != "authentication_required":
        return charge
    # Nobody answers the bank's question for this one any more: the member pays by a link. Unless they just have.
    ended_as = await gateway.cancel_charge(charge.ref)
    return ended_as if ended_as.status == "succeeded" else charge


async def look_at_refund(gateway: CardGateway, refund: refunds.Refund, now: datetime) -> Refund:
    """Refund the card, or ask how the refund stands."""
    if refund.ref is not None:
        return await gateway.fetch_refund(refund.ref)
    assert refund.charge_ref is not None
    if refund.sent_at is not None and now - refund.sent_at > _KEYS_LAST:
        made = await gateway.find_refund(charge=refund.charge_ref, refund_id=refund.id)
        if made is not None:
            return made
    return await gateway.refund(
        charge=refund.charge_ref, amount_idr=refund.amount_idr, refund_id=refund.id, key=str(refund.id)
    )
