"""What a request's fields may be, and how a wrong one is told to a person, in Indonesian or English."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from shared.contracts.base import Moment
from shared.errors import InvalidFields, MalformedJson

_ID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
Ids = Annotated[
    list[UUID],
    Field(max_length=100),
    BeforeValidator(lambda text: text.split(",") if isinstance(text, str) else text),
    WithJsonSchema({"type": "string", "pattern": f"^{_ID}(,{_ID}){{0,99}}$"}),
]
"""Up to 100 ids in a query, with commas between."""


class Body(BaseModel):
    """A request's body or query: unknown fields are refused, text is trimmed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class View(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


def _clean(text: str) -> str:
    """Refuse what PostgreSQL cannot store and what could spoof a reader: control and direction-changing characters."""
    if any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in "\n\r\t\u200d" for character in text
    ):
        raise ValueError("unprintable")
    return unicodedata.normalize("NFC", text)


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError("one line")
    return text


Line = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_clean), AfterValidator(_one_line)]
"""One line of a person's text, such as a name or title: 1 to 120 characters."""

Paragraph = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_clean)]
"""A person's longer text: 1 to 2,000 characters."""


def _written_out(value: object) -> object:
    if isinstance(value, str) and "T" not in value.upper():
        raise ValueError("not RFC 3339")
    return value


QueryMoment = Annotated[Moment, BeforeValidator(_written_out)]
"""A moment in an address: a bare number would pass for seconds since 1970."""


class Blank:
    """Marks an optional text of which a blank one, as forms send it for an empty box, is as good as none."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Read a blank text as None."""
        return core_schema.no_info_before_validator_function(_absent_if_blank, handler(source))

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell that the empty text is taken, too."""
        schema = handler(core)
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "string", "maxLength": 0}]}


def _absent_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


_MESSAGES = {
    "missing": ("Wajib diisi.", "Required."),
    "extra_forbidden": ("Isian ini tidak dikenal.", "This field is not known."),
    "string_too_short": ("Isi paling sedikit {min_length} huruf.", "At least {min_length} characters."),
    "string_too_long": ("Isi paling banyak {max_length} huruf.", "At most {max_length} characters."),
    "greater_than": ("Harus lebih dari {gt}.", "Must be more than {gt}."),
    "greater_than_equal": ("Paling sedikit {ge}.", "At least {ge}."),
    "less_than": ("Harus kurang dari {lt}.", "Must be less than {lt}."),
    "less_than_equal": ("Paling banyak {le}.", "At most {le}."),
    "too_short": ("Isi paling sedikit {min_length}.", "At least {min_length} entries."),
    "too_long": ("Isi paling banyak {max_length}.", "At most {max_length} entries."),
    "literal_error": ("Pilih salah satu: {expected}.", "Choose one of: {expected}."),
    "int_parsing": ("Isi dengan angka bulat, tanpa titik atau koma.", "Enter a whole number."),
    "int_type": ("Isi dengan angka bulat.", "Enter a whole number."),
    "int_from_float": ("Isi dengan angka bulat.", "Enter a whole number."),
    "decimal_parsing": ("Isi dengan angka.", "Enter a number."),
    "decimal_max_places": (
        "Paling banyak {decimal_places} angka di belakang koma.",
        "At most {decimal_places} decimals.",
    ),
    "finite_number": ("Isi dengan angka.", "Enter a number."),
    "uuid_parsing": ("Nomor ini tidak sah.", "This id is not valid."),
    "value_error": ("Isian ini tidak dapat dipakai.", "This value cannot be used."),
    "string_type": ("Isi dengan tulisan.", "Enter text."),
    "bool_type": ("Pilih ya atau tidak.", "Choose yes or no."),
    "bool_parsing": ("Pilih ya atau tidak.", "Choose yes or no."),
    "datetime_from_date_parsing": ("Tanggal dan jam tidak terbaca.", "The date and time cannot be read."),
    "datetime_parsing": ("Tanggal dan jam tidak terbaca.", "The date and time cannot be read."),
    "timezone_aware": ("Sertakan zona waktu.", "Include the time zone."),
}
_OTHERWISE = ("Isian ini belum benar.", "This value is not right.")


def refusal_of(error: ValidationError, language: str) -> MalformedJson | InvalidFields:
    """Turn pydantic's findings into a refusal that names each field."""
    found = error.errors(include_url=False, include_input=False)
    if any(
        finding["type"] == "json_invalid" or (not finding["loc"] and finding["type"] == "model_type")
        for finding in found
    ):
        return MalformedJson()
    return InvalidFields([_told(finding, language) for finding in found[:50]])


def _told(finding: Any, language: str) -> dict[str, str]:  # noqa: ANN401 -- pydantic's ErrorDetails
    template = _MESSAGES.get(finding["type"], _OTHERWISE)[1 if language == "en" else 0]
    context = {name: str(value) for name, value in finding.get("ctx", {}).items()}
    field = ".".join(str(part)[:64] for part in finding["loc"]) or "body"
    return {"field": field, "message": template.format_map(context)}
