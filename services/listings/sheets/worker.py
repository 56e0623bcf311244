"""The bounded process: reads one task from its input, does it within its limits, writes the answer and ends.

`python -m services.listings.sheets.worker read|template|export|table xlsx|csv`. The answer is a length of eight bytes, JSON
of that length, and the bytes of files that it names, one behind the other.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from services.listings.domain.import_refusals import TooHeavy
from shared.errors import Refusal
from shared.json import dumps, loads

MEMORY_BYTES: Final = 640 * 1024**2
CPU_S: Final = 40
_OPEN_FILES: Final = 64
_MOST_ANSWER_BYTES: Final = 32 * 1024**2
"""Rows that decent people fill in are a tenth of that; whoever waits for the answer has to hold it."""
_WRITTEN_BYTES: Final = 256 * 1024**2


def limit(most_file_bytes: int) -> None:
    """Take no more memory, time and files than a decent spreadsheet needs."""
    # Where memory runs out, the system ends this process and not the service that waits for it.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, most_file_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        resource.setrlimit(what, (most, most))


def answer(told: dict[str, Any], files: tuple[bytes, ...] = ()) -> None:
    """Write the answer."""
    head = dumps({**told, "files": [len(file) for file in files]})
    if len(head) > _MOST_ANSWER_BYTES:
        raise TooHeavy
    output = sys.stdout.buffer
    output.write(len(head).to_bytes(8, "big") + head)
    for file in files:
        output.write(file)
    output.flush()


def read(raw: bytes) -> None:
    """Read a file into rows."""
    from services.listings.sheets.reading import read_file

    found = read_file(raw)
    rows = [
        [row.number, row.state, dict(row.values), dict(row.given), [finding.json for finding in row.findings]]
        for row in found.rows
    ]
    notes = [note.json for note in found.notes]
    told = {"kind": found.kind, "rows": rows, "notes": notes, "names": list(found.pictures)}
    answer(told, tuple(found.pictures.values()))


def write(what: str, form: str, raw: bytes) -> None:
    """Write the template, listings (rows as JSON objects) or any table (JSON: titles and rows)."""
    from services.listings.sheets import writing

    if what == "template":
        table = writing.template()
    elif what == "export":
        table = writing.of_listings(loads(raw))
    else:
        table = writing.Table(*loads(raw))
    answer({}, (writing.as_xlsx(table) if form == "xlsx" else writing.as_csv(table),))


def main() -> None:
    """Do the task that the arguments name."""
    raw = sys.stdin.buffer.read()
    # Whoever reads strangers' files writes none; whoever writes a workbook puts it together in a temporary one.
    limit(0 if sys.argv[1] == "read" else _WRITTEN_BYTES)
    try:
        if sys.argv[1] == "read":
            read(raw)
        else:
            write(sys.argv[1], sys.argv[2], raw)
    except Refusal as refusal:
        answer({"refused": refusal.slug, "details": refusal.details})
    except MemoryError:
        answer({"refused": TooHeavy.slug, "details": {}})


if __name__ == "__main__":
    main()
