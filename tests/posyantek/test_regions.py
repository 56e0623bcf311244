import re
from dataclasses import FrozenInstanceError

import pytest

from services.posyantek.regions import load_regions

REGIONS = load_regions()
CODE = {
    "province": r"\d{2}",
    "city": r"\d{2}\.\d{2}",
    "district": r"\d{2}\.\d{2}\.\d{2}",
    "village": r"\d{2}\.\d{2}\.\d{2}\.\d{4}",
}


def test_jakarta_is_one_province_six_cities_44_kecamatan_267_kelurahan() -> None:
    counts = [len(REGIONS.at_level(level)) for level in ("province", "city", "district", "village")]
    assert counts == [1, 6, 44, 267]
    assert len(REGIONS) == sum(counts)


@pytest.mark.parametrize(
    ("city", "districts", "villages"),
    [("31.01", 2, 6), ("31.71", 8, 44), ("31.72", 6, 31), ("31.73", 8, 56), ("31.74", 10, 65), ("31.75", 10, 65)],
)
def test_each_city_has_its_districts_and_villages(city: str, districts: int, villages: int) -> None:
    assert len(REGIONS.children_of(city)) == districts
    assert sum(len(REGIONS.children_of(district.code)) for district in REGIONS.children_of(city)) == villages


def test_codes_are_kemendagris_and_nest_in_their_parents() -> None:
    for region in REGIONS:
        assert re.fullmatch(CODE[region.level], region.code)
        parent = region.code.rpartition(".")[0]
        assert region.parent_code == (parent or None)


def test_every_kelurahan_has_a_kecamatan_and_one_five_digit_postal_code() -> None:
    for village in REGIONS.at_level("village"):
        assert village.parent_code is not None
        assert REGIONS[village.parent_code].level == "district"
        (postal_code,) = village.postal_codes
        assert re.fullmatch(r"1[0-4]\d{3}", postal_code)


def test_names_are_properly_cased_and_unique_within_their_parent() -> None:
    for region in REGIONS:
        assert region.name == region.name.strip()
        assert all(word[0].isupper() and word[1:].islower() for word in region.name.split())
        names = [child.name for child in REGIONS.children_of(region.code)]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("code", "name", "city"),
    [
        ("31.71.05", "Cempaka Putih", "Kota Administrasi Jakarta Pusat"),
        ("31.72.05", "Pademangan", "Kota Administrasi Jakarta Utara"),
        ("31.73.05", "Kebon Jeruk", "Kota Administrasi Jakarta Barat"),
        ("31.74.08", "Pancoran", "Kota Administrasi Jakarta Selatan"),
        ("31.75.04", "Kramat Jati", "Kota Administrasi Jakarta Timur"),
        ("31.01.01", "Kepulauan Seribu Utara", "Kabupaten Administrasi Kepulauan Seribu"),
    ],
)
def test_kecamatan(code: str, name: str, city: str) -> None:
    province, found_city, district = REGIONS.path_to(code)
    assert (province.code, found_city.name, district.name) == ("31", city, name)


@pytest.mark.parametrize(
    ("code", "name", "postal_code"),
    [
        ("31.71.05.1001", "Cempaka Putih Timur", "10510"),
        ("31.71.05.1003", "Rawasari", "10570"),
        ("31.72.05.1003", "Ancol", "14430"),
        ("31.73.05.1001", "Kebon Jeruk", "11530"),
        ("31.74.08.1001", "Pancoran", "12780"),
        ("31.75.04.1001", "Kramat Jati", "13510"),
        ("31.74.09.1004", "Lenteng Agung", "12610"),
        ("31.74.09.1003", "Ciganjur", "12630"),
    ],
)
def test_kelurahan(code: str, name: str, postal_code: str) -> None:
    assert REGIONS[code].name == name
    assert REGIONS[code].postal_codes == (postal_code,)
    assert REGIONS[code] in REGIONS.with_postal_code(postal_code)


def test_larger_regions_gather_the_postal_codes_within_them() -> None:
    assert REGIONS["31.71.05"].postal_codes == ("10510", "10520", "10570")
    assert set(REGIONS["31.74"].postal_codes) >= set(REGIONS["31.74.09"].postal_codes)
    assert len(REGIONS["31"].postal_codes) == len(
        {postal_code for village in REGIONS.at_level("village") for postal_code in village.postal_codes}
    )


def test_parents_come_before_children_and_nothing_can_be_changed() -> None:
    codes = [region.code for region in REGIONS]
    assert codes == sorted(codes)
    assert load_regions() is REGIONS
    with pytest.raises(FrozenInstanceError):
        REGIONS["31"].name = "Jakarta"  # type: ignore[misc]
    with pytest.raises(TypeError):
        REGIONS.by_code["99"] = REGIONS["31"]  # type: ignore[index]


def test_unknown_code_is_a_key_error_and_unknown_postal_code_finds_nothing() -> None:
    with pytest.raises(KeyError):
        REGIONS.path_to("31.99")
    assert REGIONS.with_postal_code("99999") == ()
