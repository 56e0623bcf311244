"""Every form of the site under bad input: wrong, empty, too long, sent twice, from elsewhere, after the session has ended."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from aiohttp import web

from services.web import cookies, keeping
from services.web.pages import routes  # the package fills the table
from tests.web.town import FORMS, TAPS, Town, build

pytestmark = pytest.mark.slow
POSTS = [route for route in routes.all if route.method == "POST"]
TEXTS = ("name", "to", "code", "story", "reason", "units", "amount_idr", "_key", "lanjut", "kembali", "challenge_id")


def of(cases):
    return pytest.mark.parametrize("case", cases, ids=[f"{case.route} {case.action}" for case in cases])


@pytest.fixture(scope="module")
async def town(site) -> Town:
    return await build(site)


def test_the_table_has_every_form():
    listed = {case.route for case in FORMS} | set(TAPS)
    assert listed == {route.path for route in POSTS}, "a new form belongs into tests/web/town.py"


async def opened(site, town, case):
    """The form's page as its person sees it, and their browser."""
    browser = site.browser(town.people[case.who])
    page = await browser.open(town.fill(case.page))
    assert page.status == 200
    return browser, page


def assert_keeps(page, action, values):
    kept = page.form(action).values
    assert {name: kept.get(name, "") for name in values} == {
        name: value.replace("\n", "\r\n") if "\r\n" in kept.get(name, "") else value for name, value in values.items()
    }


@of([case for case in FORMS if case.wrong])
async def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(site, town, case):
    for name, value in town.values(case.wrong).items():
        browser, page = await opened(site, town, case)
        typed = {**town.values(case.typed), name: value}
        refused = await browser.send(page, town.fill(case.action), **typed)
        assert refused.status in {400, 422}, (name, refused.text)
        assert 'role="alert"' in refused.html, name
        assert f'id="f-{name}-error"' in refused.html, name
        assert_keeps(refused, town.fill(case.action), {key: text for key, text in typed.items() if key != name})


@of([case for case in FORMS if case.long])
@pytest.mark.parametrize("sample", ["𝕏", "9"], ids=["letters", "digits"])
async def test_what_is_too_long_is_refused_in_words(site, town, case, sample):
    for name in map(town.fill, case.long):
        browser, page = await opened(site, town, case)
        typed = {**town.values(case.typed), name: sample * 5000}
        refused = await browser.send(page, town.fill(case.action), **typed)
        assert refused.status in {400, 422}, (name, refused.status, refused.text)
        assert 'role="alert"' in refused.html or "notice bad" in refused.html, name


@of([case for case in FORMS if case.typed and case.needs_session])
async def test_nothing_typed_is_lost_when_the_session_has_ended(site, town, case):
    browser, page = await opened(site, town, case)
    session = browser.cookies[cookies.SESSION]
    ended = browser.cookies[cookies.SESSION] = "ended-" + "0" * 37
    csrf = cookies.csrf_of(site.runner.contexts["web"].settings, ended)
    typed = town.values(case.typed)
    expired = await browser.send(page, town.fill(case.action), **typed, _csrf=csrf)
    assert (expired.status, "masih disimpan di perangkat ini" in expired.text) == (401, True)
    onward = next(link for link in expired.links if link.startswith("/masuk?lanjut="))
    browser.cookies[cookies.SESSION] = session
    again = await browser.open(onward)
    assert again.path == page.path
    assert "Isian Anda tadi masih ada" in again.text
    assert_keeps(again, town.fill(case.action), typed)
    # Only once: whoever comes back later begins anew.
    assert keeping.KEPT not in browser.cookies
    later = await browser.open(town.fill(case.page))
    assert "Isian Anda tadi masih ada" not in later.text


@of([case for case in FORMS if case.once])
async def test_sent_twice_it_is_done_once_and_going_back_begins_anew(site, town, case):
    browser, page = await opened(site, town, case)
    typed = town.values(case.typed)
    if case.route == "/jualan/baru":
        typed["category"] = re.search(r'<option value="(\w+)">', page.html)[1]
    first = await browser.send(page, town.fill(case.action), **typed)
    assert first.status == 200
    assert not first.has_form(town.fill(case.action)), first.text
    second = await browser.send(page, town.fill(case.action), **typed)
    assert second.path == first.path, "the second tap leads to the same thing"
    back = await browser.open(town.fill(case.page))
    assert back.status == 200
    if back.has_form(town.fill(case.action)):
        keys = [shown.form(town.fill(case.action)).values["_key"] for shown in (page, back)]
        assert keys[0] != keys[1], "a page that is opened again is a new form"


async def test_gone_back_and_changed_it_is_said_in_peoples_words_and_works_at_the_second_try(site, town):
    case = next(case for case in FORMS if case.route == "/usaha/baru")
    browser, page = await opened(site, town, case)
    first = await browser.send(page, "/usaha/baru", **{**town.values(case.typed), "name": "Warung Satu"})
    told = await browser.send(page, "/usaha/baru", **{**town.values(case.typed), "name": "Warung Dua"})
    assert told.status == 422
    assert "Formulir ini sudah pernah terkirim" in told.text
    second = await browser.send(told, "/usaha/baru")
    assert "Warung Dua" in second.text
    assert second.path != first.path


# What holds for every form, whatever stands in it


def address(route, town):
    names = {
        "pool_id": "pool",
        "pledge_id": "pledge",
        "order_id": "order",
        "offer_id": "offer",
        "listing_id": "listing",
    }
    names |= {"supplier_id": "supplier", "item_id": "pledge"}
    fixed = {"thing": "komitmen", "step": "tunai", "way": "jeda"}

    def value(match):
        return fixed.get(match[1]) or town.ids.get(names.get(match[1], ""), town.ids["post"])

    return re.sub(r"{(\w+)}", value, route.path)


def of_routes():
    return pytest.mark.parametrize("route", POSTS, ids=[route.path for route in POSTS])


async def sent(site, path, data, **headers):
    async with site.session.post(site.origin + path, data=data, headers=headers, allow_redirects=False) as reply:
        return reply.status, await reply.text(), reply.headers


def signed(site, person):
    """A session's cookie and its form token."""
    settings = site.runner.contexts["web"].settings
    return f"{cookies.SESSION}={person.session_token}", cookies.csrf_of(settings, person.session_token)


@of_routes()
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://[", "null", None])
async def test_another_site_sends_nothing_in_anybodys_name(site, town, route, origin):
    """Not with the visitor's cookie and no token, nor for a visitor without a session; and nothing is kept for it."""
    headers = {} if origin is None else {"Origin": origin}
    for name in ("owner", "operator"):
        cookie, csrf = signed(site, town.people[name])
        fields = {} if origin in {"null", None} else {"_csrf": csrf}
        status, text, answered = await sent(
            site, address(route, town), {**fields, "name": "Penyusup"}, Cookie=cookie, **headers
        )
        assert status == 403, text
        assert keeping.KEPT not in "".join(answered.getall("Set-Cookie", []))
    status, _, answered = await sent(site, address(route, town), {"name": "Penyusup", "to": "0812"}, **headers)
    assert status in {401, 403}
    assert keeping.KEPT not in "".join(answered.getall("Set-Cookie", []))


BAD_BODIES = {
    "empty": {},
    "blank": dict.fromkeys(TEXTS, " "),
    "long": dict.fromkeys(TEXTS, "9" * 20_000),
    "strange": dict.fromkeys(TEXTS, "\x00\u202e\x85<script>'\"%\\//[\r\n"),
    "elsewhere": dict.fromkeys(TEXTS, "//elsewhere.example/["),
}


def who_gets_furthest(path):
    """Somebody whom the route's policy lets in, and whose things they are."""
    prefixes = {"/petugas": "operator", "/pesanan": "supplier", "/pemasok": "supplier", "/komitmen": "member"}
    return next((name for prefix, name in prefixes.items() if path.startswith(prefix)), "owner")


WITH_WORDS = [route for route in POSTS if TAPS.get(route.path) not in {"a tap", "ends the session"}]


@pytest.mark.parametrize("route", WITH_WORDS, ids=[route.path for route in WITH_WORDS])
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
async def test_whatever_is_sent_the_answer_is_a_page(site, town, route, body):
    """Never a failure of ours, and never a redirect off the site."""
    cookie, csrf = signed(site, town.people[who_gets_furthest(route.path)])
    data = {**body, "_csrf": csrf}
    status, text, headers = await sent(site, address(route, town), data, Cookie=cookie, Origin=site.origin)
    assert status in {200, 303, 400, 401, 403, 404, 409, 413, 422, 429}, text
    assert "elsewhere.example" not in headers.get("Location", "")
    assert status == 303 or "<main" in text


async def test_fields_without_end_and_broken_bodies_are_refused(site, town):
    cookie, _ = signed(site, town.people["owner"])
    many = "&".join(f"a{number}=1" for number in range(500)).encode()
    for data in (many, b"\xff\xfe=\xff", BytesIO(b"x" * 2_000_000)):
        status, text, _ = await sent(
            site, "/usaha/baru", data, Cookie=cookie, Origin=site.origin,
            **{"Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        assert status in {400, 413}
        assert "Isian belum bisa dibaca" in text


async def test_a_form_of_the_session_before_is_kept_for_the_next(site, town):
    """Logged out and in again in another tab: the old page's token is no good, but its words are."""
    browser, page = await opened(site, town, FORMS[0])
    person = await site.scene.somebody("Ibu Lain")
    browser.log_in(person)
    stale = await browser.send(page, "/usaha/baru", **town.values(FORMS[0].typed))
    assert stale.status == 403
    again = await browser.open(next(link for link in stale.links if link.startswith("/usaha/baru")))
    assert_keeps(again, "/usaha/baru", town.values(FORMS[0].typed))


async def test_what_was_not_sent_is_offered_on_the_account(site, town):
    browser, page = await opened(site, town, FORMS[0])
    session = browser.cookies.pop(cookies.SESSION)
    browser.cookies[cookies.SESSION] = "ended"
    await browser.send(page, "/usaha/baru", **town.values(FORMS[0].typed))
    browser.cookies[cookies.SESSION] = session
    account = await browser.open("/akun")
    assert "Formulir belum terkirim" in account.text
    assert page.path in account.links


async def test_what_nobody_of_ours_has_signed_is_not_put_into_a_form(site, town):
    browser, _ = await opened(site, town, FORMS[0])
    kept = web.Response()
    keeping.keep(site.runner.contexts["web"].settings, kept, "/usaha/baru", {"name": "Penyusup"})
    signed_by_us = kept.cookies[keeping.KEPT].value
    browser.cookies[keeping.KEPT] = signed_by_us.partition(".")[0] + "." + "0" * 32
    assert "Penyusup" not in (await browser.open("/usaha/baru")).html
    browser.cookies[keeping.KEPT] = signed_by_us
    assert "Penyusup" in (await browser.open("/usaha/baru")).html
