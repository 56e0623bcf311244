"""What posyantek hears: what the technologies are called, and that somebody asked to be forgotten."""

from __future__ import annotations

from services.posyantek.commands import needs
from services.posyantek.repository import technologies
from shared.contracts.identity import AccountErased
from shared.contracts.offers import TechnologyPublished
from shared.db import Transaction
from shared.service import Consumers, Delivery

consumers = Consumers()


@consumers.projection(TechnologyPublished, fills={"technologies"})
async def keep_technology(tx: Transaction, event: TechnologyPublished, _: Delivery) -> None:
    """Keep a copy of what a technology is called."""
    await technologies.keep(tx, event)


@consumers.reaction(AccountErased)
async def forget_person(tx: Transaction, event: AccountErased, _: Delivery) -> None:
    """Take the person out of every need, and their words with them."""
    await needs.forget_person(tx, event.account_id)
