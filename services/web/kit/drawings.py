"""The project's own drawings as pixels, and photos brought into shape."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

import typst
from PIL import Image, ImageOps, UnidentifiedImageError

from services.web.assets import FOLDER

MOST_PIXELS: Final = 12_000_000
"""More than the API keeps of any photo."""
_SVG_TO_PIXELS: Final = b"""
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.width) * 1pt)
"""


@lru_cache(maxsize=32)
def svg(name: str) -> str:
    """Read a drawing among the static files, such as `art-keripik` or `mark`."""
    return (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=48)
def pixels(name: str, width: int) -> Image.Image:
    """Draw a drawing `width` pixels wide. The picture is shared: copy before changing it."""
    fonts = _no_fonts()
    png = typst.compile(
        _SVG_TO_PIXELS, format="png", ppi=72, sys_inputs={"svg": svg(name), "width": str(width)}, font_paths=fonts
    )
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        return picture.convert("RGBA")


@lru_cache(maxsize=1)
def _no_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)


def photo(raw: bytes | None, width: int, height: int) -> Image.Image | None:
    """Cut a photo to a size (pixels), around its middle; None where it is none, or one too large to be ours."""
    if raw is None:
        return None
    try:
        with Image.open(io.BytesIO(raw), formats=["WEBP", "JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            return ImageOps.fit(picture.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, ValueError):
        return None


def picture_of(raw: bytes | None, art: str, width: int, height: int) -> Image.Image:
    """Give the photo of a thing, or the drawing that stands for its kind, cut to a size (pixels)."""
    taken = photo(raw, width, height)
    if taken is not None:
        return taken
    drawn = pixels(f"art-{art}", max(width, round(height * 640 / 420)))
    return ImageOps.fit(drawn.convert("RGB"), (width, height))


def jpeg(raw: bytes | None, width: int, height: int) -> bytes | None:
    """Write a photo for paper, cut to a size (pixels): PDF takes JPEG as it is. None where there is no photo."""
    taken = photo(raw, width, height)
    if taken is None:
        return None
    written = io.BytesIO()
    taken.save(written, "JPEG", quality=82, optimize=True)
    return written.getvalue()
