"""Needs: raising one, needing it too, not any more, closing it; and forgetting people who were erased."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.posyantek.domain import needs as rules
from services.posyantek.domain.needs import MOST_SUPPORTED, Need, OperatorsEnding, Step
from services.posyantek.refusals import PostUnknown, TechnologyUnknown, TooManyNeeds
from services.posyantek.repository import needs as repository
from shared.auth import Principal, require
from shared.db import Transaction
from shared.errors import Conflict, NotFound
from shared.ids import new_id

_TRIES: Final = 3
"""A need that was in the way may be closed before it can be held; then the way is free."""


async def raise_need(
    tx: Transaction, who: Principal, *, post_id: UUID, technology_id: UUID, units: int, note: str | None
) -> tuple[UUID, bool]:
    """Say that a technology is needed at a post; one that is needed there already is joined, and `note` is not kept.

    Gives the need's id, and whether it is new. Raises `PostUnknown`, `TechnologyUnknown`, `TooManyNeeds`.
    """
    post_known, technology_known = await repository.known(tx, post_id, technology_id)
    if not post_known:
        raise PostUnknown
    if not technology_known:
        raise TechnologyUnknown
    for _ in range(_TRIES):
        step = rules.raised(new_id(), post_id, technology_id, who.account_id, units)
        now = await tx.now()
        if await repository.add(tx, step.need, who.account_id, note, now):
            await _check_supported(tx, who.account_id)
            await repository.join(tx, step.need.id, who.account_id, units, who.assisted_by, now)
            tx.emit(*step.says)
            return step.need.id, True
        standing = await repository.lock_standing(tx, post_id, technology_id)
        if standing is not None:
            await _join(tx, who, standing, units)
            return standing.id, False
    raise Conflict


async def support(tx: Transaction, who: Principal, need_id: UUID, units: int) -> None:
    """Need it too, or another number of units. Raises `NotFound`, `NeedIsClosed`, `TooManyNeeds`."""
    await _join(tx, who, await _held(tx, need_id), units)


async def withdraw(tx: Transaction, who: Principal, need_id: UUID) -> None:
    """Not need it any more; again is as once. Raises `NotFound`, `NeedIsClosed`."""
    need = await _held(tx, need_id)
    step = rules.withdrawn(need, who.account_id, await repository.units_of(tx, need_id, who.account_id))
    await repository.leave(tx, need_id, who.account_id)
    await _save(tx, step)


async def close(tx: Transaction, who: Principal, need_id: UUID, ending: OperatorsEnding, words: str | None) -> None:
    """Close a need of one's own post. Raises `NotFound`, `NotAllowed`, `NeedIsClosed`."""
    need = await _held(tx, need_id)
    require(who.operates(need.post_id))
    step = rules.closed(need, ending, who.account_id)
    await repository.save(tx, [step.need], await tx.now(), ending=ending, by=who.account_id, words=words)
    tx.emit(*step.says)


async def forget_person(tx: Transaction, account_id: UUID) -> None:
    """Take somebody who asked to be forgotten out of every need, and their words with them. May be repeated."""
    held = await repository.lock_supported(tx, account_id)
    units = await repository.forget(tx, account_id, [need.id for need in held])
    await _save(tx, *(rules.forgotten(need, account_id, units[need.id]) for need in held if need.id in units))


async def _held(tx: Transaction, need_id: UUID) -> Need:
    need = await repository.lock(tx, need_id)
    if need is None:
        raise NotFound
    return need


async def _join(tx: Transaction, who: Principal, need: Need, units: int) -> None:
    before = await repository.units_of(tx, need.id, who.account_id)
    step = rules.supported(need, who.account_id, units, before)
    if before is None:
        await _check_supported(tx, who.account_id)
    if step.says:
        await repository.join(tx, need.id, who.account_id, units, who.assisted_by, await tx.now())
    await _save(tx, step)


async def _check_supported(tx: Transaction, account_id: UUID) -> None:
    if await repository.count_supported(tx, account_id) >= MOST_SUPPORTED:
        raise TooManyNeeds(most=MOST_SUPPORTED)


async def _save(tx: Transaction, *steps: Step) -> None:
    """Write what has changed, and say it."""
    changed = [step for step in steps if step.says]
    if changed:
        await repository.save(tx, [step.need for step in changed], await tx.now())
        tx.emit(*(saying for step in changed for saying in step.says))
