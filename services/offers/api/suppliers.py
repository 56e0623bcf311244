"""Suppliers: registering, the post's check, the bank account."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from uuid import UUID

import phonenumbers
from pydantic import AfterValidator, Field

from services.offers import queries
from services.offers.api.table import routes
from services.offers.commands import suppliers as commands
from services.offers.domain.refusals import OwnSupplier, SupplierDecided, SupplierExists
from services.offers.domain.supplier import Payee, Supplier
from shared.auth import IN_PERSON, OPERATOR, PUBLIC, SIGNED_IN, Principal
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.fields import Body, Line, Paragraph, View
from shared.http.paging import Page, PageQuery, decode_cursor, page

_ACCOUNT_NUMBER = re.compile(r"[0-9]{5,20}")


def _digits(text: str) -> str:
    """Take an account number as people write it, with spaces, dots or dashes."""
    number = re.sub(r"[ .-]", "", text)
    if not _ACCOUNT_NUMBER.fullmatch(number):
        raise ValueError("an account number has 5 to 20 digits")
    return number


def _whatsapp(text: str) -> str:
    """Take a phone number as Indonesians write it and give it in E.164."""
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        raise ValueError("not a phone number") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


AccountNumber = Annotated[str, Field(min_length=5, max_length=40), AfterValidator(_digits)]
Whatsapp = Annotated[str, Field(min_length=5, max_length=30), AfterValidator(_whatsapp)]


class PayeeBody(Body):
    """The bank account to be paid to."""

    bank_name: Line
    account_number: AccountNumber
    account_holder: Line

    def payee(self) -> Payee:
        """Give the account as the rules know it."""
        return Payee(self.bank_name, self.account_number, self.account_holder)


class NewSupplier(PayeeBody):
    """A workshop, distributor or inventor presents itself to a post."""

    name: Line
    post_id: UUID
    about: Paragraph | None = None
    whatsapp: Whatsapp


class Rejection(Body):
    """Why not, for the owner to read."""

    reason: Paragraph


class QueueQuery(PageQuery):
    """Whose queue."""

    post_id: UUID


class SupplierReceipt(View):
    """What became of a command. It holds no personal data: answers are kept for repeated requests."""

    id: UUID
    status: Literal["pending", "verified", "rejected", "closed"]


class SupplierView(View):
    """A supplier. `bank_masked`: account number and holder are shortened, unless for the owner and the post's operators."""

    id: UUID
    account_id: UUID | None
    name: str
    post_id: UUID
    about: str
    whatsapp: str | None
    status: Literal["pending", "verified", "rejected", "closed"]
    reason: str | None
    bank_name: str | None
    account_number: str | None
    account_holder: str | None
    bank_masked: bool


def supplier_view(who: Principal | None, supplier: Supplier) -> SupplierView:
    """Show a supplier as this reader may see it."""
    insider = queries.is_insider(who, supplier)
    payee = supplier.payee if insider or supplier.payee is None else supplier.payee.masked()
    return SupplierView(
        id=supplier.id,
        account_id=supplier.account_id if insider else None,
        name=supplier.name,
        post_id=supplier.post_id,
        about=supplier.about,
        whatsapp=supplier.whatsapp,
        status=supplier.status.value,
        reason=supplier.reason,
        bank_name=payee.bank_name if payee else None,
        account_number=payee.account_number if payee else None,
        account_holder=payee.account_holder if payee else None,
        bank_masked=not insider,
    )


def _receipt(supplier: Supplier) -> SupplierReceipt:
    return SupplierReceipt(id=supplier.id, status=supplier.status.value)


@routes.post(
    "/api/v1/suppliers",
    policy=SIGNED_IN,
    body=NewSupplier,
    answer=SupplierReceipt,
    status=201,
    refusals=(SupplierExists,),
)
async def register_supplier(call: Call, body: NewSupplier) -> Answer:
    """Register a supplier, to be checked by a post."""

    async def command(tx: Transaction) -> SupplierReceipt:
        supplier = await commands.register(
            tx,
            call.who,
            name=body.name,
            post_id=body.post_id,
            about=body.about or "",
            whatsapp=body.whatsapp,
            payee=body.payee(),
        )
        return _receipt(supplier)

    return await call.transact(command, location=lambda supplier: f"/api/v1/suppliers/{supplier.id}")


@routes.get("/api/v1/suppliers/mine", policy=SIGNED_IN, query=PageQuery, answer=Page[SupplierView])
async def list_my_suppliers(call: Call, query: PageQuery) -> Page[SupplierView]:
    """List the caller's own suppliers, oldest first."""
    after = decode_cursor(query.cursor, UUID)
    async with call.context.db.read() as sql:
        suppliers = await queries.my_suppliers(sql, call.who, after, query.limit + 1)
    return _page(call, suppliers, query.limit)


@routes.get("/api/v1/suppliers/queue", policy=OPERATOR, query=QueueQuery, answer=Page[SupplierView])
async def list_supplier_queue(call: Call, query: QueueQuery) -> Page[SupplierView]:
    """List the suppliers that wait for a post's check, oldest first."""
    after = decode_cursor(query.cursor, UUID)
    async with call.context.db.read() as sql:
        suppliers = await queries.supplier_queue(sql, call.who, query.post_id, after, query.limit + 1)
    return _page(call, suppliers, query.limit)


@routes.get("/api/v1/suppliers/{supplier_id}", policy=PUBLIC, answer=SupplierView)
async def read_supplier(call: Call) -> SupplierView:
    """Read a supplier; one that is not verified is found only by its owner and its post's operators."""
    async with call.context.db.read() as sql:
        supplier = await queries.supplier(sql, call.principal, call.id("supplier_id"))
    return supplier_view(call.principal, supplier)


@routes.post(
    "/api/v1/suppliers/{supplier_id}/verify",
    policy=OPERATOR,
    answer=SupplierReceipt,
    refusals=(OwnSupplier, SupplierDecided),
)
async def verify_supplier(call: Call) -> Answer:
    """Find a supplier sound, as an operator of its post who neither owns it nor registered it."""
    supplier_id = call.id("supplier_id")

    async def command(tx: Transaction) -> SupplierReceipt:
        return _receipt(await commands.verify(tx, call.who, supplier_id))

    return await call.transact(command)


@routes.post(
    "/api/v1/suppliers/{supplier_id}/reject",
    policy=OPERATOR,
    body=Rejection,
    answer=SupplierReceipt,
    refusals=(OwnSupplier, SupplierDecided),
)
async def reject_supplier(call: Call, body: Rejection) -> Answer:
    """Turn a supplier down with a reason, as an operator of its post who neither owns it nor registered it."""
    supplier_id = call.id("supplier_id")

    async def command(tx: Transaction) -> SupplierReceipt:
        return _receipt(await commands.reject(tx, call.who, supplier_id, body.reason))

    return await call.transact(command)


@routes.put("/api/v1/suppliers/{supplier_id}/payee", policy=IN_PERSON, body=PayeeBody, answer=SupplierReceipt)
async def change_payee(call: Call, body: PayeeBody) -> Answer:
    """Name another bank account to be paid to, as the owner."""
    supplier_id = call.id("supplier_id")

    async def command(tx: Transaction) -> SupplierReceipt:
        return _receipt(await commands.change_payee(tx, call.who, supplier_id, body.payee()))

    return await call.transact(command)


def _page(call: Call, suppliers: list[Supplier], limit: int) -> Page[SupplierView]:
    views = [supplier_view(call.principal, supplier) for supplier in suppliers]
    return page(views, limit, lambda view: view.id)
