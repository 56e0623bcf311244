"""A beginning and an end in a form: a day and a time of day each, on the clock of the place."""

from __future__ import annotations

from datetime import datetime, timezone

from services.web.entering import Entered

NAMES = {"starts_at": "mulai", "ends_at": "selesai"}
"""The fields under which the forms show what the API says of either."""


def span(entered: Entered, zone: timezone, *, from_now: bool = False) -> dict[str, str | None]:
    """Read both as RFC 3339. `from_now`: the beginning may be left out."""
    leaves_out = from_now and not entered.fields.get("mulai")
    return {
        "starts_at": None if leaves_out else entered.moment("mulai", "jam_mulai", zone),
        "ends_at": entered.moment("selesai", "jam_selesai", zone),
    }


def typed(starts_at: datetime, ends_at: datetime, zone: timezone) -> dict[str, str]:
    """Give the values with which the form is filled in."""
    starts, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    return {
        "mulai": starts.date().isoformat(),
        "jam_mulai": f"{starts:%H:%M}",
        "selesai": ends.date().isoformat(),
        "jam_selesai": f"{ends:%H:%M}",
    }
