"""The darkroom: turns whatever a phone sends into small clean pictures, in processes of their own that may die of it.

A picture from outside is the likeliest way to hurt a service: it may unpack to gigabytes, run for minutes, or crash a decoder
written in C. So children do it (`darkroom_worker.py`), with bounded memory and time and no rights; one that fails or takes too
long is killed and replaced. At most `hands` work at a time; who comes later waits in line, of everybody's account a few.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import struct
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog

from services.listings.domain import photo_refusals
from services.listings.domain.photo import FORMATS, SIZE_NAMES, Size
from shared.errors import Refusal, Unavailable
from shared.processes import plain_environment

log = structlog.get_logger()

WORKER: Final = Path(__file__).with_name("darkroom_worker.py")
MOST_ANSWER_BYTES: Final = 4 * 1024**2
MOST_HEAD_BYTES: Final = 16 * 1024
PICTURES_OF_A_CHILD: Final = 200
"""Then it is replaced: decoders leak."""
START_S: Final = 20.0
RETRY_AFTER_S: Final = 5

_REFUSALS: Final[dict[str, type[Refusal]]] = {
    refusal.slug: refusal
    for refusal in (
        photo_refusals.NotAPicture,
        photo_refusals.PictureBroken,
        photo_refusals.TooManyPixels,
        photo_refusals.PictureTooSmall,
    )
}


@dataclass(frozen=True, slots=True)
class Developed:
    """What came of a file. `files`: the pictures by name (`360.avif` …). `sizes`: smallest first."""

    sizes: tuple[Size, ...]
    files: dict[str, bytes]
    dhash: int


class Darkroom:
    """Develops files. `picture_s`: seconds for one, in the child; `line_s`: seconds to wait for a free one."""

    def __init__(
        self,
        *,
        hands: int = 2,
        most_in_line: int = 16,
        most_of_account: int = 3,
        picture_s: float = 8,
        line_s: float = 6,
        worker: Path = WORKER,
    ) -> None:
        self._most = hands + most_in_line
        self._most_of_account = most_of_account
        self._picture_s = picture_s
        self._line_s = line_s
        self._worker = worker
        self._free = asyncio.Semaphore(hands)  # first come, first served
        self._idle: list[_Child] = []
        self._children: set[_Child] = set()
        self._under_way: Counter[UUID] = Counter()

    async def develop(self, data: bytes, account_id: UUID) -> Developed:
        """Make the small pictures of a file.

        Raises `NotAPicture`, `PictureBroken`, `TooManyPixels`, `PictureTooSmall`, `PictureTooSlow`; `TooManyAtOnce` and
        `PhotosBusy` where too many wait.
        """
        if self._under_way[account_id] >= self._most_of_account:
            raise photo_refusals.TooManyAtOnce(retry_after_s=RETRY_AFTER_S)
        if self._under_way.total() >= self._most:
            raise photo_refusals.PhotosBusy
        self._under_way[account_id] += 1
        try:
            try:
                async with asyncio.timeout(self._line_s):
                    await self._free.acquire()
            except TimeoutError:
                raise photo_refusals.PhotosBusy from None
            try:
                return await self._in_hand(data)
            finally:
                self._free.release()
        finally:
            self._under_way[account_id] -= 1
            self._under_way += Counter()  # drops those who have none

    async def close(self) -> None:
        """End every child."""
        await asyncio.gather(*(child.end() for child in list(self._children)))
        self._children.clear()
        self._idle.clear()

    async def _in_hand(self, data: bytes) -> Developed:
        child = self._idle.pop() if self._idle else await self._new_child()
        try:
            async with asyncio.timeout(self._picture_s):
                head, body = await child.ask(data)
            found = _read(head, body)
        except TimeoutError:
            await self._retire(child)
            raise photo_refusals.PictureTooSlow from None
        except _Died as died:
            await self._retire(child)
            log.warning("a picture ended its reader", size_bytes=len(data), code=child.code)
            raise (photo_refusals.PictureTooSlow if died.of_cpu else photo_refusals.PictureBroken) from None
        except BaseException:  # whoever asked has gone away, or the child talks nonsense: its state is unknown
            await self._retire(child)
            raise
        if head.get("ends") or child.pictures >= PICTURES_OF_A_CHILD:
            await self._retire(child)
        else:
            self._idle.append(child)
        if isinstance(found, Refusal):
            raise found
        return found

    async def _new_child(self) -> _Child:
        child = _Child()
        self._children.add(child)
        try:
            await child.start(self._worker)
        except BaseException:
            await self._retire(child)
            raise
        return child

    async def _retire(self, child: _Child) -> None:
        self._children.discard(child)
        await asyncio.shield(child.end())


class _Died(Exception):
    """The child ended instead of answering. `of_cpu`: it had used up its time."""

    def __init__(self, *, of_cpu: bool = False) -> None:
        super().__init__()
        self.of_cpu = of_cpu


class _Child:
    """One process that develops."""

    def __init__(self) -> None:
        self.pictures = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def code(self) -> int | None:
        """How it ended."""
        return self._process.returncode if self._process else None

    async def start(self, worker: Path) -> None:
        """Start it and wait until it has given up its rights. Raises `Unavailable`."""
        # Isolated, so that nothing but the installed libraries is found; in a session of its own, so that Ctrl-C is ours.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-B", str(worker), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, cwd="/", env={**plain_environment(), "MALLOC_ARENA_MAX": "1"},
            start_new_session=True, limit=MOST_ANSWER_BYTES,
        )  # fmt: skip
        try:
            async with asyncio.timeout(START_S):
                greeting = await _of(self._process.stdout).readexactly(1)
        except (TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise Unavailable(part="darkroom") from error
        assert greeting == b"+", greeting

    async def ask(self, data: bytes) -> tuple[dict[str, Any], bytes]:
        """Send a file, give the answer. Raises `_Died`."""
        assert self._process is not None
        self.pictures += 1
        to, back = _of(self._process.stdin), _of(self._process.stdout)
        try:
            to.write(struct.pack(">Q", len(data)))
            to.write(data)
            await to.drain()
            (length,) = struct.unpack(">I", await back.readexactly(4))
            if length > MOST_HEAD_BYTES:
                raise _Died
            head: dict[str, Any] = json.loads(await back.readexactly(length))
            told = sum(int(file["bytes"]) for size in head.get("sizes", []) for file in size["files"])
            if not 0 <= told <= MOST_ANSWER_BYTES:
                raise _Died
            return head, await back.readexactly(told)
        except (asyncio.IncompleteReadError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 1)
            raise _Died(of_cpu=self.code == -signal.SIGXCPU) from error

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def _of(stream: Any) -> Any:  # noqa: ANN401 -- a reader or a writer, as asked for
    assert stream is not None
    return stream


def _read(head: dict[str, Any], body: bytes) -> Developed | Refusal:
    """Read an answer; a child that was taken over by its picture may say anything. Raises `_Died`."""
    try:
        if "refusal" in head:
            return _REFUSALS[head["refusal"]](**{name: int(head[name]) for name in ("width", "height") if name in head})
        sizes = tuple(Size(int(size["width"]), int(size["height"])) for size in head["sizes"])
        files, start = {}, 0
        for name, size in zip(SIZE_NAMES, head["sizes"], strict=False):
            for format_, file in zip(FORMATS, size["files"], strict=True):
                if file["format"] != format_:
                    raise _Died
                files[f"{name}.{format_}"] = body[start : start + int(file["bytes"])]
                start += int(file["bytes"])
        dhash = int(head["dhash"])
    except (KeyError, TypeError, ValueError) as error:
        raise _Died from error
    is_sound = 1 <= len(sizes) <= len(SIZE_NAMES) and all(1 <= side <= 2000 for size in sizes for side in size)
    if not is_sound or not 0 <= dhash < 2**64:
        raise _Died
    return Developed(sizes, files, dhash)
