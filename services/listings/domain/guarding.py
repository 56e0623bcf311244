"""Guarding texts against spreadsheets that would run them as formulas, so that the guard comes off again at the import."""

from __future__ import annotations

import re
from typing import Final

_TRIGGER: Final = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula; `unguarded` takes exactly that away again."""
    return "'" + text if _TRIGGER.match(text) else text


def unguarded(text: str) -> str:
    """Take the apostrophe of `guarded` away."""
    return text[1:] if text.startswith("'") and _TRIGGER.match(text) else text


def kept_as_text(text: str) -> str:
    """Guard for a file whose cells are texts already: only what `unguarded` would take away."""
    return "'" + text if text.startswith("'") and _TRIGGER.match(text) else text
