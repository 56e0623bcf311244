"""Webhooks of the card provider."""

from __future__ import annotations

from services.payments.api.table import resources, routes
from services.payments.card_gateway import WebhookRejected
from services.payments.commands import webhooks
from services.payments.domain.refusals import WebhookNotGenuine
from shared.auth import SIGNATURE
from shared.errors import NotFound
from shared.http.call import Answer, Call

_LARGEST_NOTICE = 256 * 1024


@routes.post(
    "/api/v1/webhooks/stripe",
    policy=SIGNATURE,
    raw=True,
    remembers=False,
    max_bytes=_LARGEST_NOTICE,
    refusals=(WebhookNotGenuine,),
)
async def take_stripe_webhook(call: Call) -> Answer:
    """Take a webhook of Stripe: verified over its raw bytes and stored; what it speaks of is asked for later."""
    cards = resources(call).cards
    if cards is None:
        raise NotFound
    async with call.context.db.transaction() as tx:
        try:
            notice = cards.parse_webhook(call.raw, call.request.headers.get("Stripe-Signature", ""), await tx.now())
        except WebhookRejected as error:
            raise WebhookNotGenuine from error
        if await webhooks.store_notice(tx, notice):
            tx.after_commit(lambda: call.context.wake("apply_notices"))
    return Answer.of({"received": True})
