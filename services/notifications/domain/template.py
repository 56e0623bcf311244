"""What a template is, and how it becomes a message in a person's language.

A wording names `{facts}` of the message. The fact's name says how it is written: `…_idr` in rupiah, `…_at` as a time in WIB,
`units` and `…_units` as a number of units, the names of `phrases.PHRASES` as the sentence of that code, `note` in quotation
marks if there is one, anything else as it is. `{pool}`, `{business}`, `{supplier}`, `{technology}` and `{post}` are no facts
but the names of what the message is about. With a capital letter (`{Pool}`) it begins a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from string import Formatter
from typing import NamedTuple

from services.notifications.domain.languages import NOUNS, Language, Names, moment, noun, units
from services.notifications.domain.phrases import PHRASES, phrase
from shared.errors import rupiah


class Wording(NamedTuple):
    """A title and one paragraph, with `{facts}` in them."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A message that can be said, in both languages."""

    link: str
    """Where one reads or does more: a path on the web; `{object_id}` is the id of what the message is about."""
    id: Wording
    en: Wording
    quiet: bool = False
    """Good to know, but nothing to do: it stays in the inbox and is not sent by e-mail or WhatsApp."""

    def wording(self, language: Language) -> Wording:
        """Give the wording in a language."""
        return self.en if language == "en" else self.id


@cache
def facts_of(template: Template) -> frozenset[str]:
    """Give the names of the facts that a template needs, in either language."""
    texts = [*template.id, *template.en]
    return frozenset(name for text in texts for name in _named(text))


def _named(text: str) -> Iterator[str]:
    for _, field, _, _ in Formatter().parse(text):
        if field is None:
            continue
        name = field.lower()
        if name in PHRASES:
            for sentences in PHRASES[name].values():
                for sentence in sentences.values():
                    yield from _named(sentence)
        if name not in NOUNS:
            yield name


class Written(NamedTuple):
    """A message as a person reads it, in one language."""

    title: str
    text: str


def write(template: Template, facts: Mapping[str, object], names: Names, language: Language) -> Written:
    """Fill a template's wording. Raises `KeyError` where a fact is missing."""
    shown = _Shown(facts, names, language)
    wording = template.wording(language)
    return Written(_tidy(wording.title.format_map(shown)), _tidy(wording.text.format_map(shown)))


def _tidy(text: str) -> str:
    """Make one line of it: an absent sentence leaves no gap, and what people wrote brings no line breaks."""
    return " ".join(text.split())


class _Shown(Mapping[str, str]):
    """Facts and names as a person reads them."""

    def __init__(self, facts: Mapping[str, object], names: Names, language: Language) -> None:
        self._facts = facts
        self._names = names
        self._language = language

    def __getitem__(self, name: str) -> str:
        if name[0].isupper():
            text = self[name.lower()]
            return text[:1].upper() + text[1:]
        if name in NOUNS:
            return noun(name, self._names, self._language)
        return self._written(name, self._facts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def _written(self, name: str, value: object) -> str:  # noqa: PLR0911 -- one line for each kind of fact
        if name in PHRASES:
            return phrase(name, value, self._language).format_map(self)
        if name == "pay_by_at":
            return _pay_by(value, self._language)
        if name == "note":
            return f"“{value}”" if value else ""
        if name.endswith("_idr") and isinstance(value, int):
            return rupiah(value)
        if name.endswith("_at"):
            return moment(_instant(value), self._language)
        if name.endswith("units") and isinstance(value, int):
            return units(value, self._language)
        return str(value)


def _pay_by(value: object, language: Language) -> str:
    if value is None:
        return {"id": "secepatnya", "en": "as soon as you can"}[language]
    return {"id": "sebelum ", "en": "before "}[language] + moment(_instant(value), language)


def _instant(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
