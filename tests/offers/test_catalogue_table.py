"""Loading the catalogue into its table, and finding in it through the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from services.offers.catalogue import load_catalogue
from services.offers.commands.technologies import publish_catalogue
from services.offers.domain.technology import technology_id
from shared.db import recorded_statements
from shared.testing.databases import rolled_back, said
from shared.words import prefix_query

CATALOGUE = load_catalogue()
PUBLISHED = "offers.technology_published.v1"


@pytest.fixture(scope="module", name="client")
async def running_client(run_services: Any, module_dsn: str) -> AsyncIterator[Any]:
    async with run_services(module_dsn, "offers") as (_, client):
        yield client


async def test_loading_publishes_each_technology_once_in_a_fixed_number_of_statements(database: Any) -> None:
    async with rolled_back(await database("offers")) as tx:
        with recorded_statements() as statements:
            assert await publish_catalogue(tx, CATALOGUE) == len(CATALOGUE)
        assert len(statements) == 3
        assert await publish_catalogue(tx, CATALOGUE) == 0
        events = await said(tx, PUBLISHED)
    assert [UUID(str(event["technology_id"])) for event in events] == [technology_id(one.slug) for one in CATALOGUE]


async def test_changed_card_is_taken_over_and_a_removed_one_is_listed_no_more(database: Any) -> None:
    changed = CATALOGUE[0].model_copy(update={"name_id": "Nama baru"})
    async with rolled_back(await database("offers")) as tx:
        await publish_catalogue(tx, CATALOGUE)
        await publish_catalogue(tx, [changed, *CATALOGUE[2:]])
        rows = {row["slug"]: row for row in await tx.rows("SELECT slug, listed, card FROM technologies")}
        assert len(await said(tx, PUBLISHED)) == len(CATALOGUE)
        assert rows[changed.slug]["card"]["name_id"] == "Nama baru"
        assert [slug for slug, row in rows.items() if not row["listed"]] == [CATALOGUE[1].slug]
        await publish_catalogue(tx, CATALOGUE)
        assert await tx.value("SELECT bool_and(listed) FROM technologies")


async def test_two_processes_that_start_at_once_publish_once(run_services: Any, fresh_dsn: str) -> None:
    async with run_services(fresh_dsn, "offers") as (runner, _):
        db = runner.contexts["offers"].db
        async with db.transaction() as tx:
            await tx.run("DELETE FROM technologies")

        async def start() -> int:
            async with db.transaction() as tx:
                return await publish_catalogue(tx, CATALOGUE)

        assert sum(await asyncio.gather(start(), start(), start())) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (None, None),
        ("  & | ! ", None),
        ("minyak", "'minyak':*"),
        ("keripik's (renyah):*", "'keripik':* & 's':* & 'renyah':*"),
        ("a b c d e f g h i", "'a':* & 'b':* & 'c':* & 'd':* & 'e':* & 'f':* & 'g':* & 'h':*"),
    ],
)
def test_words_of_a_person_become_a_safe_query(words: str | None, query: str | None) -> None:
    assert prefix_query(words) == query


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ("q=spinner", {"spinner-peniris-minyak"}),
        ("q=PENIRIS%20mi", {"spinner-peniris-minyak"}),
        ("category=drying&q=kerupuk&max_watts=0", {"solar-dryer-dome"}),
        ("category=no-such", set()),
        ("q=%26%7C!zzzz", set()),
    ],
)
async def test_filters_find_what_is_meant(client: Any, filters: str, slugs: set[str]) -> None:
    reply = await client.get(f"/api/v1/technologies?limit=100&{filters}")
    assert reply.status == 200, reply.body
    assert slugs <= {item["slug"] for item in reply.body["items"]}
    assert bool(slugs) == bool(reply.body["items"])


async def test_watts_filter_keeps_what_needs_no_electricity(client: Any) -> None:
    reply = await client.get("/api/v1/technologies?limit=100&max_watts=300")
    found = {item["slug"] for item in reply.body["items"]}
    assert found == {one.slug for one in CATALOGUE if one.watts is None or one.watts <= 300}
    assert len(found) < len(CATALOGUE)


async def test_pages_go_through_the_whole_catalogue_in_its_order(client: Any) -> None:
    slugs: list[str] = []
    url: str | None = "/api/v1/technologies?limit=7"
    while url:
        body = (await client.get(url)).body
        slugs += [item["slug"] for item in body["items"]]
        url = f"/api/v1/technologies?limit=7&cursor={body['next']}" if body["next"] else None
    assert slugs == [one.slug for one in CATALOGUE]


async def test_page_of_a_technology_tells_everything_with_its_sources(client: Any) -> None:
    for technology in CATALOGUE:
        reply = await client.get(f"/api/v1/technologies/{technology.slug}")
        assert reply.status == 200, reply.body
        assert reply.body["id"] == str(technology_id(technology.slug))
        assert reply.body["steps_id"] == list(technology.steps_id)
        assert reply.body["price_is_estimate"] == technology.price_is_estimate
        assert reply.body["figures"] == {
            name: figure.model_dump(mode="json") for name, figure in technology.figures.items()
        }
        assert reply.body["offers"] == []


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/api/v1/technologies/no-such-thing", 404, "not-found"),
        ("/api/v1/technologies/%00", 404, "not-found"),
        ("/api/v1/technologies/Spinner", 404, "not-found"),
        ("/api/v1/technologies?q=%00", 400, "invalid-fields"),
        ("/api/v1/technologies?category=%00", 400, "invalid-fields"),
        ("/api/v1/technologies?max_watts=-1", 400, "invalid-fields"),
        ("/api/v1/technologies?max_watts=99999999999", 400, "invalid-fields"),
        ("/api/v1/technologies?colour=red", 400, "invalid-fields"),
        ("/api/v1/technologies?cursor=WzFd", 400, "bad-cursor"),
    ],
)
async def test_bad_questions_to_the_catalogue_are_told_as_problems(
    client: Any, path: str, status: int, slug: str
) -> None:
    reply = await client.get(path)
    assert (reply.status, reply.slug) == (status, slug)
