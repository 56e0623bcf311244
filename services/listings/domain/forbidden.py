"""Goods that may not be sold here, found by the words of a product's name and description.

`refused` goods are unmistakable and never go on show. `checked` ones go on show, but an operator has a look: they need a licence,
or are often forbidden to be sold online. Words are whole words in lower case without accents; several words stand next to each
other. A word does not count inside one of its group's exceptions ("bir pletok" has no alcohol), nor up to three words after one
that takes its sting out ("tanpa boraks dan formalin"). The words are a help to operators, no judgement: whoever wants to hide
something writes it otherwise, and then neighbours report it.

Each group names its legal source, or "aturan platform" where the rule is this platform's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.listings.domain.forbidden_words import CHECKED, PLATFORM, PLATFORM_EN, REFUSED
from services.listings.domain.moderation_refusals import ForbiddenGoods

Kind = Literal["refused", "checked"]

_WORD: Final = re.compile(r"[^\W_]+")
_REACH: Final = 3
"""How many words back one that takes the sting out may stand."""
_BREAK: Final = ""
"""Stands between sentences: no phrase goes across."""
_ENDS: Final = re.compile(r"[.!?;\n]+(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Group:
    """Goods of one kind. `name_id`, `name_en`: what they are called; `source`: the rule."""

    code: str
    kind: Kind
    name_id: str
    name_en: str
    source: str
    phrases: frozenset[tuple[str, ...]]
    exceptions: frozenset[tuple[str, ...]]
    unless_after: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A word, or several, as folded, and the goods for which they stand."""

    word: str
    group: Group


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(part.split()) for part in text.replace("\n", " ").split(",") if part.strip())


def _groups(kind: Kind) -> Iterator[Group]:
    for code, (name_id, name_en, source, words, exceptions, unless_after) in (
        REFUSED if kind == "refused" else CHECKED
    ).items():
        yield Group(
            code, kind, name_id, name_en, source, _phrases(words), _phrases(exceptions), frozenset(unless_after.split())
        )


GROUPS: Final = (*_groups("refused"), *_groups("checked"))
"""Every group, the refused ones first."""
BY_CODE: Final = {group.code: group for group in GROUPS}
_LONGEST: Final = max(len(phrase) for group in GROUPS for phrase in group.phrases | group.exceptions)


def folded(text: str) -> list[str]:
    """Give the words of a text in lower case and without accents; an empty one between sentences."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words: list[str] = []
    for sentence in _ENDS.split(plain):
        words += [*_WORD.findall(sentence), _BREAK]
    return words


def find(*texts: str | None) -> Found | None:
    """Find what a product must not, or may not simply, be: refused goods before those to be checked, else None."""
    words = [word for text in texts if text for word in folded(text)]
    parts = {tuple(words[start : start + size]) for size in range(1, _LONGEST + 1) for start in range(len(words))}
    for group in GROUPS:
        for phrase in sorted(group.phrases & parts, key=lambda phrase: (-len(phrase), phrase)):
            if any(_counts(group, words, start, len(phrase)) for start in _places(words, phrase)):
                return Found(" ".join(phrase), group)
    return None


def _places(words: Sequence[str], phrase: tuple[str, ...]) -> Iterator[int]:
    return (start for start in range(len(words)) if tuple(words[start : start + len(phrase)]) == phrase)


def _counts(group: Group, words: Sequence[str], start: int, size: int) -> bool:
    """Whether words at a place stand for the goods, and not for something harmless."""
    before = words[max(0, start - _REACH) : start]
    if _BREAK in before:
        before = before[len(before) - before[::-1].index(_BREAK) :]
    if not group.unless_after.isdisjoint(before):
        return False
    spans = ((place, place + len(harmless)) for harmless in group.exceptions for place in _places(words, harmless))
    return not any(first <= start and start + size <= last for first, last in spans)


def require_allowed(name: str, description: str | None) -> None:
    """Let no refused goods go on show. Raises `ForbiddenGoods`."""
    found = find(name, description)
    if found is not None and found.group.kind == "refused":
        group = found.group
        source_en = PLATFORM_EN if group.source == PLATFORM else group.source
        raise ForbiddenGoods(
            word=found.word, goods=group.name_id, goods_en=group.name_en, source=group.source, source_en=source_en
        )


def to_check(name: str, description: str | None) -> Found | None:
    """Find goods of which an operator has to look whether they may be sold."""
    found = find(name, description)
    return found if found is not None and found.group.kind == "checked" else None
