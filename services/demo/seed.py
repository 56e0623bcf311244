"""The demo data: a story told through the API, with pools in every state, so that a newcomer sees the whole at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from services.demo import journey, story
from services.demo.market import Market, Scene
from services.demo.narrator import Narrator
from services.demo.people import Person, done, until
from services.demo.purchase import Purchase
from services.demo.shops import DRIED, SHOPS, ShopStory
from shared.http.client import ApiClient

LOG_INS = (
    (story.OFFICER, "petugas provinsi"),
    ((story.POSTS[0].operator, story.POSTS[0].phone), "petugas Posyantek Cempaka Putih"),
    (story.SECOND_OPERATOR, "petugas kedua Cempaka Putih"),
    ((SHOPS[0].owner, SHOPS[0].phone), "pelaku UKM, penggagas urun"),
    (story.MEMBER, "peserta urun, masih harus bayar"),
    ((story.WORKSHOPS[0].owner, story.WORKSHOPS[0].phone), "pemasok"),
)
"""Who can be tried: ((name, phone), what they are)."""


async def is_seeded(api: ApiClient) -> bool:
    """Whether there are posts already."""
    reply = await api.send("GET", "/api/v1/posts?limit=1")
    return bool(reply.ok and reply.body["items"])


async def seed(api: ApiClient, progress: Callable[[str], None]) -> None:
    """Tell the whole story. Raises `StepFailed` at the first wrong step."""
    teller = _Teller(Scene(api, Random(7), Narrator(quiet=True), story.OFFICER[1]))  # noqa: S311 -- a story
    for name, chapter in teller.chapters():
        progress(name)
        await chapter()


class _Teller:
    """Keeps the people of the story while it is told."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.officer: Person
        self.posts: list[dict[str, Any]] = []
        self.operators: list[Person] = []
        self.checker: Person
        self.owners: list[Person] = []
        self.suppliers: dict[str, Person] = {}
        self.offers: dict[str, dict[str, Any]] = {}
        self.neighbours: list[Person] = []
        self.listings: dict[str, dict[str, Any]] = {}

    def chapters(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """The story's chapters in order, each with what is shown while it is told."""
        return [
            ("posyantek", self.register_posts),
            ("UKM dan produk", self.open_shops),
            ("pemasok dan penawaran", self.open_workshops),
            ("urun beli yang terbuka", self.open_pools),
            ("urun beli yang lain", self.run_pools),
            ("alat yang dipakai, promo, dan bazar", self.promote),
        ]

    async def register_posts(self) -> None:
        """The province registers the pilot posts and appoints their operators."""
        self.officer = await self.scene.somebody(*story.OFFICER)
        for told in story.POSTS:
            body = {"region_code": told.region_code, "name": told.name, "pilot": told.pilot, "whatsapp": told.phone}
            post = await self.officer.post("/posts", {**body, "hours": "Senin–Jumat 08.00–15.00"})
            self.posts.append(post)
            self.operators.append(await self.appoint(told.operator, told.phone, post))
        self.checker = await self.appoint(*story.SECOND_OPERATOR, self.posts[0])

    async def appoint(self, name: str, phone: str, post: dict[str, Any]) -> Person:
        """Appoint an operator, and wait until the role has arrived."""
        person = await self.scene.somebody(name, phone)
        await self.officer.post(f"/posts/{post['id']}/officers", {"account_id": person.account_id, "role": "operator"})

        async def arrived() -> bool:
            return await person.has_role("operator", post["id"])

        await until(arrived, bool, "the operator's role")
        return person

    async def open_shops(self) -> None:
        """UKM owners present themselves and list their products."""
        for told in SHOPS:
            owner = await self.scene.somebody(told.owner, told.phone)
            self.owners.append(owner)
            await self.open_shop(owner, told)

    async def open_shop(self, owner: Person, told: ShopStory) -> dict[str, Any]:
        """Present a shop, have it verified, and put its products on show."""
        body = {
            "name": f"{told.name} (contoh)",
            "post_id": self.posts[told.post]["id"],
            "whatsapp": owner.phone,
            "story": told.story,
            "kelurahan_code": told.kelurahan_code,
            "categories": list({product.category for product in told.products}),
        }
        business: dict[str, Any] = await owner.post("/businesses", body)
        await self.operators[told.post].post(f"/businesses/{business['id']}/verify")
        for product in told.products:
            listing = await owner.post("/listings", product.body(business["id"]))
            await owner.post(f"/listings/{listing['id']}/publish")
            self.listings[product.name] = listing
        return business

    async def open_workshops(self) -> None:
        """Suppliers register, are verified, and offer their machines."""
        technologies = {item["slug"]: item for item in (await self.officer.get("/technologies?limit=100"))["items"]}
        for told in story.WORKSHOPS:
            person = await self.scene.somebody(told.owner, told.phone)
            supplier = await person.post(
                "/suppliers",
                {
                    "name": f"{told.name} (contoh)",
                    "post_id": self.posts[0]["id"],
                    "whatsapp": told.phone,
                    "bank_name": "Bank Contoh",
                    "account_number": told.phone[-10:],
                    "account_holder": told.owner,
                },
            )
            await self.operators[0].post(f"/suppliers/{supplier['id']}/verify")

            async def arrived(person: Person = person, supplier: dict[str, Any] = supplier) -> bool:
                return await person.has_role("supplier", supplier["id"])

            await until(arrived, bool, "the supplier's role")
            for offered in told.offers:
                technology = technologies[offered.technology]
                body = {"supplier_id": supplier["id"], "technology_id": technology["id"], "terms": offered.terms()}
                self.offers[offered.technology] = await person.post("/offers", body)
                self.suppliers[offered.technology] = person

    async def open_pools(self) -> None:
        """A draft, one in review, and open ones with neighbours in them."""
        self.neighbours = [await self.scene.somebody(*person) for person in story.NEIGHBOURS]
        await self.propose("vacuum-sealer", 4, "Vacuum sealer untuk kue kering")
        waiting = await self.propose("perajang-keripik", 1, "Perajang keripik Kramat Jati", post=4)
        await waiting.market.owner.post(f"/pools/{waiting.pool['id']}/submit")
        spinner = await self.propose(
            "spinner-peniris-minyak", 0, "Spinner peniris minyak untuk kelompok keripik", days=4
        )
        await spinner.open()
        for place, (method, units) in enumerate(
            (("card", 2), ("cash", 1), ("transfer", 3), ("cash", 2), ("card", 1), ("cash", 3))
        ):
            await spinner.pledge(method, units, person=self.neighbours[place])
        await spinner.pledge_at_counter(1)
        sealer = await self.propose("hand-sealer", 6, "Hand sealer bareng-bareng", days=9)
        await sealer.open()
        await sealer.pledge("cash", 5, person=self.neighbours[7])
        await sealer.pledge("card", 5, person=self.neighbours[8])

    async def run_pools(self) -> None:
        """One pool in each later state: cancelled, failed, awaiting its supplier, collecting, ordered, delivered, settled."""
        cancelled = await self.propose("komposter-takakura", 7, "Komposter gang Melati", days=5)
        await cancelled.open()
        await cancelled.pledge("cash", 2, person=self.neighbours[9])
        await cancelled.market.owner.post(
            f"/pools/{cancelled.pool['id']}/cancel", {"reason": "Kelurahan memberi komposter gratis"}
        )
        for title, last in (
            ("Tray dryer kelompok abon", journey.decline),
            ("Tray dryer RW 03", journey.leave),
            ("Tray dryer RW 05", journey.accept),
            ("Tray dryer sanggar kue", journey.fund),
            ("Tray dryer gang Kelinci", journey.deliver),
            ("Tray dryer kelompok nastar", journey.settle),
        ):
            purchase = await self.propose("tray-dryer", 5, title)
            await purchase.open()
            for place in range(3):
                await purchase.pledge(("card", "cash", "transfer")[place], 2, person=self.neighbours[place + 3])
            await purchase.becomes("awaiting_supplier")
            await last(purchase)

    async def promote(self) -> None:
        """A neighbour works with a pooled machine and welcomes visitors; a price is lowered for a week; a bazaar is announced."""
        user = self.neighbours[3]
        business = await self.open_shop(user, DRIED)
        hours = {"open_days": [1, 2, 3, 4, 5, 6], "opens": "08:00", "closes": "17:00"}
        await done(await user.send("PATCH", f"/businesses/{business['id']}", {"hours": hours, "welcomes_visits": True}))
        crisps = self.listings["Keripik singkong balado 200 g"]
        now = datetime.now(UTC)
        await self.owners[1].post(
            f"/listings/{crisps['id']}/promotions",
            {"price_idr": 15_000, "ends_at": (now + timedelta(days=7)).isoformat()},
        )
        saturday = (now + timedelta(days=(5 - now.weekday()) % 7 + 7)).replace(
            hour=1, minute=0, second=0, microsecond=0
        )
        bazaar = await self.operators[0].post(
            "/campaigns",
            {
                "post_id": self.posts[0]["id"],
                "title": "Bazar UKM Cempaka Putih",
                "place": "Halaman kantor Kecamatan Cempaka Putih",
                "about": "Camilan, kue, dan batik buatan tetangga. Datang dan cicipi, boleh bawa tas sendiri.",
                "starts_at": saturday.isoformat(),
                "ends_at": (saturday + timedelta(hours=8)).isoformat(),
            },
        )
        for owner, name in ((0, "Bir pletok sirup 500 ml"), (4, "Nastar 500 g"), (1, "Keripik pisang cokelat 150 g")):
            body = {"listing_id": self.listings[name]["id"]}
            await self.owners[owner].post(f"/campaigns/{bazaar['slug']}/listings", body)

    async def propose(self, technology: str, owner: int, title: str, *, days: int = 14, post: int = 0) -> Purchase:
        """Propose a pool for a technology; it stays a draft."""
        market = Market(
            officer=self.officer,
            operator=self.operators[post],
            checker=self.checker if post == 0 else self.officer,
            owner=self.owners[owner],
            supplier=self.suppliers[technology],
            post=self.posts[post],
            listing={},
            technology=self.offers[technology]["technology"],
            offer=self.offers[technology],
        )
        return await Purchase.propose(
            self.scene, market, timing="after_acceptance", open_for=timedelta(days=days), title=title
        )
