"""The check of every figure against its rows, and of ours against the card provider's."""

from __future__ import annotations

import asyncio
from uuid import UUID

from services.payments.card_gateway import CardGateway, CardGatewayRefused, CardGatewayUnavailable
from services.payments.domain.reconcile import Position, reconcile
from services.payments.limits import CARD_LIMITS
from services.payments.repository import holdings, pools, verifying
from services.payments.resources import Resources
from shared.db import Reader, Row
from shared.service import Context, Drift, Findings

_AT_ONCE = 8


async def verify(sql: Reader, context: Context) -> Findings:
    """Recompute balances, what is held, receipts, payouts and attempts; states `held_idr` of every pledge."""
    findings = Findings(facts={"held_idr": {}})
    for what, check in (
        ("an account's balance and its entries", verifying.ACCOUNTS),
        ("a payout and its entries", verifying.PAYOUTS),
        ("receipts without holes", verifying.RECEIPTS),
        ("payments of an attempt", verifying.ATTEMPTS),
    ):
        findings.drifts += [
            Drift(what, str(row["id"]), row["expected"], row["found"]) for row in await verifying.rows(sql, check)
        ]
    await _held(sql, findings)
    await _escrow(sql, findings)
    await _settled(sql, findings)
    resources: Resources = context.resources
    if resources.cards is not None:
        await _provider(sql, resources.cards, findings)
    return findings


async def _held(sql: Reader, findings: Findings) -> None:
    for row in await verifying.rows(sql, verifying.HELD):
        pledge_id = str(row["pledge_id"])
        findings.facts["held_idr"][pledge_id] = row["held_idr"]
        for what, found, moved, booked in (
            ("held", row["held_idr"], row["moved_idr"], row["booked_idr"]),
            ("kode unik held", row["codes_idr"], row["moved_codes_idr"], row["booked_codes_idr"]),
        ):
            if found != moved:
                findings.drifts.append(Drift(f"{what} and its payments and refunds", pledge_id, moved, found))
            if found != booked:
                findings.drifts.append(Drift(f"{what} and the book", pledge_id, booked, found))


async def _escrow(sql: Reader, findings: Findings) -> None:
    for row in await verifying.rows(sql, verifying.ESCROW):
        pool_id = str(row["id"])
        if row["escrow_idr"] != row["expected_idr"]:
            findings.drifts.append(
                Drift("a pool's escrow, and held less paid out", pool_id, row["expected_idr"], row["escrow_idr"])
            )
        if row["hands_idr"] != row["owed_idr"]:
            findings.drifts.append(
                Drift("what custodians hold, and to whom it belongs", pool_id, row["owed_idr"], row["hands_idr"])
            )
        if row["payable_idr"]:
            findings.drifts.append(Drift("what is owed to a supplier", pool_id, 0, row["payable_idr"]))


async def _settled(sql: Reader, findings: Findings) -> None:
    """Every pledge's money is where the rule wants it, or something is under way."""
    for row in await verifying.rows(sql, verifying.POOLS):
        pool = await pools.get_pool(sql, row["id"])
        assert pool is not None
        for holding in await holdings.load(sql, pool, await holdings.pledges_of_pool(sql, pool.id), lock=False):
            position: Position = holding.position
            undone = reconcile(position, CARD_LIMITS)
            if undone is not None:
                findings.drifts.append(
                    Drift("what is due, and what is done", str(holding.pledge_id), "settled", undone)
                )


async def _provider(sql: Reader, gateway: CardGateway, findings: Findings) -> None:
    """Compare each charge that we know with the provider's own totals."""
    after: UUID | None = None
    gate = asyncio.Semaphore(_AT_ONCE)

    async def compare(row: Row) -> Drift | None:
        async with gate:
            return await _compared(gateway, row)

    while page := await verifying.rows(sql, verifying.CHARGES, after):
        findings.drifts += [drift for drift in await asyncio.gather(*map(compare, page)) if drift is not None]
        after = page[-1]["id"]


async def _compared(gateway: CardGateway, row: Row) -> Drift | None:
    ours = (row["received_idr"], row["refunded_idr"])
    try:
        totals = await gateway.fetch_totals(row["charge_ref"])
    except CardGatewayRefused as refusal:
        return Drift("a charge at the card provider", row["charge_ref"], ours, str(refusal))
    except CardGatewayUnavailable as reason:
        return Drift("a charge at the card provider, which cannot be asked", row["charge_ref"], ours, str(reason)[:100])
    theirs = (totals.received_idr, totals.refunded_idr)
    if theirs == ours:
        return None
    return Drift("a charge at the card provider: received, refunded", row["charge_ref"], ours, theirs)
