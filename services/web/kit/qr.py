"""QR codes: error level M, with the quiet zone that scanners need."""

from __future__ import annotations

import io
from typing import Final

import segno

QUIET_MODULES: Final = 4
_PNG_SCALE: Final = 24
"""Pixels a module: about 1000 a side, enough for a banner."""


def _code(url: str) -> segno.QRCode:
    return segno.make_qr(url, error="m", boost_error=False)


def qr_svg(url: str) -> bytes:
    """Draw a QR code as SVG, black on white."""
    written = io.BytesIO()
    _code(url).save(written, kind="svg", border=QUIET_MODULES, scale=10, light="#fff", title="QR")
    return written.getvalue()


def qr_png(url: str) -> bytes:
    """Draw a QR code as PNG, black on white."""
    written = io.BytesIO()
    _code(url).save(written, kind="png", border=QUIET_MODULES, scale=_PNG_SCALE)
    return written.getvalue()
