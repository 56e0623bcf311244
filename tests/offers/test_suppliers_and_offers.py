"""Suppliers and their offers, through the API: who may what, what is said, and what strangers do not see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.offers.domain.supplier import Payee
from shared.auth import Grant, Principal
from shared.broker import Envelope
from shared.contracts.identity import AccountErased
from shared.db import DataRefused
from shared.ids import new_id
from shared.testing.running import principal

NUMBER = "1234567890"


@pytest.fixture(scope="module", name="shop")
async def running_shop(run_services: Any, module_dsn: str, open_shop: Any) -> AsyncIterator[Any]:
    async with run_services(module_dsn, "offers") as (runner, client):
        yield await open_shop(runner, client)


async def register(shop: Any, body: dict[str, Any], who: Principal | None = None) -> tuple[UUID, Principal, Principal]:
    """Register a supplier; gives its id, its owner and an operator of its post."""
    owner = who or principal()
    reply = await shop.client.post("/api/v1/suppliers", body, owner)
    assert reply.status == 201, reply.body
    return UUID(reply.body["id"]), owner, principal(None, Grant("operator", "post", UUID(body["post_id"])))


async def test_checked_supplier_is_said_with_its_bank_account_in_a_passing_event(shop: Any) -> None:
    said = await shop.said_of(shop.supplier_id)
    assert said == ["supplier_registered", "supplier_verified", "supplier_payee_changed"]
    kept = await shop.value("SELECT string_agg(body::text, '') FROM events WHERE NOT transient")
    assert NUMBER not in kept


async def test_pending_supplier_is_seen_by_owner_and_operators_only(
    shop: Any, supplier_body: Callable[..., Any]
) -> None:
    supplier_id, owner, operator = await register(shop, supplier_body())
    path = f"/api/v1/suppliers/{supplier_id}"
    stranger = principal(None, Grant("operator", "post", new_id()))
    assert [(await shop.client.get(path, who)).status for who in (None, principal(), stranger)] == [404, 404, 404]
    for who in (owner, operator, principal(None, Grant("officer", "province", new_id()))):
        reply = await shop.client.get(path, who)
        assert (reply.status, reply.body["account_number"], reply.body["bank_masked"]) == (200, NUMBER, False)
    assert reply.body["whatsapp"] == "+6281234567890"
    queue = await shop.client.get(f"/api/v1/suppliers/queue?post_id={operator_post(operator)}", operator)
    assert [item["id"] for item in queue.body["items"]] == [str(supplier_id)]
    other = await shop.client.get(f"/api/v1/suppliers/queue?post_id={operator_post(operator)}", stranger)
    assert (other.status, other.slug) == (403, "not-allowed")
    mine = await shop.client.get("/api/v1/suppliers/mine", owner)
    assert [item["id"] for item in mine.body["items"]] == [str(supplier_id)]


def operator_post(operator: Principal) -> UUID:
    return next(iter(operator.grants)).scope_id


async def test_strangers_see_a_verified_supplier_with_a_masked_account(shop: Any) -> None:
    reply = await shop.client.get(f"/api/v1/suppliers/{shop.supplier_id}", principal())
    assert reply.body["status"] == "verified"
    assert (reply.body["account_number"], reply.body["account_holder"]) == ("*******890", "S*** L***")
    assert (reply.body["bank_masked"], reply.body["account_id"]) == (True, None)


@pytest.mark.parametrize(
    ("number", "holder", "masked"),
    [("12345", "Sri", ("**345", "S***")), ("123456789012", "CV  Maju Jaya", ("*********012", "C*** M*** J***"))],
)
def test_mask_hides_all_but_the_last_three_digits(number: str, holder: str, masked: tuple[str, str]) -> None:
    shown = Payee("Bank", number, holder).masked()
    assert (shown.account_number, shown.account_holder) == masked


async def test_nobody_checks_their_own_supplier_nor_one_they_helped_to_register(
    shop: Any, supplier_body: Callable[..., Any]
) -> None:
    post_id = new_id()
    operator = principal(None, Grant("operator", "post", post_id))
    helped, _, _ = await register(shop, supplier_body(post_id=str(post_id)), principal(assisted_by=operator.account_id))
    own, _, _ = await register(shop, supplier_body(post_id=str(post_id)), principal(operator.account_id))
    for supplier_id in (helped, own):
        for step, body in (("verify", None), ("reject", {"reason": "Alamat tidak ada"})):
            reply = await shop.client.post(f"/api/v1/suppliers/{supplier_id}/{step}", body, operator)
            assert (reply.status, reply.slug) == (403, "own-supplier")
    elsewhere = principal(None, Grant("operator", "post", new_id()))
    reply = await shop.client.post(f"/api/v1/suppliers/{helped}/verify", None, elsewhere)
    assert (reply.status, reply.slug) == (403, "not-allowed")
    assisted = principal(None, Grant("operator", "post", post_id), assisted_by=new_id())
    assert (await shop.client.post(f"/api/v1/suppliers/{helped}/verify", None, assisted)).status == 403
    officer = principal(None, Grant("officer", "province", new_id()))
    assert (await shop.client.post(f"/api/v1/suppliers/{own}/verify", None, officer)).body["status"] == "verified"


async def test_of_many_checks_at_once_one_counts(shop: Any, supplier_body: Callable[..., Any]) -> None:
    supplier_id, owner, operator = await register(shop, supplier_body())
    replies = await asyncio.gather(
        *(shop.client.post(f"/api/v1/suppliers/{supplier_id}/verify", None, operator) for _ in range(5)),
        *(shop.client.post(f"/api/v1/suppliers/{supplier_id}/reject", {"reason": "x"}, operator) for _ in range(5)),
    )
    assert sorted(reply.status for reply in replies) == [200] + [409] * 9
    assert {reply.slug for reply in replies if reply.status == 409} == {"supplier-decided"}
    assert len(await shop.said_of(supplier_id)) in {2, 3}  # a verification tells the bank account too
    decided = await shop.client.get(f"/api/v1/suppliers/{supplier_id}", owner)
    assert (decided.body["reason"] == "x") == (decided.body["status"] == "rejected")


async def test_rejected_supplier_may_register_anew_but_not_twice_at_once(
    shop: Any, supplier_body: Callable[..., Any]
) -> None:
    body = supplier_body()
    supplier_id, owner, operator = await register(shop, body)
    again = await shop.client.post("/api/v1/suppliers", {**body, "name": "bengkel MAJU"}, owner)
    assert (again.status, again.slug) == (409, "supplier-exists")
    await shop.client.post(f"/api/v1/suppliers/{supplier_id}/reject", {"reason": "Foto buram"}, operator)
    assert await shop.said_of(supplier_id) == ["supplier_registered", "supplier_rejected"]
    assert (await shop.client.post("/api/v1/suppliers", body, owner)).status == 201


async def test_changed_bank_account_is_said_once_the_supplier_may_be_paid(
    shop: Any, supplier_body: Callable[..., Any]
) -> None:
    supplier_id, owner, operator = await register(shop, supplier_body())
    path = f"/api/v1/suppliers/{supplier_id}/payee"
    account = {"bank_name": "Bank Lain", "account_number": "99887766", "account_holder": "Sri Lestari"}
    assert (await shop.client.send("PUT", path, owner, body=account)).status == 200
    assert await shop.said_of(supplier_id) == ["supplier_registered"]
    await shop.client.post(f"/api/v1/suppliers/{supplier_id}/verify", None, operator)
    for number in ("99887766", "11223344", "11223344"):
        await shop.client.send("PUT", path, owner, body={**account, "account_number": number})
    assert (await shop.said_of(supplier_id)).count("supplier_payee_changed") == 2  # at the check, and at the one change
    refused = [await shop.client.send("PUT", path, who, body=account) for who in (principal(), operator)]
    assert [(reply.status, reply.slug) for reply in refused] == [(403, "not-allowed")] * 2
    helped = principal(owner.account_id, assisted_by=new_id())
    assert (await shop.client.send("PUT", path, helped, body=account)).status == 403


async def test_kept_answers_hold_no_bank_account(shop: Any, supplier_body: Callable[..., Any]) -> None:
    body = supplier_body()
    owner = principal()
    replies = [await shop.client.post("/api/v1/suppliers", body, owner, key="sekali") for _ in range(2)]
    assert replies[0].body == replies[1].body
    kept = await shop.value("SELECT string_agg(encode(answer, 'escape'), '') FROM idempotency_keys")
    assert replies[0].body["id"] in kept
    assert NUMBER not in kept


@pytest.mark.parametrize(
    "changes",
    [
        {"account_number": "12a45"},
        {"account_number": "1234"},
        {"account_number": "1" * 21},
        {"account_number": "\u0661\u0662\u0663\u0664\u0665\u0666"},
        {"whatsapp": "bukan nomor"},
        {"whatsapp": "0812"},
        {"name": ""},
        {"name": "dua\nbaris"},
        {"bank_name": "BCA\u0000"},
        {"post_id": "bukan-id"},
        {"nib": "1234567890123"},
    ],
)
async def test_registration_that_cannot_be_right_is_refused_by_its_field(
    shop: Any, supplier_body: Callable[..., Any], changes: dict[str, str]
) -> None:
    reply = await shop.client.post("/api/v1/suppliers", supplier_body(**changes), principal())
    assert (reply.status, reply.slug) == (400, "invalid-fields")
    assert [error["field"] for error in reply.body["errors"]] == list(changes)


async def test_offer_is_said_with_its_full_snapshot_and_shown_on_the_technology(
    shop: Any, make_terms: Callable[..., Any]
) -> None:
    body = await shop.value("SELECT body FROM events WHERE aggregate_id = $1 AND version = 1", shop.offer_id)
    assert (body["offer_version"], body["supplier_name"]) == (1, "Bengkel Maju")
    assert UUID(body["supplier_account_id"]) == shop.owner.account_id
    assert body["terms"] == make_terms().model_dump(mode="json")
    shown = (await shop.client.get(f"/api/v1/offers/{shop.offer_id}")).body
    page = (await shop.client.get(f"/api/v1/technologies/{shown['technology']['slug']}")).body
    assert shown in page["offers"]
    assert shown in (await shop.client.get(f"/api/v1/offers?technology_id={shop.technology_id}")).body["items"]


async def publish(shop: Any, who: Principal | None = None, **changes: Any) -> Any:
    body = {"supplier_id": str(shop.supplier_id), "technology_id": str(shop.technology_id), **changes}
    return await shop.client.post("/api/v1/offers", body, who or shop.owner)


async def test_change_makes_a_version_and_the_old_one_stays(shop: Any, make_terms: Callable[..., Any]) -> None:
    first = await publish(shop, terms=make_terms().model_dump(mode="json"), note="Warna bebas")
    path = f"/api/v1/offers/{first.body['id']}"
    cheaper = make_terms(installation_idr=0).model_dump(mode="json")
    changed = await shop.client.send("PUT", path, shop.owner, body={"terms": cheaper, "version": 1})
    assert (changed.status, changed.body["version"], changed.body["note"]) == (200, 2, None)
    same = await shop.client.send("PUT", path, shop.owner, body={"terms": cheaper})
    assert same.body["version"] == 2
    stale = await shop.client.send("PUT", path, shop.owner, body={"terms": first.body["terms"], "version": 1})
    assert (stale.status, stale.slug, stale.body["current_version"]) == (409, "offer-changed-meanwhile", 2)
    assert await shop.said_of(UUID(first.body["id"])) == ["offer_published", "offer_changed"]
    kept = "SELECT array_agg(terms ->> 'installation_idr' ORDER BY version) FROM offer_versions WHERE offer_id = $1"
    assert await shop.value(kept, UUID(first.body["id"])) == ["50000", "0"]


async def test_of_many_changes_to_one_version_one_is_made(shop: Any, make_terms: Callable[..., Any]) -> None:
    offer = await publish(shop, terms=make_terms().model_dump(mode="json"))
    bodies = [{"terms": make_terms(training_idr=n).model_dump(mode="json"), "version": 1} for n in range(8)]
    replies = await asyncio.gather(
        *(shop.client.send("PUT", f"/api/v1/offers/{offer.body['id']}", shop.owner, body=body) for body in bodies)
    )
    assert sorted(reply.status for reply in replies) == [200] + [409] * 7


async def test_withdrawn_offer_is_listed_no_more_and_does_not_change(shop: Any, make_terms: Callable[..., Any]) -> None:
    terms = make_terms().model_dump(mode="json")
    offer = await publish(shop, terms=terms)
    path = f"/api/v1/offers/{offer.body['id']}"
    for _ in range(2):
        assert (await shop.client.post(f"{path}/withdraw", None, shop.owner)).body["status"] == "withdrawn"
    assert await shop.said_of(UUID(offer.body["id"])) == ["offer_published", "offer_withdrawn"]
    listed = await shop.client.get(f"/api/v1/offers?limit=100&supplier_id={shop.supplier_id}")
    assert offer.body["id"] not in {item["id"] for item in listed.body["items"]}
    changed = await shop.client.send("PUT", path, shop.owner, body={"terms": {**terms, "training_idr": 1}})
    assert (changed.status, changed.slug) == (409, "offer-withdrawn")
    assert (await shop.client.get(path)).body["status"] == "withdrawn"


async def test_offers_are_made_only_by_the_owner_of_a_verified_supplier_for_a_listed_technology(
    shop: Any, supplier_body: Callable[..., Any], make_terms: Callable[..., Any]
) -> None:
    terms = make_terms().model_dump(mode="json")
    pending, owner, _ = await register(shop, supplier_body())
    path = f"/api/v1/offers/{shop.offer_id}"
    replies = [
        await publish(shop, terms=terms, supplier_id=str(pending), who=owner),
        await publish(shop, terms=terms, who=principal()),
        await publish(shop, terms=terms, supplier_id=str(new_id())),
        await publish(shop, terms=terms, technology_id=str(new_id())),
        await shop.client.send("PUT", path, principal(), body={"terms": terms}),
        await shop.client.post(f"{path}/withdraw", None, principal()),
        await shop.client.post(f"{path}/withdraw", None, None),
    ]
    assert [(reply.status, reply.slug) for reply in replies] == [
        (409, "supplier-not-verified"),
        (403, "not-allowed"),
        (404, "not-found"),
        (422, "unknown-technology"),
        (403, "not-allowed"),
        (403, "not-allowed"),
        (401, "not-signed-in"),
    ]


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"freigth": []}, 400, "invalid-fields"),
        ({"tiers": []}, 400, "invalid-fields"),
        ({"tiers": [{"from_units": 5, "unit_price_idr": 1, "per": "lusin"}]}, 400, "invalid-fields"),
        ({"minimum_units": "5"}, 400, "invalid-fields"),
        ({"lead_time_days": 1.5}, 400, "invalid-fields"),
        ({"installation_idr": -1}, 400, "invalid-fields"),
        ({"installation_idr": 10**15}, 400, "invalid-fields"),
        ({"pack_units": 3}, 422, "pack-does-not-divide"),
    ],
)
async def test_terms_that_cannot_be_right_are_refused(
    shop: Any, make_terms: Callable[..., Any], changes: dict[str, Any], status: int, slug: str
) -> None:
    reply = await publish(shop, terms={**make_terms().model_dump(mode="json"), **changes})
    assert (reply.status, reply.slug) == (status, slug)


async def test_refusal_of_terms_speaks_to_the_supplier_in_rupiah(shop: Any, make_terms: Callable[..., Any]) -> None:
    rising = [{"from_units": 5, "unit_price_idr": 900_000}, {"from_units": 10, "unit_price_idr": 1_000_000}]
    reply = await publish(shop, terms={**make_terms().model_dump(mode="json"), "tiers": rising})
    assert reply.body["field"] == "terms.tiers.1.unit_price_idr"
    assert "mulai 10 unit tertulis Rp 1.000.000, padahal jenjang sebelumnya Rp 900.000" in reply.body["detail"]


async def test_pages_of_offers_go_through_all_newest_first(shop: Any, make_terms: Callable[..., Any]) -> None:
    for _ in range(3):
        await publish(shop, terms=make_terms().model_dump(mode="json"))
    whole = (await shop.client.get(f"/api/v1/offers?limit=100&supplier_id={shop.supplier_id}")).body["items"]
    seen: list[str] = []
    url: str | None = f"/api/v1/offers?limit=2&supplier_id={shop.supplier_id}"
    while url:
        body = (await shop.client.get(url)).body
        seen += [item["id"] for item in body["items"]]
        url = f"/api/v1/offers?limit=2&supplier_id={shop.supplier_id}&cursor={body['next']}" if body["next"] else None
    assert seen == [item["id"] for item in whole] == sorted(seen, reverse=True)
    assert len(seen) >= 4


async def test_erased_owner_leaves_no_contacts_and_no_standing_offer(
    shop: Any, supplier_body: Callable[..., Any], make_terms: Callable[..., Any]
) -> None:
    supplier_id, owner, operator = await register(shop, supplier_body())
    await shop.client.post(f"/api/v1/suppliers/{supplier_id}/verify", None, operator)
    offer = await publish(shop, supplier_id=str(supplier_id), terms=make_terms().model_dump(mode="json"), who=owner)
    erased = AccountErased(account_id=owner.account_id)
    envelope = Envelope(
        new_id(),
        erased.type,
        "urunbeli/identity",
        owner.account_id,
        1,
        datetime.now(UTC),
        erased.model_dump_json().encode(),
    )
    await shop.hear(envelope, envelope)
    row = await shop.value("SELECT to_jsonb(suppliers)::text FROM suppliers WHERE id = $1", supplier_id)
    assert not any(personal in row for personal in ("Bengkel", "Cakung", "62812", NUMBER, "Sri", "Bank DKI"))
    assert await shop.said_of(UUID(offer.body["id"])) == ["offer_published", "offer_withdrawn"]
    again = await publish(shop, supplier_id=str(supplier_id), terms=make_terms().model_dump(mode="json"), who=owner)
    assert again.slug == "supplier-not-verified"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE offer_versions SET terms = '{}'",
        "DELETE FROM offer_versions",
        "TRUNCATE offer_versions",
        "DELETE FROM dispatches",
        "UPDATE receipts SET units = 1",
    ],
)
async def test_the_service_itself_cannot_rewrite_what_was_agreed(shop: Any, sql: str) -> None:
    with pytest.raises(Exception, match="permission denied"):
        async with shop.runner.contexts["offers"].db.transaction() as tx:
            await tx.run(sql)


async def test_database_refuses_an_offer_without_its_version(shop: Any) -> None:
    with pytest.raises(DataRefused):
        async with shop.runner.contexts["offers"].db.transaction() as tx:
            await tx.run("UPDATE offers SET version = version + 1 WHERE id = $1", shop.offer_id)
