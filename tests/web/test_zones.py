"""Three hours in one country: a moment is told on the clock of its place, and typed on it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.web.entering import Entered
from services.web.rendering import day, environment, moment, render
from services.web.zones import WIB, WIT, WITA, zone_of

NOON = datetime(2026, 11, 24, 5, 4, tzinfo=UTC)
LATE = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
PLACES = [
    pytest.param("31.71.01.1001", WIB, "Sel, 24 Nov 2026, 12.04 WIB", "24 November 2026", id="Jakarta"),
    pytest.param("11.71", WIB, "Sel, 24 Nov 2026, 12.04 WIB", "24 November 2026", id="Banda Aceh"),
    pytest.param("61.71", WIB, "Sel, 24 Nov 2026, 12.04 WIB", "24 November 2026", id="Pontianak"),
    pytest.param("62.71", WIB, "Sel, 24 Nov 2026, 12.04 WIB", "24 November 2026", id="Palangka Raya"),
    pytest.param("51.71", WITA, "Sel, 24 Nov 2026, 13.04 WITA", "24 November 2026", id="Denpasar"),
    pytest.param("63.71", WITA, "Sel, 24 Nov 2026, 13.04 WITA", "24 November 2026", id="Banjarmasin"),
    pytest.param("73.71", WITA, "Sel, 24 Nov 2026, 13.04 WITA", "24 November 2026", id="Makassar"),
    pytest.param("81.71", WIT, "Sel, 24 Nov 2026, 14.04 WIT", "25 November 2026", id="Ambon"),
    pytest.param("91.71", WIT, "Sel, 24 Nov 2026, 14.04 WIT", "25 November 2026", id="Jayapura"),
    pytest.param("96.71", WIT, "Sel, 24 Nov 2026, 14.04 WIT", "25 November 2026", id="Sorong"),
    pytest.param("", WIB, "Sel, 24 Nov 2026, 12.04 WIB", "24 November 2026", id="nowhere"),
]


@pytest.mark.parametrize(("region_code", "zone", "told", "late_day"), PLACES)
def test_each_province_has_its_clock(region_code, zone, told, late_day):
    assert zone_of(region_code) is zone
    assert moment("id", NOON, zone) == told
    assert day("id", LATE, zone) == late_day, "half past ten at night in Jakarta is tomorrow in Ambon"


@pytest.mark.parametrize(
    ("zone", "sent"),
    [(WIB, "2026-12-01T20:00:00+07:00"), (WITA, "2026-12-01T20:00:00+08:00"), (WIT, "2026-12-01T20:00:00+09:00")],
)
def test_what_is_typed_is_typed_on_the_places_clock(zone, sent):
    entered = Entered(None, {"tanggal": "2026-12-01", "jam": "20:00"})  # type: ignore[arg-type] -- nothing to translate
    assert entered.moment("tanggal", "jam", zone) == sent


def test_a_page_tells_every_moment_by_the_clock_that_it_is_drawn_with():
    entry = {
        "id": "m", "title": "Kabar", "text": "Halo", "link": "/", "read": True, "at": NOON,
    }  # fmt: skip
    context = {
        "messages": [entry], "unread": 0, "wishes": None, "trouble": None, "is_first_page": True, "next_href": "",
    }  # fmt: skip
    assert "14.04 WIT" in render("messages/list.html", "id", WIT, **context)
    assert "14:04 WIT" in render("messages/list.html", "en", WIT, **context)
    assert "12.04 WIB" in render("messages/list.html", "id", **context)
    assert environment("id", WIT) is not environment("id", WIB)
