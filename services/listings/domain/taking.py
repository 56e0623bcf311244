"""Taking rows into a business's listings: a pure fold over the rows in their order, and what comes of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from services.listings.domain import listing as listing_rules
from services.listings.domain.business import Business
from services.listings.domain.importing import ARCHIVED, Finding, IfKnown, RowState, match_key
from services.listings.domain.listing import REVISABLE, Listing
from services.listings.domain.reading_cells import same_text
from shared.contracts.base import Event
from shared.errors import Refusal

_FIELDS: Final = tuple(name for name in REVISABLE if name != "variants")
"""What a row can say: variants have no column."""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row that is to be taken."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person chose at the start."""

    if_known: IfKnown
    publish: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row."""

    number: int
    state: RowState
    listing_id: UUID | None = None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A version of a listing, as its history tells it."""

    listing_id: UUID
    version: int
    what: str
    details: Mapping[str, object]


@dataclass(slots=True)
class Taken:
    """Everything that taking some rows leads to. `added` and `changed`: the listings as they end, by id."""

    added: dict[UUID, Listing] = field(default_factory=dict)
    changed: dict[UUID, Listing] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


def take(
    rows: Sequence[WaitingRow], known: Sequence[Listing], business: Business, wish: Wish, ids: Iterator[UUID]
) -> Taken:
    """Take rows in their order. `known`: the listings that they may be about, oldest first; `ids`: new ones.

    A row is about the listing that its code names, else about the oldest one of the same name that is not archived.
    """
    shelf = _Shelf(known)
    taken = Taken()
    for row in rows:
        found = shelf.find(row.values)
        if found is None:
            listing = _new(row.values, business, next(ids))
            taken.steps.append(Step(listing.id, 1, "created", {}))
            state: RowState = "added"
        elif found.status == "archived":
            taken.outcomes.append(Outcome(row.number, "skipped", found.id, ARCHIVED))
            continue
        elif wish.if_known == "skip":
            taken.outcomes.append(Outcome(row.number, "skipped", found.id))
            continue
        else:
            try:
                listing = _revised(taken, found, row.values)
            except Refusal as refusal:
                why = Finding("", refusal.slug, refusal.message())
                taken.outcomes.append(Outcome(row.number, "failed", found.id, why))
                continue
            state = "unchanged" if listing == found else "updated"
        shown, finding = _published(taken, listing) if wish.publish else (listing, None)
        if state == "unchanged" and shown != listing:
            state = "updated"
        if found is None or found.id in taken.added:
            taken.added[shown.id] = shown
        elif state == "updated":
            taken.changed[shown.id] = shown
        shelf.put(shown)
        taken.outcomes.append(Outcome(row.number, state, shown.id, finding))
    return taken


class _Shelf:
    """The listings that rows may be about, by id and by name."""

    def __init__(self, known: Sequence[Listing]) -> None:
        self._by_id: dict[UUID, Listing] = {}
        self._by_name: dict[str, UUID] = {}
        for listing in known:
            self.put(listing)

    def find(self, values: Mapping[str, Any]) -> Listing | None:
        """Find what a row is about."""
        code = values.get("id")
        coded = self._by_id.get(UUID(code)) if code else None
        if coded is not None:
            return coded
        named = self._by_name.get(match_key(values["name"]))
        return self._by_id[named] if named is not None else None

    def put(self, listing: Listing) -> None:
        """Put a listing, or its newer version, onto the shelf."""
        before = self._by_id.get(listing.id)
        if before is not None and self._by_name.get(match_key(before.name)) == listing.id:
            del self._by_name[match_key(before.name)]
        self._by_id[listing.id] = listing
        if listing.status != "archived":
            self._by_name.setdefault(match_key(listing.name), listing.id)


def _new(values: Mapping[str, Any], business: Business, id_: UUID) -> Listing:
    fields = {name: values.get(name) for name in _FIELDS}
    return Listing(
        id=id_,
        business_id=business.id,
        post_id=business.post_id,
        owner_account_id=business.owner_account_id,
        business_verified=business.status == "verified",
        status="draft",
        version=1,
        **fields,  # type: ignore[arg-type]  # rows that are ready have every field of the right kind
    )


def _revised(taken: Taken, before: Listing, values: Mapping[str, Any]) -> Listing:
    """Change what the row says otherwise; a blank cell leaves what is there."""
    changes = {
        name: values[name]
        for name in _FIELDS
        if values.get(name) is not None and not _same(getattr(before, name), values[name])
    }
    after = listing_rules.revised(before, changes, None)
    if after != before:
        taken.steps.append(Step(after.id, after.version, "changed", listing_rules.differences(before, after)))
        taken.events += listing_rules.told(before, after)
    return after


def _same(before: object, after: object) -> bool:
    if isinstance(before, str) and isinstance(after, str):
        return same_text(before, after)
    return before == after


def _published(taken: Taken, listing: Listing) -> tuple[Listing, Finding | None]:
    """Put a listing on show, if it is not; where a rule says no it stays as it is, and the row says why."""
    if listing.on_show:
        return listing, None
    try:
        after = listing_rules.moved(listing, "published")
    except Refusal as refusal:
        return listing, Finding("", "not-published", refusal.message(), "warning")
    taken.steps.append(Step(after.id, after.version, "published", {}))
    taken.events += listing_rules.told(listing, after)
    return after, None
