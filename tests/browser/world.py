"""The whole system behind its front door, with the demo's story told: who the people are, and where their things stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import services
from services.demo import story
from services.demo.people import Person, done
from services.demo.seed import seed
from services.demo.shops import SHOPS
from shared.config import Settings
from shared.discovery import discover
from shared.http.client import ApiClient
from shared.testing.running import running, settings_for_tests
from tests.deploy.front_door import front_door, spare_doors

Role = Literal["visitor", "newcomer", "member", "owner", "treasurer", "supplier", "operator", "checker", "officer"]
ROLES: tuple[Role, ...] = get_args(Role)

NEWCOMER = ("Ibu Baru", "+6281500000001")
PEOPLE: dict[Role, tuple[str, str]] = {
    "newcomer": NEWCOMER,
    "member": story.MEMBER,
    "owner": (SHOPS[4].owner, SHOPS[4].phone),
    "treasurer": (SHOPS[5].owner, SHOPS[5].phone),
    "supplier": (story.WORKSHOPS[3].owner, story.WORKSHOPS[3].phone),
    "operator": (story.POSTS[0].operator, story.POSTS[0].phone),
    "checker": story.SECOND_OPERATOR,
    "officer": story.OFFICER,
}
"""Everybody but the visitor, who has not logged in: (name, phone). The treasurer proposed the tray dryer pools."""

POOLS = {
    "draft": "Vacuum sealer untuk kue kering",
    "open": "Spinner peniris minyak untuk kelompok keripik",
    "open_too": "Hand sealer bareng-bareng",
    "cancelled": "Komposter gang Melati",
    "failed": "Tray dryer kelompok abon",
    "asked": "Tray dryer RW 03",
    "collecting": "Tray dryer RW 05",
    "ordered": "Tray dryer sanggar kue",
    "delivered": "Tray dryer gang Kelinci",
    "settled": "Tray dryer kelompok nastar",
}
"""The story's pools by what became of them."""


class World(NamedTuple):
    """`origin`: what people type. `places`: ids and slugs by the names that listed addresses use."""

    origin: str
    settings: Settings
    dsn: str
    api: ApiClient
    people: dict[Role, Person]
    places: dict[str, str]

    def address(self, listed: str) -> str:
        """Fill the places into a listed address."""
        return listed.format(**self.places)

    async def somebody(self, name: str) -> Person:
        """Let a further person register."""
        from services.demo.names import phone_number

        return await Person(self.api, name, phone_number()).sign_in()


@asynccontextmanager
async def told_world(folder: Path, dsn: str) -> AsyncIterator[World]:
    """Run every service on a migrated database, Caddy before them as deployed, and tell the story."""
    everything = discover(services)
    doors = spare_doors()
    settings = settings_for_tests(
        folder,
        public_url=doors.front,
        trusted_proxies=1,
        first_officer=f"{story.OFFICER[0]} <{story.OFFICER[1]}>",
        code_limit_factor=1000,
    )
    upstreams = {service.name: settings.http_port for service in everything}
    api = ApiClient(f"http://127.0.0.1:{settings.http_port}", timeout_s=30)
    try:
        async with (
            running(settings, dsn, everything),
            front_door(folder / "caddy", doors, upstreams, demo=True),
        ):
            await seed(api, lambda _: None)
            people = {role: await Person(api, *who).sign_in() for role, who in PEOPLE.items()}
            yield World(doors.front, settings, dsn, api, people, await _find_places(people))
    finally:
        await api.close()


@dataclass(frozen=True, slots=True)
class _Mine:
    """What somebody's own lists hold."""

    person: Person

    async def all(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.person.get(path))["items"]
        return found


async def _promoted(people: dict[Role, Person], product: dict[str, Any], post: dict[str, Any]) -> str:
    """Let a product have a promotion, an enquiry and a look, and take part in a campaign of the post; gives its slug."""
    begins, ends = [(datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (2, 5)]
    path = f"/listings/{product['id']}"
    await people["owner"].post(f"{path}/promotions", {"price_idr": 1_000, "ends_at": ends})
    await people["member"].post(f"{path}/enquiries", {"units": 3, "variant": "Pedas"})
    looks = {"items": [{"listing_id": product["id"], "what": "view", "n": 34}]}
    await people["member"].post("/attention", looks)
    words = {"post_id": post["id"], "title": "Bazar Akhir Tahun", "place": "Halaman kecamatan"}
    campaign = await people["operator"].post("/campaigns", {**words, "starts_at": begins, "ends_at": ends})
    await people["owner"].post(f"/campaigns/{campaign['slug']}/listings", {"listing_id": product["id"]})
    return str(campaign["slug"])


async def _reported(people: dict[Role, Person], listing_id: str) -> str:
    """Let somebody report a product; gives the case."""
    body = {"reason": "stolen_photo", "words": "Ini foto dapur saya."}
    await done(await people["member"].send("POST", f"/listings/{listing_id}/reports", body))
    waiting = (await people["operator"].get("/moderation/queue?limit=100"))["items"]
    return next(str(case["id"]) for case in waiting if case["listing_id"] == listing_id)


async def _hidden(people: dict[Role, Person], product: dict[str, Any]) -> tuple[str, str]:
    """Let a new product of the owner be hidden, and the owner appeal; gives the product and the case."""
    owner, words = people["owner"], "Gambarnya milik kami sendiri, dibuat di dapur."
    body = {"business_id": product["business_id"], "name": "Kue cubit", "category": "cakes", "price_idr": 12_000}
    listing = await owner.post("/listings", body)
    await owner.post(f"/listings/{listing['id']}/publish")
    case = await _reported(people, listing["id"])
    hiding = {"reason": "stolen_photo", "words": "Fotonya milik penjual lain."}
    await people["operator"].post(f"/moderation/cases/{case}/hide", hiding)
    await owner.post(f"/listings/{listing['id']}/appeals", {"words": words})
    return str(listing["id"]), case


async def _find_places(people: dict[Role, Person]) -> dict[str, str]:
    """Find what the listed addresses name: as people would, through the API."""
    member, owner, supplier, treasurer = (_Mine(people[role]) for role in ("member", "owner", "supplier", "treasurer"))
    public = await member.all("/pools?limit=100")
    pools = {pool["title"]: pool["id"] for pool in [*public, *await owner.all("/pools?mine=true&limit=100")]}
    places = {f"pool_{name}": pools[title] for name, title in POOLS.items()}
    pledges = {pledge["pool_title"]: pledge["id"] for pledge in await member.all("/pledges/mine?limit=100")}
    places |= {f"pledge_{name}": pledges[title] for name, title in POOLS.items() if title in pledges}
    orders = {order["pool_id"]: order["id"] for order in await supplier.all("/purchase-orders?limit=100")}
    places |= {f"order_{name}": orders[pools[title]] for name, title in POOLS.items() if pools[title] in orders}
    product = (await owner.all("/listings/mine"))[0]
    machines = await member.all("/technologies?limit=100")
    machine = next(item for item in machines if item["slug"] == "tray-dryer")
    offered = {offer.technology for workshop in story.WORKSHOPS for offer in workshop.offers}
    offers = (await treasurer.person.get("/technologies/tray-dryer"))["offers"]
    post = (await member.all("/posts?q=Cempaka"))[0]
    table = b"nama,kategori,harga\nKeripik pisang,snacks,12rb\nKeripik talas,snacks,1.5\n"
    sent = f"/imports?business_id={product['business_id']}&file_name=jualan.csv"
    read = await done(await owner.person.send("POST", sent, raw=table))
    invitation = await owner.person.post(f"/businesses/{product['business_id']}/invitations")
    unoffered = next(item for item in machines if item["slug"] not in offered)
    need = {"post_id": post["id"], "technology_id": unoffered["id"], "note": "Untuk dapur bersama."}
    hidden, hidden_case = await _hidden(people, product)
    return places | {
        "case": await _reported(people, product["id"]),
        "hidden_case": hidden_case,
        "hidden_listing": hidden,
        "need": (await owner.person.post("/needs", need))["id"],
        "campaign": await _promoted(people, product, post),
        "import": read["id"],
        "listing": product["id"],
        "business": product["business_id"],
        "invitation": invitation["code"],
        "technology_id": machine["id"],
        "technology_without_offer": unoffered["slug"],
        "offer": offers[0]["id"],
        "supplier": offers[0]["supplier_id"],
        "post": post["slug"],
        "post_id": post["id"],
    }
