"""What is read of pools: cards, whole pools, previews, members and pledges."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.pools.domain.closing import Allocation
from services.pools.domain.masking import mask_name
from services.pools.domain.preview import Preview, TierGap, VisitorPreview, preview, preview_for_visitor
from services.pools.domain.split import Due
from services.pools.domain.terms import Terms
from services.pools.repository import reading
from services.pools.repository.pools import terms_of
from services.pools.views import (
    CostLine,
    OrderView,
    Origin,
    Participant,
    PledgeView,
    PoolCard,
    PoolView,
    PreviewView,
    ProgressView,
    Technology,
    TierView,
    TimelineEntry,
    YourPreview,
)
from shared.auth import Principal
from shared.contracts.offers import OfferTerms
from shared.db import Reader, Row, Transaction
from shared.errors import NotFound
from shared.remembering import Remembered

Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A pledge's number, as the cursor of a list by number."""

_ORIGINS: tuple[Origin, ...] = ("goods", "freight", "installation", "training")


def card(row: Row) -> PoolCard:
    """Map a row to a card."""
    return PoolCard(**_card_fields(row, terms_of(row["terms"])))


def _card_fields(row: Row, terms: Terms) -> dict[str, Any]:
    reached = terms.tier_reached(row["pledged_units"])
    return {
        "id": row["id"],
        "title": row["title"],
        "state": row["state"],
        "post_id": row["post_id"],
        "post_name": row["post_name"],
        "offer_id": row["offer_id"],
        "supplier_name": row["supplier_name"],
        "technology": Technology(id=row["technology_id"], **row["technology"]),
        "deadline": row["deadline"],
        "units_pledged": row["pledged_units"],
        "units_secured": row["secured_units"],
        "people": row["live_pledges"],
        "minimum_units": terms.orderable_quantities()[0],
        "capacity_units": terms.orderable_quantities()[-1],
        "minimum_landed_idr": terms.default_ceiling_idr,
        "cheapest_landed_idr": terms.cheapest_landed_price_idr,
        "unit_price_idr": reached.unit_price_idr if reached else None,
    }


async def visible_pool(sql: Reader, pool_id: UUID, who: Principal | None) -> Row:
    """Read a pool's row. Raises NotFound, also for one that never opened, unless the reader manages it."""
    return _visible(await reading.one_pool(sql, pool_id, who.account_id if who else None), who)


async def _visible_whole(sql: Reader, pool_id: UUID, who: Principal | None) -> Row:
    return _visible(await reading.whole_pool(sql, pool_id, who.account_id if who else None), who)


def _visible(row: Row | None, who: Principal | None) -> Row:
    if row is None or (row["opened_at"] is None and not manages(row, who)):
        raise NotFound
    return row


async def whole_pool(sql: Reader, pool_id: UUID, who: Principal | None) -> PoolView:
    """Read a pool as this reader may see it. Raises NotFound."""
    row = await _visible_whole(sql, pool_id, who)
    return _pool_view(row, who, await _preview_of(sql, row))


async def progress(sql: Reader, pool_id: UUID) -> ProgressView:
    """Read where a pool is, as everybody may see it. Raises NotFound."""
    row = await _visible_whole(sql, pool_id, None)
    found = await _preview_of(sql, row)
    return ProgressView(pool=_pool_view(row, None, found), preview=_preview_view(found) if found is not None else None)


async def _preview_of(sql: Reader, row: Row) -> Preview | None:
    """What closing now would give, for a pool that is open."""
    if row["state"] != "open":
        return None
    return (await _previews(sql, row, None, None))[0]


def _pool_view(row: Row, who: Principal | None, found: Preview | None) -> PoolView:
    managed = manages(row, who)
    fields = _card_fields(row, terms_of(row["terms"]))
    if row["final_unit_price_idr"] is not None:
        fields["unit_price_idr"] = row["final_unit_price_idr"]
    order, happened = row["order"], zip(row["types"], row["times"], strict=True)
    gaps = found.next_tiers if found is not None else ()
    is_initiator = who is not None and who.account_id == row["initiator_account_id"]
    return PoolView(
        **fields,
        story=row["story"],
        state_reason=row["reason"] or row["failure"],
        supplier_id=row["supplier_id"],
        initiator_name_masked=mask_name(row["initiator_name"] or ""),
        initiator_account_id=row["initiator_account_id"] if managed else None,
        treasurer_name_masked=mask_name(row["treasurer_name"] or ""),
        treasurer_account_id=row["treasurer_account_id"] if managed else None,
        terms=OfferTerms.model_validate(row["terms"]),
        methods=row["methods"],
        timing=row["timing"],
        quantity=row["quantity"] or None,
        landed_price_idr=row["final_landed_price_idr"],
        next_tier=_tier_view(gaps[0]) if gaps else None,
        order=OrderView(**order, received_units=row["received_units"]) if order else None,
        payment_window=row["pay_window"],
        payment_window_ends=row["pay_by"],
        extended=row["extended"],
        extension_notice=row["extension_notice"],
        timeline=[TimelineEntry(at=at, kind=type_.split(".")[1]) for type_, at in happened],
        version=row["version"],
        my_pledge_id=row["my_pledge_id"],
        i_am_initiator=is_initiator,
        i_may_verify=who is not None and who.operates(row["post_id"]) and not is_initiator,
    )


async def preview_pool(
    sql: Reader, pool_id: UUID, who: Principal | None, units: int | None, ceiling_idr: int | None
) -> PreviewView:
    """*Kalau ditutup sekarang?* on all live pledges, and for a newcomer with `units`. Raises NotFound."""
    row = await visible_pool(sql, pool_id, who)
    found, visitor = await _previews(sql, row, units or None, ceiling_idr)
    if visitor is None:
        return _preview_view(found)
    due, yours = visitor.due, None
    if due is not None:
        lines = _lines_of_due(due)
        yours = YourPreview(
            units=due.units, amount_idr=due.total_idr, waitlisted_units=visitor.waitlisted_units, lines=lines
        )
    return _preview_view(found, yours, visitor.at_most_idr)


# Everything that a preview depends on raises the pool's version.
_remembered: Remembered[tuple[UUID, int, int | None, int | None], tuple[Preview, VisitorPreview | None]] = Remembered(
    1024
)


async def _previews(
    sql: Reader, row: Row, units: int | None, ceiling_idr: int | None
) -> tuple[Preview, VisitorPreview | None]:
    """Preview a pool, and what `units` more would mean for whoever asks."""

    async def work_out() -> tuple[Preview, VisitorPreview | None]:
        terms, bids = terms_of(row["terms"]), await reading.live_bids(sql, row["id"])
        asked = preview_for_visitor(bids, terms, units=units, ceiling_idr=ceiling_idr) if units else None
        return preview(bids, terms), asked

    if isinstance(sql, Transaction):  # it may see what nobody else will ever see
        return await work_out()
    return await _remembered.get((row["id"], row["version"], units, ceiling_idr if units else None), work_out)


def _preview_view(found: Preview, yours: YourPreview | None = None, at_most_idr: int | None = None) -> PreviewView:
    outcome = found.outcome if isinstance(found.outcome, Allocation) else None
    return PreviewView(
        feasible=outcome is not None,
        quantity=found.quantity,
        unit_price_idr=outcome.unit_price_idr if outcome else None,
        landed_price_idr=outcome.landed_price_idr if outcome else None,
        missing_to_minimum=found.missing_units,
        next_tiers=[_tier_view(gap) for gap in found.next_tiers],
        yours=yours,
        at_most_idr=at_most_idr,
    )


def participant(row: Row) -> Participant:
    """Map a member, with the name masked."""
    return Participant(
        name_masked=mask_name(row["name"] or ""), units=row["units"], number=row["number"], state=row["state"]
    )


async def one_pledge(sql: Reader, pledge_id: UUID, who: Principal) -> PledgeView:
    """Read a pledge, for its owner and for who manages the pool. Raises NotFound for everybody else."""
    row = await reading.one_pledge(sql, pledge_id)
    if row is None or not (row["account_id"] == who.account_id or manages(row, who)):
        raise NotFound
    return pledge(row)


def manages(row: Row, who: Principal | None) -> bool:
    """Whether somebody is the initiator, the treasurer or an operator of a pool; `row` has those columns."""
    if who is None:
        return False
    return who.account_id in {row["initiator_account_id"], row["treasurer_account_id"]} or who.operates(row["post_id"])


def pledge(row: Row, *, named: bool = False) -> PledgeView:
    """Map a pledge. `named`: with the member's name, for who manages the pool."""
    units = row["allocated_units"]
    lines = [
        CostLine(origin=origin, amount_idr=row[f"{origin}_idr"])
        for origin in _ORIGINS
        if units and row[f"{origin}_idr"]
    ]
    return PledgeView(
        id=row["id"],
        pool_id=row["pool_id"],
        pool_title=row["pool_title"],
        pool_state=row["pool_state"],
        account_id=row["account_id"],
        name=row["name"] if named else None,
        number=row["number"],
        units=row["units"],
        tolerance_units=row["tolerance_units"],
        ceiling_idr=row["ceiling_idr"],
        method=row["method"],
        state=row["state"],
        reason=row["reason"],
        allocated_units=units,
        amount_idr=sum(line.amount_idr for line in lines) if units is not None else None,
        breakdown=tuple(lines),
        must_hold_idr=row["must_hold_idr"],
        may_hold_idr=row["may_hold_idr"],
        held_idr=row["held_idr"],
        pay_by=row["pay_by"] if row["held_idr"] < row["must_hold_idr"] else None,
        assisted=row["assisted_by"] is not None,
    )


def _tier_view(gap: TierGap) -> TierView:
    return TierView(
        from_units=gap.tier.from_units,
        unit_price_idr=gap.tier.unit_price_idr,
        landed_price_idr=gap.landed_price_idr,
        missing_units=gap.missing_units,
    )


def _lines_of_due(due: Due) -> list[CostLine]:
    amounts = {
        "goods": due.goods_idr,
        "freight": due.freight_idr,
        "installation": due.installation_idr,
        "training": due.training_idr,
    }
    return [CostLine(origin=origin, amount_idr=amounts[origin]) for origin in _ORIGINS if amounts[origin]]
