"""The HTTP API of notifications: one's own inbox, and what one wishes to get besides."""

from __future__ import annotations

from services.notifications import queries
from services.notifications.commands import people
from services.notifications.domain.languages import Language
from services.notifications.repository.people import Wishes
from services.notifications.views import MessageItem, Preferences, UnreadCount
from shared.auth import SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery
from shared.http.routes import Routes

routes = Routes("notifications")


@routes.get("/api/v1/messages", policy=SIGNED_IN, query=PageQuery, answer=Page[MessageItem])
async def list_messages(call: Call, query: PageQuery) -> Page[MessageItem]:
    """List one's messages, newest first."""
    async with call.context.db.read() as sql:
        return await queries.inbox(sql, call.who.account_id, query, _asked(call))


def _asked(call: Call) -> Language | None:
    """The language that the caller names, if any; otherwise the person's own holds."""
    if not call.request.headers.get("Accept-Language", "").strip(" *"):
        return None
    return "en" if call.language == "en" else "id"


@routes.get("/api/v1/messages/unread", policy=SIGNED_IN, answer=UnreadCount)
async def count_unread(call: Call) -> UnreadCount:
    """Count one's unread messages."""
    async with call.context.db.read() as sql:
        return await queries.unread(sql, call.who.account_id)


@routes.post("/api/v1/messages/{message_id}/read", policy=SIGNED_IN, status=204)
async def read_message(call: Call) -> Answer:
    """Mark one's message as read."""
    message_id, account_id = call.id("message_id"), call.who.account_id
    return await call.transact(lambda tx: people.mark_read(tx, account_id, message_id))


@routes.post("/api/v1/messages/read-all", policy=SIGNED_IN, status=204)
async def read_all_messages(call: Call) -> Answer:
    """Mark all of one's messages as read."""
    account_id = call.who.account_id
    return await call.transact(lambda tx: people.mark_all_read(tx, account_id))


@routes.get("/api/v1/messages/preferences", policy=SIGNED_IN, answer=Preferences)
async def get_preferences(call: Call) -> Preferences:
    """Read by what one is told besides the inbox."""
    async with call.context.db.read() as sql:
        return await queries.preferences(sql, call.who.account_id)


@routes.put("/api/v1/messages/preferences", policy=SIGNED_IN, body=Preferences, answer=Preferences)
async def put_preferences(call: Call, body: Preferences) -> Answer:
    """Choose by what one is told besides the inbox."""
    account_id = call.who.account_id

    async def command(tx: Transaction) -> Preferences:
        wished = await people.choose(tx, account_id, Wishes(body.email, body.whatsapp))
        return Preferences(**wished._asdict())

    return await call.transact(command)
