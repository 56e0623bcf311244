"""A hundred neighbours tap in the same minute: exact numbers and counters, few events, nobody in after the deadline."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import pytest

from services.pools.commands.pledging import Asked, Pledging
from services.pools.domain.hot import ChangePledge, MakePledge, WithdrawPledge
from shared.db import Database
from shared.errors import Refusal
from shared.hot import HotRunner
from shared.http.idempotency import Claim
from shared.ids import new_id
from shared.json import loads
from shared.migrate import service_dsn
from shared.testing.running import eventually, principal

CLIENTS = 64
SEED = 20261124


async def at_once(urun, count=CLIENTS, units=1):
    """So many people pledge over HTTP at the same time; gives their replies."""
    body = {"units": units, "method": "cash"}
    path = f"{urun.path}/pledges"
    return await asyncio.gather(*(urun.world.client.post(path, body, principal()) for _ in range(count)))


async def pledges_of(urun):
    return await urun.world.rows("SELECT * FROM pledges WHERE pool_id = $1 ORDER BY number", urun.id)


async def retold(urun):
    """What the events tell of the live pledges: (account, units, may hold) by pledge. A hearer sees exactly this."""
    told = {}
    for event in await urun.said("pledges_made", "pledge_changed", "pledge_withdrawn"):
        for line in event.get("pledges", [event.get("pledge")]):
            if line is None:
                del told[event["pledge_id"]]
            else:
                told[line["pledge_id"]] = (line["account_id"], line["units"], line["may_hold_idr"])
    return told


async def check(urun):
    """Counters, rows and events agree."""
    live = [row for row in await pledges_of(urun) if row["state"] in {"made", "secured"}]
    assert await retold(urun) == {
        str(row["id"]): (str(row["account_id"]), row["units"], row["may_hold_idr"]) for row in live
    }
    view = await urun.view()
    assert (view["people"], view["units_pledged"]) == (len(live), sum(row["units"] for row in live))
    assert await urun.world.drifts() == []


async def test_numbers_have_no_holes_and_one_event_tells_of_many(world):
    urun = await world.open(capacity_units=40)
    replies = await at_once(urun, units=2)
    assert sorted(reply.body["number"] for reply in replies) == list(range(1, CLIENTS + 1))
    assert len({reply.body["id"] for reply in replies}) == CLIENTS
    lines = [line for event in await urun.said("pledges_made") for line in event["pledges"]]
    assert [line["number"] for line in lines] == list(range(1, CLIENTS + 1))
    assert len(await urun.said("pledges_made")) < CLIENTS / 4
    await check(urun)
    # Many more pledged than the capacity holds: the first numbers get the seats.
    await urun.secure()
    await urun.deadline_passes()
    await world.hear(urun.securing_closed(row["id"] for row in await pledges_of(urun)))
    rows = await world.rows("SELECT number, units FROM allocation_lines WHERE pool_id = $1 ORDER BY number", urun.id)
    assert [row["number"] for row in rows if row["units"]] == list(range(1, 21))
    assert sum(row["units"] for row in rows) == 40


async def test_changes_and_withdrawals_among_them(world):
    urun = await world.open(capacity_units=40)
    first = await at_once(urun, 30, units=2)
    dice = random.Random(SEED)  # noqa: S311 -- a seed that reproduces a failure

    async def act(reply):
        who, path = principal(UUID(reply.body["account_id"])), f"/api/v1/pledges/{reply.body['id']}"
        for _ in range(2):
            match dice.randrange(3):
                case 0:
                    await world.client.send("PATCH", path, who, body={"units": dice.randint(1, 5)})
                case 1:
                    await world.client.post(f"{path}/withdraw", None, who)
                case _:
                    await world.client.post(f"{urun.path}/pledges", {"units": 1, "method": "card"}, who)

    await asyncio.gather(at_once(urun, 20), *(act(reply) for reply in first))
    await check(urun)
    assert {event["type"] for event in await urun.said()} > {"pledges_made", "pledge_changed", "pledge_withdrawn"}


async def test_nobody_is_in_after_the_deadline(world):
    urun = await world.open()
    early = await at_once(urun, 10)
    crowd = asyncio.create_task(at_once(urun))
    await eventually(urun.view, until=lambda view: view["people"] > 10)
    world.db.clock_offset += timedelta(hours=1)
    replies = await crowd
    late = await at_once(urun, 5)
    made = [reply for reply in (*early, *replies) if reply.status == 201]
    refused = [reply for reply in (*replies, *late) if reply.status != 201]
    assert {reply.slug for reply in refused} <= {"deadline-passed", "pool-not-open"}
    assert len(refused) >= 5
    rows = await pledges_of(urun)
    assert [str(row["id"]) for row in rows] == [
        reply.body["id"] for reply in sorted(made, key=lambda reply: reply.body["number"])
    ]
    deadline = await world.value("SELECT deadline FROM pools WHERE id = $1", urun.id)
    assert max(row["made_at"] for row in rows) < deadline
    await urun.becomes("closing")
    assert (await urun.view())["people"] == len(made)


async def test_who_waits_for_the_lock_until_the_deadline_is_too_late(world):
    urun = await world.open(proposal={"deadline": (world.now() + timedelta(seconds=1.3)).isoformat()})
    deadline = await world.value("SELECT deadline FROM pools WHERE id = $1", urun.id)
    async with world.db.transaction() as tx:
        await tx.run("SELECT FROM pools WHERE id = $1 FOR UPDATE", urun.id)
        waiting = asyncio.create_task(at_once(urun, 3))

        async def is_over():
            return await tx.now() > deadline

        await eventually(is_over)
    replies = await waiting
    assert {reply.slug for reply in replies} <= {"deadline-passed", "pool-not-open"}
    assert await pledges_of(urun) == []


@pytest.fixture
async def other_process(settings, module_dsn):
    """A second process's door and runner, on the same database."""
    db = Database(service_dsn(settings, module_dsn, "pools"), schema="pools", size=3)
    await db.open()
    runner = HotRunner(db, Pledging())
    yield runner
    await runner.finish()
    await db.close()


def here(world):
    return world.runner.contexts["pools"].resources.pledging


async def test_two_processes_share_a_pool(world, other_process):
    urun = await world.open(capacity_units=40)
    runners = (here(world), other_process)
    asked = [Asked(MakePledge(new_id(), new_id(), 1 + place % 3), "transfer") for place in range(80)]
    answers = await asyncio.gather(*(runners[place % 2].run_on(urun.id, one) for place, one in enumerate(asked)))
    assert sorted(loads(answer.body)["number"] for answer in answers) == list(range(1, 81))
    await check(urun)


async def test_one_account_in_two_processes_pledges_once(world, other_process):
    urun = await world.open()
    account_id, runners = new_id(), (here(world), other_process)
    results = await asyncio.gather(
        *(runners[n % 2].run_on(urun.id, Asked(MakePledge(new_id(), account_id, 1), "cash")) for n in range(6)),
        return_exceptions=True,
    )
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.slug for refusal in refusals] == ["already-pledged"] * 5
    await check(urun)


async def batch(world, urun, *asked):
    """Run commands in one batch: they gather behind a command that waits for the pool's lock."""
    async with world.db.transaction() as tx:
        await tx.run("SELECT FROM pools WHERE id = $1 FOR UPDATE", urun.id)
        first = asyncio.create_task(here(world).run_on(urun.id, Asked(MakePledge(new_id(), new_id(), 1), "card")))
        await asyncio.sleep(0)
        tasks = [asyncio.create_task(here(world).run_on(urun.id, one)) for one in asked]
        await asyncio.sleep(0)
    await first
    return [loads(answer.body) for answer in await asyncio.gather(*tasks)]


async def transactions_of(urun):
    """In how many transactions people pledged; a batch that failed is tried again one by one."""
    return await urun.world.value(
        "SELECT count(DISTINCT xmin::text) FROM events WHERE aggregate_id = $1 AND type LIKE 'pools.pledge%'", urun.id
    )


async def test_withdrawn_and_pledged_afresh_in_one_batch(world):
    urun = await world.open()
    member = await urun.pledge(3)
    account_id, afresh = member.who.account_id, new_id()
    gone, again = await batch(
        world,
        urun,
        Asked(WithdrawPledge(member.id, account_id)),
        Asked(MakePledge(afresh, account_id, 2), "cash"),
    )
    assert (gone["state"], again["state"], again["number"]) == ("withdrawn", "made", 3)
    rows = {row["id"]: row for row in await pledges_of(urun)}
    assert (rows[member.id]["state"], rows[member.id]["may_hold_idr"]) == ("withdrawn", 0)
    assert (rows[afresh]["state"], rows[afresh]["method"]) == ("made", "cash")
    assert (await urun.view())["units_secured"] == 0
    assert await transactions_of(urun) == 3
    await check(urun)


async def test_a_whole_life_in_one_batch(world):
    urun = await world.open()
    account_id, operator_id, short, long = new_id(), new_id(), new_id(), new_id()
    with_help = {"method": "cash", "assisted_by": operator_id}
    answers = await batch(
        world,
        urun,
        Asked(MakePledge(short, account_id, 2), "card"),
        Asked(WithdrawPledge(short, account_id)),
        Asked(MakePledge(long, account_id, 2), **with_help),
        Asked(ChangePledge(long, account_id, units=5, tolerance_units=1)),
    )
    assert [answer["state"] for answer in answers] == ["made", "withdrawn", "made", "made"]
    assert [answer["units"] for answer in answers] == [2, 2, 2, 5]
    rows = {row["id"]: row for row in await pledges_of(urun)}
    assert (rows[long]["units"], rows[long]["method"], rows[long]["assisted_by"]) == (5, "cash", operator_id)
    changed = (await urun.said("pledge_changed"))[0]["pledge"]
    assert (changed["method"], changed["assisted_by"], changed["tolerance_units"]) == ("cash", str(operator_id), 1)
    # Runs of pledges are told together; another kind of command ends the run.
    assert await transactions_of(urun) == 2
    kinds = [event["type"] for event in await urun.said() if event["type"].startswith("pledge")]
    assert kinds == ["pledges_made", "pledges_made", "pledge_withdrawn", "pledges_made", "pledge_changed"]
    await check(urun)


async def test_poison_in_a_batch_harms_only_itself(world):
    urun = await world.open(capacity_units=40)
    accounts = [new_id() for _ in range(12)]
    # Nobody assists themselves: the database refuses it, long after the rules had their say.
    people = [principal(account, assisted_by=account if place == 5 else None) for place, account in enumerate(accounts)]
    body = {"units": 1, "method": "cash"}
    replies = await asyncio.gather(*(world.client.post(f"{urun.path}/pledges", body, who) for who in people))
    assert [reply.status for reply in replies] == [500 if place == 5 else 201 for place in range(12)]
    assert sorted(reply.body["number"] for reply in replies if reply.ok) == list(range(1, 12))
    await check(urun)


async def test_a_caller_that_goes_away_neither_loses_nor_repeats(world):
    urun = await world.open()
    account_id = new_id()
    asked = Asked(MakePledge(new_id(), account_id, 2), "card")
    claim = Claim.of(account_id, "tap", "POST", urun.path, b"{}")
    gone = asyncio.create_task(here(world).run_on(urun.id, asked, claim, 201))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    again = await here(world).run_on(urun.id, Asked(MakePledge(new_id(), account_id, 2), "card"), claim, 201)
    assert (again.status, loads(again.body)["id"]) == (201, str(asked.command.pledge_id))
    await check(urun)
