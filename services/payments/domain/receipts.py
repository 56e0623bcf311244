"""Receipt numbers: per post, series and year, without holes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Literal

Series = Literal["KW", "BKK"]
"""KW: kwitansi, for money in. BKK: bukti kas keluar, for money out."""

WIB = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian time, which has no summer time; a receipt's year is counted in it."""


def receipt_year(now: datetime) -> int:
    """The year in whose series a receipt stands."""
    return now.astimezone(WIB).year


def receipt_no(series: Series, year: int, number: int) -> str:
    """Write a number as it stands on the receipt: `KW-2026-00042`."""
    return f"{series}-{year}-{number:05d}"
