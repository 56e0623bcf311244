"""Tells the story as it happens: who does what, what followed on the pool, and what its book says."""

from __future__ import annotations

import sys
from typing import Any

from services.demo.people import StepFailed
from shared.errors import rupiah


class Narrator:
    """Writes each step as a line; `quiet` ones only check."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.steps = 0
        self._seen: dict[str, int] = {}

    def title(self, text: str) -> None:
        """Begin a chapter."""
        self._write(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}")

    def step(self, text: str) -> None:
        """Tell what somebody did."""
        self.steps += 1
        self._write(f"{self.steps:3}. {text}")

    def followed(self, pool: dict[str, Any]) -> None:
        """Tell what happened to the pool since it was last looked at."""
        entries = pool["timeline"]
        new = [entry["kind"] for entry in entries[self._seen.get(pool["id"], 0) :]]
        self._seen[pool["id"]] = len(entries)
        if new:
            self._write(f"       → {', '.join(new)}; the pool is {pool['state']}")

    def book(self, ledger: dict[str, Any]) -> None:
        """Tell what the pool's book says."""
        where = ", ".join(f"{entry['name']} {rupiah(entry['balance_idr'])}" for entry in ledger["custodians"])
        self._write(f"       book: balance {rupiah(ledger['balance_idr'])}" + (f" ({where})" if where else ""))

    def check(self, right: bool, what: str) -> None:
        """Hold something that must be so. Raises `StepFailed`."""
        if not right:
            raise StepFailed(f"not so: {what}")
        self._write(f"       ✓ {what}")

    def _write(self, line: str) -> None:
        if not self.quiet:
            sys.stdout.write(line + "\n")
