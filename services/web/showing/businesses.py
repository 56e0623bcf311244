"""A business as its pages show it: when it is open, and what was done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import get_day_names

from services.web.catalogues import Locale
from services.web.rendering import rupiah

Json = Mapping[str, Any]
GetText = Callable[[str], str]


def days_text(days: Sequence[int], locale: Locale) -> str:
    """Name ISO weekdays, those in a row from the first to the last: `Senin–Jumat, Minggu`."""
    names = get_day_names("wide", locale=locale)
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    shown = []
    for run in runs:
        first, last = str(names[run[0] - 1]), str(names[run[-1] - 1])
        shown.append(first if len(run) == 1 else f"{first}, {last}" if len(run) == 2 else f"{first}–{last}")
    return ", ".join(shown)


def hours_text(hours: Json | None, locale: Locale, gettext: GetText) -> str:
    """Say when a business is open: `Senin–Sabtu, 08.00–17.00`."""
    if hours is None:
        return gettext("Dengan janji dulu")
    days = gettext("Setiap hari") if len(hours["open_days"]) == 7 else days_text(hours["open_days"], locale)
    clocks = f"{hours['opens']}–{hours['closes']}"
    return f"{days}, {clocks.replace(':', '.') if locale == 'id' else clocks}"


def is_open(hours: Json | None, now: datetime) -> bool | None:
    """Whether a business is open at a moment on its place's clock; None by appointment. It may close past midnight."""
    if hours is None:
        return None
    opens, closes, clock = time.fromisoformat(hours["opens"]), time.fromisoformat(hours["closes"]), now.time()
    today, yesterday = [(now - timedelta(days=days)).isoweekday() in hours["open_days"] for days in (0, 1)]
    if opens < closes:
        return today and opens <= clock < closes
    return (today and clock >= opens) or (yesterday and clock < closes)


def with_days(permits: Sequence[Json]) -> list[dict[str, Any]]:
    """Give permits with the day of their check as a date."""
    return [
        {**permit, "checked_on": date.fromisoformat(permit["checked_on"]) if permit["checked_on"] else None}
        for permit in permits
    ]


def changes_shown(
    changes: Sequence[Json], labels: Mapping[str, str], shelves: Mapping[str, str], locale: Locale, gettext: GetText
) -> list[tuple[str, str, str]]:
    """Give what was changed: the field as people call it, before and after.

    `shelves`: categories by code. Who came or left is told by the step itself.
    """
    shown = []
    for change in changes:
        field, before, after = change["field"], change["before"], change["after"]
        if field != "manager" and before != after:
            show = _shower(field, shelves, locale, gettext)
            shown.append((labels.get(field, field), show(before), show(after)))
    return shown


def _shower(field: str, shelves: Mapping[str, str], locale: Locale, gettext: GetText) -> Callable[[Any], str]:
    def shown(value: Any) -> str:  # noqa: ANN401 -- JSON
        if field == "hours":
            return hours_text(value, locale, gettext)
        if value is None or value == []:
            return "–"
        if isinstance(value, bool):
            return gettext("Ya") if value else gettext("Tidak")
        if field.endswith("_idr"):
            return rupiah(locale, value)
        if field in {"categories", "category"}:
            return ", ".join(shelves.get(code, code) for code in ([value] if isinstance(value, str) else value))
        return str(value)

    return shown


def actor_role(item: Json, owner_account_id: str) -> str:
    """Tell in which role somebody did a step of a business's history: `owner`, `manager` or `operator`."""
    if item["account_id"] == owner_account_id:
        return "owner"
    return "operator" if item["what"] in {"verified", "rejected", "permit_checked"} else "manager"
