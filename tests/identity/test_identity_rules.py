"""The rules of identity: contacts, codes, limits, sessions, roles, texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain import codes, limits, sessions
from services.identity.domain.codes import Challenge, hash_code, judge
from services.identity.domain.consents import TEXTS, current_version
from services.identity.domain.contacts import Contact, read_contact, read_email, read_phone
from services.identity.domain.roles import DKI_JAKARTA, SCOPES, check_scope
from services.identity.domain.sessions import Session
from services.identity.refusals import ContactInvalid, ScopeMismatch
from services.identity.texts import code_message
from shared.callers import caller_key
from shared.contracts.identity import Role, ScopeKind
from shared.ids import new_id

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = b"k" * 32


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("081234567890", "phone", "+6281234567890"),
        ("0812-3456-7890", "phone", "+6281234567890"),
        (" +62 812 3456 7890 ", "phone", "+6281234567890"),
        ("6281234567890", "phone", "+6281234567890"),
        ("8123456789", "phone", "+628123456789"),
        ("021 5551234", "phone", "+62215551234"),
        ("+1 415 555 2671", "phone", "+14155552671"),
        ("Sri@Contoh.ID", "email", "sri@contoh.id"),
        (" sri.dapur+urun@mail.contoh.co.id ", "email", "sri.dapur+urun@mail.contoh.co.id"),
    ],
)
def test_what_people_type_has_one_form(typed, kind, value):
    assert read_contact(typed) == Contact(kind, value)


@pytest.mark.parametrize(
    "typed",
    [
        "", "12345", "halo", "0812 3456 7890 ext. 5", "+62812345678901234", "110",
        "@", "a@b", "a b@contoh.id", "a@contoh..id", ".a@contoh.id", "a@-contoh.id", "a@contoh.id\nBcc: b@contoh.id",
        "a@contoh.id,b@contoh.id", "Sri <sri@contoh.id>", "sri@contoh.id@contoh.id", "srí@contoh.id", "x" * 65 + "@contoh.id",
        "x@" + "y" * 63 + "." + "z" * 63 + "." + "w" * 63 + "." + "v" * 63 + ".id",
    ],
)  # fmt: skip
def test_what_reaches_nobody_is_refused(typed):
    with pytest.raises(ContactInvalid):
        read_contact(typed)


@given(st.from_regex(r"08(1[1-9]|5[2-9]|7[78]|9[5-9])[0-9]{7,8}", fullmatch=True))
def test_reading_a_number_again_changes_nothing(typed):
    once = read_phone(typed)
    assert read_phone(once.value) == once
    assert once.value[6:-3] not in once.masked


@given(st.emails())
def test_reading_an_address_again_changes_nothing(typed):
    try:
        once = read_email(typed)
    except ContactInvalid:
        return
    assert read_email(once.value) == once
    assert once.value == once.value.lower()


def challenge(**changes) -> Challenge:
    made = Challenge(
        id=new_id(), purpose="log-in", contact=Contact("phone", "+6281234567890"), language="id", code_hash=b"",
        created_at=NOW, expires_at=NOW + codes.LIFETIME,
    )  # fmt: skip
    made = replace(made, **changes)
    return replace(made, code_hash=hash_code(KEY, made.id, "123456"))


MINUTE = timedelta(minutes=1)
OPERATOR, PERSON, STRANGER = new_id(), new_id(), new_id()
ASSIST = {"purpose": "assist", "account_id": PERSON, "requested_by": OPERATOR}
CONTACT = {"purpose": "contact", "account_id": PERSON}


@pytest.mark.parametrize(
    ("changes", "purpose", "asker", "code", "now", "slug", "left"),
    [
        ({}, "log-in", None, "123456", NOW, None, None),
        ({}, "log-in", None, "123456", NOW + codes.LIFETIME - timedelta(microseconds=1), None, None),
        ({}, "log-in", None, "123456", NOW + codes.LIFETIME, "code-expired", None),
        ({}, "log-in", None, "654321", NOW + codes.LIFETIME, "code-expired", None),
        ({}, "log-in", None, "654321", NOW, "code-wrong", 4),
        ({"tries": 3}, "log-in", None, "654321", NOW, "code-wrong", 1),
        ({"tries": 4}, "log-in", None, "123456", NOW, None, None),
        ({"tries": 4}, "log-in", None, "654321", NOW, "code-exhausted", None),
        ({"tries": 5}, "log-in", None, "123456", NOW, "code-exhausted", None),
        ({"used_at": NOW}, "log-in", None, "123456", NOW + MINUTE, "code-used", None),
        ({"used_at": NOW, "tries": 5}, "log-in", None, "123456", NOW + 10 * MINUTE, "code-used", None),
        # a code opens only what it was asked for, and only to whoever asked
        ({}, "assist", OPERATOR, "123456", NOW, "code-expired", None),
        (ASSIST, "log-in", None, "123456", NOW, "code-expired", None),
        (ASSIST, "assist", STRANGER, "123456", NOW, "code-expired", None),
        (ASSIST, "assist", PERSON, "123456", NOW, "code-expired", None),
        (ASSIST, "assist", OPERATOR, "123456", NOW, None, None),
        (CONTACT, "contact", STRANGER, "123456", NOW, "code-expired", None),
        (CONTACT, "log-in", None, "123456", NOW, "code-expired", None),
        (CONTACT, "assist", PERSON, "123456", NOW, "code-expired", None),
        (ASSIST, "contact", OPERATOR, "123456", NOW, "code-expired", None),
        (CONTACT, "contact", PERSON, "123456", NOW, None, None),
    ],
)
def test_a_code_opens_its_own_challenge_in_time_once(changes, purpose, asker, code, now, slug, left):
    asked = challenge(**changes)
    verdict = judge(asked, purpose, asker, hash_code(KEY, asked.id, code), now)
    assert (verdict.refusal.slug if verdict.refusal else None) == slug
    if left is not None:
        assert verdict.refusal.details == {"tries_left": left}
    # only a wrong guess at a challenge that still stands is counted
    assert verdict.wrong == (slug == "code-wrong" or (slug == "code-exhausted" and changes["tries"] < codes.TRIES))


def test_a_challenge_that_never_was_is_told_like_an_old_one():
    assert judge(None, "log-in", None, b"x" * 32, NOW).refusal.slug == "code-expired"


def test_the_same_code_hashes_differently_for_each_challenge_and_key():
    one, other = new_id(), new_id()
    assert len({hash_code(KEY, one, "1"), hash_code(KEY, other, "1"), hash_code(b"z" * 32, one, "1")}) == 3


@given(
    st.lists(st.integers(0, 200_000), max_size=40),
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 90_000)), min_size=1, max_size=3),
)
def test_after_the_wait_and_not_before_one_more_is_within_every_limit(ages_s, bounds):
    """Compared with counting: how many fall into the span that ends at a moment."""
    rules = [limits.Limit(most, timedelta(seconds=span)) for most, span in bounds]
    times = [NOW - timedelta(seconds=age) for age in ages_s]

    def allowed(moment: datetime) -> bool:
        return all(sum(at > moment - rule.within for at in times) < rule.most for rule in rules)

    needed = limits.wait(rules, times, NOW)
    assert allowed(NOW + needed)
    if needed > timedelta(0):
        assert not allowed(NOW + needed - timedelta(microseconds=1))
    else:
        assert allowed(NOW)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("unknown", "unknown"),
    ],
)
def test_callers_are_told_apart_by_home(address, key):
    assert caller_key(address) == key


@pytest.mark.parametrize(
    ("seen", "age", "ended", "live"),
    [
        (timedelta(0), timedelta(0), False, True),
        (timedelta(days=30) - MINUTE, timedelta(days=40), False, True),
        (timedelta(days=30), timedelta(days=40), False, False),
        (timedelta(0), timedelta(days=90) - MINUTE, False, True),
        (timedelta(0), timedelta(days=90), False, False),
        (timedelta(0), timedelta(0), True, False),
    ],
)
def test_a_session_stands_30_days_unused_and_90_at_most(seen, age, ended, live):
    session = Session(new_id(), new_id(), NOW - age, NOW - seen, NOW - age + sessions.ABSOLUTE, NOW if ended else None)
    assert sessions.is_live(session, NOW) == live


def test_every_role_has_a_scope_and_no_other():
    assert set(SCOPES) == set(get_args(Role))
    for role in get_args(Role):
        for kind in get_args(ScopeKind):
            if kind in SCOPES[role]:
                check_scope(role, kind)
            else:
                with pytest.raises(ScopeMismatch):
                    check_scope(role, kind)


def test_the_provinces_scope_never_changes():
    assert str(DKI_JAKARTA) == "810862fe-637a-5319-8225-0b6bfb50948b"


def test_published_consent_texts_never_change():
    assert {purpose: sorted(versions) for purpose, versions in TEXTS.items()} == {"account": [1], "assistance": [1]}
    assert current_version("account") == 1
    assert TEXTS["account"][1].id.startswith("Saya setuju nama dan kontak saya disimpan")


@pytest.mark.parametrize("purpose", get_args(codes.Purpose))
@pytest.mark.parametrize("language", ["id", "en"])
def test_each_message_carries_its_code_and_a_warning(purpose, language):
    message = code_message("+6281234567890", purpose, "123456", language, "Pak {Budi}")
    assert "123456" in message.text
    assert ("Jangan" in message.text or "hanya" in message.text) == (language == "id")
    assert ("Pak {Budi}" in message.text) == (purpose == "assist")
    assert "123456" in message.template.values
    assert message.language == language
