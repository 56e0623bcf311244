"""A notice: that somebody is to be told something. It becomes a message in its reader's language only when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from services.notifications.domain.template import facts_of
from services.notifications.domain.templates import TEMPLATES

PostRole = Literal["operator", "chair", "treasurer"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What an account is to be told: a template, its facts, and what it is about.

    `object_id` is what the link leads to; `subject_id` is the pool, business, supplier or technology whose name stands in the
    text, and `post_id` the post's. Names are looked up at reading, so a notice may be written before the name is heard.
    """

    account_id: UUID
    template: str
    object_id: UUID | None = None
    subject_id: UUID | None = None
    post_id: UUID | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        template = TEMPLATES[self.template]
        assert self.facts.keys() == facts_of(template), f"{self.template} needs {sorted(facts_of(template))}"
        assert (self.object_id is not None) == ("{object_id}" in template.link), f"the link of {self.template}"


@dataclass(frozen=True, slots=True)
class PostNotice:
    """What whoever serves at a post in one of `roles` is to be told, except the person whom it is about.

    It is kept for a day, for somebody whose role is heard of later than the thing itself.
    """

    post_id: UUID
    template: str
    roles: frozenset[PostRole] = frozenset({"operator"})
    object_id: UUID | None = None
    subject_id: UUID | None = None
    except_account_id: UUID | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    def to(self, account_id: UUID) -> Notice:
        """Make the notice for one of them."""
        return Notice(account_id, self.template, self.object_id, self.subject_id, self.post_id, self.facts)


def link_of(template: str, object_id: UUID | None) -> str:
    """Give the path on the web that a message leads to."""
    return TEMPLATES[template].link.format(object_id=object_id)
