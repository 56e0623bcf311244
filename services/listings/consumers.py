"""What listings hears: posts and technologies to name them, machines for the badge, and that an owner asked to be forgotten."""

from __future__ import annotations

from services.listings.commands import businesses as commands
from services.listings.commands import imports, moderation
from services.listings.repository import projections
from shared.contracts.identity import AccountErased
from shared.contracts.offers import TechnologyPublished
from shared.contracts.pools import MachineOwned
from shared.contracts.posyantek import PostRegistered
from shared.db import Transaction
from shared.service import Consumers, Delivery

consumers = Consumers()


@consumers.projection(PostRegistered, fills={"posts"})
async def keep_post(tx: Transaction, event: PostRegistered, _: Delivery) -> None:
    """Keep a copy of a post's name and region."""
    await projections.keep_post(tx, event)


@consumers.projection(TechnologyPublished, fills={"technologies"})
async def keep_technology(tx: Transaction, event: TechnologyPublished, _: Delivery) -> None:
    """Keep a copy of what a technology is called."""
    await projections.keep_technology(tx, event)


@consumers.projection(MachineOwned, fills={"machine_owned"})
async def keep_machine(tx: Transaction, event: MachineOwned, _: Delivery) -> None:
    """Keep who works with a machine that was bought together."""
    await projections.keep_machine(tx, event)


@consumers.reaction(AccountErased)
async def forget_owner(tx: Transaction, event: AccountErased, _: Delivery) -> None:
    """Erase the person's businesses, take their products off, and forget what they reported."""
    await commands.forget_owner(tx, event.account_id)
    await imports.forget_owner(tx, event.account_id)
    await moderation.forget(tx, event.account_id)
