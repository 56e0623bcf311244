"""What somebody typed into a form, and how to read it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# "1450000", "1.450.000" and "1,450,000"; a lone group of two digits would be a decimal fraction.
_GROUPED_DIGITS = re.compile(r"\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+", re.ASCII)
_CURRENCY_AND_SPACE = re.compile(r"^\s*(?:rp\.?)?|\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody typed, and what is wrong with it; both by field name.

    `errors` keeps the order in which the fields stand on the page: the summary lists them so.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str, default: str = "") -> str:
        """What was typed into field `name`, or `default` where nothing was sent."""
        return self.values.get(name, default)

    def error(self, name: str) -> str:
        """What is wrong with field `name`; empty when nothing is."""
        return self.errors.get(name, "")


def parse_rupiah(text: str) -> int:
    """Read whole rupiah as people write them: `Rp 1.450.000`, `1,450,000` or `1450000`.

    Raises `ValueError` for anything else, sen and negative amounts included: a form that guessed would
    guess with somebody's money.
    """
    digits = _CURRENCY_AND_SPACE.sub("", text)
    if not _GROUPED_DIGITS.fullmatch(digits):
        raise ValueError(f"not an amount in whole rupiah: {text!r}")
    return int(digits.replace(".", "").replace(",", ""))
