"""The API: one's own inbox and nobody else's."""

from __future__ import annotations

from shared.ids import new_id
from shared.testing.running import principal


async def many(house, cast, number):
    """Give a member some messages, oldest first."""
    await house.say(*(cast.pledged(cast.line(units=place + 1, pledge_id=new_id())) for place in range(number)))
    return [message["id"] for message in await house.inbox(cast.member)]


async def count(house, account_id):
    return (await house.client.get("/api/v1/messages/unread", principal(account_id))).body["count"]


async def test_messages_come_newest_first_page_by_page(house, cast):
    ids = await many(house, cast, 5)
    seen, url = [], "/api/v1/messages?limit=2"
    while url:
        reply = await house.client.get(url, principal(cast.member))
        seen += [message["id"] for message in reply.body["items"]]
        url = f"/api/v1/messages?limit=2&cursor={reply.body['next']}" if reply.body["next"] else None
    assert seen == ids[::-1]


async def test_item_has_what_a_page_needs(house, cast):
    await many(house, cast, 1)
    (item,) = await house.inbox(cast.member)
    assert item.keys() == {"id", "template", "title", "text", "link", "at", "read"}


async def test_language_is_the_readers_unless_another_is_asked_for(house, cast):
    await many(house, cast, 1)
    assert (await house.inbox(cast.member))[0]["title"] == "Komitmen Anda tercatat"
    await house.say(cast.profile(cast.member, language="en"))
    assert (await house.inbox(cast.member))[0]["title"] == "Your pledge is recorded"
    assert (await house.inbox(cast.member, "id-ID,id;q=0.9"))[0]["title"] == "Komitmen Anda tercatat"
    assert (await house.inbox(cast.member, "en"))[0]["title"] == "Your pledge is recorded"


async def test_reading_one_and_all(house, cast):
    ids = await many(house, cast, 3)
    assert await count(house, cast.member) == 3
    for _ in range(2):
        reply = await house.client.post(f"/api/v1/messages/{ids[0]}/read", None, principal(cast.member))
        assert reply.status == 204
    assert await count(house, cast.member) == 2
    assert [message["read"] for message in await house.inbox(cast.member)] == [True, False, False]
    assert (await house.client.post("/api/v1/messages/read-all", None, principal(cast.member))).status == 204
    assert await count(house, cast.member) == 0
    assert all(message["read"] for message in await house.inbox(cast.member))


async def test_nobody_sees_or_marks_anothers_messages(house, cast):
    ids = await many(house, cast, 2)
    stranger = new_id()
    assert await house.inbox(stranger) == []
    assert await count(house, stranger) == 0
    reply = await house.client.post(f"/api/v1/messages/{ids[0]}/read", None, principal(stranger))
    assert (reply.status, reply.slug) == (404, "not-found")
    assert (await house.client.post("/api/v1/messages/read-all", None, principal(stranger))).status == 204
    assert await count(house, cast.member) == 2


async def test_operator_who_helps_reads_the_persons_inbox_and_not_the_own(house, cast):
    ids = await many(house, cast, 1)
    helped = principal(cast.member, assisted_by=cast.operator)
    reply = await house.client.get("/api/v1/messages", helped)
    assert [message["id"] for message in reply.body["items"]] == ids


async def test_wishes_are_kept_for_each_person(house, cast):
    path, other = "/api/v1/messages/preferences", new_id()
    assert (await house.client.get(path, principal(cast.member))).body == {"email": True, "whatsapp": True}
    wished = {"email": False, "whatsapp": True}
    reply = await house.client.send("PUT", path, principal(cast.member), body=wished)
    assert (reply.status, reply.body) == (200, wished)
    await house.say(cast.profile(cast.member))
    assert (await house.client.get(path, principal(cast.member))).body == wished
    assert (await house.client.get(path, principal(other))).body == {"email": True, "whatsapp": True}
    for unclear in ({"email": False}, {"email": 0, "whatsapp": "yes"}):
        refused = await house.client.send("PUT", path, principal(cast.member), body=unclear)
        assert (refused.status, refused.slug) == (400, "invalid-fields")


async def test_nobody_at_all_is_told_nothing(house):
    for path in ("/api/v1/messages", "/api/v1/messages/unread", "/api/v1/messages/preferences"):
        assert (await house.client.get(path)).slug == "not-signed-in"
