"""From what was typed to what the API takes; and back to the form, with what is wrong beside each field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from services.web.forms import Form, parse_rupiah
from services.web.refusals import ApiRefusal
from services.web.visit import Visit

_WHOLE = re.compile(r"\d{1,9}", re.ASCII)


class Entered:
    """Reads a form's fields one by one, and gathers what is wrong by the field's name."""

    def __init__(self, visit: Visit, fields: Mapping[str, str]) -> None:
        self._visit = visit
        self.fields = fields
        self.errors: dict[str, str] = {}

    def gettext(self, text: str) -> str:
        """Translate a text whose source is Indonesian."""
        return self._visit.gettext(text)

    def text(self, name: str, *, optional: bool = False) -> str | None:
        """Read words."""
        typed = self.fields.get(name, "")
        if not typed and not optional:
            self.errors[name] = self._visit.gettext("Isian ini belum diisi.")
        return typed or None

    def choice(self, name: str) -> str:
        """Read which of several was chosen."""
        chosen = self.fields.get(name, "")
        if not chosen:
            self.errors[name] = self._visit.gettext("Pilih salah satu.")
        return chosen

    def whole(self, name: str, *, otherwise: int | None = None) -> int | None:
        """Read a whole number, dots between thousands allowed; `otherwise` where nothing was typed."""
        typed = self.fields.get(name, "").replace(".", "")
        if not typed and otherwise is not None:
            return otherwise
        if not _WHOLE.fullmatch(typed):
            self.errors[name] = self._visit.gettext("Isi dengan angka bulat, misalnya 2.")
            return None
        return int(typed)

    def rupiah(self, name: str, *, optional: bool = False) -> int | None:
        """Read an amount in whole rupiah."""
        typed = self.fields.get(name, "")
        if not typed and optional:
            return None
        try:
            return parse_rupiah(typed)
        except ValueError:
            self.errors[name] = self._visit.gettext("Isi dengan angka rupiah, misalnya 1.450.000.")
            return None

    def moment(self, day: str, clock: str, zone: timezone) -> str | None:
        """Read a day and a time of day on the clock of the place; gives RFC 3339."""
        try:
            typed = datetime.fromisoformat(f"{self.fields.get(day, '')}T{self.fields.get(clock, '')}")
        except ValueError:
            self.errors[day] = self._visit.gettext("Isi tanggal dan jamnya.")
            return None
        return typed.replace(tzinfo=zone).isoformat()

    def lines(self, name: str) -> list[str]:
        """Read one entry a line; empty lines do not count."""
        found = [line.strip() for line in self.fields.get(name, "").splitlines() if line.strip()]
        if not found:
            self.errors[name] = self._visit.gettext("Isi paling sedikit satu baris.")
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a form is drawn with: values and errors by field, a sentence above it, and the answer's status."""

    form: Form = field(default_factory=Form)
    trouble: str | None = None
    status: int = 200
    key: str = ""
    """The form's key again where it is unknown what became of the request; a new one otherwise."""

    @classmethod
    def fresh(cls, values: Mapping[str, str] | None = None) -> Outcome:
        """Begin with some values."""
        return cls(Form(dict(values or {})))

    @classmethod
    def mistyped(cls, entered: Entered) -> Outcome:
        """Show what could not be read."""
        return cls(Form(dict(entered.fields), entered.errors), status=422)

    @classmethod
    def refused(
        cls,
        fields: Mapping[str, str],
        refusal: ApiRefusal,
        *,
        names: Mapping[str, str] | None = None,
        slugs: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Show what the API refused.

        `names`: its fields that the page calls otherwise; `slugs`: refusals that are about one field.
        """
        known = names or {}
        errors = {
            known.get(name) or known.get(name.partition(".")[0]) or name: message
            for name, message in refusal.fields.items()
        }
        about = (slugs or {}).get(refusal.problem_slug)
        if about is not None:
            errors[about] = refusal.text
        is_known = 400 <= refusal.problem_status < 500
        return cls(
            Form(dict(fields), errors),
            None if errors else refusal.text,
            refusal.problem_status if is_known else 503,
            "" if is_known else fields.get("_key", ""),
        )

    @property
    def context(self) -> dict[str, Any]:
        """What the templates name."""
        return {"form": self.form, "trouble": self.trouble, "form_key": self.key, "status": self.status}
