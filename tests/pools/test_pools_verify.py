"""`urunbeli verify` for pools: clean after every kind of path, and each check finds the figure that was bent."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from services.pools.app import service
from services.pools.repository.checking import CHECKS
from shared.db import Reader

ONE_PLEDGE = "(SELECT id FROM pledges WHERE pool_id = $1 ORDER BY number LIMIT 1)"
ONE_ORDER = "(SELECT id FROM orders WHERE pool_id = $1)"

# The pool to bend, the statement that bends it, and the check that finds it.
BENT = [
    ("open", "UPDATE pools SET pledged_units = pledged_units + 1 WHERE id = $1", "pledged units while open"),
    ("open", "UPDATE pools SET secured_units = secured_units - 1 WHERE id = $1", "secured units while open"),
    ("open", "UPDATE pools SET live_pledges = live_pledges - 1 WHERE id = $1", "live pledges while open"),
    (
        "open",
        f"UPDATE pledge_blocks SET units = units + 1 WHERE pledge_id = {ONE_PLEDGE}",
        "units of a pledge and of its blocks",
    ),
    (
        "ordered",
        f"UPDATE allocation_lines SET units = units + 1 WHERE run = 1 AND pledge_id = {ONE_PLEDGE}",
        "units of an allocation and of its lines",
    ),
    (
        "ordered",
        f"UPDATE allocation_lines SET freight_idr = freight_idr - 1 WHERE run = 1 AND pledge_id = {ONE_PLEDGE}",
        "price of an allocation and of its lines",
    ),
    (
        "ordered",
        f"UPDATE pledges SET must_hold_idr = must_hold_idr - 1 WHERE id = {ONE_PLEDGE}",
        "total of a firm order and of what its pledges pay",
    ),
    (
        "settled",
        f"UPDATE payouts SET paid_at = NULL WHERE stage = 'on_delivery' AND order_id = {ONE_ORDER}",
        "stages of a closed order and its total",
    ),
    ("settled", f"DELETE FROM dispatches WHERE units = 4 AND order_id = {ONE_ORDER}", "units dispatched"),
    ("settled", "DELETE FROM receipts WHERE units = 4 AND pool_id = $1", "units received"),
    (
        "failed",
        f"UPDATE pledges SET may_hold_idr = 1 WHERE id = {ONE_PLEDGE}",
        "what may be held of a pool that is over",
    ),
    (
        "cancelled",
        f"UPDATE pledges SET state = 'secured', reason = NULL WHERE id = {ONE_PLEDGE}",
        "live pledges of a pool that is over",
    ),
]


@pytest.fixture(scope="module")
async def pools(world):
    """A pool at the end of each path."""
    pools = {name: await with_members(world) for name in ("failed", "cancelled", "ordered", "settled")}
    await pools["cancelled"].done("cancel", {"reason": "Batal"})
    for name in ("failed", "ordered", "settled"):
        urun = pools[name]
        world.pass_time(timedelta(hours=2))
        await urun.becomes("closing")
        await world.hear(urun.securing_closed(member.id for member in urun.members[: 0 if name == "failed" else 3]))
        if name != "failed":
            await world.hear(await urun.answer())
            await urun.pay(*urun.members)
    settled = pools["settled"]
    await world.hear(await settled.dispatched(4), await settled.dispatched(6))
    for units in (4, 6):
        await settled.done("receipts", {"units": units}, world.operator)
    await settled.done("inspection", await settled.inspection(), world.operator)
    await world.hear(*await settled.payouts_paid())
    pools["open"] = await with_members(world)
    assert {name: (await urun.view())["state"] for name, urun in pools.items()} == {name: name for name in pools}
    return pools


async def with_members(world):
    urun = await world.open()
    for units in (4, 4, 2):
        await urun.pledge(units, ceiling_idr=1_200_000)
    return urun


@pytest.fixture
async def as_owner(module_dsn, pools):
    """A superuser's connection in a transaction that is undone: what is bent there harms no other test."""
    connection = await asyncpg.connect(module_dsn, server_settings={"search_path": "pools"})
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_every_path_ends_without_a_drift(world, pools):
    assert await world.drifts() == []


@pytest.mark.parametrize(("name", "statement", "what"), BENT, ids=[what for *_, what in BENT])
async def test_a_bent_figure_is_found(world, pools, as_owner, name, statement, what):
    assert (await as_owner.execute(statement, pools[name].id)).endswith(" 1"), "one row is bent"
    findings = await service.verify(Reader(as_owner), world.runner.contexts["pools"])
    assert [drift.what for drift in findings.drifts] == [what]
    (drift,) = findings.drifts
    assert drift.expected != drift.found


def test_every_check_is_tried():
    assert {what for *_, what in BENT} == set(CHECKS)


async def test_facts_are_what_payments_must_agree_with(world, pools):
    async with world.db.read() as sql:
        facts = (await service.verify(sql, world.runner.contexts["pools"])).facts
    for name in ("held_idr", "may_hold_idr"):
        assert len(facts[name]) == 15
    for member in pools["ordered"].members:
        pledge = await pools["ordered"].read(member)
        assert facts["held_idr"][pledge["id"]] == facts["may_hold_idr"][pledge["id"]] == pledge["amount_idr"]
    assert {facts["may_hold_idr"][member.pledge["id"]] for member in pools["failed"].members} == {0}


@pytest.mark.parametrize(
    ("statement", "table"),
    [("UPDATE {} SET pool_id = pool_id", table) for table in ("allocations", "allocation_lines", "receipts", "inspections")]
    + [("UPDATE dispatches SET units = 1", "dispatches")]
    + [("DELETE FROM {}", table) for table in ("pools", "pledges", "orders", "payouts", "allocations", "dispatches")],
)  # fmt: skip
async def test_the_services_role_cannot_rewrite_what_was_decided(world, pools, statement, table):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with world.db.transaction() as tx:
            await tx.run(statement.format(table))
