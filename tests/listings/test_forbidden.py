"""Forbidden goods: which words tell of them, which only seem to, and what a product with them may not do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.listings.domain import forbidden
from services.listings.domain import listing as rules
from services.listings.domain.business import Business
from services.listings.domain.forbidden import GROUPS, find, folded
from services.listings.domain.listing import Listing
from services.listings.domain.moderation_refusals import ForbiddenGoods
from services.listings.domain.taking import WaitingRow, Wish, take
from shared.ids import new_id

REFUSED = [
    ("Ganja kering", "narcotics"),
    ("SABU-SABU murah", "narcotics"),
    ("Tembakau   gorila", "narcotics"),
    ("Gánja", "narcotics"),
    ("Pistol rakitan", "firearms"),
    ("Gading gajah asli", "wildlife"),
    ("Telur penyu rebus", "wildlife"),
    ("Uang palsu KW super", "money"),
    ("Ijazah palsu", "papers"),
    ("Obat penggugur kandungan", "abortion"),
    ("Jual ginjal", "organs"),
    ("Chip Higgs Domino", "gambling"),
    ("Potasium sianida 1 kg", "poisons"),
]
CHECKED = [
    ("Bir kaleng", "liquor"),
    ("Arak Bali", "liquor"),
    ("Liquid vape mangga", "tobacco"),
    ("Rokok kretek", "tobacco"),
    ("Amoxicillin 500 mg", "medicines"),
    ("Krim racikan dokter", "mercury"),
    ("Kembang api 1 dus", "fireworks"),
    ("Gas LPG 3 kg", "subsidised"),
    ("Pertalite eceran", "subsidised"),
    ("Tas kulit buaya", "wild_products"),
    ("Bleng untuk kerupuk", "additives"),
]
HARMLESS = [
    "Bir pletok Bang Jali", "Es bir kocok", "Obat nyamuk bakar", "Kue rum kering", "Bolu aroma rum", "Bakso mercon",
    "Ceker mercon", "Tahu petasan", "Amplang kuku macan", "Shabu-shabu daging", "Tenun Sabu Raijua", "Kelapa Gading",
    "Batik gading cenderawasih", "Lidah buaya segar", "Dompet motif kulit ular", "Lampu sinar UV deteksi uang palsu",
    "Kaos anti narkoba", "Mi tanpa boraks dan formalin", "Sabun bebas merkuri", "Ayam tanpa antibiotik",
    "Tas dari bungkus rokok bekas", "Asbak rokok kayu", "Batik tembakau", "Brem Madiun", "Anggur merah segar 1 kg",
    "Regulator untuk LPG 3 kg", "Kompor LPG 3 kg", "Poster organ tubuh manusia", "Jus melon", "Kembang goyang",
    "Biru laut", "Rumah lampion", "Kerudung warna wine", "Kue kembang pala", "Arakan pengantin", "Rumput laut",
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), [*REFUSED, *CHECKED])
def test_words_tell_of_goods(text, code):
    for name, description in ((text, None), ("Paket", f"Isi: {text.upper()}."), ("Paket", f"Baik.\n{text}")):
        found = find(name, description)
        assert found is not None, name
        assert found.group.code == code
    kinds = {"refused": [c for _, c in REFUSED], "checked": [c for _, c in CHECKED]}
    assert code in kinds[forbidden.BY_CODE[code].kind]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_words_tell_of_none(text):
    assert find(text, f"{text}, enak dan murah.") is None


def test_refused_goods_come_before_those_to_be_checked():
    assert find("Bir dan ganja").group.code == "narcotics"
    assert find("Rokok", "Ganja").group.code == "narcotics"


def test_what_takes_the_sting_out_reaches_three_words_and_not_into_another_sentence():
    assert find("Mi tanpa pewarna, boraks, formalin") is None
    assert find("Tanpa gula. Boraks murni").group.code == "additives"
    assert find("Boraks tanpa campuran").group.code == "additives"
    assert find("Tanpa satu dua tiga boraks").group.code == "additives"


def test_no_phrase_goes_from_the_name_into_the_description():
    assert find("Lukisan gading", "Gajah Sumatra di tepi sungai") is None
    assert find("Lukisan gading gajah").group.code == "wildlife"


def test_refusal_names_the_word_the_goods_and_the_rule():
    with pytest.raises(ForbiddenGoods) as refused:
        forbidden.require_allowed("Daun GANJA kering", None)
    assert refused.value.slug == "forbidden-goods"
    for language, words in (("id", ("“daun ganja”", "narkotika", "UU 35/2009")), ("en", ("“daun ganja”", "narcotics"))):
        assert all(word in refused.value.message(language) for word in words)
    with pytest.raises(ForbiddenGoods) as refused:
        forbidden.require_allowed("Potas ikan", None)
    assert "a rule of this platform" in refused.value.message("en")
    forbidden.require_allowed("Bir kaleng", "Perlu dilihat petugas, tetapi boleh tayang.")


def test_tables_are_in_order():
    codes = [group.code for group in GROUPS]
    assert len(codes) == len(set(codes))
    for group in GROUPS:
        assert group.source
        for phrase in group.phrases | group.exceptions:
            assert phrase == tuple(folded(" ".join(phrase))[:-1]), "as folding gives it"
        for phrase in group.exceptions:
            assert any(" ".join(word) in " ".join(phrase) for word in group.phrases), f"{phrase} excepts nothing"


phrases = st.sampled_from([(group, phrase) for group in GROUPS for phrase in sorted(group.phrases)])
fillers = st.lists(st.sampled_from(["kripik", "enak", "murah", "rawon", "dapur", "ibu"]), max_size=6)
gaps = st.sampled_from([" ", "  ", "-", ", ", " / "])


@given(phrases, fillers, fillers, gaps, st.sampled_from([str.lower, str.upper, str.title]))
def test_a_phrase_is_found_wherever_it_stands_and_however_it_is_written(given_phrase, before, after, gap, case):
    group, phrase = given_phrase
    text = case(gap.join([*before, *phrase, *after]))
    found = find(text)
    assert found is not None
    assert GROUPS.index(found.group) <= GROUPS.index(group)


@given(phrases, st.sampled_from(["x", "ku", "9"]), st.booleans())
def test_only_whole_words_count(given_phrase, letters, before):
    _, phrase = given_phrase
    text = "".join(phrase)
    text = letters + text if before else text + letters
    assert find(text) is None


@given(st.text(max_size=200))
def test_any_text_can_be_looked_through(text):
    assert all(folded(word) == [word, ""] for word in folded(text) if word)
    assert find(text) == find(None, text)


LISTING = Listing(
    id=new_id(), business_id=new_id(), post_id=new_id(), owner_account_id=new_id(), business_verified=True, name="Kopi",
    description=None, category="drinks", price_idr=1000, unit=None, status="published", version=2,
)  # fmt: skip


def test_what_is_on_show_or_hidden_cannot_get_such_words():
    for status in ("published", "hidden"):
        with pytest.raises(ForbiddenGoods):
            rules.revised(replace(LISTING, status=status), {"description": "Dengan ganja"}, None)
    for status in ("draft", "paused"):
        found = rules.revised(replace(LISTING, status=status), {"name": "Ganja"}, None)
        with pytest.raises(ForbiddenGoods):
            rules.moved(found, "published")
    with_word = replace(LISTING, name="Ganja")
    assert rules.revised(with_word, {"price_idr": 5}, None).price_idr == 5, "its price says nothing new"
    assert rules.revised(with_word, {"name": "Kopi"}, None).name == "Kopi"


def test_an_import_leaves_such_rows_off_show():
    business = Business(
        id=LISTING.business_id, owner_account_id=LISTING.owner_account_id, post_id=LISTING.post_id, name="Warung",
        whatsapp="+6281234567890", status="verified", version=1,
    )  # fmt: skip
    rows = [
        WaitingRow(2, {"name": "Daun ganja", "category": "drinks", "price_idr": 9}),
        WaitingRow(3, {"name": "Kopi", "category": "drinks", "price_idr": 9, "description": "Rasa ganja"}),
        WaitingRow(4, {"name": "Teh", "category": "drinks", "price_idr": 9}),
    ]
    taken = take(rows, [LISTING], business, Wish("update", publish=True), taking_ids())
    assert [(one.number, one.state) for one in taken.outcomes] == [(2, "added"), (3, "failed"), (4, "added")]
    assert [one.finding.code if one.finding else None for one in taken.outcomes] == [
        "not-published",
        "forbidden-goods",
        None,
    ]
    assert "“daun ganja”" in taken.outcomes[0].finding.message
    assert {one.name: one.status for one in taken.added.values()} == {"Daun ganja": "draft", "Teh": "published"}
    assert taken.changed == {}


def taking_ids():
    while True:
        yield new_id()
