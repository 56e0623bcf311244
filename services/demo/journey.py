"""The main job, end to end, narrated and checked: one pool that succeeds and one that fails."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from services.demo.market import Scene
from services.demo.narrator import Narrator
from services.demo.people import StepFailed, until
from services.demo.purchase import CHARGE_FAILS_CARD, GOOD_CARD, Member, Purchase
from shared.errors import rupiah
from shared.http.client import ApiClient

DEADLINE_S = 20
"""How long the pool that too few join stays open, in seconds: enough for three people to join."""


async def play(api: ApiClient, *, seed: int, officer_phone: str, narrator: Narrator) -> None:
    """Play both stories with the people and quantities of a seed. Raises `StepFailed` at the first wrong step."""
    random = Random(seed)  # noqa: S311 -- a story, not a secret
    narrator.title(f"The main job, seed {seed}")
    scene = Scene(api, random, narrator, officer_phone)
    await _succeeds(scene)
    await _fails(scene)
    narrator.title(f"All {narrator.steps} steps went as they must.")


async def _succeeds(scene: Scene) -> None:
    scene.say.title("A pool that succeeds")
    purchase = await Purchase.propose(scene, await scene.market(), timing="after_acceptance")
    await purchase.open()
    await _gather(purchase)
    await _close_and_order(purchase)
    await _collect(purchase)
    await _deliver_and_pay_out(purchase)
    await _all_is_well(purchase)


async def _gather(purchase: Purchase) -> None:
    """People join in every way there is; one takes more, one leaves."""
    random, say = purchase.scene.random, purchase.say
    await purchase.pledge("card", random.randint(1, 3))
    await purchase.pledge("card", 2, card=CHARGE_FAILS_CARD)
    await purchase.pledge("transfer", random.randint(1, 2))
    changing = await purchase.pledge("cash", 1)
    leaving = await purchase.pledge("cash", 1)
    await purchase.pledge_at_counter(random.randint(1, 2))
    changed = await changing.person.send("PATCH", f"/pledges/{changing.pledge['id']}", {"units": 2})
    if not changed.ok:
        raise StepFailed(f"change of a pledge: {changed.body}")
    changing.pledge = changed.body
    say.step(f"{changing.person.name} takes 2 instead of 1.")
    await purchase.secure(changing)

    await leaving.person.post(f"/pledges/{leaving.pledge['id']}/withdraw")
    purchase.members.remove(leaving)
    say.step(f"{leaving.person.name} withdraws.")
    preview = await purchase.market.owner.get(f"/pools/{purchase.pool['id']}/preview?units=2")
    say.check(
        preview["feasible"] is True,
        f"closed now, {preview['quantity']} would be bought at {rupiah(preview['landed_price_idr'])}",
    )
    mine = preview["yours"]
    say.check(
        sum(line["amount_idr"] for line in mine["lines"]) == mine["amount_idr"],
        "every rupiah of a price has its origin",
    )


async def _fill(purchase: Purchase) -> None:
    """The last seats are taken at the best price, so the pool closes by itself."""
    taken = sum(member.pledge["units"] for member in purchase.members)
    await purchase.pledge("card", purchase.market.offer["terms"]["capacity_units"] - taken)
    await purchase.becomes("awaiting_supplier")


async def _close_and_order(purchase: Purchase) -> None:
    """The pool is full and closes; the supplier accepts, once."""
    market, say = purchase.market, purchase.say
    await _fill(purchase)
    late = await (await purchase.scene.somebody()).send(
        "POST", f"/pools/{purchase.pool['id']}/pledges", {"units": 1, "method": "cash"}
    )
    say.check(late.status in {409, 422}, f"a late pledge is refused: {late.slug}")
    order = await _order_of(purchase)
    say.check(
        order["quantity"] == purchase.pool["quantity"],
        f"the order is for {order['quantity']} at {rupiah(order['unit_price_idr'])}",
    )
    await market.supplier.post(f"/purchase-orders/{order['id']}/accept")
    again = await market.supplier.send("POST", f"/purchase-orders/{order['id']}/decline", {"reason": "berubah pikiran"})
    say.step(f"{market.supplier.name} accepts the order.")
    say.check(again.status == 409, f"a second answer is refused: {again.slug}")
    await purchase.becomes("collecting", "ordered")


async def _order_of(purchase: Purchase) -> dict[str, Any]:
    async def ask() -> Any:  # noqa: ANN401 -- JSON or nothing yet
        orders = await purchase.market.supplier.get("/purchase-orders?limit=100")
        return next((order for order in orders["items"] if order["pool_id"] == purchase.pool["id"]), None)

    found: dict[str, Any] = await until(ask, bool, "the supplier sees the order")
    return found


async def _collect(purchase: Purchase) -> None:
    """Cards are charged by themselves; the declined one pays by link, the others at the post."""
    for member in purchase.members:
        await _pay(purchase, member)
    await purchase.becomes("ordered")
    ledger = await purchase.book()
    total = purchase.pool["order"]["total_idr"]
    purchase.say.check(ledger["balance_idr"] == total, f"the book holds exactly what the order costs: {rupiah(total)}")


async def _pay(purchase: Purchase, member: Member) -> None:
    async def ask() -> dict[str, Any]:
        return await purchase.holding(member)

    holding = await until(ask, lambda found: found["must_hold_idr"] > 0, f"{member.person.name} is told the amount")
    due = holding["must_hold_idr"] - holding["held_idr"]
    if member.method != "card":
        await purchase.pay_at_post(member, due)
    elif member.card == CHARGE_FAILS_CARD:
        await until(
            ask, lambda found: found["next"]["kind"] == "pay_card_link", f"{member.person.name}'s card is declined"
        )
        await purchase.pay_by_card_page(member, GOOD_CARD)
        purchase.say.step(f"{member.person.name}'s card is declined; they pay {rupiah(due)} by another card.")
    await until(ask, lambda found: found["held_idr"] == found["must_hold_idr"], f"{member.person.name} has paid")


async def _deliver_and_pay_out(purchase: Purchase) -> None:
    """Two deliveries, the acceptance test, and three stages of payment, each by two people."""
    market, say, pool_id = purchase.market, purchase.say, purchase.pool["id"]
    order = await _order_of(purchase)
    await _pay_out(purchase, "down_payment")
    first = max(1, order["quantity"] // 2)
    for units in (first, order["quantity"] - first):
        await market.supplier.post(
            f"/purchase-orders/{order['id']}/dispatches", {"units": units, "note": "lewat kurir"}
        )
        await market.operator.post(f"/pools/{pool_id}/receipts", {"units": units})
        say.step(f"{market.supplier.name} sends {units}; {market.operator.name} receives them.")
    await purchase.becomes("delivered")
    await _pay_out(purchase, "on_delivery")
    await market.operator.post(
        f"/pools/{pool_id}/inspection",
        {
            "serial_numbers": [f"SN-{place:03}" for place in range(purchase.pool["quantity"])],
            "tested": True,
            "trained": len(purchase.members),
        },
    )
    say.step(f"{market.operator.name} tests the machines and trains the members.")
    await purchase.becomes("inspected", "settled")
    await _pay_out(purchase, "on_acceptance")
    await purchase.becomes("settled")


async def _receive_all(purchase: Purchase) -> None:
    """The goods come in two deliveries."""
    market, say = purchase.market, purchase.say
    order = await _order_of(purchase)
    first = max(1, order["quantity"] // 2)
    for units in (first, order["quantity"] - first):
        await market.supplier.post(
            f"/purchase-orders/{order['id']}/dispatches", {"units": units, "note": "lewat kurir"}
        )
        await market.operator.post(f"/pools/{purchase.pool['id']}/receipts", {"units": units})
        say.step(f"{market.supplier.name} sends {units}; {market.operator.name} receives them.")
    await purchase.becomes("delivered")


async def _pay_out(purchase: Purchase, stage: str) -> None:
    market, say = purchase.market, purchase.say

    async def ask() -> Any:  # noqa: ANN401 -- JSON or nothing yet
        queue = await market.checker.get(f"/payouts/queue?post_id={market.post['id']}&limit=100")
        return next(
            (item for item in queue["items"] if item["pool_id"] == purchase.pool["id"] and item["stage"] == stage), None
        )

    payout = await until(ask, bool, f"the {stage} payout is due")
    await market.operator.post(f"/payouts/{payout['id']}/prepare", {"reference": f"TRF-{stage}"})
    alone = await market.operator.send("POST", f"/payouts/{payout['id']}/approve", {})
    say.check(alone.status in {403, 409, 422}, f"one person alone cannot pay out: {alone.slug}")
    await market.checker.post(f"/payouts/{payout['id']}/approve")
    say.step(
        f"{market.operator.name} prepares, {market.checker.name} approves: {rupiah(payout['amount_idr'])} ({stage})."
    )
    await purchase.book()


async def _all_is_well(purchase: Purchase) -> None:
    say = purchase.say
    ledger = await purchase.book()
    say.check(ledger["balance_idr"] == 0, "nothing is left in the pool's book")
    for member in purchase.members:
        pledge = await member.person.get(f"/pledges/{member.pledge['id']}")
        holding = await purchase.holding(member)
        lines = sum(line["amount_idr"] for line in pledge["breakdown"])
        say.check(
            pledge["state"] == "fulfilled" and holding["held_idr"] == pledge["amount_idr"] == lines,
            f"{member.person.name} has {pledge['allocated_units']}, paid {rupiah(holding['held_idr'])}, all explained",
        )
        say.check(
            pledge["amount_idr"] <= pledge["ceiling_idr"] * pledge["allocated_units"],
            "and not one rupiah above the ceiling",
        )
    told = await purchase.members[0].person.get("/messages?limit=100")
    say.check(
        len(told["items"]) >= 2,
        f"{purchase.members[0].person.name} was told along the way: {len(told['items'])} messages",
    )


async def _fails(scene: Scene) -> None:
    """Too few join by the deadline, or the supplier declines: either way everybody has their money back."""
    scene.say.title("A pool that fails")
    too_few = scene.random.random() < 0.5
    market = await scene.market()
    open_for = timedelta(seconds=DEADLINE_S) if too_few else timedelta(hours=2)
    purchase = await Purchase.propose(scene, market, timing="deposit", open_for=open_for)
    await purchase.open()
    await purchase.pledge("cash", 1)
    await purchase.pledge("transfer", 1)
    await purchase.pledge("card", 1)
    await purchase.book()
    if too_few:
        scene.say.step("Nobody else joins, and the deadline comes.")
    else:
        await _fill(purchase)
        order = await _order_of(purchase)
        await market.supplier.post(f"/purchase-orders/{order['id']}/decline", {"reason": "Bahan baku habis"})
        scene.say.step(f"{market.supplier.name} declines the order.")
    await purchase.becomes("failed")
    await _give_back(purchase)


async def _give_back(purchase: Purchase) -> None:
    """Deposits in cash and by transfer go back by hand, each through two people."""
    market, say = purchase.market, purchase.say
    by_hand = [member for member in purchase.members if member.method != "card"]

    async def ask() -> list[dict[str, Any]]:
        queue = await market.operator.get(f"/refunds/queue?post_id={market.post['id']}&limit=100")
        return [item for item in queue["items"] if item["pool_id"] == purchase.pool["id"]]

    refunds = await until(ask, lambda found: len(found) == len(by_hand), "the refunds are due")
    for refund in refunds:
        await market.operator.post(f"/refunds/{refund['id']}/prepare", {"proof": "kuitansi 17"})
        await market.checker.post(f"/refunds/{refund['id']}/approve")
        say.step(f"{market.operator.name} and {market.checker.name} give {rupiah(refund['amount_idr'])} back.")
    for member in purchase.members:

        async def holding(member: Member = member) -> dict[str, Any]:
            return await purchase.holding(member)

        await until(holding, lambda found: found["held_idr"] == 0, f"{member.person.name} has everything back")
        say.check(True, f"nothing is held for {member.person.name} any more")
    ledger = await purchase.book()
    say.check(ledger["balance_idr"] == 0, "nothing is left in the pool's book")


async def leave(_: Purchase) -> None:
    """Leave the order unanswered."""


async def decline(purchase: Purchase) -> None:
    """Let the supplier decline."""
    order = await _order_of(purchase)
    await purchase.market.supplier.post(f"/purchase-orders/{order['id']}/decline", {"reason": "Bahan baku habis"})
    await purchase.becomes("failed")


async def accept(purchase: Purchase) -> None:
    """Let the supplier accept; the card members are charged, the others have not paid yet."""
    order = await _order_of(purchase)
    await purchase.market.supplier.post(f"/purchase-orders/{order['id']}/accept")
    await purchase.becomes("collecting")


async def fund(purchase: Purchase) -> None:
    """Let everybody pay: the order is firm."""
    await accept(purchase)
    await _collect(purchase)


async def deliver(purchase: Purchase) -> None:
    """Let the goods arrive, not tested yet."""
    await fund(purchase)
    await _pay_out(purchase, "down_payment")
    await _receive_all(purchase)


async def settle(purchase: Purchase) -> None:
    """Bring it to its good end."""
    await fund(purchase)
    await _deliver_and_pay_out(purchase)
