"""The picture that WhatsApp shows above a link: 1200 × 630 pixels, the same bytes for the same facts."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from services.web.kit.drawings import picture_of, pixels
from services.web.kit.letters import BOLD, REGULAR, Fitted, fit, font, printable
from services.web.kit.things import Thing
from shared.errors import rupiah

WIDTH: Final = 1200
HEIGHT: Final = 630
MOST_BYTES: Final = 150 * 1024

_GREEN: Final = (11, 74, 60)
_WHITE: Final = (255, 255, 255)
_SOFT: Final = (205, 227, 216)
_KUNYIT: Final = (244, 177, 47)
_TRACK: Final = (40, 105, 88)
_PANEL: Final = 690
"""Where the words end and the picture begins."""
_LEFT: Final = 64
_ROOM: Final = _PANEL - _LEFT - 50
_TOOTH: Final = 30
_HEM: Final = (_PANEL, 0, _PANEL + _TOOTH, HEIGHT)
_ROOM_FOR_UNIT: Final = 70
_WORDS_COLOURS: Final = 32
_STEPS: Final = ((256, 0.0), (128, 1.0), (96, 2.0), (64, 4.0))
"""Colours and blur (pixels) of the photo, from fine to small, until the file is small enough."""


def share_picture(thing: Thing, photo: bytes | None = None) -> bytes:
    """Draw the picture of a thing as PNG. `photo`: WebP, JPEG or PNG; a drawing stands in where it is none."""
    picture = picture_of(photo, thing.art, WIDTH - _PANEL, HEIGHT)
    sheet = Image.new("RGB", (WIDTH, HEIGHT), _GREEN)
    draw = ImageDraw.Draw(sheet)
    _brand(sheet, draw)
    _words(draw, thing)
    png = b""
    for colours, blur in _STEPS:
        shown = picture.filter(ImageFilter.GaussianBlur(blur)) if blur else picture
        sheet.paste(shown, (_PANEL, 0))
        sheet.paste(_GREEN, _HEM, _teeth())
        png = _png(sheet, colours)
        if len(png) <= MOST_BYTES:
            break
    return png


def _png(sheet: Image.Image, colours: int) -> bytes:
    """Write it with a palette in which the words have colours of their own: a grey photo must not take the price's yellow."""
    words = sheet.crop((0, 0, _PANEL, HEIGHT)).quantize(_WORDS_COLOURS, dither=Image.Dither.NONE)
    picture = sheet.crop((_PANEL, 0, WIDTH, HEIGHT)).quantize(colours - _WORDS_COLOURS, dither=Image.Dither.NONE)
    whole = Image.new("P", (WIDTH, HEIGHT))
    whole.putpalette((words.getpalette() or [])[: 3 * _WORDS_COLOURS] + (picture.getpalette() or []))
    whole.paste(words, (0, 0))
    whole.paste(picture.point(lambda index: index + _WORDS_COLOURS), (_PANEL, 0))
    whole.paste(words.tobytes()[0], _HEM, _teeth().point(lambda share: 255 if share == 255 else 0))
    written = io.BytesIO()
    whole.save(written, "PNG", compress_level=7)
    return written.getvalue()


def _brand(sheet: Image.Image, draw: ImageDraw.ImageDraw) -> None:
    mark = pixels("mark", 60)
    sheet.paste(mark, (_LEFT, 52), mark)
    draw.text((_LEFT + 76, 82), "urunbeli", font=font(BOLD, 36), fill=_WHITE, anchor="lm")


@lru_cache(maxsize=1)
def _teeth() -> Image.Image:
    """The hem between words and picture, as a Betawi cloth has it: what is white here is the words' green."""
    fine = 4
    mask = Image.new("L", (_TOOTH * fine, HEIGHT * fine), 0)
    draw = ImageDraw.Draw(mask)
    for top in range(-_TOOTH, HEIGHT, 2 * _TOOTH):
        corners = [(0, top), (_TOOTH, top + _TOOTH), (0, top + 2 * _TOOTH)]
        draw.polygon([(x * fine, y * fine) for x, y in corners], fill=255)
    return mask.resize((_TOOTH, HEIGHT), Image.Resampling.BOX)


def _words(draw: ImageDraw.ImageDraw, thing: Thing) -> None:
    """Write name, price and place between the brand and the lower edge; a pool's bar stands above its place."""
    bottom = HEIGHT - 52
    place = fit(_place(thing), REGULAR, width=_ROOM, most_lines=2, largest=30, smallest=24)
    _lines(draw, place, bottom - place.height, _SOFT)
    bottom -= place.height + 18
    if thing.progress is not None:
        bottom = _bar(draw, thing, bottom)
    if thing.price_idr is not None:
        bottom = _price(draw, thing, thing.price_idr, bottom)
    top = 146
    most_lines = 3 if thing.progress is not None else 4
    largest = 72 if thing.progress is None else 56
    text = printable(thing.name, "urunbeli")
    name = fit(text, BOLD, width=_ROOM, most_lines=most_lines, largest=largest, smallest=28)
    while name.height > bottom - top and name.size > 28:
        name = fit(text, BOLD, width=_ROOM, most_lines=most_lines, largest=name.size - 2, smallest=28)
    _lines(draw, name, top + max(0, (bottom - top - name.height) // 2), _WHITE)


def _place(thing: Thing) -> str:
    parts = [printable(part) for part in (thing.maker, thing.place)]
    return " · ".join(dict.fromkeys(filter(None, parts)))


def _price(draw: ImageDraw.ImageDraw, thing: Thing, price_idr: int, bottom: int) -> int:
    text = fit(rupiah(price_idr), BOLD, width=_ROOM, most_lines=1, largest=68, smallest=36)
    top = bottom - text.height - 8
    _lines(draw, text, top, _KUNYIT)
    end = int(font(BOLD, text.size).getlength(text.lines[0])) + 16
    unit = printable(thing.unit)
    if unit and _ROOM - end >= _ROOM_FOR_UNIT:
        rest = fit(f"/ {unit}", REGULAR, width=_ROOM - end, most_lines=1, largest=32, smallest=20)
        at = (_LEFT + end, top + round(text.size * 0.98))
        draw.text(at, rest.lines[0], font=font(REGULAR, rest.size), fill=_SOFT, anchor="ls")
    return top - 10


def _bar(draw: ImageDraw.ImageDraw, thing: Thing, bottom: int) -> int:
    """Draw how far a pool is, and until when one may join. Gives the new lower edge."""
    progress = thing.progress
    assert progress is not None
    until = f"Ditutup {progress.until}" if progress.is_open else "Sudah ditutup"
    rows = (f"{progress.units} dari {progress.target} unit · {progress.people} peserta", until)
    top = bottom - 118
    full = min(1.0, progress.units / progress.target) if progress.target else 0.0
    draw.rounded_rectangle((_LEFT, top, _LEFT + _ROOM, top + 22), radius=11, fill=_TRACK)
    if full:
        draw.rounded_rectangle((_LEFT, top, _LEFT + max(22, round(_ROOM * full)), top + 22), radius=11, fill=_KUNYIT)
    _lines(draw, fit(rows[0], BOLD, width=_ROOM, most_lines=1, largest=28, smallest=20), top + 32, _WHITE)
    _lines(draw, fit(rows[1], REGULAR, width=_ROOM, most_lines=1, largest=28, smallest=20), top + 70, _SOFT)
    return top - 16


def _lines(draw: ImageDraw.ImageDraw, fitted: Fitted, top: int, colour: tuple[int, int, int]) -> None:
    face = font(fitted.weight, fitted.size)
    for number, line in enumerate(fitted.lines):
        draw.text((_LEFT, top + number * fitted.line_height), line, font=face, fill=colour)
