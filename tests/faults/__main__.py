"""The long set: `python -m tests.faults [--seeds 50] [--workers 2] [--scenario NAME] [--seed N] [--report FILE]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from shared.log import configure_logging
from shared.testing.running import settings_for_tests
from tests.faults.run import Result, theatre
from tests.faults.scenarios import SCENARIOS

Run = tuple[str, int]


def main() -> int:
    """Run what was asked for and write the report; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="how many seeds of each scenario")
    parser.add_argument("--seed", type=int, help="this seed only")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), help="this scenario only")
    parser.add_argument("--workers", type=int, default=2, help="systems side by side")
    parser.add_argument("--report", type=Path, default=Path("build/faults.md"))
    options = parser.parse_args()
    seeds = [options.seed] if options.seed is not None else range(1, options.seeds + 1)
    names = [options.scenario] if options.scenario else list(SCENARIOS)
    runs = [(name, seed) for seed in seeds for name in names]
    journal = options.report.with_suffix(".jsonl")
    journal.parent.mkdir(parents=True, exist_ok=True)
    journal.write_text("")  # each result is written at once: a long set that is stopped has not run in vain
    # A signal ends the servers, too: its exception passes through all that started them.
    with asyncio.Runner() as runner:
        work = _run_all(runs, options.workers, journal)
        runner.get_loop().add_signal_handler(signal.SIGTERM, signal.raise_signal, signal.SIGINT)
        results = runner.run(work)
    options.report.write_text(report(results), encoding="utf-8")
    print(f"\n{report(results)}\nwritten to {options.report}")
    return int(any(result.problem for result in results) or len(results) < len(runs))


async def _run_all(runs: Sequence[Run], workers: int, journal: Path) -> list[Result]:
    waiting = list(reversed(runs))
    results: list[Result] = []

    async def work() -> None:
        while waiting:
            await _run_some(waiting, results, journal)

    await asyncio.gather(*(work() for _ in range(min(workers, len(runs)))))
    return results


async def _run_some(waiting: list[Run], results: list[Result], journal: Path) -> None:
    """Run on one system until nothing waits; a system that has failed is not used again."""
    folder = Path(tempfile.mkdtemp(prefix="urunbeli-faults-"))
    configure_logging(settings_for_tests(folder))
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(theatre(folder))
        while waiting:
            name, seed = waiting.pop()
            result = await stage.run(name, seed)
            results.append(result)
            with journal.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(result.as_dict()) + "\n")
            if result.problem:
                print(f"{result.problem}\nits logs are in {folder}", file=sys.stderr, flush=True)
                return
    shutil.rmtree(folder, ignore_errors=True)


def report(results: Iterable[Result]) -> str:
    """Draw the table of a long set, as Markdown."""
    by_name: dict[str, list[Result]] = {}
    for result in results:
        by_name.setdefault(result.scenario, []).append(result)
    lines = [
        f"Faults, {datetime.now(UTC):%Y-%m-%d}",
        "",
        "| scenario | seeds | calls ok | refused | unknown | slowest call | kills | pools settled, failed | drifts and losses |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, some in sorted(by_name.items()):
        ok, refused, unknown, kills, settled, failed = (
            sum(getattr(result, field) for result in some)
            for field in ("ok", "refused", "unknown", "kills", "settled", "failed")
        )
        slowest = max(result.slowest_s for result in some)
        wrong = sum(bool(result.problem) for result in some)
        lines.append(
            f"| {name} | {len(some)} | {ok} | {refused} | {unknown} | {slowest:.1f} s | {kills} | {settled}, {failed} | {wrong} |"
        )
    lines += ["", *(f"- {result.replay}" for some in by_name.values() for result in some if result.problem)]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
