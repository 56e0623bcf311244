"""When a business is open, in words and now."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.catalogues import translations
from services.web.showing import businesses

WIB = timezone(timedelta(hours=7))
INDONESIAN = translations("id").gettext


def hours(days, opens="08:00", closes="17:00"):
    return {"open_days": days, "opens": opens, "closes": closes}


@pytest.mark.parametrize(
    ("given_hours", "text"),
    [
        (None, "Dengan janji dulu"),
        (hours([1, 2, 3, 4, 5, 6]), "Senin–Sabtu, 08.00–17.00"),
        (hours([1, 2, 3, 4, 5, 6, 7]), "Setiap hari, 08.00–17.00"),
        (hours([1, 3, 4, 6, 7]), "Senin, Rabu, Kamis, Sabtu, Minggu, 08.00–17.00"),
        (hours([5, 6, 7, 1], "16:00", "01:00"), "Senin, Jumat–Minggu, 16.00–01.00"),
    ],
)
def test_hours_in_words(given_hours, text):
    assert businesses.hours_text(given_hours, "id", INDONESIAN) == text


def test_hours_in_english():
    text = businesses.hours_text(hours([1, 2, 3]), "en", translations("en").gettext)
    assert text == "Monday–Wednesday, 08:00–17:00"


@pytest.mark.parametrize(
    ("given_hours", "at", "expected"),
    [
        (None, "2026-11-23T12:00", None),
        (hours([1]), "2026-11-23T08:00", True),  # a Monday
        (hours([1]), "2026-11-23T07:59", False),
        (hours([1]), "2026-11-23T17:00", False),
        (hours([1]), "2026-11-24T12:00", False),
        (hours([1], "16:00", "01:00"), "2026-11-23T16:00", True),
        (hours([1], "16:00", "01:00"), "2026-11-24T00:59", True),
        (hours([1], "16:00", "01:00"), "2026-11-24T01:00", False),
        (hours([1], "16:00", "01:00"), "2026-11-23T00:30", False),
    ],
)
def test_open_now(given_hours, at, expected):
    now = datetime.fromisoformat(at).replace(tzinfo=WIB)
    assert businesses.is_open(given_hours, now) is expected


@given(st.sets(st.integers(1, 7), min_size=1))
def test_every_day_is_named_or_lies_between_two_that_are(days):
    names = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
    named = set()
    for part in businesses.days_text(sorted(days), "id").split(", "):
        first, _, last = part.partition("–")
        named |= set(range(names.index(first) + 1, names.index(last or first) + 2))
    assert named == days


def test_changes_in_words():
    changes = [
        {"field": "categories", "before": [], "after": ["snacks", "new"]},
        {"field": "hours", "before": None, "after": hours([1])},
        {"field": "price_idr", "before": 1000, "after": 2000},
        {"field": "manager", "before": None, "after": "someone"},
        {"field": "nib", "before": "9120001234567", "after": "9120001234567"},
    ]
    shown = businesses.changes_shown(changes, {"hours": "Jam buka"}, {"snacks": "Camilan"}, "id", INDONESIAN)
    assert [(label, before, after.replace("\u00a0", " ")) for label, before, after in shown] == [
        ("categories", "–", "Camilan, new"),
        ("Jam buka", "Dengan janji dulu", "Senin, 08.00–17.00"),
        ("price_idr", "Rp\u00a01.000", "Rp 2.000"),
    ]
