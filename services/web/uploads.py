"""Forms with files, as browsers send them (RFC 7578), read from a body that the edge has held to the route's size."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from shared.errors import BadInput

MULTIPART: Final = "multipart/form-data"
MOST_PARTS: Final = 200
MOST_HEAD_BYTES: Final = 4096
MOST_FIELD_BYTES: Final = 64 * 1024
_LONGEST_NAME: Final = 80
_BOUNDARY = re.compile(r'boundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_PARAMETER = re.compile(r'\b(name|filename)="([^"\r\n]*)"', re.IGNORECASE)
_DISPOSITION = re.compile(r"^content-disposition:\s*form-data\s*;(.*)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that somebody chose. `name`: what it is called on their device, shortened; never to be used as a path."""

    field: str
    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """What came: words by field, and files in the order in which they were chosen."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[SentFile] = field(default_factory=list)


def parse(raw: bytes, content_type: str) -> Sent:
    """Take a form apart. `content_type`: the header as it came. A file input left empty is none. Raises `BadInput`."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise BadInput
    mark = b"--" + (found[1] or found[2]).encode()
    sent = Sent()
    # Every mark but the first stands at the beginning of a line, and that line break belongs to the mark.
    place = 0 if raw.startswith(mark) else _find(raw, b"\r\n" + mark, 0) + 2
    for _ in range(MOST_PARTS):
        place += len(mark)
        if raw.startswith(b"--", place):
            return sent
        if not raw.startswith(b"\r\n", place):
            raise BadInput
        head_end = _find(raw, b"\r\n\r\n", place)
        body_end = _find(raw, b"\r\n" + mark, head_end + 2)
        if head_end - place > MOST_HEAD_BYTES:
            raise BadInput
        _add(sent, raw[place + 2 : head_end], raw[head_end + 4 : body_end])
        place = body_end + 2
    raise BadInput


def _find(raw: bytes, what: bytes, start: int) -> int:
    place = raw.find(what, start)
    if place < 0:
        raise BadInput
    return place


def _add(sent: Sent, head: bytes, body: bytes) -> None:
    disposition = _DISPOSITION.search(head.decode(errors="replace"))
    if disposition is None:
        raise BadInput
    parameters = {name.lower(): value for name, value in _PARAMETER.findall(disposition[1])}
    if "name" not in parameters:
        raise BadInput
    name, filename = _plain(parameters["name"]), parameters.get("filename")
    if filename is None:
        if len(body) > MOST_FIELD_BYTES:
            raise BadInput
        try:
            sent.fields.append((name, body.decode()))
        except UnicodeDecodeError as error:
            raise BadInput from error
    elif filename or body:
        sent.files.append(SentFile(name, _shown(_plain(filename)), body))


def _plain(text: str) -> str:
    """Undo what browsers do to a name's quotation marks and line breaks."""
    return text.replace("%22", '"').replace("%0D", " ").replace("%0A", " ")


def _shown(filename: str) -> str:
    """Make a file's name fit to be read: without its folder, and without characters that would mislead."""
    last = re.split(r"[/\\]", filename)[-1]
    clean = "".join(character for character in last if character.isprintable()).strip()
    if len(clean) <= _LONGEST_NAME:
        return clean or "?"
    return f"{clean[: _LONGEST_NAME - 12]}…{clean[-10:]}"
