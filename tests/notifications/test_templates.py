"""Every template, in both languages, with every sentence that may stand in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.notifications.domain.languages import NOUNS, Names, moment, units
from services.notifications.domain.notice import Notice, link_of
from services.notifications.domain.phrases import PHRASES
from services.notifications.domain.template import facts_of, write
from services.notifications.domain.templates import TEMPLATES
from shared.ids import new_id

NAMES = Names("Keripik Sejahtera", "Posyantek Pancoran")
SAMPLES = {
    "people": 3,
    "note": "lewat kurir",
    "product": "Keripik singkong",
    "reason": "Foto kurang jelas",
    "pay_by_at": "2025-12-05T10:00:00+00:00",
}
ENGLISH = frozenset(
    re.findall(
        r"\S+",
        """
        pool pledge supplier deadline payment refund order operator treasurer offer delivery member members you your yours the
        and is are not of for to with has have was will it its this price post ledger dashboard online update link status
        confirm secured deposit waiting list receipt inspection payout
        """,
    )
)
INDONESIAN = frozenset(
    re.findall(
        r"\S+",
        """
        urun beli komitmen pemasok petugas bendahara penggagas peserta anda kami kita yang dan untuk dari dengan sudah belum
        tidak uang alat batas waktu harga usaha kuitansi bayar kembali sebelum ini itu di ke pukul
        """,
    )
)


def sample_facts(template, codes=None):
    codes = codes or {}
    return {name: codes.get(name, sample(name)) for name in facts_of(template)}


def sample(name):
    if name in PHRASES:
        return next(iter(PHRASES[name]))
    if name in SAMPLES:
        return SAMPLES[name]
    if name.endswith("_idr"):
        return 1_250_000
    if name.endswith("_at"):
        return "2025-12-05T10:00:00+00:00"
    assert name.endswith("units"), f"{name} has no way of being written"
    return 3


def codes_in(template):
    """Each code of each sentence that the template may hold."""
    cases = [
        (name, code) for name in sorted(facts_of(template) & PHRASES.keys()) for code in (*PHRASES[name], "never heard")
    ]
    return cases or [(None, None)]


CASES = [
    pytest.param(template, language, {name: code}, id=f"{identifier}-{language}-{code}")
    for identifier, template in TEMPLATES.items()
    for language in ("id", "en")
    for name, code in codes_in(template)
]


@pytest.mark.parametrize(("template", "language", "codes"), CASES)
def test_message_is_whole_in_its_language(template, language, codes):
    for names in (NAMES, Names()):
        facts = sample_facts(template, codes)
        title, text = write(template, facts, names, language)
        assert 5 <= len(title) <= 60
        assert "." not in title.replace("Rp 1.250.000", "")
        assert 20 <= len(text) <= 500
        for part in (title, text):
            assert not re.search(r"[{}]|None|  |“”|\.\.| [.,;:]", part), part
            assert part[0].isupper() or part.startswith("Rp "), part
        assert re.search(r"[.”]$", text), text
        own = re.sub("“[^”]*”", "", f"{title} {text}").replace("Posyantek Pancoran", "")
        words = set(re.findall(r"[a-z']+", own.lower()))
        assert not words & (ENGLISH if language == "id" else INDONESIAN)


@pytest.mark.parametrize("identifier", TEMPLATES)
def test_both_languages_tell_the_same_facts(identifier):
    template = TEMPLATES[identifier]
    named = [set(re.findall(r"{(\w+)}", " ".join(wording).lower())) for wording in (template.id, template.en)]
    assert named[0] - NOUNS == named[1] - NOUNS


@pytest.mark.parametrize("identifier", TEMPLATES)
def test_link_leads_to_a_page(identifier):
    object_id = UUID(int=7)
    assert re.fullmatch(
        r"/(urun|komitmen|pesanan|kebutuhan|produk)/00000000-0000-0000-0000-000000000007|/petugas|/akun",
        link_of(identifier, object_id),
    )


def test_figures_times_and_names_are_written_as_people_write_them():
    template = TEMPLATES["order_requested"]
    facts = {
        "units": 10,
        "least_units": 1,
        "unit_price_idr": 950_000,
        "total_idr": 9_500_000,
        "answer_by_at": "2025-12-05T17:30:00+00:00",
    }
    assert write(template, facts, NAMES, "id").text == (
        "Urun beli “Keripik Sejahtera” memesan 10 unit dengan harga Rp 950.000 per unit, seluruhnya Rp 9.500.000. Jawab sebelum "
        "Sabtu, 6 Desember 2025 pukul 00.30 WIB. Kalau Anda setuju, itu mengikat untuk 1 unit sampai 10 unit, asalkan uangnya "
        "masuk."
    )
    assert write(template, facts, Names(), "en").text == (
        "This pool orders 10 units at Rp 950.000 each, Rp 9.500.000 altogether. Answer before Saturday 6 December 2025, 00:30 "
        "WIB. If you accept, that binds you for 1 unit up to 10 units, provided that the money comes in."
    )


@pytest.mark.parametrize(
    ("at", "indonesian", "english"),
    [
        (
            datetime(2025, 1, 1, 16, 59, tzinfo=UTC),
            "Rabu, 1 Januari 2025 pukul 23.59 WIB",
            "Wednesday 1 January 2025, 23:59 WIB",
        ),
        (
            datetime(2025, 8, 17, 17, 0, tzinfo=UTC),
            "Senin, 18 Agustus 2025 pukul 00.00 WIB",
            "Monday 18 August 2025, 00:00 WIB",
        ),
    ],
)
def test_moments_are_in_wib(at, indonesian, english):
    assert (moment(at, "id"), moment(at, "en")) == (indonesian, english)


def test_units_have_a_plural_in_english_only():
    assert [units(number, "en") for number in (0, 1, 2)] == ["0 units", "1 unit", "2 units"]
    assert [units(number, "id") for number in (1, 2)] == ["1 unit", "2 unit"]


def test_what_people_wrote_cannot_break_the_message():
    facts = {"reason": "Rusak {pool}\n\nhubungi   kami"}
    written = write(TEMPLATES["pool_rejected"], facts, Names("Judul {x}"), "id")
    assert "“Rusak {pool} hubungi kami”" in written.text
    assert "“Judul {x}”" in written.text


@pytest.mark.parametrize(
    ("template", "facts", "object_id"),
    [
        ("pool_rejected", {}, new_id()),
        ("pool_rejected", {"reason": "a", "more": 1}, new_id()),
        ("pool_rejected", {"reason": "a"}, None),
        ("business_verified", {}, new_id()),
    ],
)
def test_notice_that_could_not_be_read_cannot_be_made(template, facts, object_id):
    with pytest.raises(AssertionError):
        Notice(new_id(), template, object_id=object_id, facts=facts)
