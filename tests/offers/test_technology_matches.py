"""Which technology helps me: asked through the API, on the catalogue and the offers that stand in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from services.offers import queries
from services.offers.catalogue import Technology, load_catalogue
from services.offers.domain.benefit import OwnFigures
from services.offers.domain.technology import technology_id
from services.offers.repository.standing import standing_offers
from shared.db import recorded_statements

SPINNER = "spinner-peniris-minyak"
PRODUCT = {"shelf": "snacks", "q": "Keripik singkong balado"}
FIGURES = {"kg_per_week": "45", "hours_per_week": "6", "hour_value_idr": "15000", "supply_va": "1300"}


def address(**asked: object) -> str:
    return f"/api/v1/technology-matches?{urlencode(asked)}"


@pytest.fixture(scope="module", name="running")
async def running_services(run_services: Any, module_dsn: str) -> AsyncIterator[Any]:
    async with run_services(module_dsn, "offers") as running:
        yield running


@pytest.fixture(scope="module", name="client")
def client_of(running: Any) -> Any:
    return running[1]


async def match_of(client: Any, slug: str, **asked: object) -> dict[str, Any]:
    reply = await client.get(address(slug=slug, **asked))
    assert reply.status == 200, reply.body
    (item,) = reply.body["items"]
    return item


async def test_anybody_learns_what_fits_best_first_and_why(client: Any) -> None:
    reply = await client.get(address(**PRODUCT))
    assert reply.status == 200, reply.body
    items = reply.body["items"]
    assert [item["technology"]["slug"] for item in items[:4]] == [
        "pencampur-bumbu", "perajang-keripik", SPINNER, "band-sealer-kontinu",
    ]  # fmt: skip
    assert items[2]["why"] == {"kind": "product", "phrase": "keripik singkong"}
    assert items[-1]["why"] == {"kind": "shelf", "phrase": "snacks"}
    assert len(items) == 12
    assert (reply.body["tariff_sen_per_kwh"], "ESDM" in reply.body["tariff_source"]) == (144_470, True)


async def test_without_figures_nothing_is_saved_but_told_what_to_tell(client: Any) -> None:
    item = await match_of(client, SPINNER, **PRODUCT)
    technology = item["technology"]
    assert technology["id"] == str(technology_id(SPINNER))
    assert (technology["fits_work_id"], technology["fits_work_en"]) == ("meniriskan minyak", "draining oil")
    assert (technology["capacity_kg_per_hour"], technology["capacity_per_hour"]) == (30, None)
    del item["technology"], item["why"]
    assert item == {
        "supply": None,
        "hours_by_hand": None,
        "hours_with_machine": None,
        "saved_hours_per_month": None,
        "saved_idr_per_month": None,
        "electricity_idr_per_month": None,
        "net_idr_per_month": None,
        "payback_months": None,
        "payback_reason": "needs_figures",
        "needs": ["kg_per_week", "hours_per_week", "hour_value_idr"],
        "price_idr": 1_500_000,
        "price_basis": "estimate",
        "offer_id": None,
        "offers": 0,
    }


async def test_own_figures_tell_what_it_saves(client: Any) -> None:
    item = await match_of(client, SPINNER, **PRODUCT, **FIGURES)
    assert item["supply"] == {"va": 1300, "percent": 57, "fit": "easy"}
    assert (item["hours_by_hand"], item["hours_with_machine"], item["saved_hours_per_month"]) == (6, 1.5, 19.5)
    assert (item["saved_idr_per_month"], item["electricity_idr_per_month"]) == (292_500, 7_006)
    assert (item["net_idr_per_month"], item["payback_months"], item["payback_reason"]) == (285_494, 6, None)
    assert item["needs"] == []


async def test_hours_are_rounded_against_the_machine(client: Any) -> None:
    figures = {**FIGURES, "kg_per_week": "10", "hours_per_week": "1.25"}
    item = await match_of(client, SPINNER, **PRODUCT, **figures)
    assert (item["hours_with_machine"], item["saved_hours_per_month"]) == (0.34, 3.97)  # 1/3; 11/12 × 52/12 = 3.972…


async def test_sealer_asks_for_pieces_and_takes_them(client: Any) -> None:
    item = await match_of(client, "hand-sealer", **PRODUCT, **FIGURES)
    assert (item["payback_reason"], item["needs"]) == ("needs_figures", ["pieces_per_week"])
    assert (item["technology"]["capacity_per_hour"], item["technology"]["capacity_unit_id"]) == (350, "bungkus")
    item = await match_of(client, "hand-sealer", **PRODUCT, **FIGURES, pieces_per_week=700)
    assert (item["hours_with_machine"], item["payback_reason"]) == (2, None)


@pytest.mark.parametrize(
    ("slug", "product", "changes", "reason"),
    [
        ("tray-dryer", PRODUCT, {}, "too_slow"),
        ("solar-dryer-dome", PRODUCT, {}, "capacity_unknown"),
        (SPINNER, PRODUCT, {"hours_per_week": "1.5"}, "no_saving"),
        (SPINNER, PRODUCT, {"hours_per_week": "1.6", "hour_value_idr": "20000"}, "too_long"),
    ],
)
async def test_without_a_payback_there_is_a_reason(
    client: Any, slug: str, product: dict[str, str], changes: dict[str, str], reason: str
) -> None:
    item = await match_of(client, slug, **product, **{**FIGURES, **changes})
    assert (item["payback_months"], item["payback_reason"]) == (None, reason)
    assert all(
        value is None or value >= 0
        for name, value in item.items()
        if name.endswith(("_idr_per_month", "hours_per_month"))
    )


@pytest.mark.parametrize("technology", load_catalogue(), ids=lambda technology: technology.slug)
async def test_every_technology_is_told_on_each_of_its_shelves(client: Any, technology: Technology) -> None:
    for shelf in technology.shelves:
        item = await match_of(client, technology.slug, shelf=shelf, **FIGURES, pieces_per_week=100)
        assert item["why"] == {"kind": "shelf", "phrase": shelf}
        assert (item["supply"] is None) == (technology.watts is None)


async def test_answer_is_not_sent_twice(client: Any) -> None:
    reply = await client.get(address(**PRODUCT, **FIGURES))
    tag = {"If-None-Match": reply.headers["ETag"]}
    assert (await client.get(address(**PRODUCT, **FIGURES), headers=tag)).status == 304
    assert (await client.get(address(**PRODUCT), headers=tag)).status == 200


async def test_two_statements_however_many_match(running: Any) -> None:
    async with running[0].contexts["offers"].db.read() as sql:
        with recorded_statements() as statements:
            assert len(await queries.technology_matches(sql, "snacks", None, None, OwnFigures(), 12)) == 12
    assert len(statements) == 2


@pytest.mark.parametrize(
    "nothing", [{"q": "xyz"}, {"shelf": "services"}, {"shelf": "nosuch"}, {**PRODUCT, "slug": "pres-tahu"}]
)
async def test_where_nothing_fits_the_list_is_empty(client: Any, nothing: dict[str, str]) -> None:
    reply = await client.get(address(**nothing))
    assert (reply.status, reply.body["items"]) == (200, [])


async def test_neither_shelf_nor_name_is_refused_naming_the_field(client: Any) -> None:
    reply = await client.get(address(**FIGURES))
    assert (reply.status, reply.slug, reply.body["field"]) == (422, "nothing-to-match", "q")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kg_per_week", "0"),
        ("kg_per_week", "-1"),
        ("kg_per_week", "1000000.01"),
        ("kg_per_week", "1.001"),
        ("kg_per_week", "12,5"),
        ("kg_per_week", "NaN"),
        ("kg_per_week", "1e400"),
        ("pieces_per_week", "0"),
        ("pieces_per_week", "1.5"),
        ("hours_per_week", "168.01"),
        ("hours_per_week", "Infinity"),
        ("hour_value_idr", "10000001"),
        ("hour_value_idr", "-1"),
        ("supply_va", "1000"),
        ("supply_va", "9" * 5000),
        ("supply_va", "rumah"),
        ("shelf", "Snacks!"),
        ("shelf", ""),
        ("q", " "),
        ("q", "\x00"),
        ("q", "x" * 121),
        ("slug", "../etc"),
        ("limit", "13"),
        ("limit", "0"),
        ("colour", "red"),
    ],
)
async def test_bad_figure_is_told_at_its_field(client: Any, field: str, value: str) -> None:
    reply = await client.get(address(**{**PRODUCT, field: value}))
    assert (reply.status, reply.slug) == (400, "invalid-fields")
    assert [error["field"] for error in reply.body["errors"]] == [field]


async def test_price_is_that_of_the_cheapest_standing_offer(
    run_services: Any, fresh_dsn: str, open_shop: Any, make_terms: Callable[..., Any]
) -> None:
    async with run_services(fresh_dsn, "offers") as (runner, client):
        shop = await open_shop(runner, client)
        (listed,) = (await client.get("/api/v1/technologies?limit=1")).body["items"]

        async def told() -> dict[str, Any]:
            item = await match_of(client, listed["slug"], shelf="plants")
            return {name: item[name] for name in ("price_idr", "price_basis", "offer_id", "offers")}

        own = {"price_idr": 1_035_000, "price_basis": "offer", "offer_id": str(shop.offer_id), "offers": 1}
        assert await told() == own
        cheaper = make_terms(tiers=[{"from_units": 5, "unit_price_idr": 700_000}]).model_dump(mode="json")
        body = {"supplier_id": str(shop.supplier_id), "technology_id": str(shop.technology_id), "terms": cheaper}
        published = await client.post("/api/v1/offers", body, shop.owner)
        assert published.status == 201, published.body
        assert await told() == {
            "price_idr": 735_000, "price_basis": "offer", "offer_id": published.body["id"], "offers": 2,
        }  # fmt: skip
        async with runner.contexts["offers"].db.read() as sql:
            (cut,) = (await standing_offers(sql, [shop.technology_id], limit=1)).values()
        assert (cut.count, [str(offer_id) for offer_id, _ in cut.cheapest]) == (2, [published.body["id"]])
        withdrawn = await client.post(f"/api/v1/offers/{published.body['id']}/withdraw", None, shop.owner)
        assert withdrawn.status == 200
        assert await told() == own
        dearer = make_terms(tiers=[{"from_units": 5, "unit_price_idr": 1_100_000}]).model_dump(mode="json")
        changed = await client.send("PUT", f"/api/v1/offers/{shop.offer_id}", shop.owner, body={"terms": dearer})
        assert changed.status == 200, changed.body
        assert await told() == {**own, "price_idr": 1_135_000}
        assert (await client.post(f"/api/v1/offers/{shop.offer_id}/withdraw", None, shop.owner)).status == 200
        middle = (listed["price_low_idr"] + listed["price_high_idr"]) // 2
        assert await told() == {"price_idr": middle, "price_basis": "estimate", "offer_id": None, "offers": 0}


async def test_card_of_an_older_release_is_left_out_until_it_is_written_anew(run_services: Any, fresh_dsn: str) -> None:
    async with run_services(fresh_dsn, "offers") as (runner, client):
        async with runner.contexts["offers"].db.transaction() as tx:
            await tx.run("UPDATE technologies SET card = card - 'shelves' - 'fits_work_id' WHERE slug = $1", SPINNER)
        reply = await client.get(address(**PRODUCT))
        assert reply.status == 200, reply.body
        assert SPINNER not in {item["technology"]["slug"] for item in reply.body["items"]}
    async with run_services(fresh_dsn, "offers") as (_, client):
        assert (await match_of(client, SPINNER, **PRODUCT))["why"]["kind"] == "product"


def test_capacity_is_taken_as_the_catalogue_writes_it() -> None:
    (grater,) = (one for one in load_catalogue() if one.slug == "pemarut-kelapa")
    assert Decimal(str(grater.capacity_kg_per_hour)) == Decimal("12.84")
