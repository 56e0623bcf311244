"""Reads what stands on a sheet: the words of a PDF that typst has written, page by page."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n?(.*?)\nendobj", re.DOTALL)
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\((.*?)(?<!\\)((?:\\\\)*)\)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def words_on(pdf: bytes) -> list[str]:
    """The words of each page, in the order in which they were set, without spaces of no width."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = {
        name: _letters(_stream(objects[int(re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])[1])]))
        for found in re.findall(rb"/Font<<(.*?)>>", pdf)
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", found)
    }
    pages = [body for _, body in sorted(objects.items()) if b"/Type/Page/" in body or b"/Type/Page\n" in body]
    contents = [_stream(objects[int(re.search(rb"/Contents (\d+) 0 R", page)[1])]) for page in pages]
    return [_read(content, fonts) for content in contents]


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream\n")
    raw = rest[: rest.rindex(b"endstream")]
    return zlib.decompressobj().decompress(raw) if b"FlateDecode" in head else raw


def _letters(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", cmap.partition(b"endcodespacerange")[2])
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _read(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    text, letters = "", {}
    for font, shown, tail in _SHOWN.findall(content):
        if font:
            letters = fonts[font]
            text += " "
            continue
        raw = _ESCAPE.sub(lambda match: _unescaped(match[1]), shown + tail)
        text += "".join(letters.get(int.from_bytes(raw[at : at + 2], "big"), "") for at in range(0, len(raw), 2))
    return " ".join(text.replace("\u200b", "").split())


def _unescaped(escape: bytes) -> bytes:
    if escape[:1].isdigit():
        return bytes([int(escape, 8)])
    return _ESCAPED.get(escape, escape)
