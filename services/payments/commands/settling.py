"""Makes it so: from what pools has declared and what is held, to charges, refunds, asks and the word that a pledge counts.

Called at the end of every change of a pledge's figures, in its transaction and for any number of pledges at once. It only
writes down what is to be done; jobs and people do it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payments.domain.drawing import Part, plan_refund, with_codes
from services.payments.domain.holding import Holding, Pool
from services.payments.domain.reconcile import Abandon, Action, Charge, Position, Recall, Refund, code_goes_back, follow
from services.payments.domain.securing import expected_idr
from services.payments.limits import CARD_LIMITS
from services.payments.repository import attempts, banks, holdings, ledger, refunds, setups
from shared.contracts.payments import PledgeSecured
from shared.db import Transaction
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done for a pledge, and how its money then stands."""

    holding: Holding
    actions: list[Action]
    after: Position

    @property
    def refund_idr(self) -> int:
        return sum(action.amount_idr for action in self.actions if isinstance(action, Refund))

    def has(self, kind: type[Action]) -> bool:
        return any(isinstance(action, kind) for action in self.actions)


async def settle(
    tx: Transaction, pool: Pool, pledge_ids: Collection[UUID], now: datetime, *, tell_again: bool = False
) -> None:
    """Write down what these pledges of a locked pool need. `tell_again`: say of a secured pledge once more that it is."""
    plans = [
        _Plan(holding, *follow(holding.position, CARD_LIMITS)) for holding in await holdings.load(tx, pool, pledge_ids)
    ]
    await _recall(tx, plans, now)
    await _abandon(tx, plans, now)
    await _charge(tx, plans, now)
    await _give_back(tx, pool, plans, now)
    await _ask(tx, pool, plans, now)
    await _tell_secured(tx, pool, plans, now, tell_again=tell_again)


async def _recall(tx: Transaction, plans: Sequence[_Plan], now: datetime) -> None:
    recalled = [refund.id for plan in plans if plan.has(Recall) for refund in plan.holding.refunds if not refund.begun]
    if recalled:
        await refunds.recall(tx, recalled, now)


async def _abandon(tx: Transaction, plans: Sequence[_Plan], now: datetime) -> None:
    given_up = [plan.holding.attempt.id for plan in plans if plan.has(Abandon) and plan.holding.attempt]
    if given_up:
        await attempts.abandon(tx, given_up, now)
    released = [plan.holding.pledge_id for plan in plans if plan.holding.may_idr == 0]
    if released:
        await setups.abandon(tx, released, now)


async def _charge(tx: Transaction, plans: Sequence[_Plan], now: datetime) -> None:
    charges = []
    for plan in plans:
        holding = plan.holding
        for action in plan.actions:
            if isinstance(action, Charge):
                assert holding.customer is not None
                assert holding.card_ref is not None
                charges.append(
                    attempts.NewCharge(
                        new_id(),
                        holding.pledge_id,
                        holding.pool.id,
                        action.amount_idr,
                        holding.customer,
                        holding.card_ref,
                    )
                )
    if charges:
        await attempts.add_charges(tx, charges, now)


async def _give_back(tx: Transaction, pool: Pool, plans: Sequence[_Plan], now: datetime) -> None:
    """Plan refunds by what each custodian really has; what nobody has any more is left for `verify` to show."""
    concerned = [plan for plan in plans if plan.refund_idr or (plan.holding.codes_idr and _code_is_due(pool, plan))]
    if not concerned:
        return
    ids = [plan.holding.pledge_id for plan in concerned]
    sources, codes = await refunds.sources(tx, ids), await refunds.free_codes(tx, ids)
    free = await ledger.available(tx, pool.id)
    escrow_idr, left = free.escrow_idr, free.by_custodian
    planned: list[refunds.NewRefund] = []
    for plan in concerned:
        pledge_id = plan.holding.pledge_id
        parts = plan_refund(min(plan.refund_idr, max(0, escrow_idr)), sources.get(pledge_id, []), left)
        for part in parts:
            left[part.custodian] -= part.amount_idr
            escrow_idr -= part.amount_idr
        if _code_is_due(pool, plan, parts):
            parts = with_codes(parts, codes.get(pledge_id, {}))
        planned += [refunds.NewRefund(new_id(), pledge_id, part) for part in parts]
    if planned:
        await refunds.add_refunds(tx, pool.id, planned, now)


def _code_is_due(pool: Pool, plan: _Plan, parts: Sequence[Part] = ()) -> bool:
    return code_goes_back(
        may_idr=plan.holding.may_idr,
        pool_settled=pool.settled_at is not None,
        refunds_by_hand=any(part.charge_ref is None for part in parts),
    )


async def _ask(tx: Transaction, pool: Pool, plans: Sequence[_Plan], now: datetime) -> None:
    """Ask those for a transfer who pay so, and those whose card was declined."""
    terms = pool.terms
    if terms is None:
        return
    asks = {}
    for plan in plans:
        holding, after = plan.holding, plan.after
        by_transfer = "transfer" in pool.known.methods and (
            holding.method == "transfer" or (after.missing_idr > 0 and holding.blocked_version is not None)
        )
        expected = expected_idr(terms, missing_idr=after.missing_idr, room_idr=after.room_idr) if by_transfer else 0
        asks[holding.pledge_id] = expected
    bank = await banks.bank_of_pool(tx, pool.id) if any(asks.values()) else None
    await banks.ask_for(tx, bank, asks, now)


async def _tell_secured(
    tx: Transaction, pool: Pool, plans: Sequence[_Plan], now: datetime, *, tell_again: bool
) -> None:
    """Keep which pledges count, until the closing has been answered: then it stands."""
    if pool.securing_closed_at is not None:
        return
    found = {plan.holding.pledge_id: plan.holding.now_secured for plan in plans}
    before = {plan.holding.pledge_id: plan.holding.secured for plan in plans}
    changed = {pledge_id: secured for pledge_id, secured in found.items() if secured != before[pledge_id]}
    if changed:
        await holdings.set_secured(tx, changed, now)
    for plan in plans:
        holding = plan.holding
        if holding.now_secured and (tell_again or holding.pledge_id in changed):
            tx.emit(PledgeSecured(pledge_id=holding.pledge_id, pool_id=pool.id, may_hold_idr=holding.may_idr))
