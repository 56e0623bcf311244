"""Runs the worker: one task a process, at most two at a time, each killed when its time is over."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

import services
from services.listings.domain import import_refusals
from shared.errors import Refusal, TooLarge, Unavailable
from shared.json import dumps, loads
from shared.processes import plain_environment

log = structlog.get_logger()

PATIENCE_S: Final = 60
_QUEUE_S: Final = 20
_AT_ONCE: Final = 2
_HOME: Final = Path(services.__path__[0]).parent
_REFUSALS: Final[dict[str, type[Refusal]]] = {
    refusal.slug: refusal
    for refusal in (TooLarge, *vars(import_refusals).values())
    if isinstance(refusal, type) and issubclass(refusal, Refusal)
}
# Of each loop its own: tests run several in one process.
_turns: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


@dataclass(frozen=True, slots=True)
class SheetRead:
    """What was read. `rows`: number, state, values, given and findings each; `pictures`: by lower-case name."""

    kind: str
    rows: list[list[Any]]
    notes: list[dict[str, str]]
    pictures: dict[str, bytes]


async def read_sheet(raw: bytes) -> SheetRead:
    """Read a file that somebody has sent. Raises the refusals of `domain/import_refusals.py`, `TooLarge`, `Unavailable`."""
    told, files = await _run(("read",), raw)
    return SheetRead(told["kind"], told["rows"], told["notes"], dict(zip(told["names"], files, strict=True)))


async def write_template(form: str) -> bytes:
    """Write the empty template as "xlsx" or "csv". Raises `Unavailable`."""
    return (await _run(("template", form), b""))[1][0]


async def write_listings(form: str, rows: list[dict[str, Any]]) -> bytes:
    """Write a business's listings as "xlsx" or "csv". Raises `Unavailable`."""
    return (await _run(("export", form), dumps(rows)))[1][0]


async def write_table(titles: list[str], rows: list[list[str | int | None]]) -> bytes:
    """Write any table as CSV. Raises `Unavailable`."""
    return (await _run(("table", "csv"), dumps([titles, rows])))[1][0]


async def _run(task: tuple[str, ...], raw: bytes) -> tuple[dict[str, Any], list[bytes]]:
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    try:
        await asyncio.wait_for(turn.acquire(), _QUEUE_S)
    except TimeoutError:
        raise Unavailable(part="spreadsheets") from None
    try:
        output = await _output(task, raw)
    finally:
        turn.release()
    return _answer(output)


async def _output(task: tuple[str, ...], raw: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.listings.sheets.worker", *task,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        cwd=_HOME, env=plain_environment(),
    )  # fmt: skip
    try:
        output, trouble = await asyncio.wait_for(process.communicate(raw), PATIENCE_S)
    except TimeoutError:
        raise import_refusals.TooHeavy from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        # Killed by its own limits, or by the system for want of memory: the file is to blame, and says nothing more.
        log.warning(
            "spreadsheet not read", task=task, code=process.returncode, trouble=trouble[-2000:].decode(errors="replace")
        )
        raise import_refusals.TooHeavy
    return output


def _answer(output: bytes) -> tuple[dict[str, Any], list[bytes]]:
    end = 8 + int.from_bytes(output[:8], "big")
    told = loads(output[8:end])
    if "refused" in told:
        raise _REFUSALS[told["refused"]](**told["details"])
    files = []
    for length in told["files"]:
        files.append(output[end : end + length])
        end += length
    return told, files
