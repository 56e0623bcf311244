"""`verify`: each thing that must not be is found when it is there."""

from __future__ import annotations

import pytest

from services.notifications.jobs import send_due_messages
from services.notifications.queries import verify

BREAKS = {
    "erased account still has a message": "UPDATE people SET name = NULL, phone = NULL, email = NULL, erased_at = now()",
    "thing of an erased account is still named": (
        "INSERT INTO people (account_id, erased_at) VALUES ('00000000-0000-0000-0000-000000000001', now());"
        "INSERT INTO subjects VALUES (gen_random_uuid(), 'business', 'x', '00000000-0000-0000-0000-000000000001', 1)"
    ),
    "message is sent but nobody was told": (
        "INSERT INTO deliveries (message_id, channel, state, sent_at) SELECT id, 'whatsapp', 'sent', now() FROM messages"
    ),
    "message is said to be sent but is not": "DELETE FROM deliveries",
    "message is said to be sent twice": (
        "INSERT INTO events (id, aggregate_id, version, type, transient, body)"
        " SELECT gen_random_uuid(), aggregate_id, 9, type, transient, body FROM events"
    ),
    "facts of the template pledge_made": "UPDATE messages SET facts = facts - 'units'",
    "facts of the template gone": "UPDATE messages SET template = 'gone'",
}


@pytest.mark.parametrize("what", BREAKS)
async def test_drift_is_found(desk, cast, what):
    await desk.hear(cast.profile(cast.member, phone=None), cast.pledged())
    await send_due_messages(desk.context, await desk.now())
    async with desk.context.db.read() as sql:
        assert (await verify(sql, desk.context)).drifts == []
    async with desk.context.db.transaction() as tx:
        for statement in BREAKS[what].split(";"):
            await tx.run(statement)
    async with desk.context.db.read() as sql:
        assert [drift.what for drift in (await verify(sql, desk.context)).drifts] == [what]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deliveries SET state = 'sent', due_at = NULL",
        "UPDATE deliveries SET due_at = NULL",
        "UPDATE deliveries SET state = 'given_up', due_at = NULL",
        "UPDATE people SET erased_at = now()",
        "UPDATE messages SET read_at = at - interval '1 second'",
    ],
)
async def test_database_refuses_what_must_not_be(desk, cast, statement):
    from shared.db import DataRefused

    await desk.hear(cast.profile(cast.member), cast.pledged())
    with pytest.raises(DataRefused):
        async with desk.context.db.transaction() as tx:
            await tx.run(statement)
