"""What was typed survives in a cookie: no secrets, no more than a browser takes, and only to pages of this site."""

from __future__ import annotations

import random

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from services.web import keeping
from services.web.local import local_path

PATH = "/urun/baru?penawaran=1"


def round_trip(settings, fields):
    response = web.Response()
    is_kept = keeping.keep(settings, response, PATH, fields)
    if not is_kept:
        assert keeping.KEPT not in response.cookies
        return None
    value = response.cookies[keeping.KEPT].value
    assert len(f"{keeping.KEPT}={value}") < 4000
    return keeping.read(settings, make_mocked_request("GET", "/", headers={"Cookie": f"{keeping.KEPT}={value}"}))


def test_words_come_back_as_they_were(settings):
    fields = {"title": "Urun “alat” & <b>", "story": "Baris satu\r\nBaris dua " + "panjang " * 240, "jam": "20:00"}
    assert round_trip(settings, fields) == keeping.KeptForm(PATH, fields)


def test_codes_and_the_forms_own_secrets_are_not_kept(settings):
    kept = round_trip(settings, {"code": "123456", "_csrf": "x", "_key": "y", "challenge_id": "z", "name": "Ibu Sri"})
    assert kept.fields == {"name": "Ibu Sri"}
    assert round_trip(settings, {"code": "123456", "_csrf": "x", "name": ""}) is None


def test_what_no_browser_would_keep_loses_its_longest_field_alone(settings):
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000))  # noqa: S311
    assert round_trip(settings, {"serial_numbers": noise, "note": "Semua baik."}).fields == {"note": "Semua baik."}


@pytest.mark.parametrize("value", ["", "x", "x.y", "%%%." + "0" * 32])
def test_another_hands_cookie_is_none(settings, value):
    request = make_mocked_request("GET", "/", headers={"Cookie": f"{keeping.KEPT}={value}"})
    assert keeping.read(settings, request) is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/urun/1?unit=2#hitung", "/urun/1?unit=2#hitung"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("//[", "/"),
        ("/urun\r\nSet-Cookie: a=b", "/"),
        ("urun", "/"),
        ("", "/"),
    ],
)
def test_a_redirect_stays_on_this_site(text, kept):
    assert local_path(text) == kept
