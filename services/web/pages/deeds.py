"""What a tap on the desk does: a table of the API's commands, with the fields that each reads from its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from yarl import URL

from services.web.entering import Entered, Outcome
from services.web.pages.counter import POOL_DESK, CounterView, draw_counter
from services.web.pages.desk import DeskView, draw_desk
from services.web.reading import path_id
from services.web.refusals import ApiRefusal
from services.web.routes import action
from services.web.visit import Visit
from shared.auth import MONEY_CHECKER
from shared.errors import NotFound

Read = Callable[[Entered, str], Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """`path`: the command, `said`: what the next page says, filled in from the answer; `fields`: how each is read."""

    path: str
    said: str
    fields: Mapping[str, Read] = field(default_factory=dict)


def _line(entered: Entered, name: str) -> Any:  # noqa: ANN401
    return entered.text(name)


def _maybe_line(entered: Entered, name: str) -> Any:  # noqa: ANN401
    return entered.text(name, optional=True)


def _whole(entered: Entered, name: str) -> Any:  # noqa: ANN401
    return entered.whole(name)


def _rupiah(entered: Entered, name: str) -> Any:  # noqa: ANN401
    return entered.rupiah(name)


def _lines(entered: Entered, name: str) -> Any:  # noqa: ANN401
    return entered.lines(name)


def _ticked(entered: Entered, name: str) -> Any:  # noqa: ANN401
    entered.text(name)
    return True


def _deeds(gettext: Callable[[str], str]) -> dict[str, Deed]:
    reason = {"reason": _line}
    goods = {"units": _whole, "note": _maybe_line}
    test = {"serial_numbers": _lines, "tested": _ticked, "trained": _whole, "note": _maybe_line}
    cash = {"amount_idr": _rupiah, "note": _maybe_line}
    transfer = {"amount_idr": _rupiah, "reference": _line}
    booked = gettext("Tercatat. Nomor kuitansi %(receipt_no)s.")
    prepared = gettext("Sudah disiapkan. Orang kedua yang menyetujui.")
    checked = gettext("Izin tercatat sudah diperiksa hari ini.")
    rejected = gettext("Ditolak. Pemiliknya diberi tahu alasannya.")
    return {
        "transfer/terima": Deed("/payments/{}/accept", booked),
        "transfer/tolak": Deed("/payments/{}/reject", gettext("Kabar transfer ditolak. Peserta diberi tahu."), reason),
        "komitmen/konfirmasi": Deed("/holdings/{}/confirm", gettext("Komitmen dikonfirmasi dan sekarang dihitung.")),
        "komitmen/tunai": Deed("/holdings/{}/cash", booked, cash),
        "komitmen/transfer": Deed("/holdings/{}/transfer", booked, transfer),
        "pengembalian/siapkan": Deed("/refunds/{}/prepare", prepared, {"proof": _line}),
        "pengembalian/setujui": Deed("/refunds/{}/approve", gettext("Disetujui. Uang peserta sudah kembali.")),
        "pencairan/siapkan": Deed("/payouts/{}/prepare", prepared, {"reference": _line}),
        "pencairan/setujui": Deed("/payouts/{}/approve", gettext("Disetujui. Pemasok sudah dibayar untuk tahap ini.")),
        "urun/buka": Deed("/pools/{}/verify", gettext("Urun ini sekarang dibuka untuk umum.")),
        "urun/kembalikan": Deed("/pools/{}/reject", gettext("Urun dikembalikan ke penggagas."), reason),
        "urun/barang": Deed("/pools/{}/receipts", gettext("Barang tercatat diterima."), goods),
        "urun/uji": Deed("/pools/{}/inspection", gettext("Lulus uji terima. Peserta bisa mengambil alatnya."), test),
        "usaha/terima": Deed("/businesses/{}/verify", gettext("Usaha terverifikasi.")),
        "usaha/tolak": Deed("/businesses/{}/reject", rejected, reason),
        **{
            f"{kind}/periksa": Deed(f"/businesses/{{}}/permits/{kind}/check", checked, {"number": _line})
            for kind in ("nib", "pirt", "halal")
        },
        "pemasok/terima": Deed("/suppliers/{}/verify", gettext("Pemasok terverifikasi.")),
        "pemasok/tolak": Deed("/suppliers/{}/reject", rejected, reason),
    }


@action("/petugas/kerjakan/{thing}/{item_id}/{step}", policy=MONEY_CHECKER)
async def do_deed(visit: Visit) -> web.StreamResponse:
    """Do one thing of the desk, and lead back to where it was done from."""
    item_id = path_id(visit, "item_id")
    match = visit.request.match_info
    deed = _deeds(visit.gettext).get(f"{match['thing']}/{match['step']}")
    if deed is None:
        raise NotFound
    entered = Entered(visit, await visit.form())
    # Several items of a page ask for the same things, so each field carries its item's id.
    names = {name: f"{name}-{item_id}" for name in deed.fields}
    body = {name: read(entered, names[name]) for name, read in deed.fields.items()}
    back = entered.fields.get("kembali", "/petugas")
    if entered.errors:
        return await _draw_again(visit, back, Outcome.mistyped(entered))
    try:
        answer = await visit.post(deed.path.format(item_id), body, key=entered.fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_again(visit, back, _refused(entered, refusal, names))
    return visit.go(back, deed.said % answer if isinstance(answer, dict) else deed.said)


def _refused(entered: Entered, refusal: ApiRefusal, names: Mapping[str, str]) -> Outcome:
    about = {
        "more-than-due": "amount_idr",
        "transfer-already-recorded": "reference",
        "received-too-many": "units",
        "serial-numbers-missing": "serial_numbers",
        "reason-missing": "reason",
    }
    slugs = {slug: names[field_] for slug, field_ in about.items() if field_ in names}
    # A refusal about one serial number names its place: `serial_numbers.3`.
    given = {sent: names.get(sent.partition(".")[0], sent) for sent in refusal.fields}
    return Outcome.refused(entered.fields, refusal, names=given, slugs=slugs)


async def _draw_again(visit: Visit, back: str, outcome: Outcome) -> web.Response:
    try:
        url = URL(back)
    except ValueError:
        url = URL("/petugas")
    if found := POOL_DESK.fullmatch(url.path):
        return await draw_counter(visit, CounterView.of(found[1], url.query), outcome)
    return await draw_desk(visit, DeskView.of(url.query), outcome)
