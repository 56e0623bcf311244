"""Posts and who serves there."""

from __future__ import annotations

from typing import cast

from services.notifications.commands import telling
from services.notifications.consumers.table import consumers
from services.notifications.domain.notice import Notice, PostRole
from services.notifications.repository import surroundings
from shared.contracts.identity import RoleGranted, RoleRevoked
from shared.contracts.posyantek import PostRegistered
from shared.db import Transaction
from shared.service import Delivery


@consumers.projection(PostRegistered, fills={"subjects"})
async def keep_post(tx: Transaction, event: PostRegistered, delivery: Delivery) -> None:
    """Keep a post's name."""
    await surroundings.name(tx, event.post_id, "post", event.name, delivery.version)


def _post_role(event: RoleGranted | RoleRevoked) -> PostRole | None:
    """Give the role if it is held over a post; other roles follow from what their holders are told anyway."""
    return cast("PostRole", event.role) if event.scope_kind == "post" else None


@consumers.projection(RoleGranted, fills={"officers"})
async def keep_officer(tx: Transaction, event: RoleGranted, delivery: Delivery) -> None:
    """Keep that somebody serves at a post."""
    if role := _post_role(event):
        await surroundings.keep_officer(
            tx, event.scope_id, event.account_id, role, holds=True, version=delivery.version
        )


@consumers.projection(RoleRevoked, fills={"officers"})
async def drop_officer(tx: Transaction, event: RoleRevoked, delivery: Delivery) -> None:
    """Keep that somebody serves no longer."""
    if role := _post_role(event):
        await surroundings.keep_officer(
            tx, event.scope_id, event.account_id, role, holds=False, version=delivery.version
        )


@consumers.reaction(RoleGranted)
async def welcome_officer(tx: Transaction, event: RoleGranted, delivery: Delivery) -> None:
    """Tell somebody of their task, and of what waits at the post since yesterday."""
    if role := _post_role(event):
        await telling.tell(tx, delivery, [_about_role("role_granted", event, role)])
        await telling.catch_up(tx, delivery.context, event.scope_id, event.account_id, role)


@consumers.reaction(RoleRevoked)
async def thank_officer(tx: Transaction, event: RoleRevoked, delivery: Delivery) -> None:
    """Tell somebody that their task has ended."""
    if role := _post_role(event):
        await telling.tell(tx, delivery, [_about_role("role_revoked", event, role)])


def _about_role(template: str, event: RoleGranted | RoleRevoked, role: PostRole) -> Notice:
    return Notice(event.account_id, template, post_id=event.scope_id, facts={"role": role})
