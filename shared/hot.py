"""Hot aggregates: a hundred people tap in the same minute, on one pool.

While one transaction for an aggregate is in flight, further commands for it gather (at most `MOST`). The next transaction
locks once, folds the pure rule over them in order, writes set-based, and gives each caller its own result or refusal. Row-lock
throughput falls as clients rise; this way it rises.

- A batch that fails in the database is tried again one by one, so that a poisonous command does not take others with it.
- Equal idempotency keys in one batch: the second gets the first's answer, or a refusal where its body differs.
- A caller that goes away neither loses nor repeats its command: the batch runs in a task of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from shared.db import Database, Transaction, uncounted
from shared.errors import IdempotencyKeyReused, Refusal, Unavailable
from shared.http.call import Answer, replayed, version_header
from shared.http.idempotency import Claim, Kept, add_answers, known_answers

MOST = 64

State = TypeVar("State")
Command = TypeVar("Command")
Command_contra = TypeVar("Command_contra", contravariant=True)


class Hot(Protocol[State, Command_contra]):
    """What a service tells about its hot aggregate."""

    async def load(self, tx: Transaction, aggregate_id: UUID, commands: Sequence[Command_contra]) -> State:
        """Lock the aggregate and read what these commands touch. May raise a `Refusal` that all of them get."""

    def apply(self, state: State, command: Command_contra, now: datetime) -> tuple[State, object]:
        """Decide one command: the new state and its outcome, or a `Refusal`. Pure."""

    async def save(
        self, tx: Transaction, before: State, after: State, done: Sequence[tuple[Command_contra, object]], now: datetime
    ) -> list[object]:
        """Write what changed, set-based, and say it. Gives what to answer for each command done."""


@dataclass(slots=True)
class _Asked(Generic[Command]):
    command: Command
    claim: Claim | None
    status: int
    answer: asyncio.Future[Answer] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def give(self, answer: Answer | BaseException) -> None:
        if self.answer.done():
            return
        if isinstance(answer, BaseException):
            self.answer.set_exception(answer)
            self.answer.exception()  # a caller that went away does not fetch it
        else:
            self.answer.set_result(answer)


class HotRunner(Generic[State, Command]):
    """Runs commands on hot aggregates of one kind, in batches per aggregate."""

    def __init__(self, db: Database, hot: Hot[State, Command]) -> None:
        self.hot = hot
        self._db = db
        self._waiting: dict[UUID, list[_Asked[Command]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run_on(
        self, aggregate_id: UUID, command: Command, claim: Claim | None = None, status: int = 200
    ) -> Answer:
        """Run a command on an aggregate, with whatever else waits for it. Raises its `Refusal`, or `Unavailable`."""
        asked = _Asked(command, claim, status)
        queue = self._waiting.get(aggregate_id)
        if queue is not None:
            queue.append(asked)
        else:
            self._waiting[aggregate_id] = [asked]
            task = asyncio.create_task(self._drain(aggregate_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(asked.answer)

    async def finish(self) -> None:
        """Wait for every command in flight."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self, aggregate_id: UUID) -> None:
        uncounted()
        queue = self._waiting[aggregate_id]
        while queue:
            batch, queue[:] = queue[:MOST], queue[MOST:]
            await self._run_batch(aggregate_id, batch)
        del self._waiting[aggregate_id]

    async def _run_batch(self, aggregate_id: UUID, batch: list[_Asked[Command]]) -> None:
        try:
            await self._run_together(aggregate_id, batch)
        except (Refusal, asyncio.CancelledError) as refusal:
            for asked in batch:
                asked.give(refusal if isinstance(refusal, Refusal) else Unavailable(part="shutdown"))
        except Exception as error:  # noqa: BLE001 -- one command of the batch failed in the database: which, is found one by one
            if len(batch) == 1:
                batch[0].give(error)
            else:
                for asked in batch:
                    await self._run_batch(aggregate_id, [asked])

    async def _run_together(self, aggregate_id: UUID, batch: list[_Asked[Command]]) -> None:
        given: list[tuple[_Asked[Command], Answer | BaseException]] = []
        asked_once, repeats = _told_apart(batch, given)
        async with self._db.transaction() as tx:
            state = await self.hot.load(tx, aggregate_id, [asked.command for asked in asked_once])
            # Now that the aggregate is locked, whoever was faster with an equal key has committed.
            fresh = await _unanswered(tx, asked_once, given)
            now = await tx.now()
            after, done = self._fold(state, fresh, now, given)
            if done:
                results = await self.hot.save(tx, state, after, [(asked.command, out) for asked, out in done], now)
                await tx.flush()
                headers = version_header(tx, aggregate_id)
                answers = [
                    (asked, Answer.of(result, asked.status, headers))
                    for (asked, _), result in zip(done, results, strict=True)
                ]
                given += answers
                await _kept(tx, answers)
        _give_all(given, repeats)

    def _fold(
        self,
        state: State,
        fresh: list[_Asked[Command]],
        now: datetime,
        given: list[tuple[_Asked[Command], Answer | BaseException]],
    ) -> tuple[State, list[tuple[_Asked[Command], object]]]:
        done: list[tuple[_Asked[Command], object]] = []
        for asked in fresh:
            try:
                state, outcome = self.hot.apply(state, asked.command, now)
            except Refusal as refusal:
                given.append((asked, refusal))
            else:
                done.append((asked, outcome))
        return state, done


def _told_apart(
    batch: list[_Asked[Any]], given: list[tuple[_Asked[Any], Answer | BaseException]]
) -> tuple[list[_Asked[Any]], list[tuple[_Asked[Any], _Asked[Any]]]]:
    """Give the commands with keys of their own, and (repeat, first) pairs; refuse other requests under a key of the batch."""
    first: dict[tuple[UUID, str], _Asked[Any]] = {}
    once, repeats = [], []
    for asked in batch:
        if asked.claim is None:
            once.append(asked)
            continue
        earlier = first.setdefault((asked.claim.account_id, asked.claim.key), asked)
        if earlier is asked:
            once.append(asked)
        elif earlier.claim == asked.claim:
            repeats.append((asked, earlier))
        else:
            given.append((asked, IdempotencyKeyReused()))
    return once, repeats


async def _unanswered(
    tx: Transaction, batch: list[_Asked[Any]], given: list[tuple[_Asked[Any], Answer | BaseException]]
) -> list[_Asked[Any]]:
    """Give the commands whose keys are new; the others have the kept answer, or a refusal."""
    claims = [asked.claim for asked in batch if asked.claim]
    known = await known_answers(tx, claims) if claims else {}
    fresh = []
    for asked in batch:
        found = known.get(asked.claim) if asked.claim else None
        if found is None:
            fresh.append(asked)
        else:
            given.append((asked, replayed(found) if isinstance(found, Kept) else found))
    return fresh


async def _kept(tx: Transaction, answers: list[tuple[_Asked[Any], Answer]]) -> None:
    keep = [
        (asked.claim, Kept(answer.status, answer.body, dict(answer.headers)))
        for asked, answer in answers
        if asked.claim
    ]
    if keep:
        await add_answers(tx, keep)


def _give_all(
    given: list[tuple[_Asked[Any], Answer | BaseException]], repeats: list[tuple[_Asked[Any], _Asked[Any]]]
) -> None:
    answers = {id(asked): answer for asked, answer in given}
    for asked, answer in given:
        asked.give(answer)
    for repeat, earlier in repeats:
        repeat.give(answers[id(earlier)])
