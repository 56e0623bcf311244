from __future__ import annotations

from uuid import UUID

import pytest

from services.listings.commands import businesses, products
from services.listings.repository import projections
from shared.auth import Grant
from shared.contracts.posyantek import PostRegistered
from shared.ids import new_id
from shared.testing.databases import rolled_back
from shared.testing.running import principal


class Shop:
    """A post with two operators, and an owner with a business; everything is done by the commands."""

    def __init__(self, tx):
        self.tx = tx
        self.post_id = new_id()
        self.owner = principal()
        self.operator = self.new_operator()
        self.other_operator = self.new_operator()

    def new_operator(self):
        return principal(None, Grant("operator", "post", self.post_id))

    async def open(self):
        event = PostRegistered(
            post_id=self.post_id, name="Posyantek Pancoran", region_code="31.74.08", region_level="district",
            region_name="Pancoran",
        )  # fmt: skip
        await projections.keep_post(self.tx, event)
        return self

    async def business(self, who=None, *, verified=False, **more):
        fields = {
            "post_id": self.post_id,
            "name": "Keripik Bu Sri",
            "whatsapp": "+6281234567890",
            "story": "Dari dapur.",
        }
        business_id = await businesses.register_business(self.tx, who or self.owner, **fields | more)
        if verified:
            await businesses.verify_business(self.tx, self.operator, business_id)
        return business_id

    async def listing(self, business_id, *, published=False, **more):
        fields = {"name": "Keripik singkong", "category": "snacks", "price_idr": 15000, "unit": "bungkus"}
        listing_id = await products.create_listing(self.tx, self.owner, business_id=business_id, **fields | more)
        if published:
            await products.move_listing(self.tx, self.owner, listing_id, "published")
        return listing_id


@pytest.fixture
async def shop(database):
    """A shop in a transaction of listings' role that leaves no trace."""
    async with rolled_back(await database("listings")) as tx:
        yield await Shop(tx).open()


OFFICER = principal(None, Grant("officer", "province", new_id()))


@pytest.fixture(scope="module")
async def system(run_services, module_dsn):
    """Posyantek and listings running, and a client of theirs."""
    async with run_services(module_dsn, "posyantek", "listings") as (runner, client):
        yield runner, client


@pytest.fixture(scope="module")
async def client(system):
    return system[1]


@pytest.fixture(scope="module")
async def post_id(client):
    """A post that listings has heard of."""
    reply = await client.post("/api/v1/posts", {"region_code": "31.72.05", "name": "Posyantek Pademangan"}, OFFICER)
    assert reply.status == 201, reply.body
    await client.get("/api/v1/listings", after=reply)
    return reply.body["id"]


@pytest.fixture(scope="module")
async def operator(post_id):
    return principal(None, Grant("operator", "post", UUID(post_id)))


@pytest.fixture
def owner():
    return principal()
