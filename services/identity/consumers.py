"""What identity hears: who serves, owns, supplies and leads, so that tokens carry the roles."""

from __future__ import annotations

from services.identity import commands
from shared.auth import Grant
from shared.contracts.listings import BusinessRegistered
from shared.contracts.offers import SupplierVerified
from shared.contracts.pools import PoolOpened
from shared.contracts.posyantek import OfficerAppointed, OfficerDismissed
from shared.db import Transaction
from shared.service import Consumers, Delivery

# Reactions, not projections: a province officer may have revoked what an old event granted, and a replay would undo that.
consumers = Consumers()


@consumers.reaction(OfficerAppointed)
async def grant_post_role(tx: Transaction, event: OfficerAppointed, delivery: Delivery) -> None:
    """Whoever serves at a post holds that role over it."""
    grant = Grant(event.role, "post", event.post_id)
    await commands.grant_heard(tx, event.account_id, grant, event.type, delivery.event_id)


@consumers.reaction(OfficerDismissed)
async def revoke_post_role(tx: Transaction, event: OfficerDismissed, _: Delivery) -> None:
    """Whoever serves no longer loses it."""
    await commands.revoke_heard(tx, event.account_id, Grant(event.role, "post", event.post_id))


@consumers.reaction(SupplierVerified)
async def grant_supplier(tx: Transaction, event: SupplierVerified, delivery: Delivery) -> None:
    """A checked supplier acts as such."""
    grant = Grant("supplier", "supplier", event.supplier_id)
    await commands.grant_heard(tx, event.account_id, grant, event.type, delivery.event_id)


@consumers.reaction(BusinessRegistered)
async def grant_owner(tx: Transaction, event: BusinessRegistered, delivery: Delivery) -> None:
    """Whoever registered a business owns it."""
    grant = Grant("owner", "business", event.business_id)
    await commands.grant_heard(tx, event.owner_account_id, grant, event.type, delivery.event_id)


@consumers.reaction(PoolOpened)
async def grant_group(tx: Transaction, event: PoolOpened, delivery: Delivery) -> None:
    """A pool's people are a group, with an initiator and a treasurer. Accounts are locked in one order everywhere."""
    people = [
        (event.initiator_account_id, Grant("initiator", "group", event.aggregate_id)),
        (event.treasurer_account_id, Grant("treasurer", "group", event.aggregate_id)),
    ]
    for account_id, grant in sorted(people):
        await commands.grant_heard(tx, account_id, grant, event.type, delivery.event_id)
