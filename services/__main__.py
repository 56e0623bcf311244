"""The `urunbeli` command: `python -m services <command>`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvloop

import services
from services.demo import play, welcome
from shared import operate
from shared.asyncapi import asyncapi
from shared.broker import BrokerDown
from shared.config import Settings, load_settings
from shared.discovery import discover
from shared.errors import Unavailable
from shared.http.openapi import openapi
from shared.lan.authority import LanUnavailable
from shared.lan.door import LanDoor, open_door
from shared.log import configure_logging
from shared.migrate import MigrationError
from shared.operate import command
from shared.runner import Runner, migrate_all, run_until_signal
from shared.service import Service


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status."""
    options = _parser().parse_args(arguments)
    settings = load_settings()
    everything = discover(services)
    configure_logging(settings)
    try:
        status: int = options.run(options, settings, everything)
    except (MigrationError, BrokerDown, Unavailable, LanUnavailable) as error:
        print(f"urunbeli: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="urunbeli", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    run = commands.add_parser("run", help="run all services, or those named, in this process")
    run.add_argument("names", nargs="*", metavar="service")
    run.set_defaults(run=_run)

    commands.add_parser("migrate", help="bring every schema up to date").set_defaults(run=_migrate)

    events = commands.add_parser("events", help="events that could not be handled, and copies to fill anew")
    command.add_arguments(events)
    events.set_defaults(run=_events)

    demo = commands.add_parser("demo", help="play the whole main job against a running instance")
    demo.add_argument("--url", help="where it runs; PUBLIC_URL if left out")
    demo.add_argument("--seed", type=int, help="tell the same story again")
    demo.set_defaults(run=_demo)

    commands.add_parser("verify", help="recompute every total from its rows").set_defaults(run=_verify)
    commands.add_parser("openapi", help="print the OpenAPI document").set_defaults(run=_openapi)
    commands.add_parser("asyncapi", help="print the AsyncAPI document").set_defaults(run=_asyncapi)
    return parser


@contextmanager
def owner_database(settings: Settings) -> Iterator[str]:
    """Give the owner's URL of the database, starting the embedded one where none is set."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    from shared.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

    embedded = EmbeddedPostgres(settings.data_dir / "postgres")
    try:
        embedded.start()
    except EmbeddedPostgresError as error:
        sys.exit(str(error))
    try:
        yield embedded.dsn
    finally:
        embedded.stop()


def _run(options: argparse.Namespace, settings: Settings, everything: list[Service]) -> int:
    unknown = set(options.names) - {service.name for service in everything}
    if unknown:
        print(f"no such service: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = [service for service in everything if not options.names or service.name in options.names]

    lan = open_door(settings) if settings.lan else None
    settings = _seen_from(lan, settings)

    async def run(owner_dsn: str) -> None:
        if not options.names:
            await migrate_all(settings, owner_dsn, everything)
        greet = welcome.greet(settings, lan) if settings.development and not options.names else None
        await run_until_signal(Runner(settings, owner_dsn, chosen, everything, lan), greet)

    with owner_database(settings) as owner_dsn:
        uvloop.run(run(owner_dsn))
    return 0


def _seen_from(lan: LanDoor | None, settings: Settings) -> Settings:
    """Write the network's address into links, unless another one was given."""
    if lan is None or settings.public_url != f"http://localhost:{settings.http_port}":
        return settings
    return settings.model_copy(update={"public_url": lan.url})


def _migrate(_: argparse.Namespace, settings: Settings, everything: list[Service]) -> int:
    with owner_database(settings) as owner_dsn:
        for line in asyncio.run(migrate_all(settings, owner_dsn, everything)):
            print(line)
    return 0


def _demo(options: argparse.Namespace, settings: Settings, _: list[Service]) -> int:
    return play.run(options.url or settings.public_url, options.seed)


def _events(options: argparse.Namespace, settings: Settings, everything: list[Service]) -> int:
    with owner_database(settings) as owner_dsn:
        return asyncio.run(command.run(options, settings, owner_dsn, everything))


def _verify(_: argparse.Namespace, settings: Settings, everything: list[Service]) -> int:
    with owner_database(settings) as owner_dsn:
        drifts = asyncio.run(operate.verify(settings, owner_dsn, everything))
    for drift in drifts:
        print(f"{drift.what} [{drift.id}]: expected {drift.expected}, found {drift.found}")
    print("no drift" if not drifts else f"{len(drifts)} drifts")
    return 1 if drifts else 0


def _openapi(_: argparse.Namespace, settings: Settings, everything: list[Service]) -> int:
    print(json.dumps(openapi(everything, settings.public_url), indent=2, ensure_ascii=False))
    return 0


def _asyncapi(_: argparse.Namespace, __: Settings, everything: list[Service]) -> int:
    print(json.dumps(asyncapi(everything), indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
