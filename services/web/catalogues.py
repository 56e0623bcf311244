"""Translations: source strings are Indonesian, other languages live in `locale/` as .po files.

Catalogues are compiled in memory when the service starts, so no binary file can be older than its source.
`python -m services.web.catalogues` adds new source strings to them, empty, and drops those no longer used.
"""

import gettext
import re
from configparser import RawConfigParser
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

Locale = Literal["id", "en"]
LOCALES: tuple[Locale, ...] = ("id", "en")
SOURCE_LOCALE: Locale = "id"

_HERE = Path(__file__).parent
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


# Babel's own header has dates and addresses in it, and every update would change them.
_HEADER = """\
# Texts of the pages; the msgids are the Indonesian source strings.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms};\\n"

"""


def _po_file(locale: Locale, folder: Path) -> Path:
    return folder / "locale" / locale / "LC_MESSAGES" / "messages.po"


def _read_catalogue(locale: Locale, folder: Path) -> Catalog:
    with _po_file(locale, folder).open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


@lru_cache(maxsize=len(LOCALES))
def translations(locale: Locale) -> gettext.NullTranslations:
    """The texts of one language, for `gettext` and `ngettext` in Python code."""
    if locale == SOURCE_LOCALE:
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, _read_catalogue(locale, _HERE))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _extraction_rules(file: Path) -> tuple[list[tuple[str, str]], dict[str, dict[str, str]]]:
    """The (pattern, method) pairs of a mapping file, and the options of each pattern."""
    parser = RawConfigParser()
    parser.read_string(file.read_text(encoding="utf-8"), file.name)
    methods, options = [], {}
    for section in parser.sections():
        method, pattern = (part.strip() for part in section.split(":", 1))
        methods.append((pattern, method))
        options[pattern] = dict(parser.items(section))
    return methods, options


def source_messages(folder: Path = _HERE) -> Catalog:
    """Every string under `folder` that is marked for translation, in templates and in code."""
    methods, options = _extraction_rules(folder / "babel.cfg")
    catalogue = Catalog()
    for filename, line, message, comments, context in extract_from_dir(folder, methods, options):
        catalogue.add(message, None, [(filename, line)], auto_comments=comments, context=context)
    return catalogue


def _is_complete(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return bool(texts) and all(texts) and not message.fuzzy


def _placeholder_faults(message: Message, catalogue: Catalog) -> list[str]:
    faults = [str(error) for error in message.check(catalogue)]
    # A plural may leave its count out ("one unit"); any other text that lost a figure lost its point.
    if isinstance(message.id, str) and isinstance(message.string, str) and message.string:
        lost = set(_PLACEHOLDER.findall(message.id)) - set(_PLACEHOLDER.findall(message.string))
        faults += [f"lost placeholder {name}" for name in sorted(lost)]
    return faults


def missing_translations(folder: Path = _HERE) -> list[str]:
    """What is wrong with the catalogues, one line for each string; empty when they are complete.

    Finds strings without translation, translations of strings that no page uses any more, and
    translations that lost or invented a placeholder.
    """
    source = source_messages(folder)
    problems = []
    for locale in LOCALES:
        if locale == SOURCE_LOCALE:
            continue
        catalogue = _read_catalogue(locale, folder)
        for message in source:
            if not message.id:
                continue
            translated = catalogue.get(message.id, message.context)
            if translated is None or not _is_complete(translated):
                problems.append(f"{locale}: untranslated: {message.id!r} {message.locations}")
        for message in catalogue:
            if message.id and source.get(message.id, message.context) is None:
                problems.append(f"{locale}: unused: {message.id!r}")
            problems += [f"{locale}: {error}: {message.id!r}" for error in _placeholder_faults(message, catalogue)]
    return problems


def update_catalogues(folder: Path = _HERE) -> None:
    """Bring every catalogue into step with the source strings, keeping the translations there are."""
    source = source_messages(folder)
    for locale in LOCALES:
        if locale == SOURCE_LOCALE:
            continue
        old, new = _read_catalogue(locale, folder), Catalog(locale=locale)
        for message in source:
            if message.id:
                known = old.get(message.id, message.context)
                # A text that has become countable, or ceased to be, is translated anew.
                is_same = known is not None and isinstance(known.id, str) == isinstance(message.id, str)
                new.add(message.id, known.string if known and is_same else None, context=message.context)
        written = BytesIO()
        write_po(written, new, width=0, no_location=True, omit_header=True)
        header = _HEADER.format(locale=locale, plural_forms=new.plural_forms.rstrip(";"))
        text = header + written.getvalue().decode().strip() + "\n"
        _po_file(locale, folder).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    update_catalogues()
