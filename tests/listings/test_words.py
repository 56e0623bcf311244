import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.listings.domain import words

LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz")
WORDS = st.text(LETTERS, min_size=4, max_size=12)


@pytest.mark.parametrize(
    ("query", "wanted", "unwanted"),
    [
        ("Keripik Singkong", ["keripik", "singkong"], []),
        ("jual keripik yang murah di jakarta", ["keripik", "jakarta"], []),
        ("yang dan", ["yang", "dan"], []),  # nothing else is left
        ("kopi-susu 250gr", ["kopi", "susu", "250gr"], []),
        ("keripik -pisang", ["keripik"], ["pisang"]),
        ("Café crème", ["cafe", "creme"], []),
        ("kue kue KUE", ["kue"], []),
        ("!!! &|()", [], []),
        ("'; DROP TABLE listings--", ["drop", "table", "listings"], []),
        ("a" * 90, ["a" * 40], []),
        (" ".join(f"w{number}" for number in range(20)), [f"w{number}" for number in range(8)], []),
    ],
)
def test_what_a_query_asks_for(query, wanted, unwanted):
    assert words.wanted_words(query) == wanted
    assert words.unwanted_words(query) == unwanted


def test_query_takes_what_buyers_take_for_the_same():
    assert words.tsquery(["kripik", "pedas"], ["pisang"]) == "(kripik | chips | keripik) & (pedas) & !pisang"


def slipped(word, kind, place, letter):
    place %= len(word)
    if kind == "missing":
        return word[:place] + word[place + 1 :]
    if kind == "wrong":
        return word[:place] + letter + word[place + 1 :]
    if kind == "more":
        return word[:place] + letter + word[place:]
    place = max(place, 1)
    return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]


@given(WORDS, st.sampled_from(["missing", "wrong", "more", "exchanged"]), st.integers(0, 20), LETTERS)
def test_words_one_slip_apart_meet_in_a_shortened_form(word, kind, place, letter):
    typed = slipped(word, kind, place, letter)
    assume(len(typed) >= words.SHORTEST_CORRECTED)
    assert set(words.shortened(word)) & set(words.shortened(typed))
    assert words.nearest(typed, {word: 1}) == word


@pytest.mark.parametrize(
    ("typed", "candidates", "meant"),
    [
        ("keripk", {"keripik": 5, "keripek": 1}, "keripik"),
        ("sambel", {"sambal": 9, "tambel": 900}, "sambal"),  # the same beginning counts more than how common it is
        ("batk", {"batik": 3, "baki": 3}, "batik"),
        ("meja", {"kursi": 100}, None),
        ("pisagn", {"pisang": 2}, "pisang"),
        ("teko", {"toko": 5, "tako": 5}, "tako"),  # as near and as common: the order of the alphabet
        ("x", {}, None),
    ],
)
def test_nearest_word_is_taken_if_it_is_near_enough(typed, candidates, meant):
    assert words.nearest(typed, candidates) == meant
