"""Pages of the card provider: what a member may open now, written down before the provider is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.payments.domain.holding import Holding
from services.payments.domain.refusals import (
    CardAlreadySaved,
    CardAmountOutOfRange,
    CardsNotOffered,
    NothingDue,
    PaymentInFlight,
    SecuringIsOver,
)
from services.payments.limits import CARD_LIMITS, LIMITS
from services.payments.repository import attempts, holdings, setups
from services.payments.repository.attempts import ClaimedAttempt, NewLink
from services.payments.repository.setups import Setup
from shared.db import Transaction
from shared.ids import new_id

# The provider counts its limits from when it hears of the page, so the shortest gets a minute more, the longest less.
_MARGIN = timedelta(minutes=1)
SETUP_LASTS = timedelta(seconds=LIMITS.shortest_checkout_s) + _MARGIN
LINK_LASTS = timedelta(seconds=LIMITS.longest_checkout_s) - _MARGIN
CALLER_IS_DEAD_AFTER = timedelta(minutes=1)
"""Then a job asks the provider in the caller's place."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is open, or is to be opened: exactly one of the two."""

    setup: Setup | None = None
    link: ClaimedAttempt | None = None
    url: str | None = None


async def begin_page(tx: Transaction, holding: Holding, customer: str, success_url: str, cancel_url: str) -> Page:
    """Decide which page a member may open now, and write down the intent; one that is open already is given again.

    Raises `CardsNotOffered`, `PaymentInFlight`, `CardAmountOutOfRange`, `NothingDue`, `SecuringIsOver`, `CardAlreadySaved`.
    """
    if "card" not in holding.pool.known.methods:
        raise CardsNotOffered
    now = await tx.now()
    if holding.position.missing_idr:
        return await _begin_link(tx, holding, customer, success_url, cancel_url, now)
    return await _begin_setup(tx, holding, customer, success_url, cancel_url, now)


async def _begin_link(
    tx: Transaction, holding: Holding, customer: str, success_url: str, cancel_url: str, now: datetime
) -> Page:
    attempt = holding.attempt
    if attempt is not None:
        if attempt.kind == "charge" or attempt.unwanted:
            raise PaymentInFlight
        return Page(link=await attempts.get_call(tx, attempt.id), url=attempt.url)
    amount_idr = holding.position.missing_idr
    if not CARD_LIMITS[0] <= amount_idr <= CARD_LIMITS[1]:
        raise CardAmountOutOfRange(amount_idr=amount_idr, least_idr=CARD_LIMITS[0], most_idr=CARD_LIMITS[1])
    link = NewLink(
        new_id(), holding.pledge_id, holding.pool.id, amount_idr, customer, success_url, cancel_url,
        _ends(now, holding.pay_by),
    )  # fmt: skip
    await attempts.add_link(tx, link, now, now + CALLER_IS_DEAD_AFTER)
    return Page(link=await attempts.get_call(tx, link.id))


async def _begin_setup(
    tx: Transaction, holding: Holding, customer: str, success_url: str, cancel_url: str, now: datetime
) -> Page:
    if holding.may_idr == 0 or holding.method != "card":
        raise NothingDue
    if holding.pool.closing:
        raise SecuringIsOver
    if holding.card_ref is not None:
        raise CardAlreadySaved
    known = await setups.live_setup(tx, holding.pledge_id)
    if known is not None:
        if known.unwanted:
            raise SecuringIsOver
        return Page(setup=known, url=known.url)
    setup = Setup(
        new_id(), holding.pledge_id, holding.pool.id, customer, success_url, cancel_url, now + SETUP_LASTS, "intended",
        None, None, unwanted=False,
    )  # fmt: skip
    await setups.add_setup(tx, setup, now, now + CALLER_IS_DEAD_AFTER)
    return Page(setup=setup)


def _ends(now: datetime, pay_by: datetime | None) -> datetime:
    """A link lasts as long as the member may pay, within what the provider allows."""
    latest, earliest = now + LINK_LASTS, now + SETUP_LASTS
    return max(earliest, min(latest, pay_by or latest))


async def keep_customer(tx: Transaction, holding: Holding, ref: str) -> str:
    """Keep the provider's customer for the member; gives the one that was kept first."""
    return await holdings.keep_customer(tx, holding.account_id, ref)
