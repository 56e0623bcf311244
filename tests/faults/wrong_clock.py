"""Runs the `urunbeli` command with a clock that is `CLOCK_OFFSET_S` seconds off, as far as Python code reads one."""

from __future__ import annotations

import datetime
import os
import runpy
import time

OFFSET = datetime.timedelta(seconds=float(os.environ["CLOCK_OFFSET_S"]))
_right_time, _right_time_ns = time.time, time.time_ns


class WrongDatetime(datetime.datetime):
    """Moments, and a wrong present one."""

    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + OFFSET


# Before anything else is imported, so that every module sees the wrong clock and no other.
datetime.datetime = WrongDatetime
time.time = lambda: _right_time() + OFFSET.total_seconds()
time.time_ns = lambda: _right_time_ns() + int(OFFSET.total_seconds() * 1e9)
runpy.run_module("services", run_name="__main__")
