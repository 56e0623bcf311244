"""The rules of needs: when one matures, when it is closed, and what is said of it.

    open ──(enough supporters)──▶ matured
      └──────────┬───────────────────┘
                 ▼ an operator closes it, or the last supporter leaves
               closed

A matured need stays matured when supporters leave: those who are still there have been told, and may be forming their group.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, get_args
from uuid import UUID

from services.posyantek.refusals import NeedIsClosed
from shared.contracts.posyantek import (
    NeedClosed,
    NeedEnding,
    NeedMatured,
    NeedRaised,
    NeedSupported,
    NeedSupportWithdrawn,
)

MATURES_AT: Final = 3
"""Supporters that make a need mature: a group has a chair, a treasurer and a member, and they are three people."""
MOST_UNITS: Final = 100
"""Units that one person may need: more is a trader's order, not a neighbour's."""
MOST_SUPPORTED: Final = 20
"""Standing needs that one account may support, so that the board tells what people really want."""

NeedState = Literal["open", "matured", "closed"]
BoardOrder = Literal["newest", "most_wanted"]
OperatorsEnding = Literal["fulfilled", "not_feasible", "duplicate"]
"""Why an operator closes a need."""

Saying = NeedRaised | NeedSupported | NeedSupportWithdrawn | NeedMatured | NeedClosed

assert set(get_args(OperatorsEnding)) < set(get_args(NeedEnding))


@dataclass(frozen=True, slots=True)
class Need:
    """A technology that is needed at a post. `units`: wanted altogether; `version`: how many events were said of it."""

    id: UUID
    post_id: UUID
    technology_id: UUID
    state: NeedState
    supporters: int
    units: int
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """A need as it is now, and what is to be said of how it came there."""

    need: Need
    says: tuple[Saying, ...] = ()


def raised(need_id: UUID, post_id: UUID, technology_id: UUID, account_id: UUID, units: int) -> Step:
    """Begin a need with its first supporter, who wants so many units."""
    need = Need(need_id, post_id, technology_id, "open", supporters=1, units=units, version=0)
    return _ripened(_say(Step(need), NeedRaised(**_told(need), account_id=account_id)))


def supported(need: Need, account_id: UUID, units: int, before: int | None) -> Step:
    """Let somebody need it too. `before`: the units they wanted so far, None if they are new. Raises `NeedIsClosed`."""
    if need.state == "closed":
        raise NeedIsClosed
    if before == units:
        return Step(need)
    joined = replace(need, supporters=need.supporters + (before is None), units=need.units + units - (before or 0))
    return _ripened(_say(Step(joined), NeedSupported(**_told(joined), account_id=account_id)))


def withdrawn(need: Need, account_id: UUID, before: int | None) -> Step:
    """Let somebody not need it any more; the last one closes it. Raises `NeedIsClosed`."""
    if need.state == "closed":
        raise NeedIsClosed
    return Step(need) if before is None else forgotten(need, account_id, before)


def forgotten(need: Need, account_id: UUID, before: int) -> Step:
    """Take somebody out who is erased: of a closed need, too."""
    left = replace(need, supporters=need.supporters - 1, units=need.units - before)
    step = _say(Step(left), NeedSupportWithdrawn(**_told(left), account_id=account_id))
    return step if left.supporters or left.state == "closed" else _closed(step, "abandoned", None)


def closed(need: Need, ending: OperatorsEnding, by: UUID) -> Step:
    """Close a need by an operator's decision. Raises `NeedIsClosed`."""
    if need.state == "closed":
        raise NeedIsClosed
    return _closed(Step(need), ending, by)


def missing(state: NeedState, supporters: int) -> int:
    """Give how many people are missing until a need matures; none of one that has, or that is closed."""
    return max(0, MATURES_AT - supporters) if state == "open" else 0


def _ripened(step: Step) -> Step:
    """Let a need mature when there are enough supporters; only an open one can, so it is said once."""
    if step.need.state != "open" or step.need.supporters < MATURES_AT:
        return step
    matured = replace(step.need, state="matured")
    return _say(replace(step, need=matured), NeedMatured(**_told(matured)))


def _closed(step: Step, ending: NeedEnding, by: UUID | None) -> Step:
    ended = replace(step.need, state="closed")
    return _say(replace(step, need=ended), NeedClosed(**_told(ended), ending=ending, closed_by=by))


def _say(step: Step, saying: Saying) -> Step:
    return Step(replace(step.need, version=step.need.version + 1), (*step.says, saying))


def _told(need: Need) -> dict[str, UUID | int]:
    return {
        "need_id": need.id,
        "post_id": need.post_id,
        "technology_id": need.technology_id,
        "supporters": need.supporters,
        "units": need.units,
    }
