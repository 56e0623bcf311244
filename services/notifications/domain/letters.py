"""A message as it leaves the house: greeting, text, link, and why one gets it."""

from __future__ import annotations

from typing import NamedTuple

from services.notifications.domain.languages import Language
from services.notifications.domain.template import Written

MOST_SLIP = 900
"""Characters of text in a WhatsApp template's place; the provider takes about 1,000 for the whole."""

_GREETING = {"id": "Halo {name},", "en": "Hello {name},"}
_NAMELESS = {"id": "Halo,", "en": "Hello,"}
_MORE = {"id": "Lihat di sini: {url}", "en": "See more here: {url}"}
_WHY = {
    "id": "Pesan ini dikirim otomatis oleh urunbeli. Atur pemberitahuan Anda di {settings_url}",
    "en": "urunbeli sent this by itself. Choose what reaches you at {settings_url}",
}
SETTINGS_PATH = "/akun"


class Letter(NamedTuple):
    """An e-mail: subject and plain text."""

    subject: str
    text: str


def letter(written: Written, name: str | None, url: str, settings_url: str, language: Language) -> Letter:
    """Write an e-mail."""
    greeting = _GREETING[language].format(name=name) if name else _NAMELESS[language]
    parts = [
        greeting,
        written.text,
        _MORE[language].format(url=url),
        "--\n" + _WHY[language].format(settings_url=settings_url),
    ]
    return Letter(written.title, "\n\n".join(parts) + "\n")


def slip(written: Written, url: str) -> tuple[str, str, str]:
    """Fill the three places of the WhatsApp template: title, text, address. None may hold a line break."""
    text = written.text
    if len(text) > MOST_SLIP:
        text = text[: MOST_SLIP - 1].rstrip() + "…"
    return written.title, text, url
