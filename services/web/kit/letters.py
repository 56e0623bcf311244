"""The letters that pictures and paper have, and how words are made to fit a box."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

FONTS: Final = Path(__file__).parent / "fonts"
REGULAR: Final = 400
BOLD: Final = 700
_NOT_A_LETTER: Final = "\uffff"
_DOTS: Final = "…"
_NO_WIDTH: Final = "\u200b"
_LONGEST_WORD: Final = 20
_PIECE: Final = 10


# The basic layout is the same everywhere; the finer one depends on a library of the machine.
@lru_cache(maxsize=64)
def font(weight: int, size: int) -> ImageFont.FreeTypeFont:
    """Give the font of a weight (400 or 700) in a size (pixels)."""
    path = FONTS / f"plus-jakarta-sans-{weight}.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    probe = font(REGULAR, 20)
    return letter.isspace() or bytes(probe.getmask(letter)) != bytes(probe.getmask(_NOT_A_LETTER))


def printable(text: str, otherwise: str = "") -> str:
    """Leave out what the font cannot draw, such as emoji, and needless space; `otherwise` where nothing is left."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(letter if _has(letter) else " " for letter in composed)
    return " ".join(kept.split()) or otherwise


def breakable(text: str) -> str:
    """Let words that are too long for any line be broken, by spaces without width; addresses at their slashes."""
    return " ".join(word if len(word) <= _LONGEST_WORD else _opened(word) for word in text.split())


def _opened(word: str) -> str:
    if "://" in word:
        return word.replace("/", f"/{_NO_WIDTH}").replace(f"/{_NO_WIDTH}/{_NO_WIDTH}", "//")
    return _NO_WIDTH.join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Words cut into lines, with the size (pixels) in which they fit and the height of a line."""

    lines: tuple[str, ...]
    weight: int
    size: int
    line_height: int

    @property
    def height(self) -> int:
        """How much room they take."""
        return len(self.lines) * self.line_height


def fit(text: str, weight: int, *, width: int, most_lines: int, largest: int, smallest: int) -> Fitted:
    """Find the largest size in which a text fits `width` pixels in `most_lines`; in the smallest it is cut short."""
    for size in range(largest, smallest - 1, -2):
        lines = _wrapped(text, font(weight, size), width, may_break=size == smallest)
        if lines is not None and len(lines) <= most_lines:
            return _fitted(lines, weight, size)
    lines = _wrapped(text, font(weight, smallest), width, may_break=True) or [""]
    kept = lines[:most_lines]
    if len(lines) > most_lines:
        kept[-1] = _shortened(kept[-1], font(weight, smallest), width)
    return _fitted(kept, weight, smallest)


def _fitted(lines: list[str], weight: int, size: int) -> Fitted:
    return Fitted(tuple(lines), weight, size, round(size * 1.2))


def _wrapped(text: str, face: ImageFont.FreeTypeFont, width: int, *, may_break: bool) -> list[str] | None:
    """Cut into lines; None where a word is wider than a line and may not be broken."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.getlength(longer) <= width:
            lines[-1] = longer
            continue
        pieces = [word] if face.getlength(word) <= width else _broken(word, face, width)
        if len(pieces) > 1 and not may_break:
            return None
        lines += pieces
    return lines


def _broken(word: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if face.getlength(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _shortened(line: str, face: ImageFont.FreeTypeFont, width: int) -> str:
    while line and face.getlength(line + _DOTS) > width:
        line = line[:-1]
    return line.rstrip() + _DOTS
