"""A person's words as a text-search query."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 8


def prefix_query(words: str | None) -> str | None:
    """Turn a person's words into a text-search query in which each must begin a word; None where there are none."""
    found = _WORD.findall(words or "")[:_MOST_WORDS]
    return " & ".join(f"'{word}':*" for word in found) or None
