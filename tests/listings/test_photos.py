"""Photos of products over HTTP: from a phone's file to what a buyer's browser loads, and to its end."""

from __future__ import annotations

import asyncio
import io
import time
from datetime import timedelta
from uuid import UUID

import pytest
from PIL import Image

from services.listings.commands import photos as commands
from services.listings.domain import photo as rules
from services.listings.domain.photo_refusals import OtherPhotos, TooManyPhotos
from services.listings.fake_photo_store import FakePhotoStore
from services.listings.queries.verifying import verify
from services.listings.resources import Resources
from shared.auth import Grant
from shared.contracts.identity import AccountErased
from shared.errors import Unavailable
from shared.ids import new_id
from shared.testing.running import NOBODY, eventually, principal
from tests.listings import pictures
from tests.listings.conftest import OFFICER


@pytest.fixture(scope="module")
async def context(system):
    return system[0].contexts["listings"]


@pytest.fixture
async def listing(client, post_id, owner):
    """On show."""
    operator = principal(None, Grant("operator", "post", UUID(post_id)))
    body = {"name": "Bir Pletok Bang Jali", "post_id": post_id, "whatsapp": "0812-3456-7890"}
    business = (await client.post("/api/v1/businesses", body, owner)).body
    await client.post(f"/api/v1/businesses/{business['id']}/verify", None, operator)
    body = {"business_id": business["id"], "name": "Bir pletok", "category": "drinks", "price_idr": 20000}
    draft = (await client.post("/api/v1/listings", body, owner)).body
    return (await client.post(f"/api/v1/listings/{draft['id']}/publish", None, owner)).body


async def send(client, listing, who, body, **more):
    path = f"/api/v1/listings/{listing['id']}/photos"
    return await client.send("POST", path, who, raw=body, **more)


async def photos_of(client, listing, who=None):
    reply = await client.get(f"/api/v1/listings/{listing['id']}/photos", who)
    assert reply.status == 200, reply.body
    return reply.body["items"]


async def cover_of(context, listing):
    async with context.db.read() as sql:
        return await sql.value("SELECT cover FROM listings WHERE id = $1", UUID(listing["id"]))


async def files_of(context, photo_id):
    store = context.resources.photos
    return [key for key in rules.object_keys(UUID(photo_id)) if await store.get(key) is not None]


async def test_from_a_phones_file_to_a_buyers_browser(client, context, listing, owner):
    reply = await send(client, listing, owner, pictures.with_place())
    assert reply.status == 201, reply.body
    photo = reply.body
    assert photo == {
        "id": photo["id"], "listing_id": listing["id"], "position": 1, "alt": None, "width": 480, "height": 640,
        "sizes": [{"width": 360, "height": 480}, {"width": 480, "height": 640}],
    }  # fmt: skip
    assert await photos_of(client, listing) == [photo]
    assert (await client.get(reply.headers["Location"])).status == 200
    for name in ("360.avif", "360.webp", "720.avif", "720.webp"):
        shown = await client.get(f"/api/v1/photos/{photo['id']}/{name}")
        assert shown.status == 200
        assert shown.headers["Content-Type"] == f"image/{name[4:]}"
        assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        image = Image.open(io.BytesIO(shown.body))
        assert (image.format, image.size) == (name[4:].upper(), (360, 480) if name[:3] == "360" else (480, 640))
        assert not image.getexif()
        again = await client.get(
            f"/api/v1/photos/{photo['id']}/{name}", headers={"If-None-Match": shown.headers["ETag"]}
        )
        assert (again.status, again.body) == (304, b"")
    assert await cover_of(context, listing) == {"id": photo["id"], "widths": [360, 480], "width": 480, "height": 640}


async def test_small_photo_answers_for_both_widths(client, context, listing, owner):
    photo = (await send(client, listing, owner, pictures.jpeg(300, 200))).body
    assert photo["sizes"] == [{"width": 300, "height": 200}]
    bodies = [(await client.get(f"/api/v1/photos/{photo['id']}/{name}.webp")).body for name in ("360", "720")]
    assert bodies[0] == bodies[1]
    assert (await cover_of(context, listing))["widths"] == [300]
    assert len(await files_of(context, photo["id"])) == 2


@pytest.mark.parametrize("name", ["1080.avif", "360.jpg", "360", "720.AVIF", "..%2f..%2fetc%2fpasswd", "360.avif%00"])
async def test_other_names_are_not_there(client, listing, owner, name):
    photo = (await send(client, listing, owner, pictures.jpeg())).body
    for photo_id in (photo["id"], NOBODY):
        assert (await client.get(f"/api/v1/photos/{photo_id}/{name}")).status == 404
    assert (await client.get(f"/api/v1/photos/{NOBODY}/360.avif")).status == 404
    assert (await client.get(f"/api/v1/photos/abc/{name}")).status in {400, 404}


REFUSED = {
    "PDF": (pictures.PDF, 422, "not-a-picture"),
    "HTML": (pictures.HTML, 422, "not-a-picture"),
    "SVG": (pictures.SVG, 422, "not-a-picture"),
    "zip": (pictures.ZIP, 422, "not-a-picture"),
    "nothing": (b"", 422, "not-a-picture"),
    "JSON": (b"{}", 422, "not-a-picture"),
    "bomb": (pictures.bomb(), 422, "too-many-pixels"),
    "cut off": (pictures.jpeg()[:2500], 422, "picture-broken"),
    "small": (pictures.jpeg(100, 100), 422, "picture-too-small"),
    "20 MB": (pictures.jpeg() + b"\0" * 20_000_000, 413, "too-large"),
}


@pytest.mark.parametrize(("body", "status", "slug"), REFUSED.values(), ids=REFUSED)
async def test_what_is_no_photo_is_refused_in_words(client, context, listing, owner, body, status, slug):
    reply = await send(client, listing, owner, body, headers={"Content-Type": "image/jpeg"})
    assert (reply.status, reply.slug) == (status, slug)
    assert reply.body["detail"][-1] == "."
    assert await photos_of(client, listing, owner) == []
    assert await cover_of(context, listing) is None


async def test_polyglot_is_a_photo_and_nothing_else(client, listing, owner):
    photo = (await send(client, listing, owner, pictures.jpeg() + pictures.HTML + pictures.ZIP)).body
    for name in ("360.avif", "720.webp"):
        body = (await client.get(f"/api/v1/photos/{photo['id']}/{name}")).body
        assert b"script" not in body
        assert b"PK\x05\x06" not in body


async def test_only_the_owner_touches_photos(client, listing, owner, post_id):
    photo = (await send(client, listing, owner, pictures.jpeg())).body
    operator = principal(None, Grant("operator", "post", UUID(post_id)))
    for who, status in ((None, 401), (principal(), 403), (operator, 403), (OFFICER, 403)):
        assert (await send(client, listing, who, pictures.different_jpeg(1))).status == status
        path = f"/api/v1/photos/{photo['id']}"
        assert (await client.send("PATCH", path, who, body={"alt": "Bukan milik saya"})).status == status
        assert (await client.send("DELETE", path, who)).status == status
        order = {"ids": [photo["id"]]}
        assert (await client.send("PUT", f"/api/v1/listings/{listing['id']}/photos", who, body=order)).status == status
    assert await photos_of(client, listing) == [photo]
    assert (await send(client, {"id": NOBODY}, owner, pictures.jpeg())).status == 404


async def test_photos_of_a_listing_that_is_not_on_show_are_for_its_owner_and_post(client, listing, owner, post_id):
    photo = (await send(client, listing, owner, pictures.jpeg())).body
    await client.post(f"/api/v1/listings/{listing['id']}/pause", None, owner)
    path = f"/api/v1/listings/{listing['id']}/photos"
    operator = principal(None, Grant("operator", "post", UUID(post_id)))
    assert [(await client.get(path, who)).status for who in (owner, operator, principal(), None)] == [
        200,
        200,
        404,
        404,
    ]
    # A browser asks for a picture without telling who looks: its address alone opens it.
    assert (await client.get(f"/api/v1/photos/{photo['id']}/360.avif")).status == 200


async def test_archived_listing_is_left_as_it_is(client, listing, owner):
    photo = (await send(client, listing, owner, pictures.jpeg())).body
    await client.post(f"/api/v1/listings/{listing['id']}/archive", None, owner)
    for reply in (
        await send(client, listing, owner, pictures.different_jpeg(1)),
        await client.send("DELETE", f"/api/v1/photos/{photo['id']}", owner),
    ):
        assert (reply.status, reply.slug) == (409, "wrong-listing-state")


async def test_same_file_twice_is_one_photo(client, context, listing, owner):
    body = pictures.jpeg()
    both = await asyncio.gather(*(send(client, listing, owner, body, key="ketuk") for _ in range(2)))
    later = await send(client, listing, owner, body)
    assert {reply.status for reply in (*both, later)} <= {200, 201}
    assert len({reply.body["id"] for reply in (*both, later)}) == 1
    assert len(await photos_of(client, listing)) == 1


async def test_ninth_photo_is_refused_even_at_the_same_moment(client, listing, owner):
    for number in range(7):
        assert (await send(client, listing, owner, pictures.different_jpeg(number))).status == 201
    last = await asyncio.gather(*(send(client, listing, owner, pictures.different_jpeg(n)) for n in (7, 8, 9)))
    assert sorted(reply.status for reply in last) == [201, 409, 409]
    refused = next(reply for reply in last if reply.status == 409)
    assert (refused.slug, refused.body["most"]) == ("too-many-photos", 8)
    assert "8 foto" in refused.body["detail"]
    assert [photo["position"] for photo in await photos_of(client, listing)] == list(range(1, 9))


async def test_order_decides_the_cover(client, context, listing, owner):
    ids = [(await send(client, listing, owner, pictures.different_jpeg(number))).body["id"] for number in range(3)]
    path = f"/api/v1/listings/{listing['id']}/photos"
    wanted = [ids[2], ids[0], ids[1]]
    reply = await client.send("PUT", path, owner, body={"ids": wanted})
    assert (reply.status, [photo["id"] for photo in reply.body["items"]]) == (200, wanted)
    assert [photo["id"] for photo in await photos_of(client, listing)] == wanted
    assert (await cover_of(context, listing))["id"] == ids[2]
    for wrong in ([], ids[:2], [*ids, NOBODY], [ids[0], ids[0], ids[1]]):
        reply = await client.send("PUT", path, owner, body={"ids": [str(one) for one in wrong]})
        assert (reply.status, reply.slug) == (409, "other-photos")
    assert (await client.send("PUT", path, owner, body={"ids": ids * 3})).status == 400


async def test_words_for_who_cannot_see_it(client, listing, owner):
    photo = (await send(client, listing, owner, pictures.jpeg())).body
    path = f"/api/v1/photos/{photo['id']}"
    reply = await client.send("PATCH", path, owner, body={"alt": "  Botol bir pletok <b>merah</b> "})
    assert (reply.status, reply.body["alt"]) == (200, "Botol bir pletok <b>merah</b>")
    assert (await photos_of(client, listing))[0]["alt"] == reply.body["alt"]
    for wrong in ({"alt": "a" * 121}, {"alt": "dua\nbaris"}, {}, {"alt": "x", "position": 2}):
        assert (await client.send("PATCH", path, owner, body=wrong)).status == 400
    assert (await client.send("PATCH", path, owner, body={"alt": " "})).body["alt"] is None
    assert (await client.send("PATCH", f"/api/v1/photos/{NOBODY}", owner, body={"alt": "x"})).status == 404


async def test_deleted_photo_is_gone_and_the_next_becomes_the_cover(client, context, listing, owner):
    ids = [(await send(client, listing, owner, pictures.different_jpeg(number))).body["id"] for number in range(3)]
    assert (await client.send("DELETE", f"/api/v1/photos/{ids[0]}", owner)).status == 204
    assert (await client.send("DELETE", f"/api/v1/photos/{ids[0]}", owner)).status == 404
    assert (await client.get(f"/api/v1/photos/{ids[0]}/360.avif")).status == 404
    assert [(photo["id"], photo["position"]) for photo in await photos_of(client, listing)] == [
        (ids[1], 1),
        (ids[2], 2),
    ]
    assert (await cover_of(context, listing))["id"] == ids[1]
    for photo_id in ids[1:]:
        await client.send("DELETE", f"/api/v1/photos/{photo_id}", owner)
    assert await cover_of(context, listing) is None


async def test_files_of_a_deleted_photo_are_swept_a_day_later(client, context, listing, owner):
    kept, gone = [
        (await send(client, listing, owner, pictures.different_jpeg(number))).body["id"] for number in range(2)
    ]
    await client.send("DELETE", f"/api/v1/photos/{gone}", owner)
    async with context.db.transaction() as tx:
        now = await tx.now()
    await commands.sweep_files(context, now + timedelta(hours=23))
    assert len(await files_of(context, gone)) == 2
    later = now + timedelta(hours=25)
    assert await commands.sweep_files(context, later) >= 1
    assert await files_of(context, gone) == []
    assert len(await files_of(context, kept)) == 2
    assert await commands.sweep_files(context, later) == 0


@pytest.fixture
def cut(context):
    """The same service with a store that can be cut off."""
    store, whole = FakePhotoStore(), context.resources
    context.resources = Resources(store, whole.darkroom)
    yield store
    context.resources = whole


async def test_files_of_a_photo_that_never_came_to_be_are_swept(client, context, listing, owner, cut):
    """The store takes two files and goes away: no row, a clear answer, and nothing stays for ever."""
    put = cut.put

    async def put_two(key, body):
        cut.is_down = len(cut.files) >= 2
        await put(key, body)

    cut.put = put_two
    reply = await send(client, listing, owner, pictures.jpeg())
    assert (reply.status, reply.slug) == (503, "photo-store-unavailable")
    assert await photos_of(client, listing) == []
    assert len(cut.files) == 2
    async with context.db.transaction() as tx:
        later = await tx.now() + timedelta(hours=25)
    with pytest.raises(Unavailable):  # still away: the job comes again
        await commands.sweep_files(context, later)
    assert len(cut.files) == 2
    cut.is_down = False
    assert await commands.sweep_files(context, later + timedelta(minutes=11)) >= 1
    assert cut.files == {}
    cut.put = put
    assert (await send(client, listing, owner, pictures.jpeg())).status == 201


async def test_picture_is_unavailable_while_the_store_is_away(client, listing, owner, cut):
    photo = (await send(client, listing, owner, pictures.jpeg())).body
    cut.is_down = True
    assert (await client.get(f"/api/v1/photos/{photo['id']}/360.avif")).status == 503
    cut.is_down = False
    cut.files.clear()
    assert (await client.get(f"/api/v1/photos/{photo['id']}/360.avif")).status == 404


async def test_owner_who_is_forgotten_takes_the_photos_along(system, context, listing, owner):
    runner, client = system
    photo = (await send(client, listing, owner, pictures.jpeg())).body
    path = f"/api/v1/photos/{photo['id']}/360.avif"
    assert (await client.get(path)).status == 200
    async with runner.contexts["posyantek"].db.transaction() as tx:
        tx.emit(AccountErased(account_id=owner.account_id))
    await eventually(lambda: client.get(path), until=lambda reply: reply.status == 404)
    assert await cover_of(context, listing) is None
    async with context.db.transaction() as tx:
        later = await tx.now() + timedelta(hours=25)
    await commands.sweep_files(context, later)
    assert await files_of(context, photo["id"]) == []


async def test_other_requests_are_not_blocked_while_photos_are_made(client, listing, owner):
    """Large photos at work in every hand of the darkroom; a page's request waits for none of them."""
    sent = [await asyncio.to_thread(pictures.from_a_phone) + bytes([number]) for number in range(3)]
    sending = [asyncio.create_task(send(client, listing, owner, body)) for body in sent]
    took_s, began = [], time.perf_counter()
    while not all(task.done() for task in sending):
        started = time.perf_counter()
        assert (await client.get("/api/v1/categories")).status == 200
        took_s.append(time.perf_counter() - started)
        await asyncio.sleep(0.01)
    assert [(await task).status for task in sending] == [201, 201, 201]
    assert len(took_s) > 10
    assert max(took_s) < (time.perf_counter() - began) / 3


async def test_photos_and_covers_agree_and_verify_would_tell(context, client, listing, owner):
    await send(client, listing, owner, pictures.jpeg())
    async with context.db.read() as sql:
        assert (await verify(sql, context)).drifts == []
    async with context.db.transaction() as tx:
        await tx.run("UPDATE listings SET cover = NULL WHERE id = $1", UUID(listing["id"]))
    async with context.db.read() as sql:
        assert [drift.what for drift in (await verify(sql, context)).drifts] == ["a listing's cover and its photos"]
    async with context.db.transaction() as tx:
        await tx.run("DELETE FROM photos WHERE listing_id = $1", UUID(listing["id"]))


async def test_jobs_add_photos_by_the_same_command(context, client, listing, owner):
    photo = await commands.add_photo(context, UUID(listing["id"]), owner, pictures.jpeg())
    assert [item["id"] for item in await photos_of(client, listing)] == [str(photo.id)]


async def test_an_account_may_send_a_flood_of_photos_only_once_a_day(context, client, listing, owner):
    async with context.db.transaction() as tx:
        await tx.run(
            "INSERT INTO photo_files SELECT gen_random_uuid(), $1, clock_timestamp(), clock_timestamp() + '1 day'"
            " FROM generate_series(1, 1000)",
            owner.account_id,
        )
    reply = await send(client, listing, owner, pictures.jpeg())
    assert (reply.status, reply.slug, reply.headers["Retry-After"]) == (429, "too-many-uploads", "3600")


# Rules


def test_place_of_the_next_photo():
    assert [rules.next_position(count) for count in (0, 7)] == [1, 8]
    with pytest.raises(TooManyPhotos):
        rules.next_position(8)


def test_an_order_names_each_photo_once():
    first, second = new_id(), new_id()
    rules.require_same([first, second], [second, first])
    for wrong in ([], [first], [first, first], [first, second, new_id()]):
        with pytest.raises(OtherPhotos):
            rules.require_same([first, second], wrong)


@pytest.mark.parametrize(
    ("name", "count", "stored"),
    [
        ("360.avif", 1, "360.avif"),
        ("720.avif", 1, "360.avif"),
        ("720.webp", 2, "720.webp"),
        ("360.webp", 2, "360.webp"),
        ("720.jpg", 2, None),
        ("../x", 2, None),
    ],
)
def test_stored_name(name, count, stored):
    assert rules.stored_name(name, count) == stored
