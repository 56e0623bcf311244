"""What pools says: pooled purchases from their opening to the last rupiah.

Every event here has the pool as its aggregate, pledges included, so that a hearer sees one pool's story in order.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Event, Moment, Part, PositiveRupiah, Rupiah, Units
from shared.contracts.payments import PayoutStage

PayMethod = Literal["card", "transfer", "cash"]
"""How a member pays."""

PayTiming = Literal["deposit", "after_acceptance"]
"""Whether transfer and cash are deposited at pledging or fall due after acceptance. Cards are never charged before."""

CustodianKind = Literal["stripe", "bank", "cash_box"]
"""Where money lies: the Stripe balance, the group's bank account, the post's cash box."""


class _Pool(Event):
    type = "pools.pool_verified.v1"
    aggregate = "pool_id"

    pool_id: UUID


class PoolSubmitted(_Pool):
    """An initiator asks the post to check a pool."""

    type = "pools.pool_submitted.v1"

    post_id: UUID
    initiator_account_id: UUID
    title: str


class PoolVerified(_Pool):
    """An operator of the post has checked the pool; that person may not approve its payouts."""

    type = "pools.pool_verified.v1"

    post_id: UUID
    initiator_account_id: UUID
    verified_by: UUID


class PoolRejected(_Pool):
    """An operator has sent the pool back to its initiator, with a reason."""

    type = "pools.pool_rejected.v1"

    post_id: UUID
    initiator_account_id: UUID
    reason: str


class PoolOpened(_Pool):
    """Everybody may pledge until `deadline`."""

    type = "pools.pool_opened.v1"

    post_id: UUID
    initiator_account_id: UUID
    treasurer_account_id: UUID
    verified_by: UUID
    title: str
    offer_id: UUID
    offer_version: int
    supplier_id: UUID
    supplier_account_id: UUID
    technology_id: UUID
    methods: list[PayMethod]
    timing: PayTiming
    deadline: Moment


class PoolExtended(_Pool):
    """The initiator has moved the deadline, once."""

    type = "pools.pool_extended.v1"

    deadline: Moment
    notice: str | None = None


class PledgeLine(Part):
    """One pledge as payments must know it. `may_hold_idr`: the most that may be held for it, in rupiah."""

    pledge_id: UUID
    account_id: UUID
    number: int
    units: Units
    tolerance_units: int = Field(ge=0)
    ceiling_idr: PositiveRupiah
    method: PayMethod
    may_hold_idr: Rupiah
    assisted_by: UUID | None = None


class PledgesMade(_Pool):
    """People have pledged, in this order."""

    type = "pools.pledges_made.v1"

    pledges: list[PledgeLine] = Field(min_length=1, max_length=500)


class PledgeChanged(_Pool):
    """A pledge has new figures."""

    type = "pools.pledge_changed.v1"

    pledge: PledgeLine


class PledgeWithdrawn(_Pool):
    """A pledge is taken back; whatever is held for it goes back."""

    type = "pools.pledge_withdrawn.v1"

    pledge_id: UUID
    account_id: UUID
    moved_to_pool_id: UUID | None = None


class PoolProgressed(_Pool):
    """What others said has moved a pool on: so many of its units are secured by now, so many are on their way."""

    type = "pools.pool_progressed.v1"

    units_secured: int = Field(ge=0)
    units_dispatched: int = Field(ge=0)


class TierReached(_Pool):
    """So many units are pledged that a better price holds."""

    type = "pools.tier_reached.v1"

    from_units: Units
    unit_price_idr: PositiveRupiah


class PoolClosing(_Pool):
    """No pledge is taken any more. Payments lets open payments finish until `grace_until`; `securing_closed` answers."""

    type = "pools.pool_closing.v1"

    reason: Literal["deadline", "filled"]
    grace_until: Moment


class AllocationLine(Part):
    """What a pledge got: units, what they cost altogether in rupiah, and why fewer than wished, if so."""

    pledge_id: UUID
    account_id: UUID
    units: int = Field(ge=0)
    amount_idr: Rupiah
    outcome: Literal["allocated", "waitlisted", "ceiling_too_low", "not_secured"]


class PoolClosed(_Pool):
    """The allocation. Long lists come in chunks."""

    type = "pools.pool_closed.v1"

    quantity: Units
    unit_price_idr: PositiveRupiah
    fixed_costs_idr: Rupiah
    lines: list[AllocationLine] = Field(max_length=500)
    chunk: int = Field(ge=1)
    chunks: int = Field(ge=1)


class PurchaseOrderRequested(_Pool):
    """The supplier is asked to answer by `answer_by`; accepting binds for `minimum_quantity` … `quantity`."""

    type = "pools.purchase_order_requested.v1"

    order_id: UUID
    supplier_id: UUID
    supplier_account_id: UUID
    post_id: UUID
    offer_id: UUID
    offer_version: int
    technology_id: UUID
    title: str
    quantity: Units
    minimum_quantity: Units
    unit_price_idr: PositiveRupiah
    total_idr: PositiveRupiah
    answer_by: Moment
    fund_by: Moment


class AmountDue(Part):
    """What must and what may be held for a pledge, in rupiah, absolute. The newest statement wins."""

    pledge_id: UUID
    account_id: UUID
    must_hold_idr: Rupiah
    may_hold_idr: Rupiah
    pay_by: Moment | None
    reason: Literal[
        "open",
        "accepted",
        "withdrawn",
        "waitlisted",
        "dropped",
        "promoted",
        "adjusted",
        "failed",
        "cancelled",
        "under_delivered",
    ]


class AmountsDue(_Pool):
    """Payments makes it so: charges or asks below `must`, refunds above `may`."""

    type = "pools.amounts_due.v1"

    lines: list[AmountDue] = Field(min_length=1, max_length=500)


class PayoutRequested(_Pool):
    """The supplier has earned a stage of its money, in rupiah."""

    type = "pools.payout_requested.v1"

    order_id: UUID
    supplier_id: UUID
    stage: PayoutStage
    amount_idr: PositiveRupiah


class PoolOrdered(_Pool):
    """All the money is there: the order is firm and the supplier may start."""

    type = "pools.pool_ordered.v1"

    order_id: UUID
    supplier_id: UUID
    quantity: Units
    total_idr: PositiveRupiah


class GoodsReceived(_Pool):
    """The post has received goods."""

    type = "pools.goods_received.v1"

    order_id: UUID
    supplier_id: UUID
    units: Units
    received_by: UUID
    complete: bool


class InspectionPassed(_Pool):
    """The acceptance test (uji terima) went well."""

    type = "pools.inspection_passed.v1"

    order_id: UUID
    supplier_id: UUID
    inspected_by: UUID


class PoolSettled(_Pool):
    """Goods are with their owners, the supplier is paid, nothing is left in escrow."""

    type = "pools.pool_settled.v1"

    order_id: UUID


class PoolFailed(_Pool):
    """The pool has come to nothing; every rupiah goes back."""

    type = "pools.pool_failed.v1"

    reason: Literal["target_missed", "declined", "unanswered", "unfunded"]
    order_id: UUID | None = None


class PoolCancelled(_Pool):
    """The initiator or the post has called the pool off; every rupiah goes back."""

    type = "pools.pool_cancelled.v1"

    reason: str
    order_id: UUID | None = None


class MachineOwned(_Pool):
    """A member owns machines of a technology, checked by a post."""

    type = "pools.machine_owned.v1"

    pledge_id: UUID
    account_id: UUID
    technology_id: UUID
    post_id: UUID
    units: Units
