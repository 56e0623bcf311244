"""Webhooks of the card provider: verified, stored, and answered; a job asks the provider what really is."""

from __future__ import annotations

from services.payments.card_gateway import CardNotice
from services.payments.repository import notices
from services.payments.repository.notices import StoredNotice
from shared.db import Transaction


async def store_notice(tx: Transaction, notice: CardNotice) -> bool:
    """Keep a genuine webhook; tells whether it is new."""
    stored = StoredNotice(
        notice.id, notice.type, notice.subject, notice.object_ref, notice.charge, notice.pledge_id, notice.attempt_id,
        notice.refund_id, notice.created,
    )  # fmt: skip
    return await notices.store(tx, stored, await tx.now())
