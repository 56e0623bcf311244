"""What the API reads, and the check of everything against its rows."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from services.notifications.domain.languages import Language
from services.notifications.domain.notice import link_of
from services.notifications.domain.template import facts_of, write
from services.notifications.domain.templates import TEMPLATES
from services.notifications.repository import checks, messages, people, surroundings
from services.notifications.repository.messages import Entry
from services.notifications.views import MessageItem, Preferences, UnreadCount
from shared.db import Reader
from shared.http.paging import Page, PageQuery, decode_cursor, page
from shared.service import Context, Drift, Findings


async def inbox(sql: Reader, account_id: UUID, query: PageQuery, asked: Language | None) -> Page[MessageItem]:
    """List an account's messages, newest first, in the language asked for, else the person's. Raises `BadCursor`."""
    entries = await messages.inbox(sql, account_id, decode_cursor(query.cursor, UUID), query.limit + 1)
    language = asked or cast("Language", await people.language(sql, account_id) or "id")
    return page([_item(entry, language) for entry in entries], query.limit, lambda item: item.id)


def _item(entry: Entry, language: Language) -> MessageItem:
    written = write(TEMPLATES[entry.template], entry.facts, entry.names, language)
    return MessageItem(
        id=entry.id,
        template=entry.template,
        title=written.title,
        text=written.text,
        link=link_of(entry.template, entry.object_id),
        at=entry.at,
        read=entry.read,
    )


async def unread(sql: Reader, account_id: UUID) -> UnreadCount:
    """Count an account's unread messages."""
    return UnreadCount(count=await messages.unread(sql, account_id))


async def preferences(sql: Reader, account_id: UUID) -> Preferences:
    """Give what a person wishes."""
    return Preferences(**(await people.wishes(sql, account_id))._asdict())


async def verify(sql: Reader, _: Context) -> Findings:
    """Look for messages that must not be or cannot be read, and for sending that nobody was told of."""
    drifts = [Drift(what, str(broken), expected=None, found="broken") for what, broken in await checks.broken(sql)]
    for template, facts, example in await checks.shapes(sql):
        needed = facts_of(TEMPLATES[template]) if template in TEMPLATES else None
        if needed is None or not needed <= facts:
            expected = sorted(needed) if needed is not None else "a known template"
            drifts.append(Drift(f"facts of the template {template}", example, expected, sorted(facts)))
    return Findings(drifts=drifts, facts={"post_name": await surroundings.post_names(sql)})
