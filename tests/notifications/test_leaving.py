"""What leaves the house: its form, and when it is given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.domain.letters import MOST_SLIP, letter, slip
from services.notifications.domain.sending import MOST_ATTEMPTS, TOO_OLD, Reader, after_failure, obstacle
from services.notifications.domain.template import Written

NOON = datetime(2025, 12, 5, 5, 0, tzinfo=UTC)
WRITTEN = Written("Komitmen Anda tercatat", "Anda ikut.")
READER = Reader("Sri", "sri@contoh.id", "+62811", "id", wants_email=True, wants_whatsapp=False)


def test_letter_greets_tells_links_and_explains():
    mail = letter(WRITTEN, "Ibu Sri", "https://u.id/urun/1", "https://u.id/akun", "id")
    assert mail.subject == "Komitmen Anda tercatat"
    assert mail.text == (
        "Halo Ibu Sri,\n\nAnda ikut.\n\nLihat di sini: https://u.id/urun/1\n\n--\nPesan ini dikirim otomatis oleh urunbeli. "
        "Atur pemberitahuan Anda di https://u.id/akun\n"
    )
    assert letter(WRITTEN, None, "u", "a", "en").text.startswith("Hello,\n\n")


def test_slip_fits_the_provider():
    title, text, url = slip(Written("Judul", "a " * 2000), "https://u.id")
    assert (title, url) == ("Judul", "https://u.id")
    assert len(text) <= MOST_SLIP
    assert text.endswith("a…")
    assert slip(WRITTEN, "x")[1] == "Anda ikut."


@pytest.mark.parametrize(
    ("channel", "changes", "age", "reason"),
    [
        ("email", {}, timedelta(0), None),
        ("whatsapp", {}, timedelta(0), "switched off"),
        ("email", {"wants_email": False}, timedelta(0), "switched off"),
        ("email", {"email": None}, timedelta(0), "no address"),
        ("email", {}, TOO_OLD, None),
        ("email", {}, TOO_OLD + timedelta(seconds=1), "too old"),
    ],
)
def test_obstacles(channel, changes, age, reason):
    assert obstacle(replace(READER, **changes), channel, NOON - age, NOON) == reason


def test_pauses_grow_and_end():
    pauses = []
    for attempt in range(1, MOST_ATTEMPTS):
        fate = after_failure(attempt, "down", NOON)
        assert (fate.state, fate.reason) == ("waiting", "down")
        pauses.append(fate.due_at - NOON)
    assert pauses[0] == timedelta(minutes=1)
    assert pauses == sorted(pauses)
    assert sum(pauses, timedelta(0)) > timedelta(hours=20)
    assert sum(pauses, timedelta(0)) < TOO_OLD
    assert after_failure(MOST_ATTEMPTS, "down", NOON) == ("given_up", None, "down", None)
