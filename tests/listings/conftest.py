from __future__ import annotations

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
