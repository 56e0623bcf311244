"""A small town in which everything that the API speaks of is there: bad input must meet a real object, not just "not found"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from services.demo import journey, story
from services.demo.market import Market, Scene
from services.demo.narrator import Narrator
from services.demo.people import Person, done
from services.demo.purchase import Purchase
from services.identity.domain.roles import DKI_JAKARTA
from shared.auth import Grant, Principal
from shared.http.client import ApiClient
from shared.testing.running import eventually
from tests.listings import pictures

OFFICER = f"{story.OFFICER[0]} <{story.OFFICER[1]}>"


@dataclass(frozen=True, slots=True)
class Town:
    """What is there. `ids`: by the path parameter's name; of several pools, each is in another state."""

    ids: dict[str, list[str]]
    people: dict[str, Principal]
    newcomer: Principal
    """Somebody with an account and nothing else; may be erased."""


async def build(base_url: str) -> Town:
    """Build it through the API, on an installation whose first officer is `OFFICER`."""
    api = ApiClient(base_url, timeout_s=30)
    try:
        scene = Scene(api, Random(3), Narrator(quiet=True), story.OFFICER[1])  # noqa: S311 -- a story
        market = await scene.market()
        purchases = await _purchases(scene, market)
        return await _surveyed(scene, market, purchases)
    finally:
        await api.close()


async def _purchases(scene: Scene, market: Market) -> dict[str, Purchase]:
    """Pools as a draft, in review, open, called off with money to give back, and ordered with a payout due."""
    found = {
        name: await Purchase.propose(scene, market, timing=timing, title=f"Urun {name}")
        for name, timing in (
            ("open", "deposit"),
            ("draft", "deposit"),
            ("in review", "deposit"),
            ("off", "deposit"),
            ("ordered", "after_acceptance"),
        )
    }
    await market.owner.post(f"/pools/{found['in review'].pool['id']}/submit")
    await found["open"].open()
    teller = await scene.somebody()
    told = await teller.post(f"/pools/{found['open'].pool['id']}/pledges", {"units": 1, "method": "transfer"})
    await eventually(lambda: _knows(teller, told["id"]))
    await teller.post(f"/holdings/{told['id']}/transfer-notice", {"amount_idr": 1000})
    await found["open"].pledge("cash", 1)
    await found["off"].open()
    await found["off"].pledge("cash", 1)
    await market.owner.post(f"/pools/{found['off'].pool['id']}/cancel", {"reason": "Sudah punya"})
    await found["ordered"].open()
    await found["ordered"].pledge("cash", market.offer["terms"]["capacity_units"])
    await found["ordered"].becomes("awaiting_supplier")
    await journey.fund(found["ordered"])
    return found


async def _run_together(owner: Person, helper: Person, business_id: str) -> None:
    """Enter a permit that waits for its check, and take a manager on."""
    number = {"number": "9120001234567"}
    await done(await owner.send("PUT", f"/businesses/{business_id}/permits/nib", number))
    invitation = await owner.post(f"/businesses/{business_id}/invitations")
    await helper.post("/businesses/invitations/accept", {"code": invitation["code"]})


async def _knows(person: Person, pledge_id: str) -> bool:
    return (await person.send("GET", f"/holdings/{pledge_id}")).ok


async def _needed(owner: Person, technology_id: str, post_id: str) -> str:
    need = await owner.post("/needs", {"post_id": post_id, "technology_id": technology_id})
    return str(need["id"])


async def _promoted(market: Market) -> tuple[dict[str, str], dict[str, str]]:
    """A promotion and an enquiry of the product, and a campaign of the post."""
    begins, ends = [(datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (20, 21)]
    path = f"/listings/{market.listing['id']}"
    promotion = await market.owner.post(f"{path}/promotions", {"price_idr": 1, "starts_at": begins, "ends_at": ends})
    await market.owner.post(f"{path}/enquiries", {"units": 1})
    words = {"post_id": market.post["id"], "title": "Bazar", "place": "Balai RW"}
    campaign = await market.operator.post("/campaigns", {**words, "starts_at": begins, "ends_at": ends})
    return promotion, campaign


async def _hidden(market: Market) -> tuple[str, str]:
    """A product that an operator has hidden, and the case."""
    body = {"business_id": market.listing["business_id"], "name": "Dodol", "category": "snacks", "price_idr": 9000}
    listing_id = (await market.owner.post("/listings", body))["id"]
    await market.owner.post(f"/listings/{listing_id}/publish")
    await market.operator.post(f"/listings/{listing_id}/reports", {"reason": "offensive"})
    (case,) = (await market.operator.get(f"/moderation/queue?post_id={market.post['id']}"))["items"]
    await market.operator.post(f"/moderation/cases/{case['id']}/hide", {"reason": "offensive", "words": "Ganti."})
    return listing_id, case["id"]


async def _surveyed(scene: Scene, market: Market, purchases: dict[str, Purchase]) -> Town:
    post_id, owner, operator = market.post["id"], market.owner, market.operator
    open_pool, member = purchases["open"], purchases["open"].members[0]

    async def first(person: Person, path: str, name: str = "id") -> str:
        async def ask() -> list[dict[str, str]]:
            listed: list[dict[str, str]] = (await person.get(path))["items"]
            return listed

        return next(item[name] for item in await eventually(ask) if item.get(name))

    async def photo(number: int) -> str:
        path = f"/listings/{market.listing['id']}/photos"
        made: dict[str, str] = await done(await owner.send("POST", path, raw=pictures.different_jpeg(number)))
        return made["id"]

    supplier_id = market.offer["supplier_id"]
    technologies = [item["id"] for item in (await owner.get("/technologies"))["items"]]
    promotion, campaign = await _promoted(market)
    business_id = await first(owner, "/businesses/mine")
    table = b"nama,kategori,harga\nKeripik talas,snacks,12rb\nDodol,cakes,1.5\n"
    read = await done(await owner.send("POST", f"/imports?business_id={business_id}", raw=table))
    await _run_together(owner, member.person, business_id)
    hidden_id, hidden_case_id = await _hidden(market)
    await operator.post(f"/listings/{market.listing['id']}/reports", {"reason": "offensive"})
    ids = {
        "account_id": [operator.account_id, owner.account_id, member.person.account_id],
        "business_id": [business_id],
        "campaign": [campaign["slug"], campaign["id"]],
        "case_id": [await first(operator, f"/moderation/queue?post_id={post_id}"), hidden_case_id],
        "enquiry_id": [await first(owner, f"/listings/{market.listing['id']}/enquiries")],
        "import_id": [read["id"]],
        "kind": ["nib"],
        "listing_id": [market.listing["id"], hidden_id],
        "message_id": [await first(owner, "/messages")],
        "need_id": [await _needed(owner, technology, post_id) for technology in technologies[:3]],
        "offer_id": [market.offer["id"]],
        "order_id": [await first(market.supplier, "/purchase-orders")],
        "payment_id": [await first(operator, f"/payments/queue?post_id={post_id}", "payment_id")],
        "payout_id": [await first(operator, f"/payouts/queue?post_id={post_id}")],
        "photo_id": [await photo(1), await photo(2)],
        "picture": ["360.avif", "720.webp"],
        "pledge_id": [member.pledge["id"], purchases["ordered"].members[0].pledge["id"]],
        "pool_id": [purchase.pool["id"] for purchase in purchases.values()],
        "post_id": [post_id],
        "q": ["keripik"],
        "promotion_id": [promotion["id"]],
        "refund_id": [await first(operator, f"/refunds/queue?post_id={post_id}")],
        "role": ["operator"],
        "scope_id": [post_id],
        "search_id": [(await owner.post("/saved-searches", {"q": "keripik"}))["id"]],
        "session_id": [await first(owner, "/sessions")],
        "slug": [market.technology["slug"], market.post["slug"]],
        "supplier_id": [supplier_id],
        "technology_id": [market.technology["id"]],
    }
    grants = frozenset(
        {
            Grant("officer", "province", DKI_JAKARTA),
            Grant("operator", "post", UUID(post_id)),
            Grant("chair", "post", UUID(post_id)),
            Grant("supplier", "supplier", UUID(supplier_id)),
            Grant("owner", "business", UUID(ids["business_id"][0])),
            *(Grant(role, "group", UUID(pool_id)) for role in ("initiator", "treasurer") for pool_id in ids["pool_id"]),
        }
    )
    assert open_pool.pool["state"] == "open"
    people = {
        name: Principal(UUID(person.account_id), grants)
        for name, person in (
            ("owner", owner),
            ("operator", operator),
            ("supplier", market.supplier),
            ("member", member.person),
        )
    }
    newcomer = await scene.somebody()
    return Town(ids, people, Principal(UUID(newcomer.account_id)))
