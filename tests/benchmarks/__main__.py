"""`make bench`: every figure beside its baseline from the same run. `python -m tests.benchmarks hot_pool reads …` for some."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

import uvloop

from shared.log import configure_logging
from tests.benchmarks.ground import prepared, quiet_cores
from tests.benchmarks.measure import Figure, table, write

NAMES = ("hot_pool", "reads", "events", "outage", "closing", "ledger", "pages", "watchers", "search", "selling")
BUILD = Path(__file__).parents[2] / "build"


def main() -> int:
    """Measure and tell. Gives 1 if a figure was missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; all if none is named")
    chosen = parser.parse_args().names or NAMES
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    print(quiet_cores(), flush=True)
    figures: list[Figure] = []
    with prepared() as ground:
        configure_logging(ground.settings)
        for name in chosen:
            started = time.monotonic()
            found = uvloop.run(importlib.import_module(f"tests.benchmarks.{name}").measure(ground))
            print(f"\n{name}, {time.monotonic() - started:.0f} s\n{table(found)}", flush=True)
            figures += found
    write(figures, BUILD)
    return 1 if any(figure.met is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
