"""Contacts: the phone numbers and e-mail addresses by which a person logs in, each in one form only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import phonenumbers

from services.identity.refusals import ContactInvalid

ContactKind = Literal["phone", "email"]

_HOME = "ID"
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
)
_MOST_EMAIL = 254
_MOST_LOCAL = 64


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone number in E.164 form, or a lower-case e-mail address."""

    kind: ContactKind
    value: str

    @property
    def masked(self) -> str:
        """The contact as somebody who knows it recognises it: `+62812****890`, `s***@contoh.id`."""
        if self.kind == "phone":
            return f"{self.value[:6]}****{self.value[-3:]}"
        local, _, host = self.value.partition("@")
        return f"{local[0]}***@{host}"


def read_contact(text: str) -> Contact:
    """Read what a person typed; numbers without a country are Indonesian. Raises `ContactInvalid`."""
    return read_email(text) if "@" in text else read_phone(text)


def read_phone(text: str) -> Contact:
    """Read a phone number: `0812…`, `62812…` and `+62 812-…` are the same. Raises `ContactInvalid`."""
    try:
        number = phonenumbers.parse(text, _HOME)
    except phonenumbers.NumberParseException:
        raise ContactInvalid from None
    # Only a bare number can be reached: an extension would be dropped, and two people would share one contact.
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise ContactInvalid
    return Contact("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def read_email(text: str) -> Contact:
    """Read an e-mail address of the kind that every server takes (ASCII). Raises `ContactInvalid`."""
    value = text.strip().lower()
    if not value.isascii() or len(value) > _MOST_EMAIL or not _EMAIL.fullmatch(value):
        raise ContactInvalid
    if len(value.partition("@")[0]) > _MOST_LOCAL:
        raise ContactInvalid
    return Contact("email", value)
