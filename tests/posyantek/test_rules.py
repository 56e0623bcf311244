import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.posyantek.domain import folded, found_by, path_of, slug_of, slugs_for, whatsapp_number

JAKARTA = "Daerah Khusus Ibukota Jakarta"
PUSAT = "Kota Administrasi Jakarta Pusat"
SERIBU = "Kabupaten Administrasi Kepulauan Seribu"


@pytest.mark.parametrize(
    ("names", "path"),
    [
        ([JAKARTA], "Daerah Khusus Ibukota Jakarta"),
        ([JAKARTA, PUSAT], "Jakarta Pusat"),
        ([JAKARTA, PUSAT, "Cempaka Putih"], "Cempaka Putih, Jakarta Pusat"),
        ([JAKARTA, PUSAT, "Cempaka Putih", "Rawasari"], "Rawasari, Cempaka Putih, Jakarta Pusat"),
        (
            [JAKARTA, "Kabupaten Administrasi Kepulauan Seribu", "Kepulauan Seribu Utara"],
            "Kepulauan Seribu Utara, Kepulauan Seribu",
        ),
    ],
)
def test_path_says_where_a_region_lies(names, path):
    assert path_of(names) == path


@pytest.mark.parametrize(
    ("typed", "rank"),
    [
        ("Kramat Jati", 0),
        ("kramatjati", 0),
        ("KRAMAT", 1),
        ("jati", 2),
        ("jakarta kramat", 2),
        ("13510", 2),
        ("1351", None),
        ("kramat pusat", None),
    ],
)
def test_search_forgives_case_and_spaces_but_needs_every_word(typed, rank):
    words = [folded(word) for word in typed.split()]
    found = found_by(words, name="Kramat Jati", path="Kramat Jati, Jakarta Timur", postal_codes=("13510",))
    assert found == rank


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Posyantek Cempaka Putih", "posyantek-cempaka-putih"),
        ("  Posyantek «Melati» No. 2 ", "posyantek-melati-no-2"),
        ("Café Señor", "cafe-senor"),
        ("<b>Pos</b>", "b-pos-b"),
        ("電器", ""),
    ],
)
def test_slug_is_the_name_as_a_web_address(name, slug):
    assert slug_of(name) == slug


@given(st.text(max_size=120))
def test_any_name_makes_slugs_that_the_database_takes(name):
    for slug in slugs_for(name, "Cempaka Putih", "31.71.05"):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert len(slug) <= 160


def test_second_post_of_a_name_adds_its_region():
    assert slugs_for("Melati", "Ancol", "31.72.05.1003") == ("melati", "melati-31-72-05-1003")
    assert slugs_for("電器", "Ancol", "31.72.05.1003") == ("ancol", "ancol-31-72-05-1003")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("+1 650 253 0000", "+16502530000"),
    ],
)
def test_whatsapp_number_is_kept_in_e164(typed, kept):
    assert whatsapp_number(typed) == kept
    assert whatsapp_number(kept) == kept


@pytest.mark.parametrize("typed", ["", "abc", "0812", "08123456789012345678", "+0", "0812x", "<script>"])
def test_what_is_no_phone_number_is_refused(typed):
    with pytest.raises(ValueError, match="phone number"):
        whatsapp_number(typed)
