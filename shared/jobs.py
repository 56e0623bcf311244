"""Runs a service's jobs: each looks for rows that are due and not yet done, so that an outage delays but loses nothing."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from prometheus_client import Counter

from shared.errors import Unavailable
from shared.retry import backoff
from shared.service import Context, Job
from shared.trace import traced

log = structlog.get_logger()

DONE = Counter("urunbeli_job_rows_total", "Rows done by a job", ["service", "job"])
FAILED = Counter("urunbeli_job_failures_total", "Runs of a job that failed", ["service", "job"])


class JobRunner:
    """Runs one job until stopped: at once while there is work, else by its timer or when woken."""

    def __init__(self, job: Job, context: Context) -> None:
        self._job = job
        self._context = context
        self._stopping = False
        self._waker = context.waker(job.name)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work in the background."""
        self._task = asyncio.create_task(self._run(), name=f"job-{self._context.service}-{self._job.name}")

    async def stop(self) -> None:
        """Finish the run in hand, then end."""
        self._stopping = True
        self._waker.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=15)
            if not done:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pauses = backoff(first_s=0.5, longest_s=30)
        labels = (self._context.service, self._job.name)
        while not self._stopping:
            self._waker.clear()
            try:
                with traced(None):
                    done = await run_once(self._job, self._context)
                DONE.labels(*labels).inc(done)
                pauses.reset()
            except Unavailable as refusal:
                log.warning("job waits", service=labels[0], job=labels[1], reason=repr(refusal))
                await pauses.wait()
                continue
            except Exception:
                FAILED.labels(*labels).inc()
                log.exception("job failed", service=labels[0], job=labels[1])
                await pauses.wait()
                continue
            if done == 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._waker.wait(), self._job.every_s)


async def run_once(job: Job, context: Context) -> int:
    """Run a job once at the database's present time."""
    async with context.db.transaction() as tx:
        now = await tx.now()
    return await job.run(context, now)
