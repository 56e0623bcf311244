"""What goes over the wire: the bodies and queries that payments takes, and the answers it gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.payments.domain.accounts import Method
from services.payments.domain.next_step import StepKind
from shared.contracts.base import PositiveRupiah
from shared.contracts.payments import PayoutStage
from shared.contracts.pools import CustodianKind
from shared.http.fields import Body, Line, Paragraph, View
from shared.http.paging import PageQuery

AccountNumber = Annotated[str, Field(pattern=r"^[0-9]{5,30}$", examples=["1234567890"])]
"""A bank account's number, digits only."""


class Bank(View):
    """A bank account to transfer to."""

    name: str
    number: str
    holder: str


class NextStep(View):
    """What the member does next. Bank and code are there where a transfer is asked for."""

    kind: StepKind
    amount_idr: int
    url: str | None
    bank: Bank | None
    unique_code: int | None
    transfer_total_idr: int | None


class MovementItem(View):
    """Money in or out. `unique_code_idr` comes on top of `amount_idr`, except in a transfer that awaits its check."""

    id: UUID
    kind: Literal["in", "out"]
    method: Method
    amount_idr: int
    unique_code_idr: int
    state: str
    at: datetime
    receipt_no: str | None
    reason: str | None


class HoldingView(View):
    """What is held for a pledge."""

    pledge_id: UUID
    pool_id: UUID
    account_id: UUID
    method: Method | None
    secured: bool
    must_hold_idr: int
    may_hold_idr: int
    held_idr: int
    unique_code_held_idr: int
    pay_by: datetime | None
    decline_reason: str | None
    next: NextStep
    payments: list[MovementItem]


class CardPage(Body):
    """Where the card page leads back to: a path of our own."""

    return_url_path: Annotated[str, Field(pattern=r"^/([A-Za-z0-9_.?=&%~-][A-Za-z0-9/_.?=&%~-]*)?$", max_length=300)]


class CardPageOpened(View):
    """The card page to go to."""

    url: str


class TransferTold(Body):
    """What a member says to have transferred, kode unik included."""

    amount_idr: PositiveRupiah
    note: Paragraph | None = None
    reference: Line | None = None


class NoticeView(View):
    """A member's word that awaits its check."""

    payment_id: UUID
    state: Literal["awaiting_check"] = "awaiting_check"


class CashTaken(Body):
    """Cash that the post has taken."""

    amount_idr: PositiveRupiah
    note: Paragraph | None = None


class TransferFound(Body):
    """A transfer found on the bank account, kode unik included."""

    amount_idr: PositiveRupiah
    reference: Line


class RecordedView(View):
    """A payment in the book."""

    payment_id: UUID
    receipt_no: str


class Reason(Body):
    """Why not."""

    reason: Paragraph


class Proof(Body):
    """What shows that the money went back."""

    proof: Paragraph


class Reference(Body):
    """The bank's reference of a payout."""

    reference: Line


class QueueQuery(PageQuery):
    """Which post's queue."""

    post_id: UUID


class PaymentQueueItem(View):
    """A transfer to check, or a pledge to confirm. `asked_idr`: what was asked for, kode unik included."""

    kind: Literal["transfer", "confirmation"]
    id: UUID
    payment_id: UUID | None
    pledge_id: UUID
    pool_id: UUID
    pool_title: str
    account_id: UUID
    amount_idr: int
    unique_code: int | None
    asked_idr: int | None
    reference: str | None
    note: str | None
    at: datetime


class Custodian(View):
    """Who holds money."""

    kind: CustodianKind
    name: str


class CustodianBalance(Custodian):
    """Who holds how much of a pool's money, kode unik included."""

    balance_idr: int


class RefundQueueItem(View):
    """A refund to give by hand. `amount_idr` is all of it, `unique_code_idr` the kode unik in it."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    pool_title: str
    account_id: UUID
    method: Method
    amount_idr: int
    unique_code_idr: int
    custodian: Custodian
    state: Literal["requested", "prepared"]
    problem: str | None
    proof: str | None
    prepared_by: UUID | None
    at: datetime


class PayoutQueueItem(View):
    """A stage to pay to a supplier."""

    id: UUID
    order_id: UUID
    pool_id: UUID
    pool_title: str
    supplier_id: UUID
    stage: PayoutStage
    amount_idr: int
    payee: Bank | None
    state: Literal["requested", "prepared"]
    reference: str | None
    prepared_by: UUID | None
    verified_by: UUID
    at: datetime


class BookQuery(PageQuery):
    """A page of a pool's cash book."""


class BookLine(View):
    """A line of a pool's cash book, with the balance after it."""

    number: int
    at: datetime
    text_kind: str = Field(description="payment_… and refund_… with card, transfer or cash; payout; reversal")
    amount_in_idr: int
    amount_out_idr: int
    balance_idr: int
    receipt_no: str | None


class Book(View):
    """A pool's cash book. Custodians together hold the balance and members' kode unik."""

    pool_id: UUID
    balance_idr: int
    unique_codes_idr: int
    custodians: list[CustodianBalance]
    items: list[BookLine]
    next: str | None


class BankChoice(Body):
    """The group's bank account."""

    bank_name: Line
    account_number: AccountNumber
    account_holder: Line


class CashBox(View):
    """The post's cash box."""

    post_id: UUID
    name: str


class Custodians(View):
    """Where members of a pool pay to."""

    pool_id: UUID
    bank: Bank | None
    cash_box: CashBox
