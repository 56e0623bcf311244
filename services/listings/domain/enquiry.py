"""An enquiry: somebody goes to the seller's WhatsApp with an order in mind, under a reference that both can say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

Outcome = Literal["sold", "not_sold"]

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, O, 1, I, L and U: read aloud or copied by hand, none of these is taken for another."""
LETTERS: Final = 5
"""24 million references."""
MOST_UNITS: Final = 9999
MOST_VARIANT: Final = 60


def reference(numbers: Sequence[int]) -> str:
    """Write a reference, such as `UB-7K3QX`, of five numbers from 0 to 29."""
    assert len(numbers) == LETTERS
    return "UB-" + "".join(ALPHABET[number] for number in numbers)
