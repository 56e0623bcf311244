"""Two different people move money, and neither of them is its recipient."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from services.payments.domain.refusals import OwnPayment, RecipientMayNot, SamePerson, VerifierMayNotApprove


def check_recorder(recorder: UUID, payer: UUID) -> None:
    """Somebody else than the payer records or checks a payment. Raises `OwnPayment`."""
    if recorder == payer:
        raise OwnPayment


def check_maker(maker: UUID, recipients: Collection[UUID]) -> None:
    """The first person. Raises `RecipientMayNot`."""
    if maker in recipients:
        raise RecipientMayNot


def check_checker(checker: UUID, maker: UUID, recipients: Collection[UUID], verified_by: UUID | None = None) -> None:
    """The second person. Raises `SamePerson`, `RecipientMayNot`, and `VerifierMayNotApprove` for a payout."""
    if checker == maker:
        raise SamePerson
    if checker in recipients:
        raise RecipientMayNot
    if checker == verified_by:
        raise VerifierMayNotApprove
