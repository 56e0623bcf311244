"""The Caddyfile's routes are the route table's. `python -m tests.deploy.test_caddyfile` writes them anew."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import services
from shared.discovery import discover
from shared.service import Service
from tests.journeys.reverse_proxy import owners

CADDYFILE = Path(__file__).parents[2] / "deploy" / "Caddyfile"
BEGIN, END = "\t# routes: begin\n", "\t# routes: end\n"


def routes_block(everything: list[Service]) -> str:
    segments: dict[str, list[str]] = defaultdict(list)
    for segment, owner in sorted(owners(everything).items()):
        segments[owner].append(segment)
    return "".join(
        f"\t@{owner} path {' '.join(f'/api/v1/{segment} /api/v1/{segment}/*' for segment in mine)}\n"
        f"\thandle @{owner} {{\n\t\timport to {owner} {{args[0]}}\n\t}}\n"
        for owner, mine in sorted(segments.items())
    )


def with_routes(text: str, everything: list[Service]) -> str:
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}{routes_block(everything)}{END}{rest.partition(END)[2]}"


def test_routes_are_those_of_the_route_table(all_services):
    assert with_routes(CADDYFILE.read_text(), all_services) == CADDYFILE.read_text()


if __name__ == "__main__":
    CADDYFILE.write_text(with_routes(CADDYFILE.read_text(), discover(services)))
