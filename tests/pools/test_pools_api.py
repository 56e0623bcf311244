"""A pool over HTTP: proposed, checked, opened, extended, called off; who sees it where; what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from shared.auth import Grant
from shared.contracts.identity import AccountErased
from shared.contracts.offers import OfferWithdrawn
from shared.ids import new_id
from shared.testing.running import principal

HOUR = timedelta(hours=1)
NOBODY = "019a0000-0000-7000-8000-000000000000"


async def listed(world, query, who=None):
    reply = await world.client.get(f"/api/v1/pools?{query}", who)
    assert reply.status == 200, reply.body
    return [UUID(item["id"]) for item in reply.body["items"]]


async def test_from_a_proposal_to_an_open_pool(world):
    urun = await world.draft(proposal={"story": "Minyak bekas itu berat.", "methods": ["cash", "card", "cash"]})
    draft = await urun.view(world.initiator)
    assert (draft["state"], draft["methods"], draft["i_am_initiator"]) == ("draft", ["card", "cash"], True)
    assert draft["treasurer_account_id"] == draft["initiator_account_id"] == str(world.initiator.account_id)
    assert (draft["minimum_landed_idr"], draft["cheapest_landed_idr"]) == (1_045_834, 813_959)
    body = {"title": "Urun spinner", "timing": "deposit", "methods": ["cash", "cash"]}
    changed = await world.client.send("PATCH", urun.path, world.initiator, body=body)
    assert (changed.body["title"], changed.body["timing"], changed.body["methods"]) == (
        "Urun spinner", "deposit", ["cash"]
    )  # fmt: skip
    assert changed.body["story"] == "Minyak bekas itu berat."
    assert (await urun.done("submit"))["state"] == "in_review"
    assert (await urun.view(world.operator))["i_may_verify"]
    opened = await urun.done("verify", who=world.operator)
    assert opened["state"] == "open"
    assert [event["type"] for event in await urun.said()] == ["pool_submitted", "pool_verified", "pool_opened"]
    (said,) = await urun.said("pool_opened")
    assert (said["verified_by"], said["offer_version"]) == (str(world.operator.account_id), 1)
    public = await urun.view()
    assert (public["initiator_account_id"], public["post_name"]) == (None, "Posyantek Kramat Jati")
    assert [entry["kind"] for entry in public["timeline"]] == ["pool_submitted", "pool_verified", "pool_opened"]


async def test_terms_stay_as_they_were_copied(world):
    event = world.offer_event(new_id())
    await world.hear(event)
    urun = await world.draft(offer_id=event.offer_id)
    cheaper = world.offer_event(event.offer_id, version=2, training_idr=0)
    await world.hear(cheaper, world.offer_event(event.offer_id, version=1, training_idr=1))
    assert (await urun.view(world.initiator))["terms"]["training_idr"] == 33_333
    other = await world.draft(offer_id=event.offer_id)
    assert (await other.view(world.initiator))["terms"]["training_idr"] == 0
    await world.hear(OfferWithdrawn(offer_id=event.offer_id, supplier_id=event.supplier_id))
    reply = await world.client.post("/api/v1/pools", world.proposal(event.offer_id), world.initiator)
    assert (reply.status, reply.slug) == (422, "offer-not-there")
    assert (await urun.done("submit"))["state"] == "in_review"


async def test_what_never_opened_is_hidden_from_strangers(world):
    urun = await world.draft()
    for step, who in (("submit", None), ("cancel", world.initiator)):
        for path in ("", "/preview", "/participants"):
            for stranger in (None, principal(), world.stranger):
                assert (await world.client.get(urun.path + path, stranger)).status == 404
            for insider in (world.initiator, world.operator):
                assert (await world.client.get(urun.path + path, insider)).status == 200
        query = f"post_id={world.post_id}&limit=100"
        assert urun.id not in await listed(world, query)
        assert urun.id not in await listed(world, f"{query}&mine=1", principal())
        assert urun.id in await listed(world, "mine=1", world.initiator)
        await urun.done(step, {"reason": "Berubah pikiran"} if step == "cancel" else None, who)
    # Called off before anybody checked its words: still not for the public.
    assert (await world.client.get(urun.path)).status == 404
    assert urun.id not in await listed(world, "state=cancelled&limit=100")


async def test_sent_back_with_a_reason_and_opened_after_all(world):
    urun = await world.draft()
    await urun.done("submit")
    back = await urun.done("reject", {"reason": "Judulnya belum jelas"}, world.operator)
    assert (back["state"], back["state_reason"]) == ("draft", "Judulnya belum jelas")
    assert (await urun.said("pool_rejected"))[0]["reason"] == "Judulnya belum jelas"
    await urun.done("submit")
    opened = await urun.done("verify", who=world.operator)
    assert (opened["state"], opened["state_reason"]) == ("open", None)


async def test_extended_once_with_a_word_to_the_members(world):
    urun = await world.open()
    later = world.now() + timedelta(days=2)
    body = {"deadline": later.isoformat(), "notice": "Kurang dua unit lagi"}
    view = await urun.done("extend", body)
    assert (view["extended"], view["extension_notice"]) == (True, "Kurang dua unit lagi")
    assert (await urun.said("pool_extended"))[0]["deadline"] == view["deadline"]
    again = await urun.act("extend", {"deadline": (later + HOUR).isoformat()})
    assert (again.status, again.slug) == (422, "already-extended")
    silent = await world.open()
    assert (await silent.done("extend", {"deadline": later.isoformat()}))["extension_notice"] is None


async def test_cancelled_by_the_initiator_with_a_reason_for_everybody(world):
    urun = await world.open()
    member = await urun.pledge(2)
    view = await urun.done("cancel", {"reason": "Pindah rumah"})
    assert (view["state"], view["state_reason"]) == ("cancelled", "Pindah rumah")
    assert (await urun.read(member))["reason"] == "cancelled"
    assert (await urun.dues())[member.id]["may_hold_idr"] == 0
    assert (await urun.act("cancel", {"reason": "Lagi"})).slug == "too-late-to-cancel"
    assert urun.id in await listed(world, "state=cancelled&limit=100")


async def test_lists_page_and_filter(world):
    event = world.offer_event(new_id())
    await world.hear(event)
    pools = [await world.open(offer_id=event.offer_id) for _ in range(5)]
    newest_first = [urun.id for urun in reversed(pools)]
    seen, path = [], f"/api/v1/pools?offer_id={event.offer_id}&limit=2"
    while path:
        reply = await world.client.get(path)
        seen += [UUID(item["id"]) for item in reply.body["items"]]
        cursor = reply.body["next"]
        assert ("Link" in reply.headers) == bool(cursor)
        path = cursor and f"/api/v1/pools?offer_id={event.offer_id}&limit=2&cursor={cursor}"
    assert seen == newest_first
    await pools[0].done("cancel", {"reason": "Batal"})
    assert await listed(world, f"offer_id={event.offer_id}&state=open") == newest_first[:-1]
    assert await listed(world, f"technology_id={event.technology_id}&state=cancelled") == [pools[0].id]
    assert await listed(world, f"technology_ids={new_id()},{event.technology_id}&state=cancelled") == [pools[0].id]
    assert await listed(world, f"offer_id={event.offer_id}&post_id={new_id()}") == []
    member = await pools[2].pledge(1)
    gone = await pools[3].pledge(1, who=member.who)
    assert await listed(world, "mine=1", member.who) == [pools[3].id, pools[2].id]
    await world.client.post(f"/api/v1/pledges/{gone.id}/withdraw", None, member.who)
    assert await listed(world, "mine=1", member.who) == [pools[2].id]
    assert (await world.client.get("/api/v1/pools?mine=1")).status == 401


async def test_a_pool_is_found_by_words_of_its_title_and_of_what_it_buys(world):
    event = world.offer_event(new_id())
    await world.hear(event)
    urun = await world.open(offer_id=event.offer_id, proposal={"title": "Peniris minyak RW 07"})
    await world.open(offer_id=event.offer_id, proposal={"title": "Lain sama sekali"})
    scope = f"offer_id={event.offer_id}&q="
    assert await listed(world, scope + "minyak%20rw") == [urun.id]
    assert await listed(world, scope + "MINYAK") == [urun.id]
    assert len(await listed(world, scope + "spin")) == 2
    assert await listed(world, scope + "minyak%20sealer") == []
    assert len(await listed(world, scope + "%26%7C!")) == 2, "no word at all narrows nothing"


async def test_queue_has_what_the_post_must_do(world):
    first, second = await world.draft(), await world.draft()
    await first.done("submit")
    await second.done("submit")
    path = f"/api/v1/pools/queue?post_id={world.post_id}&limit=1"
    ids = []
    while path:
        reply = await world.client.get(path, world.operator)
        ids += [UUID(item["id"]) for item in reply.body["items"]]
        path = reply.body["next"] and f"/api/v1/pools/queue?limit=1&cursor={reply.body['next']}"
    assert ids.index(first.id) < ids.index(second.id)
    officer = principal(None, Grant("officer", "province", new_id()))
    assert (await world.client.get(f"/api/v1/pools/queue?post_id={world.post_id}", officer)).body["items"]


async def test_members_are_shown_masked_and_forgotten_for_good(world):
    urun = await world.open()
    siti = await world.named("Ibu Siti Aminah")
    await urun.pledge(2, who=siti)
    await urun.pledge(1)
    path = f"{urun.path}/participants?limit=1"
    first = await world.client.get(path)
    assert first.body["items"] == [{"name_masked": "Ibu S***", "units": 2, "number": 1, "state": "secured"}]
    second = await world.client.get(f"{path}&cursor={first.body['next']}")
    assert [item["name_masked"] for item in second.body["items"]] == ["Peserta"]
    assert second.body["next"] is None
    profile = next(one for one in world.heard if one.aggregate_id == siti.account_id)
    await world.hear(AccountErased(account_id=siti.account_id), replace(profile, id=new_id()))
    assert (await world.client.get(path)).body["items"][0]["name_masked"] == "Peserta"
    assert await world.value("SELECT count(*) FROM people WHERE name LIKE '%Siti%'") == 0


async def test_preview_tells_what_is_missing_and_what_a_newcomer_would_pay(world):
    urun = await world.open()
    await urun.pledge(3, secure=False)
    alone = (await world.client.get(f"{urun.path}/preview")).body
    assert (alone["feasible"], alone["missing_to_minimum"], alone["yours"]) == (False, 1, None)
    assert [(tier["from_units"], tier["missing_units"]) for tier in alone["next_tiers"]] == [(4, 1), (8, 5), (12, 9)]
    mine = (await world.client.get(f"{urun.path}/preview?units=5")).body
    assert mine["at_most_idr"] == 5 * 1_045_834
    assert mine["yours"]["amount_idr"] == sum(line["amount_idr"] for line in mine["yours"]["lines"])
    assert mine["yours"]["lines"][0] == {"origin": "goods", "amount_idr": 5 * 900_000}
    await urun.pledge(5, secure=False)
    now = (await world.client.get(f"{urun.path}/preview")).body
    assert (now["feasible"], now["quantity"], now["landed_price_idr"]) == (True, 8, 922_917)
    assert (await urun.view())["next_tier"] == now["next_tiers"][0]
    assert now["next_tiers"][0]["missing_units"] == 4


async def test_the_price_shown_is_that_of_the_units_pledged_now(world):
    urun = await world.open()
    await urun.pledge(6)
    other = await urun.pledge(2)
    assert (await urun.view())["unit_price_idr"] == 900_000
    await world.client.post(f"/api/v1/pledges/{other.id}/withdraw", None, other.who)
    assert (await urun.view())["unit_price_idr"] == 1_000_000


BAD_PROPOSALS = [
    ({"deadline": "2020-01-01T00:00:00Z"}, 422, "deadline-too-soon"),
    ({"deadline": "9999-12-31T23:59:59-12:00"}, 422, "deadline-too-far"),
    ({"deadline": "2026-12-01T00:00:00"}, 400, "invalid-fields"),
    ({"deadline": "besok"}, 400, "invalid-fields"),
    ({"offer_id": NOBODY}, 422, "offer-not-there"),
    ({"offer_id": "1"}, 400, "invalid-fields"),
    ({"post_id": None}, 400, "invalid-fields"),
    ({"title": ""}, 400, "invalid-fields"),
    ({"title": "dua\nbaris"}, 400, "invalid-fields"),
    ({"title": "a" * 121}, 400, "invalid-fields"),
    ({"methods": []}, 400, "invalid-fields"),
    ({"methods": ["qris"]}, 400, "invalid-fields"),
    ({"timing": "kapan-kapan"}, 400, "invalid-fields"),
    ({"state": "open"}, 400, "invalid-fields"),
]


@pytest.mark.parametrize(("change", "status", "slug"), BAD_PROPOSALS)
async def test_what_cannot_be_proposed(world, change, status, slug):
    body = world.proposal(**{"offer_id": await world.offer(), **change})
    reply = await world.client.post("/api/v1/pools", body, principal())
    assert (reply.status, reply.slug) == (status, slug)


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/api/v1/pools/abc", 400, "malformed-id"),
        (f"/api/v1/pools/{NOBODY}", 404, "not-found"),
        (f"/api/v1/pools/{NOBODY}/preview", 404, "not-found"),
        (f"/api/v1/pools/{NOBODY}/participants", 404, "not-found"),
        ("/api/v1/pools?state=terbuka", 400, "invalid-fields"),
        ("/api/v1/pools?limit=0", 400, "invalid-fields"),
        ("/api/v1/pools?limit=101", 400, "invalid-fields"),
        ("/api/v1/pools?cursor=xx", 400, "bad-cursor"),
        ("/api/v1/pools?warna=biru", 400, "invalid-fields"),
        (f"/api/v1/pools/{NOBODY}/preview?units=0", 400, "invalid-fields"),
    ],
)
async def test_what_cannot_be_read(world, path, status, slug):
    reply = await world.client.get(path)
    assert (reply.status, reply.slug) == (status, slug)


async def test_a_forged_cursor_is_no_fault_of_ours(world):
    urun = await world.open()
    for cursor in ("OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ", "LTE", "Im5pbCI"):
        for path in ("participants", "pledges"):
            reply = await world.client.get(f"{urun.path}/{path}?cursor={cursor}", world.initiator)
            assert (reply.status, reply.slug) == (400, "bad-cursor")


@pytest.mark.parametrize(
    ("hours", "slug"), [(0.5, "deadline-not-later"), (1 + 24 * 31, "extension-too-long"), (-1, "deadline-not-later")]
)
async def test_what_is_no_extension(world, hours, slug):
    urun = await world.open()
    reply = await urun.act("extend", {"deadline": (world.now() + hours * HOUR).isoformat()})
    assert (reply.status, reply.slug) == (422, slug)


async def test_steps_out_of_order_are_refused(world):
    urun = await world.draft()
    early = await urun.act("verify", who=world.operator)
    assert (early.status, early.slug) == (409, "wrong-pool-state")
    await urun.done("submit")
    assert (await urun.act("submit")).slug == "wrong-pool-state"
    reply = await world.client.send("PATCH", urun.path, world.initiator, body={"title": "Lain"})
    assert reply.slug == "wrong-pool-state"
    await urun.done("verify", who=world.operator)
    assert (await urun.act("reject", {"reason": "Telat"}, world.operator)).slug == "wrong-pool-state"


async def test_a_pool_whose_deadline_passed_in_review_does_not_open(world):
    urun = await world.draft()
    await urun.done("submit")
    world.pass_time(2 * HOUR)
    assert (await urun.act("verify", who=world.operator)).slug == "deadline-passed"


async def test_a_supplier_neither_leads_nor_joins_a_pool_for_their_own_goods(world):
    event = world.offer_event(new_id())
    await world.hear(event)
    supplier = principal(event.supplier_account_id)
    leads = await world.client.post("/api/v1/pools", world.proposal(event.offer_id), supplier)
    holds = await world.client.post(
        "/api/v1/pools", world.proposal(event.offer_id, treasurer_account_id=supplier.account_id), world.initiator
    )
    urun = await world.open(offer_id=event.offer_id)
    joins = await urun.act("pledges", {"units": 1, "method": "cash"}, supplier)
    assert [(reply.status, reply.slug) for reply in (leads, holds, joins)] == [(403, "supplier-in-own-pool")] * 3
