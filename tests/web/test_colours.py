"""Text is readable in both colour schemes: WCAG 2.2 AA, computed from the stylesheet's own tokens."""

from __future__ import annotations

import re

import pytest

from services.web.assets import FOLDER

TEXT, GRAPHIC = 4.5, 3.0
PAIRS = [
    *(("text", ground, TEXT) for ground in ("bg", "surface", "accent-bg", "accent-soft")),
    *(("text", f"{tone}-soft", TEXT) for tone in ("good", "info", "warn", "bad")),
    *(("text-light", ground, TEXT) for ground in ("bg", "surface", "accent-bg", "accent-soft", "disabled")),
    *(("accent", ground, TEXT) for ground in ("bg", "surface", "accent-bg", "accent-soft")),
    *((tone, f"{tone}-soft", TEXT) for tone in ("good", "info", "warn", "bad")),
    *((tone, "surface", TEXT) for tone in ("good", "warn", "bad")),
    ("accent-text", "accent", TEXT),
    ("accent-text", "accent-hover", TEXT),
    ("surface", "bad", TEXT),
    ("kunyit-ink", "kunyit", TEXT),
    ("kunyit-ink", "kunyit-hover", TEXT),
    ("header-text", "header", TEXT),
    ("kunyit", "header", GRAPHIC),
    ("border-strong", "surface", GRAPHIC),
    ("border-strong", "bg", GRAPHIC),
    ("accent", "accent-bg", GRAPHIC),
]


def tokens(css):
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", css))


def luminance(colour):
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def schemes():
    css = (FOLDER / "urunbeli.css").read_text()
    light, dark = re.findall(r":root {(.*?)}", css, re.DOTALL)[:2]
    return {"light": tokens(light), "dark": tokens(light) | tokens(dark)}


def test_the_formula_is_the_standards():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_contrast(scheme, ink, ground, least):
    colours = schemes()[scheme]
    assert contrast(colours[ink], colours[ground]) >= least
