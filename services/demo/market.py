"""Sets the scene: a post with its officers, a UKM with a product, a supplier with an offer."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from services.demo import names
from services.demo.narrator import Narrator
from services.demo.people import Person, until
from shared.errors import rupiah
from shared.http.client import ApiClient


@dataclass(slots=True)
class Market:
    """Everything that a pooled purchase needs around it."""

    officer: Person
    operator: Person
    checker: Person
    owner: Person
    supplier: Person
    post: dict[str, Any]
    listing: dict[str, Any]
    technology: dict[str, Any]
    offer: dict[str, Any]


class Scene:
    """Builds a market with people made of one seed."""

    def __init__(self, api: ApiClient, random: Random, narrator: Narrator, officer_phone: str) -> None:
        self.api = api
        self.random = random
        self.say = narrator
        self.officer_phone = officer_phone
        self._officer: Person | None = None

    async def officer(self) -> Person:
        """Let the province officer log in, once: codes for one phone are limited."""
        if self._officer is None:
            self._officer = await self.somebody("Ibu Ratna (Dinas)", self.officer_phone)
        return self._officer

    async def somebody(self, name: str | None = None, phone: str | None = None) -> Person:
        """Let a person register and log in."""
        name = name or names.person_name(self.random)
        return await Person(self.api, name, phone or names.phone_number()).sign_in()

    async def market(self) -> Market:
        """Build it all."""
        officer = await self.officer()
        post = await self.post_of(officer)
        operator, checker = await self.operators_of(officer, post)
        owner = await self.somebody()
        listing = await self.product_of(owner, operator, post)
        technology = await self.machine_for(owner)
        supplier = await self.somebody()
        offer = await self.offer_of(supplier, operator, post, technology)
        return Market(officer, operator, checker, owner, supplier, post, listing, technology, offer)

    async def post_of(self, officer: Person) -> dict[str, Any]:
        """Let the province register a post in a kelurahan that has none."""
        free: list[dict[str, Any]] = []
        cursor = ""
        while True:
            regions = await officer.get(f"/regions?level=village&limit=100{cursor}")
            free += [region for region in regions["items"] if region["post_id"] is None]
            if not regions.get("next"):
                break
            cursor = f"&cursor={regions['next']}"
        region = self.random.choice(free)
        post: dict[str, Any] = await officer.post(
            "/posts",
            {"region_code": region["code"], "name": f"Posyantek {region['name']}", "address": "Kantor kelurahan"},
        )
        self.say.step(f"{officer.name} registers {post['name']} ({region['code']}).")
        return post

    async def operators_of(self, officer: Person, post: dict[str, Any]) -> tuple[Person, Person]:
        """Appoint two operators: money always needs two people."""
        people = []
        for _ in range(2):
            person = await self.somebody()
            await officer.post(f"/posts/{post['id']}/officers", {"account_id": person.account_id, "role": "operator"})

            async def arrived(person: Person = person) -> bool:
                return await person.has_role("operator", post["id"])

            await until(arrived, bool, "the operator's role")
            people.append(person)
        self.say.step(f"{people[0].name} and {people[1].name} become operators of {post['name']}.")
        return people[0], people[1]

    async def product_of(self, owner: Person, operator: Person, post: dict[str, Any]) -> dict[str, Any]:
        """Let a UKM present itself, be verified, and list a product."""
        name, category, price = self.random.choice(names.PRODUCTS)
        shop = f"{self.random.choice(names.BUSINESSES)} (contoh)"
        business = await owner.post("/businesses", {"name": shop, "post_id": post["id"], "whatsapp": owner.phone})
        await operator.post(f"/businesses/{business['id']}/verify")
        listing: dict[str, Any] = await owner.post(
            "/listings",
            {
                "business_id": business["id"],
                "name": name,
                "category": category,
                "price_idr": price,
                "description": "Dibuat sendiri di rumah, tanpa pengawet.",
            },
        )
        listing = await owner.post(f"/listings/{listing['id']}/publish")
        word = name.split()[0].lower()
        found = await owner.get(f"/listings?q={word}&post_id={post['id']}")
        self.say.step(
            f"{owner.name} of {shop} lists “{name}” at {rupiah(price)}; {operator.name} has verified the business."
        )
        self.say.check(any(item["id"] == listing["id"] for item in found["items"]), f"a search for “{word}” finds it")
        return listing

    async def machine_for(self, owner: Person) -> dict[str, Any]:
        """Let the owner find a machine in the catalogue."""
        found = (await owner.get("/technologies?limit=100"))["items"]
        affordable = [item for item in found if item["price_low_idr"] <= 8_000_000]
        technology: dict[str, Any] = self.random.choice(affordable)
        self.say.step(f"{owner.name} looks through {len(found)} technologies and wants: {technology['name_id']}.")
        return technology

    async def offer_of(
        self, supplier: Person, operator: Person, post: dict[str, Any], technology: dict[str, Any]
    ) -> dict[str, Any]:
        """Let a workshop register, be verified, and offer the machine at tier prices."""
        shop = f"{self.random.choice(names.WORKSHOPS)} (contoh)"
        registered = await supplier.post(
            "/suppliers",
            {
                "name": shop,
                "post_id": post["id"],
                "whatsapp": supplier.phone,
                "bank_name": "Bank Contoh",
                "account_number": str(self.random.randrange(10**9, 10**10)),
                "account_holder": supplier.name,
            },
        )
        await operator.post(f"/suppliers/{registered['id']}/verify")

        async def arrived() -> bool:
            return await supplier.has_role("supplier", registered["id"])

        await until(arrived, bool, "the supplier's role")
        offer: dict[str, Any] = await supplier.post(
            "/offers",
            {"supplier_id": registered["id"], "technology_id": technology["id"], "terms": self.terms(technology)},
        )
        price = offer["terms"]["tiers"][0]["unit_price_idr"]
        self.say.step(f"{supplier.name} of {shop} offers it from {rupiah(price)}, cheaper by the dozen.")
        return offer

    def terms(self, technology: dict[str, Any]) -> dict[str, Any]:
        """Make terms: three tiers, packs of one or two, freight that must be split."""
        pack = self.random.choice((1, 1, 2))
        minimum = 4
        base = max(technology["price_high_idr"], 100_000)
        tiers = [
            {"from_units": minimum, "unit_price_idr": base},
            {"from_units": 8, "unit_price_idr": base * 93 // 100},
            {"from_units": 12, "unit_price_idr": base * 87 // 100},
        ]
        return {
            "tiers": tiers,
            "freight": [{"from_units": minimum, "cost_idr": self.random.randrange(50_000, 300_000)}],
            "installation_idr": self.random.choice((0, 75_001)),
            "training_idr": 100_000,
            "minimum_units": minimum,
            "pack_units": pack,
            "capacity_units": 16,
            "lead_time_days": 14,
            "warranty_months": 12,
            "down_payment_percent": 50,
            "on_delivery_percent": 30,
        }
