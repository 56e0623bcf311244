import re
from pathlib import Path

import pytest

from services.listings.domain.categories import CATEGORIES as KINDS_OF_PRODUCTS
from services.offers.catalogue import CatalogueError, Technology, load_catalogue

CATALOGUE = load_catalogue()
CATEGORIES = {"food-processing", "packaging", "drying", "crafts-batik", "waste", "agriculture", "water-energy"}

CATEGORY = """
[category]
slug = "waste"
name_id = "Pengolahan sampah"
name_en = "Waste processing"
"""
RECORD = """
[[technologies]]
slug = "komposter-uji"
name_id = "Komposter uji"
name_en = "Test composter"
problem_id = "Sampah dapur berbau."
problem_en = "Kitchen waste smells."
products = ["kompos"]
shelves = ["plants"]
fits_work_id = "mengaduk kompos"
fits_work_en = "turning compost"
capacity_text_id = "50 liter"
capacity_text_en = "50 litres"
watts = 40
power_note_id = "Cukup untuk 450 VA."
power_note_en = "450 VA is enough."
steps_id = ["satu", "dua", "tiga", "empat", "lima"]
steps_en = ["one", "two", "three", "four", "five"]
safety_id = ["satu", "dua", "tiga"]
safety_en = ["one", "two", "three"]
maintenance_id = ["satu", "dua"]
maintenance_en = ["one", "two"]
price_low_idr = 75_000
price_high_idr = 200_000
figures.capacity = { source_url = "https://example.org/komposter", note_id = "Volume 50 liter." }
figures.watts = { estimate = true }
figures.price_low_idr = { estimate = true }
figures.price_high_idr = { estimate = true }
"""
PIECES = 'capacity_per_hour = 9\ncapacity_unit_id = "karung"\ncapacity_unit_en = "sacks"'


def write(folder: Path, text: str, name: str = "waste.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_catalogue_holds_at_least_24_technologies_on_every_shelf() -> None:
    assert len(CATALOGUE) >= 24
    assert {technology.category.slug for technology in CATALOGUE} == CATEGORIES


def test_slugs_are_unique_and_url_safe() -> None:
    slugs = [technology.slug for technology in CATALOGUE]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs)


@pytest.mark.parametrize("technology", CATALOGUE, ids=lambda technology: technology.slug)
def test_technology_is_complete_in_both_languages(technology: Technology) -> None:
    worded = {name for name in Technology.model_fields if name.endswith(("_id", "_en"))}
    if technology.capacity_per_hour is None:
        worded -= {"capacity_unit_id", "capacity_unit_en"}
    for field in worded:
        value = getattr(technology, field)
        assert value
        assert all(text.strip() for text in ((value,) if isinstance(value, str) else value))
    assert technology.name_id != technology.steps_id[0]
    assert technology.problem_id != technology.problem_en


@pytest.mark.parametrize("technology", CATALOGUE, ids=lambda technology: technology.slug)
def test_every_figure_has_either_a_source_or_the_estimate_mark(technology: Technology) -> None:
    assert {"capacity", "price_low_idr", "price_high_idr"} <= set(technology.figures)
    assert ("watts" in technology.figures) == (technology.watts is not None)
    assert ("capacity_kg_per_hour" in technology.figures) == (technology.capacity_kg_per_hour is not None)
    assert ("capacity_per_hour" in technology.figures) == (technology.capacity_per_hour is not None)
    for figure in technology.figures.values():
        assert (figure.source_url is None) == figure.estimate


def test_shelves_are_kinds_of_products_that_listings_sell_and_none_is_without_a_technology() -> None:
    served = {shelf for technology in CATALOGUE for shelf in technology.shelves}
    assert served == {kind.code for kind in KINDS_OF_PRODUCTS} - {"services", "other"}


@pytest.mark.parametrize("technology", CATALOGUE, ids=lambda technology: technology.slug)
def test_work_that_is_taken_over_can_stand_in_the_midst_of_a_question(technology: Technology) -> None:
    for phrase in (technology.fits_work_id, technology.fits_work_en):
        assert phrase[0].islower()
        assert phrase[-1].isalpha()
        assert len(phrase) <= 50


@pytest.mark.parametrize(
    "technology", [one for one in CATALOGUE if one.capacity_per_hour is not None], ids=lambda one: one.slug
)
def test_pieces_an_hour_are_what_the_text_says(technology: Technology) -> None:
    ends = [int(number) for number in re.findall(r"\d+", technology.capacity_text_id)]
    assert technology.capacity_per_hour == sum(ends) // len(ends)
    assert f"{technology.capacity_unit_id} per jam" in technology.capacity_text_id
    assert f"{technology.capacity_unit_en} an hour" in technology.capacity_text_en


@pytest.mark.parametrize(
    ("slug", "low_idr", "high_idr"),
    [
        ("spinner-peniris-minyak", 1_000_000, 2_000_000),
        ("hand-sealer", 350_000, 450_000),
        ("tray-dryer", 5_500_000, 7_500_000),
        ("kompor-listrik-batik", 150_000, 300_000),
        ("pirolisis-plastik", 2_500_000, 15_000_000),
    ],
)
def test_prices_agree_with_what_posyantek_quote(slug: str, low_idr: int, high_idr: int) -> None:
    (technology,) = (found for found in CATALOGUE if found.slug == slug)
    assert low_idr <= technology.price_low_idr <= technology.price_high_idr <= high_idr


def test_price_without_a_source_at_either_end_is_an_estimate() -> None:
    by_slug = {technology.slug: technology for technology in CATALOGUE}
    assert by_slug["tray-dryer"].price_is_estimate
    assert by_slug["hand-sealer"].price_is_estimate
    assert not by_slug["filter-air-tabung"].price_is_estimate


def test_well_formed_record_loads(tmp_path: Path) -> None:
    (technology,) = load_catalogue(write(tmp_path, CATEGORY + RECORD))
    assert technology.slug == "komposter-uji"
    assert technology.category.name_id == "Pengolahan sampah"
    assert technology.figures["capacity"].source_url == "https://example.org/komposter"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name_en = "Test composter"', "", "name_en: Field required"),
        ('problem_id = "Sampah dapur berbau."', 'problem_id = " "', "problem_id"),
        ('["satu", "dua", "tiga", "empat", "lima"]', '["satu"]', "steps_id"),
        ('["one", "two", "three"]', '["one", "two", "three", "four"]', "safety_id and safety_en differ"),
        ("price_low_idr = 75_000", "price_low_idr = 300_000", "price_low_idr is above price_high_idr"),
        ("price_low_idr = 75_000", 'price_low_idr = "75000"', "price_low_idr: Input should be a valid integer"),
        ("watts = { estimate = true }", "watts = {}", "figures.watts: Value error, needs either source_url"),
        ("figures.watts = { estimate = true }", "", "figures must match the numbers given, see: watts"),
        ("watts = 40\n", "", "figures must match the numbers given, see: watts"),
        ('note_id = "Volume 50 liter." }', "estimate = true }", "not both"),
        (', note_id = "Volume 50 liter."', "", "source_url needs a note_id"),
        ("https://example.org/komposter", "javascript:alert(1)", "figures.capacity.source_url"),
        ("watts = 40", "watts = 40\nwarna = 1", "warna: Extra inputs are not permitted"),
        ('shelves = ["plants"]', "shelves = []", "shelves: Tuple should have at least 1 item"),
        ('shelves = ["plants"]', 'shelves = ["plants", "plants"]', "shelves names one twice"),
        ('fits_work_en = "turning compost"', "", "fits_work_en: Field required"),
        ("watts = 40", "watts = 40\ncapacity_per_hour = 9", "capacity_unit_id and capacity_unit_en go together"),
        ("watts = 40", f"watts = 40\n{PIECES}", "figures must match the numbers given, see: capacity_per_hour"),
        ("watts = 40", f"watts = 40\ncapacity_kg_per_hour = 1\n{PIECES}", "is for what is not weighed"),
    ],
)
def test_broken_record_is_refused_naming_file_slug_and_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in RECORD
    write(tmp_path, CATEGORY + RECORD.replace(old, new, 1))
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(tmp_path)
    assert str(refused.value).startswith("waste.toml: komposter-uji: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[category", "waste.toml: not valid TOML"),
        (RECORD, "waste.toml: must hold one [category]"),
        (CATEGORY + 'loose = "x"' + RECORD, "waste.toml: komposter-uji: category.loose"),
        (CATEGORY + RECORD + "\n[other]\nx = 1\n", "waste.toml: must hold one [category]"),
        (CATEGORY + RECORD.replace('slug = "komposter-uji"', ""), "waste.toml: record 1: slug: Field required"),
        (CATEGORY + RECORD.replace("komposter-uji", "Komposter Uji"), "waste.toml: Komposter Uji: slug: "),
        (CATEGORY + RECORD + 'category = "waste"', "waste.toml: record 1: must be a table"),
        (CATEGORY, "no technologies found"),
    ],
)
def test_broken_file_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(said)):
        load_catalogue(write(tmp_path, text))


def test_slug_used_in_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, CATEGORY + RECORD)
    write(tmp_path, CATEGORY + RECORD, name="water.toml")
    with pytest.raises(CatalogueError, match="duplicate slug komposter-uji"):
        load_catalogue(tmp_path)
