"""The card page: written down, opened at the provider, and given to the member."""

from __future__ import annotations

import contextlib

from services.payments.api.table import known_pool, resources, routes
from services.payments.card_gateway import CardGateway, CardGatewayRefused, CardGatewayUnavailable
from services.payments.commands import outcomes, pages, provider
from services.payments.commands.pages import Page
from services.payments.domain.holding import Holding
from services.payments.domain.refusals import (
    CardAlreadySaved,
    CardAmountOutOfRange,
    CardsNotOffered,
    NothingDue,
    PaymentInFlight,
    SecuringIsOver,
)
from services.payments.repository import holdings
from services.payments.views import CardPage, CardPageOpened
from shared.auth import SIGNED_IN, require
from shared.db import Transaction
from shared.errors import Unavailable
from shared.http.call import Answer, Call, replayed
from shared.http.idempotency import claim_one


@routes.post(
    "/api/v1/holdings/{pledge_id}/card",
    policy=SIGNED_IN,
    body=CardPage,
    answer=CardPageOpened,
    money=True,
    refusals=(CardsNotOffered, PaymentInFlight, CardAmountOutOfRange, NothingDue, SecuringIsOver, CardAlreadySaved),
)
async def open_card_page(call: Call, body: CardPage) -> Answer:
    """Open the provider's page: to save a card, or to pay what is due. While it is open, the same page is given again."""
    gateway = resources(call).cards
    known = await _kept_answer(call)
    if known is not None:
        return known
    if gateway is None:
        raise CardsNotOffered
    customer = await _customer(call, gateway)
    back = call.context.settings.public_url.rstrip("/") + body.return_url_path
    async with call.context.db.transaction() as tx:
        page = await pages.begin_page(tx, await _own_holding(tx, call), customer, back, back)
    url = page.url or await _opened(call, gateway, page)

    async def answer(_: Transaction) -> CardPageOpened:
        return CardPageOpened(url=url)

    return await call.transact(answer)


async def _kept_answer(call: Call) -> Answer | None:
    """Give the answer kept for this key. The claim that looking takes is undone: it is made with the answer."""
    assert call.claim is not None, "money moves: the key is required"
    with contextlib.suppress(_NotAskedBefore):
        async with call.context.db.transaction() as tx:
            kept = await claim_one(tx, call.claim)
            if kept is None:
                raise _NotAskedBefore
            return replayed(kept)
    return None


class _NotAskedBefore(Exception):
    """Undoes the look for a kept answer."""


async def _own_holding(tx: Transaction, call: Call) -> Holding:
    pledge_id = call.id("pledge_id")
    pool = await known_pool(tx, "pledge_id", pledge_id)
    (holding,) = await holdings.load(tx, pool, [pledge_id])
    require(holding.account_id == call.who.account_id)
    return holding


async def _customer(call: Call, gateway: CardGateway) -> str:
    """Find or make the provider's customer for the member."""
    async with call.context.db.transaction() as tx:
        holding = await _own_holding(tx, call)
    if holding.customer is not None:
        return holding.customer
    try:
        made = await provider.make_customer(gateway, holding.account_id)
    except (CardGatewayUnavailable, CardGatewayRefused) as error:
        raise Unavailable(part="cards") from error
    async with call.context.db.transaction() as tx:
        return await pages.keep_customer(tx, holding, made)


async def _opened(call: Call, gateway: CardGateway, page: Page) -> str:
    """Open what was written down. When the provider gives no answer a job asks again, and so does the next tap."""
    try:
        if page.setup is not None:
            found = await provider.open_setup(gateway, page.setup)
        else:
            assert page.link is not None
            found = await provider.open_link(gateway, page.link)
    except CardGatewayUnavailable as error:
        raise Unavailable(part="cards") from error
    except CardGatewayRefused as refusal:
        await _record_refused(call, page, refusal)
        raise Unavailable(part="cards") from refusal
    async with call.context.db.transaction() as tx:
        if page.setup is not None:
            await outcomes.record_setup_opened(tx, page.setup, found)
        elif page.link is not None:
            await outcomes.record_link_opened(tx, page.link.id, page.link.pool_id, found)
    return found.url


async def _record_refused(call: Call, page: Page, refusal: CardGatewayRefused) -> None:
    async with call.context.db.transaction() as tx:
        if page.setup is not None:
            await outcomes.record_setup_refused(tx, page.setup)
        elif page.link is not None:
            await outcomes.record_refused(tx, page.link.id, page.link.pool_id, refusal.code)
