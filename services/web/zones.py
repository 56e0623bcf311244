"""Indonesia's three hours. Every moment on a page is told on the clock of the place that it is about."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Final

WIB: Final = timezone(timedelta(hours=7), "WIB")
WITA: Final = timezone(timedelta(hours=8), "WITA")
WIT: Final = timezone(timedelta(hours=9), "WIT")

# Provinces by the first two digits of a Kemendagri region code; the rest of the country keeps WIB (Keppres 41/1987).
_CENTRAL: Final = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
_EASTERN: Final = frozenset({"81", "82", "91", "92", "93", "94", "95", "96"})


def zone_of(region_code: str) -> timezone:
    """Give the zone of a region by its Kemendagri code (`31.71.01`); WIB where there is none."""
    province = region_code[:2]
    if province in _EASTERN:
        return WIT
    return WITA if province in _CENTRAL else WIB
