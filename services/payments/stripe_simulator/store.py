"""The simulator's memory: every object by account, kind and id, journalled so that a restart loses nothing.

One request is one line of the journal, holding every object that it changed, its events and its saved
answer: after a crash either all of them are there or none, so a key is never spent without its effect.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from services.payments.stripe_simulator.errors import Json

_Place = tuple[str, str, str]  # account, kind, id


class Store:
    """Objects in memory, and in `state_file` when one is given."""

    def __init__(self, state_file: Path | None) -> None:
        self._kinds: dict[tuple[str, str], dict[str, Json]] = {}
        self._changed: dict[_Place, Json | None] = {}
        self._state_file = state_file
        self._journal: IO[str] | None = None
        if state_file is not None:
            self._load(state_file)
            self._rewrite(state_file)

    def put(self, account: str, thing: Json) -> None:
        """Keep `thing`, new or changed; it reaches the journal with the next `commit`."""
        kind, ident = thing["object"], thing["id"]
        self._kinds.setdefault((account, kind), {})[ident] = thing
        self._changed[account, kind, ident] = thing

    def find(self, account: str, kind: str, ident: str) -> Json | None:
        """Answer the live object, or None."""
        return self._kinds.get((account, kind), {}).get(ident)

    def all(self, account: str, kind: str) -> list[Json]:
        """Answer the objects of a kind, oldest first."""
        return list(self._kinds.get((account, kind), {}).values())

    def oldest(self, account: str, kind: str) -> Json | None:
        """Answer the object of a kind that was put first, or None."""
        return next(iter(self._kinds.get((account, kind), {}).values()), None)

    def drop(self, account: str, kind: str, ident: str) -> None:
        """Forget an object."""
        self._kinds[account, kind].pop(ident)
        self._changed[account, kind, ident] = None

    def accounts(self) -> list[str]:
        """Answer the accounts that own anything."""
        return list(dict.fromkeys(account for account, _ in self._kinds))

    def commit(self) -> None:
        """Write all changes since the last commit as one line of the journal."""
        if self._journal is not None and self._changed:
            self._journal.write(_line(self._changed))
            self._journal.flush()
        self._changed.clear()

    def close(self) -> None:
        """Close the journal; the objects stay readable."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _load(self, state_file: Path) -> None:
        if not state_file.exists():
            return
        for line in state_file.read_text(encoding="utf-8").splitlines():
            try:
                changes = json.loads(line)
            except ValueError:
                break  # the last line of a process that died while writing it: that request was never answered
            for account, kind, ident, thing in changes:
                things = self._kinds.setdefault((account, kind), {})
                if thing is None:
                    things.pop(ident, None)
                else:
                    things[ident] = thing

    def _rewrite(self, state_file: Path) -> None:
        """Replace the journal by one line per object, then go on appending to it."""
        state_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = state_file.with_name(state_file.name + ".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(_line({place: thing}) for place, thing in self._everything())
        fresh.replace(state_file)
        self._journal = state_file.open("a", encoding="utf-8")

    def _everything(self) -> Iterator[tuple[_Place, Json]]:
        for (account, kind), things in self._kinds.items():
            for ident, thing in things.items():
                yield (account, kind, ident), thing


def _line(changes: Mapping[_Place, Json | None]) -> str:
    rows = [[*place, thing] for place, thing in changes.items()]
    return json.dumps(rows, separators=(",", ":")) + "\n"
