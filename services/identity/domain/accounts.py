"""Accounts: a person's name, language and contacts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.identity.domain.codes import Language
from services.identity.domain.contacts import Contact, ContactKind


@dataclass(frozen=True, slots=True)
class Account:
    """A person who has an account."""

    id: UUID
    name: str
    language: Language
    phone: str | None = None
    email: str | None = None

    def with_contact(self, contact: Contact) -> Account:
        """Give the account with this contact, instead of another of its kind."""
        return replace(self, phone=contact.value) if contact.kind == "phone" else replace(self, email=contact.value)

    def value_of(self, kind: ContactKind) -> str | None:
        """The account's contact of a kind."""
        return self.phone if kind == "phone" else self.email

    def has(self, contact: Contact) -> bool:
        """Whether this contact is the account's."""
        return self.value_of(contact.kind) == contact.value
