"""What a household's connection carries: the same line for the filter, for the page and for the catalogue's own notes."""

from __future__ import annotations

import pytest

from services.offers.catalogue import load_catalogue
from services.offers.domain.electricity import TARIFFS_SEN_PER_KWH, USUAL_SUPPLIES_VA, most_watts, supply


@pytest.mark.parametrize(
    ("watts", "fits"),
    [
        (300, ("easy", "easy", "easy", "easy")),
        (396, ("alone", "easy", "easy", "easy")),
        (397, ("none", "easy", "easy", "easy")),
        (746, ("none", "alone", "easy", "easy")),
        (1120, ("none", "none", "alone", "easy")),
        (1546, ("none", "none", "none", "alone")),
        (3000, ("none", "none", "none", "none")),
    ],
)
def test_watts_against_the_house(watts: int, fits: tuple[str, ...]) -> None:
    assert tuple(supply(watts, va).fit for va in USUAL_SUPPLIES_VA) == fits


@pytest.mark.parametrize("va", TARIFFS_SEN_PER_KWH)
def test_the_filter_lets_pass_exactly_what_is_called_possible(va: int) -> None:
    most = most_watts(va)
    assert [supply(watts, va).fit for watts in (most, most + 1)] == ["alone", "none"]


def test_the_rule_does_not_contradict_the_catalogue() -> None:
    """Where a note says that a connection is enough, the rule must not say that it is not."""
    for card in load_catalogue():
        for va in USUAL_SUPPLIES_VA if card.watts else ():
            said = f"{va:,}".replace(",", ".") + " VA"
            if (
                f"Cukup untuk daya rumah {said}" in card.power_note_id
                or f"Perlu daya rumah {said}" in card.power_note_id
            ):
                assert supply(card.watts or 0, va).fit != "none", card.slug
