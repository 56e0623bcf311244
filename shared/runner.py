"""Starts services in this process and stops them again: database, broker, relay, consumers, jobs and HTTP."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

import structlog
from aiohttp import web

from shared.broker import Broker
from shared.broker.amqp import AmqpBroker
from shared.broker.embedded import MIGRATIONS as BUS_MIGRATIONS
from shared.broker.embedded import SCHEMA as BUS_SCHEMA
from shared.broker.embedded import EmbeddedBroker
from shared.config import Settings
from shared.db import Database
from shared.http import edge
from shared.http.documents import add_documents
from shared.http.health import add_health
from shared.inbox import Receiver
from shared.jobs import JobRunner
from shared.keys import load_token_keys
from shared.lan.door import EVERYWHERE, LanDoor
from shared.migrate import migrate, service_dsn
from shared.relay import Relay
from shared.service import Context, Job, Service
from shared.upkeep import prune

log = structlog.get_logger()


async def migrate_all(settings: Settings, owner_dsn: str, services: Sequence[Service]) -> list[str]:
    """Bring every service's schema, and the embedded bus's, up to date. Gives what ran."""
    ran = await migrate(settings, owner_dsn, [(service.name, service.migrations) for service in services])
    return ran + await migrate(settings, owner_dsn, [(BUS_SCHEMA, BUS_MIGRATIONS)], mechanism=None)


def new_broker(settings: Settings, owner_dsn: str, services: Sequence[Service]) -> Broker:
    """Make the broker that the settings ask for: RabbitMQ, or the bus inside PostgreSQL."""
    if settings.amqp_url is not None:
        heard = {type_ for service in services for type_ in service.consumers.types()}
        return AmqpBroker(settings.amqp_url.get_secret_value(), heard)
    return EmbeddedBroker(
        service_dsn(settings, owner_dsn, BUS_SCHEMA),
        connect_timeout_s=settings.db_connect_timeout_s,
        command_timeout_s=settings.db_command_timeout_s,
    )


def new_context(
    service: Service, settings: Settings, owner_dsn: str, clock_offset: timedelta = timedelta(0)
) -> Context:
    """Make a service's surroundings; its database is not open yet."""
    database = Database(
        service_dsn(settings, owner_dsn, service.name),
        schema=service.name,
        size=settings.db_pool_size,
        command_timeout_s=settings.db_command_timeout_s,
        acquire_timeout_s=settings.db_acquire_timeout_s,
        connect_timeout_s=settings.db_connect_timeout_s,
        clock_offset=clock_offset,
    )
    return Context(service.name, settings, database, frozenset(service.consumers.types()))


class Runner:
    """Some services, running in this process.

    `everything`: all services of the system, whose queues are declared. `lan`: the door for phones in the room.
    """

    def __init__(
        self,
        settings: Settings,
        owner_dsn: str,
        services: Sequence[Service],
        everything: Sequence[Service],
        lan: LanDoor | None = None,
    ) -> None:
        self._settings = settings
        self._owner_dsn = owner_dsn
        self._services = services
        self._everything = everything
        self._lan = lan
        self._stack = AsyncExitStack()
        self.broker = new_broker(settings, owner_dsn, everything)
        self.contexts: dict[str, Context] = {}

    async def start(self) -> None:
        """Start everything, or nothing. Raises `Unavailable` or `BrokerDown` when a part cannot be reached."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop in the opposite order: HTTP first, so that nothing new comes in; databases last."""
        await self._stack.aclose()

    async def _start(self) -> None:
        load_token_keys(self._settings)  # a wrong key is told now, not at the first request
        await self.broker.open()
        self._stack.push_async_callback(self.broker.close)
        for service in self._everything:
            await self.broker.declare(service.name, service.consumers.types())
        mounts: dict[str, web.Application] = {}
        for service in self._services:
            context = await self._start_service(service)
            if service.mounts is not None:
                mounts.update(service.mounts(context))
        await self._listen(mounts)
        for service in self._services:
            await self._start_workers(service, self.contexts[service.name])

    async def _start_service(self, service: Service) -> Context:
        context = new_context(service, self._settings, self._owner_dsn)
        context.broker = self.broker
        await context.db.open()
        self._stack.push_async_callback(context.db.close)
        context.resources = await self._stack.enter_async_context(service.setup(context))
        self.contexts[service.name] = context
        return context

    async def _start_workers(self, service: Service, context: Context) -> None:
        relay = Relay(service.name, service_dsn(self._settings, self._owner_dsn, service.name), self.broker)
        context.db.on_events = relay.wake
        relay.start()
        self._stack.push_async_callback(relay.stop)
        receiver = Receiver(service, context)
        if service.consumers.all:
            subscription = await self.broker.subscribe(service.name, receiver.deliver)
            self._stack.push_async_callback(subscription.stop)
        upkeep = [
            Job("retry_parked", 1, lambda _, now: receiver.retry_parked(now)),
            Job("prune", 3600, prune),
        ]
        for job in (*service.jobs.all, *upkeep):
            runner = JobRunner(job, context)
            runner.start()
            self._stack.push_async_callback(runner.stop)

    async def _listen(self, mounts: dict[str, web.Application]) -> None:
        unknown = next((service for service in self._services if service.routes.refuse is not None), None)
        app = edge.new_app(unknown.routes.refuse if unknown else None)
        app[edge.CONTEXT] = self.contexts[(unknown or self._services[0]).name]
        add_health(app, list(self.contexts.values()), self.broker)
        add_documents(app, self._everything, self._settings.public_url)
        for service in self._services:
            edge.add_service(app, service, self.contexts[service.name])
        for prefix, mounted in mounts.items():
            app.add_subapp(prefix, mounted)
        app.on_shutdown.append(self._say_stopping)
        # A compressed body is refused at the edge; unpacking it before anybody has looked would let a small one grow large.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5, keepalive_timeout=75, auto_decompress=False)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, self._settings.http_host, self._settings.http_port, backlog=512)
        await site.start()
        if self._lan is not None:
            await web.TCPSite(runner, EVERYWHERE, self._lan.port, ssl_context=self._lan.context, backlog=512).start()
            await self._explain(self._lan)

    async def _explain(self, lan: LanDoor) -> None:
        """Tell phones how to trust the certificate, on a plain port that serves nothing else."""
        runner = web.AppRunner(lan.guide(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, EVERYWHERE, lan.guide_port).start()

    async def _say_stopping(self, _: web.Application) -> None:
        for context in self.contexts.values():
            context.stopping.set()


def allow_many_connections() -> None:
    """Raise the limit of open files to what the system permits: each watcher of a live page is a connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def spare_the_collector() -> None:
    """Keep what was loaded at the start out of garbage collection, and collect young objects less often.

    Each full collection walked through all of the modules and stopped every request for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def run_until_signal(runner: Runner, beside: Coroutine[None, None, None] | None = None) -> None:
    """Start, say so, and stop cleanly on SIGINT or SIGTERM. `beside` runs once everything is up."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    allow_many_connections()
    spare_the_collector()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await runner.start()
    log.info("running", services=sorted(runner.contexts))
    task = asyncio.create_task(beside) if beside is not None else None
    try:
        await stop.wait()
    finally:
        log.info("stopping")
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await runner.stop()
