"""Dates for people's calendars: iCalendar (RFC 5545), one event a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_MOST_OCTETS: Final = 75
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Date:
    """Something to be remembered: a pool's deadline, a bazaar, a campaign. `stamp`: when this was last known."""

    uid: str
    title: str
    start: datetime
    end: datetime
    stamp: datetime
    place: str = ""
    url: str = ""
    text: str = ""


def calendar(date: Date, remind_hours: int = 24) -> bytes:
    """Write an event with a reminder so many hours before it begins. Raises `ValueError` for moments without a zone."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//urunbeli//urunbeli//ID",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{escaped(date.uid)}",
        f"DTSTAMP:{_moment(date.stamp)}",
        f"DTSTART:{_moment(date.start)}",
        f"DTEND:{_moment(date.end)}",
        f"SUMMARY:{escaped(date.title)}",
        *([f"LOCATION:{escaped(date.place)}"] if date.place else []),
        *([f"DESCRIPTION:{escaped(date.text)}"] if date.text else []),
        # A URI value is not text: it is not escaped.
        *([f"URL:{_CONTROL.sub('', date.url)}"] if date.url else []),
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escaped(date.title)}",
        f"TRIGGER:-PT{remind_hours}H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(folded(line) for line in lines).encode()


def escaped(text: str) -> str:
    """Write TEXT: backslash, comma, semicolon and line breaks escaped, other control characters left out."""
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """End a content line, cut into pieces of at most 75 octets, never inside a letter."""
    pieces, octets = [""], 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > _MOST_OCTETS:
            pieces.append("")
            octets = 1  # the space that begins a continued line
        pieces[-1] += letter
        octets += size
    return "\r\n ".join(pieces) + "\r\n"


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone could be any of three Indonesian hours")
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
