"""Writes the route table that `test_routes.py` compares with, for review."""

from __future__ import annotations

from pathlib import Path

import services
from shared.discovery import discover

if __name__ == "__main__":
    lines = [
        f"{route.method:6} {route.path}  [{route.policy.name}]{'  money' if route.money else ''}"
        for service in discover(services)
        for route in service.routes.all
    ]
    (Path(__file__).parent / "routes.txt").write_text("\n".join(sorted(lines)) + "\n")
