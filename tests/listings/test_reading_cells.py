"""What one cell says: prices, numbers, words and shelves as people write them; and that nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.listings.domain.categories import CATEGORIES
from services.listings.domain.guarding import guarded, kept_as_text, unguarded
from services.listings.domain.import_columns import read_header
from services.listings.domain.reading_cells import (
    MOST_PRICE_IDR,
    Odd,
    Unreadable,
    read_category,
    read_photos,
    read_price,
    read_text,
    read_whole,
)


def told_apart(value):
    """1 and 1.0 and "1" are three cells."""
    return f"{value!r:.40}"


@pytest.mark.parametrize(
    ("cell", "price_idr"),
    [
        (15000, 15000),
        (15000.0, 15000),
        (1, 1),
        (MOST_PRICE_IDR, MOST_PRICE_IDR),
        ("15000", 15000),
        (" 15000 ", 15000),
        ("15.000", 15000),
        ("15,000", 15000),
        ("Rp 15.000", 15000),
        ("Rp15.000", 15000),
        ("rp. 15.000", 15000),
        ("Rp\u00a015.000", 15000),
        ("\u200bRp 15.000", 15000),
        ("IDR 15,000", 15000),
        ("15.000 rupiah", 15000),
        ("15000 IDR", 15000),
        ("Rp 15.000,-", 15000),
        ("15.000,00", 15000),
        ("15,000.00", 15000),
        ("15000,00", 15000),
        ("15000.00", 15000),
        ("15000.0", 15000),
        ("Rp 1.250.000,00", 1_250_000),
        ("1,250,000", 1_250_000),
        ("1.234.567", 1_234_567),
        ("15rb", 15000),
        ("15 rb", 15000),
        ("15 ribu", 15000),
        ("15Ribu", 15000),
        ("Rp 15rb", 15000),
        ("15k", 15000),
        ("15K", 15000),
        ("12,5rb", 12500),
        ("12.5 ribu", 12500),
        ("2jt", 2_000_000),
        ("1,5 juta", 1_500_000),
        ("1.25jt", 1_250_000),
        ("0,5 jt", 500_000),
        ("99.999.999.999.999", MOST_PRICE_IDR),
    ],
    ids=told_apart,
)
def test_price_is_read(cell, price_idr):
    assert read_price(cell) == price_idr


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "empty"),
        ("", "empty"),
        ("  ", "empty"),
        ("\u200b", "empty"),
        (0, "zero"),
        ("0", "zero"),
        ("Rp 0", "zero"),
        ("0 ribu", "zero"),
        (-5000, "negative"),
        ("-5000", "negative"),
        ("(5000)", "negative"),
        ("−5000", "negative"),
        (17.5, "ambiguous"),
        (1.25, "ambiguous"),
        (15000.5, "sen"),
        (float("nan"), "not-a-price"),
        (float("inf"), "not-a-price"),
        (MOST_PRICE_IDR + 1, "too-much"),
        ("9" * 15, "too-much"),
        ("9" * 400, "too-much"),
        ("15.00", "ambiguous"),
        ("15,00", "ambiguous"),
        ("150.00", "ambiguous"),
        ("1.5", "ambiguous"),
        ("1,5", "ambiguous"),
        ("1.500rb", "ambiguous"),
        ("15.000rb", "ambiguous"),
        ("1.500 juta", "ambiguous"),
        ("15.000,50", "sen"),
        ("15000.75", "sen"),
        ("10.000-15.000", "range"),
        ("10rb - 15rb", "range"),
        ("10rb s/d 15rb", "range"),
        ("10.000 sampai 15.000", "range"),
        ("15.0000", "not-a-price"),
        ("1.50.000", "not-a-price"),
        ("15,000.000", "not-a-price"),
        ("1.234,567.890", "not-a-price"),
        ("0015000", "not-a-price"),
        ("1e5", "not-a-price"),
        ("0x10", "not-a-price"),
        ("١٥٠٠٠", "not-a-price"),
        ("lima belas ribu", "not-a-price"),
        ("gratis", "not-a-price"),
        ("15.000/bungkus", "not-a-price"),
        ("$15", "not-a-price"),
        ("15 000", "not-a-price"),
        (Odd("formula", "=A1*2"), "formula"),
        (Odd("error", "#REF!"), "error"),
        (Odd("date", "2026-03-15"), "date"),
        (Odd("boolean", "TRUE"), "boolean"),
    ],
    ids=told_apart,
)
def test_price_that_could_mean_two_things_or_nothing_is_told(cell, code):
    with pytest.raises(Unreadable) as told:
        read_price(cell)
    assert told.value.code == code
    assert len(told.value.message) > 20


@given(st.integers(1, MOST_PRICE_IDR), st.sampled_from(["{:d}", "{:,d}", "Rp {:,d}", "{:,d},-", "{:,d}.00"]))
def test_every_price_is_read_however_it_is_grouped(price_idr, pattern):
    english = pattern.format(price_idr)
    indonesian = english.translate(str.maketrans(",.", ".,")) if pattern != "{:,d},-" else english
    for text in (english, indonesian):
        assert read_or_code(text) in ({price_idr, "ambiguous"} if price_idr < 1000 else {price_idr})


def read_or_code(cell):
    try:
        return read_price(cell)
    except Unreadable as told:
        return told.code


@given(st.one_of(st.text(max_size=40), st.floats(), st.integers()))
def test_whatever_stands_in_a_cell_is_a_price_or_a_finding(cell):
    found = read_or_code(cell)
    assert isinstance(found, str) or 1 <= found <= MOST_PRICE_IDR


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (None, None),
        ("", None),
        (" ", None),
        (0, 0),
        (3, 3),
        (3.0, 3),
        ("3", 3),
        ("3 hari", 3),
        ("40 pcs", 40),
        ("1.000", 1000),
    ],
    ids=told_apart,
)
def test_whole_number_is_read(cell, number):
    assert read_whole(cell, "stok", 5000) == number


@pytest.mark.parametrize(
    "cell", ["1-2", "dua", "1.5", 1.5, "-1", -1, 5001, "9" * 50, "1,2", Odd("date", "2026-01-02")], ids=told_apart
)
def test_no_whole_number_is_told(cell):
    with pytest.raises(Unreadable):
        read_whole(cell, "stok", 5000)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, None),
        ("  ", None),
        (" Keripik ", "Keripik"),
        ("\ufeffKeripik\u200b", "Keripik"),
        ("Keripik\r\nbalado", "Keripik balado"),
        (123, "123"),
        (12.5, "12.5"),
        ("e\u0301", "é"),
        ("Mi 👩‍🍳", "Mi 👩‍🍳"),
    ],
    ids=told_apart,
)
def test_line_is_read(cell, text):
    assert read_text(cell, "nama", 20, one_line=True) == text


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("a" * 21, "too-long"),
        ("balik\u202e", "unprintable"),
        ("a\x00b", "unprintable"),
        (Odd("date", "2026-01-02"), "date"),
    ],
    ids=told_apart,
)
def test_line_that_cannot_be_kept_is_told(cell, code):
    with pytest.raises(Unreadable) as told:
        read_text(cell, "nama", 20, one_line=True)
    assert told.value.code == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *((shelf.name_id, shelf.code) for shelf in CATEGORIES),
        *((shelf.name_en, shelf.code) for shelf in CATEGORIES),
        *((shelf.code, shelf.code) for shelf in CATEGORIES),
        ("KERIPIK ", "snacks"),
        ("camilan", "snacks"),
        ("keripik&camilan", "snacks"),
        (" Batik   betawi ", "batik"),
        ("LAINNYA", "other"),
    ],
    ids=told_apart,
)
def test_shelf_is_recognised(cell, code):
    assert read_category(cell) == code


def test_shelf_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(Unreadable) as told:
        read_category("Kripik & camilan")
    assert told.value.code == "category-unknown"
    assert "«Keripik & camilan»?" in told.value.message
    with pytest.raises(Unreadable) as told:
        read_category("helikopter")
    assert "Mungkin" not in told.value.message


@pytest.mark.parametrize(
    ("cell", "sources"),
    [
        (None, []),
        ("a.jpg", ["a.jpg"]),
        ("a.jpg; b.png", ["a.jpg", "b.png"]),
        ("a.jpg, b.png,c.webp", ["a.jpg", "b.png", "c.webp"]),
        ("a.jpg\nb.png\n", ["a.jpg", "b.png"]),
        ("https://x.id/a,b.jpg", ["https://x.id/a,b.jpg"]),
        ("a.jpg; a.jpg", ["a.jpg"]),
    ],
    ids=told_apart,
)
def test_pictures_are_named(cell, sources):
    assert read_photos(cell) == sources


@pytest.mark.parametrize(
    "cell", ["http://x.id/a.jpg", "ftp://x.id/a.jpg", "; ".join(f"{n}.jpg" for n in range(9))], ids=told_apart
)
def test_pictures_that_are_not_taken_are_told(cell):
    with pytest.raises(Unreadable):
        read_photos(cell)


@given(st.text(alphabet=st.sampled_from("'=+-@a\t\r "), max_size=8) | st.text(max_size=8))
def test_guard_lets_nothing_run_and_comes_off_again(text):
    assert unguarded(guarded(text)) == text
    assert unguarded(kept_as_text(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_header_is_recognised_whatever_its_case_spaces_order_and_language():
    header = read_header(
        ["HARGA", None, " Nama_Produk ", "Category", "Siap dalam hari", "Warna", "harga (Rp)", "PHOTO"]
    )
    assert header.places == {"price_idr": 0, "name": 2, "category": 3, "ready_in_days": 4, "photos": 7}
    assert (header.unknown, header.twice, header.missing) == (("Warna",), ("harga (Rp)",), [])
    assert read_header(["nama"]).missing == ["kategori", "harga"]
