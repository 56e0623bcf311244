"""What the API reads."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.payments.domain.holding import Pool
from services.payments.domain.next_step import next_step
from services.payments.domain.receipts import WIB
from services.payments.limits import CARD_LIMITS
from services.payments.repository import banks, holding_page, pools, reading
from services.payments.repository.banks import BankAccount, Tills
from services.payments.repository.holding_page import HoldingPage
from services.payments.rights import keeps_money, may_see
from services.payments.views import (
    Bank,
    Book,
    BookLine,
    BookQuery,
    CashBox,
    Custodian,
    CustodianBalance,
    Custodians,
    HoldingView,
    MovementItem,
    NextStep,
    PaymentQueueItem,
    PayoutQueueItem,
    QueueQuery,
    RefundQueueItem,
)
from shared.auth import Principal, require
from shared.db import Reader, Row
from shared.errors import NotFound
from shared.http.paging import Page, decode_cursor, encode_cursor, page


async def get_holding(sql: Reader, pledge_id: UUID, who: Principal, *, cards_offered: bool) -> HoldingView:
    """Show what is held for a pledge, to those concerned. Raises `NotFound`, `NotAllowed`."""
    page = await holding_page.read(sql, pledge_id)
    if page is None or page.holding.pool.facts is None:
        raise NotFound
    holding = page.holding
    require(may_see(who, holding))
    return HoldingView(
        pledge_id=pledge_id,
        pool_id=holding.pool.id,
        account_id=holding.account_id,
        method=holding.method,
        secured=holding.secured,
        must_hold_idr=holding.must_idr,
        may_hold_idr=holding.may_idr,
        held_idr=holding.held_idr,
        unique_code_held_idr=holding.codes_idr,
        pay_by=holding.pay_by,
        decline_reason=holding.block_reason if holding.position.missing_idr else None,
        next=_next_step(page, cards_offered=cards_offered),
        payments=[_movement(row) for row in await reading.movements(sql, pledge_id)],
    )


def _next_step(page: HoldingPage, *, cards_offered: bool) -> NextStep:
    holding, bank, ask = page.holding, page.bank, page.ask
    link = (
        holding.attempt if holding.attempt and holding.attempt.kind == "link" and not holding.attempt.unwanted else None
    )
    step = next_step(
        holding.position,
        holding.pool.terms,
        method=holding.method,
        secured=holding.secured,
        link_open=link is not None,
        transfer_unchecked=page.is_transfer_unchecked,
        has_bank_account=bank is not None,
        limits=CARD_LIMITS if cards_offered else None,
    )
    shows_bank = ask is not None and step.kind in {"transfer", "pay_card_link", "cash"}
    return NextStep(
        kind=step.kind,
        amount_idr=step.amount_idr,
        url=link.url if link and step.kind == "pay_card_link" else None,
        bank=_bank(bank) if shows_bank else None,
        unique_code=ask.code_idr or None if ask and shows_bank else None,
        transfer_total_idr=ask.total_idr if ask and shows_bank else None,
    )


def _bank(account: BankAccount | None) -> Bank | None:
    return (
        Bank(name=account.bank_name, number=account.account_number, holder=account.account_holder) if account else None
    )


def _movement(row: Row) -> MovementItem:
    return MovementItem(
        id=row["id"], kind=row["kind"], method=row["method"], amount_idr=row["amount_idr"], unique_code_idr=row["code_idr"],
        state=row["state"], at=row["at"], receipt_no=row["receipt_no"], reason=row["reason"],
    )  # fmt: skip


async def payments_queue(sql: Reader, query: QueueQuery, who: Principal) -> Page[PaymentQueueItem]:
    """List the transfers to check and pledges to confirm of a post, for those who keep its money. Raises `NotAllowed`."""
    whole = who.operates(query.post_id) or who.holds("treasurer", query.post_id)
    require(whole or who.has("treasurer"))
    rows = await _queue(sql, reading.PAYMENTS_QUEUE, query, who, whole=whole)
    items = [PaymentQueueItem.model_validate({**row, "pool_title": row["title"]}) for row in rows]
    return page(items, query.limit, lambda item: (item.at, item.id))


async def refunds_queue(sql: Reader, query: QueueQuery, who: Principal) -> Page[RefundQueueItem]:
    """List the refunds by hand of a post. An operator of another post may be the second person, and sees them too."""
    rows = await _queue(sql, reading.REFUNDS_QUEUE, query, who, whole=_checks_all(who, query.post_id))
    names = await reading.hands(sql, [row["custodian"] for row in rows])
    items = [
        RefundQueueItem.model_validate(
            {
                **row,
                "pool_title": row["title"],
                "unique_code_idr": row["code_idr"],
                "custodian": _custodian(names[row["custodian"]]),
            }
        )
        for row in rows
    ]
    return page(items, query.limit, lambda item: (item.at, item.id))


async def payouts_queue(sql: Reader, query: QueueQuery, who: Principal) -> Page[PayoutQueueItem]:
    """List the payouts of a post's pools. An operator of another post may be the second person, and sees them too."""
    rows = await _queue(sql, reading.PAYOUTS_QUEUE, query, who, whole=_checks_all(who, query.post_id))
    items = []
    for row in rows:
        payee = None
        if row["account_number"] is not None:
            payee = Bank(name=row["bank_name"], number=row["account_number"], holder=row["account_holder"])
        items.append(PayoutQueueItem.model_validate({**row, "pool_title": row["title"], "payee": payee}))
    return page(items, query.limit, lambda item: (item.at, item.id))


def _checks_all(who: Principal, post_id: UUID) -> bool:
    return who.has("operator", "officer") or who.holds("treasurer", post_id)


async def _queue(sql: Reader, which: str, query: QueueQuery, who: Principal, *, whole: bool) -> list[Row]:
    return await reading.queue(
        sql,
        which,
        post_id=query.post_id,
        treasurer=None if whole else who.account_id,
        scopes=who.scopes("treasurer"),
        after=decode_cursor(query.cursor, tuple[datetime, UUID]),
        limit=query.limit + 1,
    )


def _custodian(row: Row) -> Custodian:
    kind, name = _hand(row)
    return Custodian(kind=kind, name=name)


def _hand(row: Row) -> tuple[Literal["stripe", "bank", "cash_box"], str]:
    """Name a custodian for everybody's eyes: of a bank account only the last digits."""
    match row["kind"]:
        case "bank":
            return "bank", f"Rekening kelompok ({row['bank_name']} …{row['account_number'][-3:]})"
        case "cash_box":
            return "cash_box", f"Kas {row['post_name'] or 'Posyantek'}"
        case _:
            return "stripe", "Saldo kartu (Stripe)"


async def get_book(sql: Reader, pool_id: UUID, query: BookQuery) -> Book:
    """Show a page of a pool's cash book. Raises `NotFound`, `BadCursor`."""
    after = decode_cursor(query.cursor, int) or 0
    totals, hands = await reading.standing(sql, pool_id)
    if totals is None:
        raise NotFound
    lines = [_line(row) for row in await reading.book(sql, pool_id, after, query.limit + 1)]
    custodians = []
    for row in hands:
        kind, name = _hand(row)
        custodians.append(CustodianBalance(kind=kind, name=name, balance_idr=row["balance_idr"]))
    shown = lines[: query.limit]
    return Book(
        pool_id=pool_id,
        balance_idr=totals["escrow_idr"],
        unique_codes_idr=totals["codes_idr"],
        custodians=custodians,
        items=shown,
        next=encode_cursor(shown[-1].number) if len(lines) > query.limit else None,
    )


def _line(row: Row) -> BookLine:
    kind = f"{row['kind']}_{row['method']}" if row["kind"] in {"payment", "refund"} else row["kind"]
    return BookLine(
        number=row["line"], at=row["at"], text_kind=kind, amount_in_idr=row["in_idr"], amount_out_idr=row["out_idr"],
        balance_idr=row["balance_idr"], receipt_no=row["receipt_no"],
    )  # fmt: skip


_TEXTS = {
    "payment_cash": "Setoran tunai",
    "payment_transfer": "Setoran transfer",
    "payment_card": "Pembayaran kartu",
    "refund_cash": "Pengembalian tunai",
    "refund_transfer": "Pengembalian lewat transfer",
    "refund_card": "Pengembalian ke kartu",
    "payout": "Pencairan ke pemasok",
    "reversal": "Koreksi",
}


async def get_book_csv(sql: Reader, pool_id: UUID) -> str:
    """Write a pool's whole cash book as CSV, times in WIB. Raises `NotFound`."""
    await _known_pool(sql, pool_id)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["nomor", "waktu_wib", "uraian", "masuk_idr", "keluar_idr", "saldo_idr", "kuitansi"])
    for row in await reading.book(sql, pool_id, 0, None):
        line = _line(row)
        at = line.at.astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S")
        table.writerow(
            [line.number, at, _TEXTS[line.text_kind], line.amount_in_idr, line.amount_out_idr, line.balance_idr,
             line.receipt_no or ""]
        )  # fmt: skip
    return text.getvalue()


async def get_custodians(sql: Reader, pool_id: UUID, who: Principal) -> Custodians:
    """Tell a pool's people where they pay to. Raises `NotFound`, `NotAllowed`."""
    pool = await _known_pool(sql, pool_id)
    involved = pool.known.initiator_account_id in who.actors or keeps_money(who, pool)
    tills = await banks.tills(sql, pool_id, who.account_id)
    require(involved or tills.takes_part)
    return _custodians(pool, tills)


async def custodians_of(sql: Reader, pool: Pool, who: Principal) -> Custodians:
    """Tell where a pool's members pay to."""
    return _custodians(pool, await banks.tills(sql, pool.id, who.account_id))


def _custodians(pool: Pool, tills: Tills) -> Custodians:
    name = f"Kas {tills.post_name or 'Posyantek'}"
    return Custodians(pool_id=pool.id, bank=_bank(tills.bank), cash_box=CashBox(post_id=pool.known.post_id, name=name))


async def _known_pool(sql: Reader, pool_id: UUID) -> Pool:
    pool = await pools.get_pool(sql, pool_id)
    if pool is None or pool.facts is None:
        raise NotFound
    return pool
