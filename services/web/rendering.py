"""Turns a template, a language and data into a page.

Every page is drawn here, so that escaping, undefined names, figures, times and static addresses behave
alike everywhere. A name that a template uses and nobody gave is an error, never an empty place.
"""

import secrets
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache, partial
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.web.assets import assets
from services.web.catalogues import LOCALES, Locale, translations
from services.web.forms import Form
from services.web.page import Page
from services.web.showing import pictures
from services.web.zones import WIB, WIT, WITA

TEMPLATES = Path(__file__).parent / "templates"

# British English writes day before month and 24 hours, as Indonesian does.
_FORMAT_LOCALES: dict[Locale, str] = {"id": "id_ID", "en": "en_GB"}
_DATE_PATTERN = "d MMMM y"
_MOMENT_PATTERNS: dict[Locale, str] = {
    "id": "EEE, d MMM y, HH.mm",
    "en": "EEE, d MMM y, HH:mm",
}
_RUPIAH_PATTERN = "¤\u00a0#,##0;\u2212¤\u00a0#,##0"
_HONORIFICS = {"ibu", "bu", "bapak", "pak", "mas", "mbak", "mpok", "bang", "haji", "hajah", "h.", "hj.", "dr.", "ir."}
_MASK = "***"

# Below this many hours an answer in days would hide half of what is left.
_HOURS_SHOWN_AS_HOURS = 48


# The same few amounts stand on a page again and again, and finding out how to group them costs 30 µs each time.
@lru_cache(maxsize=4096)
def rupiah(locale: Locale, amount_idr: int) -> str:
    """Whole rupiah as people write them: `Rp 10.000`, with a no-break space after `Rp`."""
    # Babel calls the currency IDR in English; people in Indonesia read Rp in every language.
    text: str = format_currency(
        amount_idr, "IDR", _RUPIAH_PATTERN, locale=_FORMAT_LOCALES[locale], currency_digits=False
    )
    return text.replace("IDR", "Rp")


@lru_cache(maxsize=4096)
def number(locale: Locale, value: float) -> str:
    """A count or measure with its thousands grouped: `1.250`."""
    text: str = format_decimal(value, locale=_FORMAT_LOCALES[locale])
    return text


def day(locale: Locale, value: date | datetime, zone: timezone = WIB) -> str:
    """A day: `24 November 2026`. A moment is first taken to the place's clock."""
    if isinstance(value, datetime):
        value = _taken_to(zone, value)
    return format_date(value, _DATE_PATTERN, locale=_FORMAT_LOCALES[locale])


def moment(locale: Locale, value: datetime, zone: timezone = WIB) -> str:
    """A moment on the place's clock: `Sel, 24 Nov 2026, 15.04 WIB`."""
    local = _taken_to(zone, value)
    text = format_datetime(local, _MOMENT_PATTERNS[locale], locale=_FORMAT_LOCALES[locale])
    return f"{text} {local.tzname()}"


def _taken_to(zone: timezone, value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone could be any of three Indonesian hours")
    return value.astimezone(zone)


def remaining(locale: Locale, until: datetime, now: datetime) -> str:
    """How long there is still time: `3 hari lagi`, rounded down so that nobody comes too late."""
    text = translations(locale)
    minutes = int((until - now) / timedelta(minutes=1))
    hours = minutes // 60
    if until <= now:
        return text.gettext("sudah ditutup")
    if hours >= _HOURS_SHOWN_AS_HOURS:
        days = hours // 24
        return text.ngettext("%(count)s hari lagi", "%(count)s hari lagi", days) % {"count": days}
    if hours:
        return text.ngettext("%(count)s jam lagi", "%(count)s jam lagi", hours) % {"count": hours}
    if minutes:
        return text.ngettext("%(count)s menit lagi", "%(count)s menit lagi", minutes) % {"count": minutes}
    return text.gettext("kurang dari semenit lagi")


def masked(name: str) -> str:
    """A name as a public list may show it: `Ibu Sri Wahyuni` becomes `Ibu S***`."""
    words = name.split()
    title = [word for word in words[:-1][:1] if word.lower() in _HONORIFICS]
    given = words[len(title)] if words else ""
    return " ".join([*title, given[:1] + _MASK])


def iso(value: datetime) -> str:
    """A moment for machines, as `<time datetime>` wants it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_form_key() -> str:
    """A fresh idempotency key: the second tap on the same form does nothing twice."""
    return secrets.token_urlsafe(18)


@lru_cache(maxsize=len(LOCALES) * len((WIB, WITA, WIT)))
def environment(locale: Locale, zone: timezone = WIB) -> Environment:
    """The template environment of one language and clock; built once."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    env.filters |= {
        "rupiah": partial(rupiah, locale),
        "number": partial(number, locale),
        "day": partial(day, locale, zone=zone),
        "moment": partial(moment, locale, zone=zone),
        "remaining": partial(remaining, locale),
        "masked": masked,
        "iso": iso,
        "picture": pictures.of_photo,
    }
    env.globals |= {
        "locale": locale,
        "zone": zone.tzname(None),
        "static_url": assets().url,
        "icon_url": assets().icon_url,
        "new_form_key": new_form_key,
        "empty_form": Form(),
    }
    return env


def render(template: str, locale: Locale, zone: timezone = WIB, *, page: Page | None = None, **context: object) -> str:
    """Draw `template` in one language, by one clock; raises `jinja2.UndefinedError` for a name that nobody gave."""
    return environment(locale, zone).get_template(template).render(page=page or Page(), **context)
