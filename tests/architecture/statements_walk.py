"""A walk through everything that the API can do, on which the SQL statements of every request are counted."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from random import Random

from services.demo import journey, names, story
from services.demo.market import Scene
from services.demo.narrator import Narrator
from services.demo.people import done
from services.demo.purchase import Purchase
from services.payments.resources import simulator_webhook_secret
from services.payments.stripe_simulator.webhooks import signature_header
from shared.testing.running import eventually
from tests.architecture.statements_client import route_of, statements_of
from tests.listings import pictures


class Walk:
    """Does everything once. `few_and_many`: by route, the statements for one thing and for at least three."""

    def __init__(self, api, settings):
        self.api = api
        self.settings = settings
        self.scene = Scene(api, Random(3), Narrator(quiet=True), story.OFFICER[1])  # noqa: S311 -- a story
        self.few_and_many = {}

    async def go(self):
        self.market = await self.scene.market()
        await self.a_pool_that_succeeds()
        await self.a_pool_that_fails()
        await self.pools_that_come_to_nothing()
        await self.money_by_hand()
        await self.payouts()
        await self.products()
        await self.promoting()
        await self.suppliers_and_offers()
        await self.posts()
        await self.needs()
        await self.messages()
        await self.accounts()
        await self.webhook()

    async def compare(self, person, path):
        """Read a list a thing at a time and whole."""
        mark = "&" if "?" in path else "?"
        few, many = [await person.send("GET", f"{path}{mark}limit={limit}") for limit in (1, 100)]
        assert len((await done(few))["items"]) == 1, path
        assert len((await done(many))["items"]) >= 3, path
        self.compared("GET", path, few, many)

    def compared(self, method, path, few, many):
        self.few_and_many[route_of(method, f"/api/v1{path}")] = (statements_of(few), statements_of(many))

    async def propose(self, timing="deposit", title="Urun"):
        return await Purchase.propose(self.scene, self.market, timing=timing, title=title)

    async def open_pool(self):
        purchase = await self.propose()
        await purchase.open()
        return purchase.pool["id"]

    async def a_pool_that_succeeds(self):
        market, purchase = self.market, await self.propose("after_acceptance")
        await purchase.open()
        await journey._gather(purchase)
        await journey._close_and_order(purchase)
        await journey._collect(purchase)
        await journey._deliver_and_pay_out(purchase)
        await journey._all_is_well(purchase)
        pool_id = purchase.pool["id"]
        await self.compare(market.owner, f"/ledger/pools/{pool_id}")
        await self.compare(market.owner, f"/pools/{pool_id}/participants")
        await self.compare(market.owner, f"/pools/{pool_id}/pledges")
        await market.owner.get(f"/ledger/pools/{pool_id}.csv")
        orders = await market.supplier.get("/purchase-orders")
        await market.supplier.get(f"/purchase-orders/{orders['items'][0]['id']}")

    async def a_pool_that_fails(self):
        market, purchase = self.market, await self.propose()
        await purchase.open()
        for method in ("cash", "transfer", "card", "cash"):
            await purchase.pledge(method, 1)
        await journey._fill(purchase)
        await journey.decline(purchase)
        queue = f"/refunds/queue?post_id={market.post['id']}"
        await eventually(lambda: market.operator.get(queue), until=lambda found: len(found["items"]) >= 4)
        await self.compare(market.operator, queue)
        await journey._give_back(purchase)

    async def pools_that_come_to_nothing(self):
        owner, operator, post_id = self.market.owner, self.market.operator, self.market.post["id"]
        drafts = [await self.propose() for _ in range(4)]
        await done(
            await owner.send("PATCH", f"/pools/{drafts[0].pool['id']}", {"title": "Urun lagi", "deadline": later(3)})
        )
        for draft in drafts:
            await owner.post(f"/pools/{draft.pool['id']}/submit")
        await self.compare(operator, f"/pools/queue?post_id={post_id}")
        await operator.post(f"/pools/{drafts[0].pool['id']}/reject", {"reason": "Judulnya kurang jelas"})
        for draft in drafts[1:]:
            await operator.post(f"/pools/{draft.pool['id']}/verify")
            await draft.owner_names_bank_account()
        member = await self.scene.somebody()
        small, large = drafts[1], drafts[2]
        for draft, methods in ((small, ["cash"]), (large, ["cash", "card", "transfer", "cash", "card"])):
            await draft.pledge(methods[0], 1, person=member)
            for method in methods[1:]:
                await draft.pledge(method, 1)
        await drafts[3].pledge("cash", 2, person=member)
        for path in ("", "/preview?units=2"):
            few, many = [await owner.send("GET", f"/pools/{draft.pool['id']}{path}") for draft in (small, large)]
            self.compared("GET", f"/pools/{small.pool['id']}{path}", few, many)
        await self.compare(member, "/pledges/mine")
        await self.compare(owner, "/pools")
        await owner.post(f"/pools/{drafts[3].pool['id']}/extend", {"deadline": later(5), "notice": "Menunggu tetangga"})
        few, many = [
            await owner.send("POST", f"/pools/{draft.pool['id']}/cancel", {"reason": "Sudah punya"})
            for draft in (small, large)
        ]
        self.compared("POST", f"/pools/{small.pool['id']}/cancel", few, many)

    async def money_by_hand(self):
        """Transfers that the post checks: told of and rejected, or found by itself."""
        operator, purchase = self.market.operator, await self.propose()
        await purchase.open()
        for _ in range(4):
            member = await self.scene.somebody()
            pledge = await member.post(f"/pools/{purchase.pool['id']}/pledges", {"units": 1, "method": "transfer"})
            holding = await eventually(lambda member=member, pledge=pledge: self.asked(member, pledge))
            amount_idr = holding["next"]["transfer_total_idr"]
            told = await member.post(f"/holdings/{pledge['id']}/transfer-notice", {"amount_idr": amount_idr})
        await self.compare(operator, f"/payments/queue?post_id={self.market.post['id']}")
        await operator.post(f"/payments/{told['payment_id']}/reject", {"reason": "Tidak ada di rekening"})
        found = {"amount_idr": amount_idr, "reference": "MUTASI-7"}
        await operator.post(f"/holdings/{pledge['id']}/transfer", found)
        await member.get(f"/custodians/pools/{purchase.pool['id']}")

    async def asked(self, member, pledge):
        reply = await member.send("GET", f"/holdings/{pledge['id']}")
        return reply.body if reply.ok and reply.body["next"]["transfer_total_idr"] else None

    async def payouts(self):
        """Three orders whose first stage is due."""
        for _ in range(3):
            purchase = await self.propose("after_acceptance")
            await purchase.open()
            await purchase.pledge("cash", 2)
            await journey._close_and_order(purchase)
            await journey._collect(purchase)
        queue = f"/payouts/queue?post_id={self.market.post['id']}"
        await eventually(lambda: self.market.checker.get(queue), until=lambda found: len(found["items"]) >= 3)
        await self.compare(self.market.checker, queue)
        await self.compare(self.market.supplier, "/purchase-orders")

    async def products(self):
        owner, operator, post_id = self.market.owner, self.market.operator, self.market.post["id"]
        businesses = [
            await owner.post(
                "/businesses", {"name": f"Dapur {n} (contoh)", "post_id": post_id, "whatsapp": owner.phone}
            )
            for n in range(4)
        ]
        await self.compare(operator, f"/businesses/queue?post_id={post_id}")
        await self.compare(owner, "/businesses/mine")
        await operator.post(f"/businesses/{businesses[0]['id']}/reject", {"reason": "Alamat tidak ditemukan"})
        for business in businesses[1:]:
            await operator.post(f"/businesses/{business['id']}/verify")
        await owner.get(f"/businesses/{businesses[1]['id']}")
        body = {"business_id": businesses[1]["id"], "name": "Wajik", "category": "snacks", "price_idr": 20_000}
        products = [await owner.post("/listings", body) for _ in range(4)]
        await done(await owner.send("PATCH", f"/listings/{products[0]['id']}", {"price_idr": 21_000}))
        for product in products:
            await owner.post(f"/listings/{product['id']}/publish")
        await self.compare(owner, "/listings?q=wajik&category=snacks")
        await self.compare(owner, "/businesses?q=dapur+contoh")
        await owner.get("/listings/suggestions?q=waj")
        kept = [await owner.post("/saved-searches", {"q": f"wajik {n}"}) for n in range(4)]
        await self.compare(owner, "/saved-searches")
        await owner.post(f"/saved-searches/{kept[0]['id']}/seen")
        await done(await owner.send("DELETE", f"/saved-searches/{kept[0]['id']}"))
        await self.compare(owner, "/listings/mine")
        await owner.get(f"/listings/{products[0]['id']}")
        await self.photos(owner, products[1]["id"])
        await self.moderation(owner, [product["id"] for product in products[1:]])
        await owner.post(f"/listings/{products[0]['id']}/pause")
        await owner.post(f"/listings/{products[0]['id']}/archive")
        await owner.get("/categories")
        await owner.get(f"/machines-at-work?technology_ids={self.market.technology['id']}")
        await self.imports(businesses[1]["id"])
        await self.compare(owner, f"/listings/{products[0]['id']}/history")
        await self.profile(businesses[1]["id"], [business["id"] for business in businesses[2:]])

    async def imports(self, business_id):
        """Spreadsheets: the same number of statements for one row and for many."""
        owner, sent = self.market.owner, []
        for rows in (1, 30, 3):
            table = "nama,kategori,harga\n" + "".join(f"Dodol {rows} {n},cakes,15\n" for n in range(rows))
            sent.append(await owner.send("POST", f"/imports?business_id={business_id}", raw=table.encode()))
        self.compared("POST", "/imports", *sent[:2])
        one, many, third = [(await done(reply))["id"] for reply in sent]
        await self.compare(owner, "/imports")
        await self.compare(owner, f"/imports/{many}/rows")
        for path in ("", "/findings.csv"):
            few, more = [await owner.send("GET", f"/imports/{import_id}{path}") for import_id in (one, many)]
            self.compared("GET", f"/imports/{one}{path}", few, more)
        await owner.post(f"/imports/{one}/start", {"if_known": "skip", "publish": True})
        await owner.post(f"/imports/{third}/cancel")
        for form in ("xlsx", "csv"):
            await owner.get(f"/imports/template.{form}")
            await owner.get(f"/businesses/{business_id}/export.{form}")

    async def promoting(self):
        """Promotions, campaigns, figures and enquiries."""
        owner, operator, post_id = self.market.owner, self.market.operator, self.market.post["id"]
        listing = self.market.listing["id"]
        path = f"/listings/{listing}/promotions"
        promotions = [
            await owner.post(path, {"price_idr": 1, "starts_at": later(24 * n), "ends_at": later(24 * n + 1)})
            for n in (1, 2, 3)
        ]
        await self.compare(owner, path)
        await done(await owner.send("DELETE", f"/promotions/{promotions[0]['id']}"))
        words = {"post_id": post_id, "title": "Bazar", "place": "Balai", "starts_at": later(24), "ends_at": later(48)}
        campaigns = [await operator.post("/campaigns", words) for _ in range(3)]
        await self.compare(owner, "/campaigns")
        named = f"/campaigns/{campaigns[0]['slug']}"
        await owner.get(named)
        await done(await operator.send("PATCH", named, {"place": "Balai RW"}))
        body = {"business_id": self.market.listing["business_id"], "category": "snacks", "price_idr": 9_000}
        products = [await owner.post("/listings", {**body, "name": f"Dodol {n}"}) for n in range(3)]
        for product in products:
            await owner.post(f"/listings/{product['id']}/publish")
            await owner.post(f"{named}/listings", {"listing_id": product["id"]})
        await self.compare(owner, f"{named}/listings")
        await done(await owner.send("DELETE", f"{named}/listings/{products[0]['id']}"))
        await operator.post(f"{named}/cancel")
        few, many = [
            await owner.send(
                "POST", "/attention", {"items": [{"listing_id": one["id"], "what": "view"} for one in seen]}
            )
            for seen in (products[:1], products)
        ]
        self.compared("POST", "/attention", few, many)
        await owner.get(f"/listings/{listing}/attention")
        await owner.get(f"/businesses/{self.market.listing['business_id']}/attention")
        for _ in range(3):
            await owner.post(f"/listings/{listing}/enquiries", {"units": 2})
        await self.compare(owner, f"/listings/{listing}/enquiries")
        found = await owner.get(f"/listings/{listing}/enquiries")
        await owner.post(f"/enquiries/{found['items'][0]['id']}/outcome", {"outcome": "sold"})

    async def profile(self, business_id, others):
        owner, operator, post_id = self.market.owner, self.market.operator, self.market.post["id"]
        path = f"/businesses/{business_id}"
        profile = {
            "address": "Jl. Contoh No. 1",
            "hours": {"open_days": [1], "opens": "08:00", "closes": "12:00"},
            "categories": ["snacks"],
        }
        await done(await owner.send("PATCH", path, profile))
        for whose in (business_id, *others):
            number = {"number": "9120001234567"}
            await done(await owner.send("PUT", f"/businesses/{whose}/permits/nib", number))
        await self.compare(operator, f"/permits/queue?post_id={post_id}")
        await operator.post(f"{path}/permits/nib/check")
        await done(await owner.send("DELETE", f"{path}/permits/nib"))
        for _ in range(3):
            code = {"code": (await owner.post(f"{path}/invitations"))["code"]}
            helper = await self.scene.somebody()
            await helper.post("/businesses/invitations/read", code)
            await helper.post("/businesses/invitations/accept", code)
        await self.compare(owner, f"{path}/managers")
        await done(await helper.send("DELETE", f"{path}/managers/{helper.account_id}"))
        await done(await owner.send("DELETE", f"{path}/invitations"))
        await self.compare(owner, f"{path}/history")
        await owner.get(f"{path}/coaching")

    async def moderation(self, owner, products):
        """Products that several people report: one is let be twice, another hidden, kept so, and restored."""
        operator, officer, post_id = self.market.operator, self.market.officer, self.market.post["id"]
        neighbours = (self.market.supplier, self.market.checker, officer)
        report = {"reason": "offensive", "words": "Kasar."}
        for product in products:
            for neighbour in neighbours:
                await neighbour.post(f"/listings/{product}/reports", report)
        queue = f"/moderation/queue?post_id={post_id}"
        await self.compare(operator, queue)
        cases = {one["listing_id"]: f"/moderation/cases/{one['id']}" for one in (await operator.get(queue))["items"]}
        await self.compare(operator, f"{cases[products[0]]}/reports")
        await operator.get(cases[products[0]])
        for _ in range(2):
            (again,) = [one for one in (await operator.get(queue))["items"] if one["listing_id"] == products[0]]
            await operator.post(f"/moderation/cases/{again['id']}/dismiss", {"note": "Tidak apa-apa."})
            await neighbours[0].post(f"/listings/{products[0]}/reports", report)
        await self.compare(operator, f"/listings/{products[0]}/cases")
        case, path = cases[products[1]], f"/listings/{products[1]}"
        await operator.post(f"{case}/hide", {"reason": "offensive", "words": "Ganti namanya."})
        await owner.post(f"{path}/appeals", {"words": "Namanya memang begitu."})
        await officer.post(f"{case}/uphold", {"answer": "Belum cukup."})
        await owner.get(f"{path}/hiding")
        await done(await owner.send("PATCH", path, {"name": "Wajik ketan"}))
        await owner.post(f"{path}/appeals", {"words": "Sudah saya ganti."})
        await officer.post(f"{case}/restore", {})

    async def photos(self, owner, listing_id):
        path = f"/listings/{listing_id}/photos"
        ids, read = [], []
        for number in range(3):
            sent = await owner.send("POST", path, raw=pictures.different_jpeg(number))
            ids.append((await done(sent))["id"])
            read.append(await owner.send("GET", path))
        self.compared("GET", path, read[0], read[-1])
        await done(await owner.send("PUT", path, {"ids": ids[::-1]}))
        await done(await owner.send("PATCH", f"/photos/{ids[0]}", {"alt": "Wajik di piring"}))
        await owner.send("GET", f"/photos/{ids[0]}/360.avif")
        await done(await owner.send("DELETE", f"/photos/{ids[0]}"))

    async def suppliers_and_offers(self):
        operator, post_id = self.market.operator, self.market.post["id"]
        bank = {"bank_name": "Bank Contoh", "account_number": "1234567890", "account_holder": "Pak Contoh"}
        supplier = await self.scene.somebody()
        body = {"post_id": post_id, "whatsapp": supplier.phone, **bank}
        workshops = [await supplier.post("/suppliers", {"name": f"Bengkel {n} (contoh)", **body}) for n in range(4)]
        await self.compare(operator, f"/suppliers/queue?post_id={post_id}")
        await self.compare(supplier, "/suppliers/mine")
        await operator.post(f"/suppliers/{workshops[0]['id']}/reject", {"reason": "Bengkelnya tutup"})
        await operator.post(f"/suppliers/{workshops[1]['id']}/verify")
        await supplier.get(f"/suppliers/{workshops[1]['id']}")
        await done(await supplier.send("PUT", f"/suppliers/{workshops[1]['id']}/payee", bank))
        technology = self.market.technology
        offer = {
            "supplier_id": workshops[1]["id"],
            "technology_id": technology["id"],
            "terms": self.scene.terms(technology),
        }
        offers = [await supplier.post("/offers", offer) for _ in range(3)]
        await done(await supplier.send("PUT", f"/offers/{offers[0]['id']}", {"terms": offer["terms"]}))
        await self.compare(supplier, f"/offers?technology_id={technology['id']}")
        await supplier.get(f"/offers/{offers[0]['id']}")
        await self.compare(supplier, "/technologies")
        await supplier.get(f"/technologies/{technology['slug']}")
        await supplier.post(f"/offers/{offers[0]['id']}/withdraw")

    async def needs(self):
        owner, operator, post_id = self.market.owner, self.market.operator, self.market.post["id"]
        technologies = [item["id"] for item in (await owner.get("/technologies"))["items"][:4]]
        raised = [await owner.post("/needs", {"post_id": post_id, "technology_id": one}) for one in technologies]
        await self.compare(owner, "/needs")
        await owner.get(f"/needs/{raised[0]['id']}")
        neighbour = await self.scene.somebody()
        await neighbour.post(f"/needs/{raised[0]['id']}/support", {"units": 2})
        await neighbour.post(f"/needs/{raised[0]['id']}/withdraw")
        await operator.post(f"/needs/{raised[0]['id']}/close", {"ending": "duplicate"})
        path = "/technology-matches?shelf=snacks&q=keripik"
        few, many = [await owner.send("GET", f"{path}&limit={limit}") for limit in (1, 12)]
        assert len((await done(few))["items"]) < 3 <= len((await done(many))["items"])
        self.compared("GET", path, few, many)

    async def posts(self):
        officer, post = self.market.officer, self.market.post
        for _ in range(2):
            await self.scene.post_of(officer)
        await self.compare(officer, "/regions?level=village")
        await self.compare(officer, "/posts")
        await officer.get(f"/posts/{post['id']}")
        await officer.get(f"/posts/by-slug/{post['slug']}")
        for _ in range(2):
            helper = await self.scene.somebody()
            appointed = {"account_id": helper.account_id, "role": "operator"}
            await officer.post(f"/posts/{post['id']}/officers", appointed)
        await self.compare(self.market.operator, f"/posts/{post['id']}/officers")
        await done(await officer.send("DELETE", f"/posts/{post['id']}/officers/{helper.account_id}/operator"))

    async def messages(self):
        owner = self.market.owner
        await self.compare(owner, "/messages")
        inbox = await owner.get("/messages")
        await owner.get("/messages/unread")
        await owner.post(f"/messages/{inbox['items'][0]['id']}/read")
        await owner.post("/messages/read-all")
        wishes = await owner.get("/messages/preferences")
        await done(await owner.send("PUT", "/messages/preferences", wishes))

    async def accounts(self):
        officer, operator = self.market.officer, self.market.operator
        person = await self.scene.somebody()
        await person.get("/accounts/me")
        await operator.get(f"/accounts/search?phone={person.phone.removeprefix('+')}")
        await operator.get(f"/accounts/{person.account_id}/name")
        several = [person.account_id, operator.account_id, officer.account_id]
        few, many = [
            await operator.send("GET", f"/accounts/names?ids={','.join(ids)}") for ids in (several[:1], several)
        ]
        assert len(many.body["items"]) == 3
        self.compared("GET", "/accounts/names", few, many)
        for _ in range(3):
            begun = await operator.post(
                "/accounts/assisted",
                {"post_id": self.market.post["id"], "name": person.name, "phone": person.phone, "consent": True},
            )
            code = await person.read_code(begun["challenge_id"])
            await operator.post("/assistance", {"challenge_id": begun["challenge_id"], "code": code})
        await self.compare(person, "/accounts/me/consents")
        email = f"{names.phone_number().removeprefix('+')}@contoh.id"
        asked = await done(await person.send("PATCH", "/accounts/me", {"name": "Ibu Baru", "email": email}))
        box = await eventually(lambda: self.box_of(email))
        proof = {"challenge_id": asked["email_challenge"]["challenge_id"], "code": box[0]["code"]}
        await done(await person.send("PATCH", "/accounts/me", proof))
        grant = {"role": "operator", "scope_kind": "post", "scope_id": self.market.post["id"]}
        await officer.post(f"/accounts/{person.account_id}/grants", grant)
        await officer.post(f"/accounts/{person.account_id}/grants/revoke", grant)
        await self.sessions(person)
        nobody = await self.scene.somebody()
        few, many = [await whom.send("POST", "/accounts/me/erasure", {}) for whom in (nobody, person)]
        self.compared("POST", "/accounts/me/erasure", few, many)
        await done(await self.api.send("GET", "/api/v1/jwks"))

    async def box_of(self, to):
        return (await done(await self.api.send("GET", f"/api/v1/dev-messages?to={to}")))["items"]

    async def sessions(self, person):
        first = person.session_token
        for _ in range(3):
            await person.sign_in()
        await self.compare(person, "/sessions")
        oldest = (await person.get("/sessions"))["items"][-2]["id"]
        await done(await person.send("DELETE", f"/sessions/{oldest}"))
        await done(await self.api.send("DELETE", "/api/v1/sessions/current", first))

    async def webhook(self):
        thing = {"id": "pi_seen", "object": "payment_intent", "metadata": {}}
        event = {"id": "evt_seen", "object": "event", "type": "payment_intent.succeeded", "created": int(time.time())}
        payload = json.dumps({**event, "data": {"object": thing}})
        signature = signature_header(payload, simulator_webhook_secret(self.settings), int(time.time()))
        headers = {"Stripe-Signature": signature}
        await done(await self.api.send("POST", "/api/v1/webhooks/stripe", raw=payload.encode(), headers=headers))


def later(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
