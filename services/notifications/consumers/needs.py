"""Needs: a post hears what is needed there, and those who need it when they are enough, or when it is over."""

from __future__ import annotations

from collections.abc import Mapping

from services.notifications.commands import telling
from services.notifications.consumers.table import consumers
from services.notifications.domain.notice import Notice, PostNotice
from services.notifications.repository import needs, surroundings
from shared.contracts.offers import TechnologyPublished
from shared.contracts.posyantek import NeedClosed, NeedMatured, NeedRaised, NeedSupported, NeedSupportWithdrawn
from shared.db import Transaction
from shared.service import Delivery


@consumers.projection(TechnologyPublished, fills={"subjects"})
async def keep_technology(tx: Transaction, event: TechnologyPublished, delivery: Delivery) -> None:
    """Keep what a technology is called, in both languages."""
    await surroundings.name(
        tx, event.technology_id, "technology", event.name_id, delivery.version, name_en=event.name_en
    )


@consumers.projection(NeedRaised, fills={"need_supporters"})
async def keep_raiser(tx: Transaction, event: NeedRaised, delivery: Delivery) -> None:
    """Keep the first supporter of a need."""
    await needs.keep_supporter(tx, event.need_id, event.account_id, supports=True, version=delivery.version)


@consumers.projection(NeedSupported, fills={"need_supporters"})
async def keep_supporter(tx: Transaction, event: NeedSupported, delivery: Delivery) -> None:
    """Keep that somebody needs it too."""
    await needs.keep_supporter(tx, event.need_id, event.account_id, supports=True, version=delivery.version)


@consumers.projection(NeedSupportWithdrawn, fills={"need_supporters"})
async def drop_supporter(tx: Transaction, event: NeedSupportWithdrawn, delivery: Delivery) -> None:
    """Keep that somebody does not need it any more."""
    await needs.keep_supporter(tx, event.need_id, event.account_id, supports=False, version=delivery.version)


@consumers.reaction(NeedRaised)
async def announce_need(tx: Transaction, event: NeedRaised, delivery: Delivery) -> None:
    """Tell the post what is needed there."""
    notice = PostNotice(
        event.post_id,
        "need_raised",
        object_id=event.need_id,
        subject_id=event.technology_id,
        except_account_id=event.account_id,
    )
    await telling.tell_post(tx, delivery, notice)


@consumers.reaction(NeedMatured)
async def tell_need_matured(tx: Transaction, event: NeedMatured, delivery: Delivery) -> None:
    """Tell those who need it that they are enough to form a group, and the post that it may help them."""
    facts = {"people": event.supporters, "units": event.units}
    await telling.tell(tx, delivery, await _to_supporters(tx, event, "need_matured", facts))
    notice = PostNotice(
        event.post_id, "need_matured_here", object_id=event.need_id, subject_id=event.technology_id, facts=facts
    )
    await telling.tell_post(tx, delivery, notice)


@consumers.reaction(NeedClosed)
async def tell_need_closed(tx: Transaction, event: NeedClosed, delivery: Delivery) -> None:
    """Tell those who need it why it stands no longer. Where nobody is left, there is nobody to tell."""
    await telling.tell(tx, delivery, await _to_supporters(tx, event, "need_closed", {"ending": event.ending}))


async def _to_supporters(
    tx: Transaction, event: NeedMatured | NeedClosed, template: str, facts: Mapping[str, object]
) -> list[Notice]:
    return [
        Notice(
            account_id,
            template,
            object_id=event.need_id,
            subject_id=event.technology_id,
            post_id=event.post_id,
            facts=facts,
        )
        for account_id in await needs.supporters(tx, event.need_id)
    ]
