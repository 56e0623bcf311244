"""Requests to Stripe: the SDK's errors turned into the port's, and creating something exactly once."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import stripe

from services.payments.card_gateway import CardGatewayRefused, CardGatewayUnavailable
from services.payments.stripe_answers import Json

Answer = TypeVar("Answer")

# How many kept 500s one call walks past to the first key without one: each is a failure of an earlier call, so this bounds
# how long a bad day may last before the request waits for Stripe to forget its keys, after 24 hours.
MAX_KEYS_PER_REQUEST = 40


class _SavedFailure(CardGatewayUnavailable):
    """Stripe replayed a 500 that it keeps under the key: the same key will never bring another answer."""


async def create(
    send: Callable[[str], Awaitable[Answer]],
    key: str,
    find_made: Callable[[], Awaitable[Answer | None]] | None = None,
) -> Answer:
    """Send a creating request so that it takes effect once, however often it is called with the same `key`.

    Stripe keeps a 500 under its key like any answer, whether or not the work was done. So when it replays
    one, look whether the object is there, and only if not, send the request under a fresh key derived from
    `key`: a later call walks the same keys in the same order. Without `find_made` a second object does
    no harm (a customer without cards, a page whose address nobody has).
    """
    for place in range(MAX_KEYS_PER_REQUEST):
        try:
            return await ask(send(key if place == 0 else f"{key}/{place}"))
        except _SavedFailure:
            made = None if find_made is None else await find_made()
            if made is not None:
                return made
    raise CardGatewayUnavailable(f"Stripe answered {MAX_KEYS_PER_REQUEST} keys with errors")


async def ask(request: Awaitable[Answer]) -> Answer:
    """Await a request to Stripe and turn the SDK's errors into the port's."""
    try:
        return await request
    except stripe.IdempotencyError as reason:
        raise CardGatewayRefused("idempotency_error", str(reason)) from reason
    except stripe.InvalidRequestError as reason:
        raise CardGatewayRefused(reason.code or f"invalid_{reason.param or 'request'}", str(reason)) from reason
    except stripe.CardError as reason:
        raise CardGatewayRefused(reason.code or "card_error", str(reason)) from reason
    except stripe.StripeError as reason:
        # Bad credentials and rate limits are among these: nothing is wrong with the request itself, so it is
        # worth sending again once somebody has mended the key or the rush is over.
        if (reason.headers or {}).get("Idempotent-Replayed") == "true":
            raise _SavedFailure(str(reason)) from reason
        raise CardGatewayUnavailable(str(reason)) from reason
    except (aiohttp.ClientError, TimeoutError) as reason:  # the SDK lets through what breaks within the body
        raise CardGatewayUnavailable(f"{type(reason).__name__} while reading Stripe's answer") from reason


def declined_intent(declined: stripe.CardError) -> Json:
    """Take the PaymentIntent out of a 402; without one the card was refused before there was any."""
    intent = declined.error.payment_intent if declined.error else None
    if intent is None:
        raise declined
    return intent.to_dict()
