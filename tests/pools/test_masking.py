"""Names in public lists show no more than a neighbour needs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pools.domain.masking import NAMELESS, mask_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ibu Siti Aminah", "Ibu S***"),
        ("ibu siti", "Ibu S***"),
        ("Siti Aminah", "S***"),
        ("Bpk. H. Rojali", "Bpk. H. R***"),
        ("hj. Zubaedah", "Hj. Z***"),
        ("Bapak", "B***"),
        ("Uni Kartika", "U***"),
        ("  (Émile)  ", "É***"),
        ("Ibu …", NAMELESS),
        ("", NAMELESS),
        ("   ", NAMELESS),
    ],
)
def test_the_form_of_address_and_one_letter_are_shown(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@given(st.text(alphabet=st.characters(categories=["L"]), max_size=30))
@settings(deadline=None)
def test_neither_the_rest_of_a_name_nor_its_length_can_be_read(name: str) -> None:
    shown = mask_name(f"Ibu X{name} {name}")
    assert shown == "Ibu X***"
