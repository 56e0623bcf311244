"""What payments holds open besides the database: the card provider, if cards are offered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from services.payments.card_gateway import CardGateway
from services.payments.limits import LIMITS
from services.payments.stripe_gateway import StripeCardGateway
from services.payments.stripe_simulator import StripeSimulator, create_app
from shared.config import Settings
from shared.service import Context

SIMULATOR_PATH = "/stripe-simulator"
WEBHOOK_PATH = "/api/v1/webhooks/stripe"


@dataclass(frozen=True, slots=True)
class Resources:
    """`cards` is None where cards are not offered."""

    cards: CardGateway | None


@asynccontextmanager
async def setup(context: Context) -> AsyncIterator[Resources]:
    """Open the card provider's port: Stripe with a key, the simulator in development, nothing otherwise."""
    gateway = _gateway(context.settings)
    try:
        yield Resources(gateway)
    finally:
        if gateway is not None:
            await gateway.close()


def _gateway(settings: Settings) -> StripeCardGateway | None:
    if settings.stripe_secret_key is not None:
        secret = settings.stripe_webhook_secret
        return StripeCardGateway(
            secret_key=settings.stripe_secret_key.get_secret_value(),
            # Without its secret no webhook is genuine; the jobs' own looking then tells of everything, later.
            webhook_secret=secret.get_secret_value() if secret else settings.derived("no webhook is genuine"),
            api_base=settings.stripe_api_url,
            limits=LIMITS,
        )
    if not simulated(settings):
        return None
    return StripeCardGateway(
        secret_key=simulator_key(settings),
        webhook_secret=simulator_webhook_secret(settings),
        api_base=settings.stripe_api_url or f"http://127.0.0.1:{settings.http_port}{SIMULATOR_PATH}",
        limits=LIMITS,
    )


def mounts(context: Context) -> dict[str, web.Application]:
    """Serve the simulator beside the API in development. Only a process that listens runs it: it owns a state file."""
    settings = context.settings
    if not simulated(settings) or settings.stripe_api_url is not None:
        return {}
    simulator = StripeSimulator(
        public_url=settings.public_url.rstrip("/") + SIMULATOR_PATH,
        secret_key=simulator_key(settings),
        webhook_secret=simulator_webhook_secret(settings),
        webhook_url=f"http://127.0.0.1:{settings.http_port}{WEBHOOK_PATH}",
        state_file=settings.data_dir / "stripe-simulator.jsonl",
        clock=lambda: datetime.now(UTC) + context.db.clock_offset,
    )

    async def run(_: web.Application) -> AsyncIterator[None]:
        await simulator.start()
        yield
        await simulator.stop()

    app = create_app(simulator)
    app.cleanup_ctx.append(run)
    return {SIMULATOR_PATH: app}


def simulated(settings: Settings) -> bool:
    """Whether cards are only played."""
    return settings.development and settings.stripe_secret_key is None


def simulator_key(settings: Settings) -> str:
    """The simulator's secret key, the same in every process of an installation."""
    return f"sk_test_{settings.derived('stripe simulator key')[:32]}"


def simulator_webhook_secret(settings: Settings) -> str:
    """The secret that signs the simulator's webhooks."""
    return f"whsec_{settings.derived('stripe simulator webhooks')[:32]}"
