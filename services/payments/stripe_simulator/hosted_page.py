"""The hosted Checkout page, in Bahasa Indonesia: a plain form that needs no script."""

import secrets
from collections.abc import Sequence
from html import escape

from aiohttp import web

from services.payments.stripe_simulator import cards
from services.payments.stripe_simulator.errors import Json
from services.payments.stripe_simulator.simulator import StripeSimulator

_STYLE = """
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 0 auto; padding: 1rem; color: #1a1a1a;
  background: #fff; }
.note { border-left: .3rem solid #7a5a00; padding: .5rem 1rem; background: #fff7e0; }
.error { border-left: .3rem solid #a40000; padding: .5rem 1rem; background: #fdecec; }
fieldset { border: 1px solid #767676; border-radius: .4rem; margin: 0 0 1rem; padding: .5rem 1rem; }
label { display: block; padding: .5rem 0; }
label.inline { display: flex; gap: .7rem; align-items: start; }
input[type=radio] { width: 1.3rem; height: 1.3rem; margin-top: .3rem; flex: none; }
input[type=text] { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem; border: 1px solid #767676;
  border-radius: .3rem; }
button { font: inherit; width: 100%; padding: .8rem; margin: .4rem 0; border: 2px solid #4b3fbf; border-radius: .4rem;
  background: #4b3fbf; color: #fff; }
button.quiet { background: #fff; color: #4b3fbf; }
a { color: #3a2fa0; }
:focus-visible { outline: 3px solid #ff9f1c; outline-offset: 2px; }
"""

_DECLINES = {
    "insufficient_funds": "Saldo atau limit kartu tidak cukup. Coba kartu lain.",
    "test_mode_live_card": "Ini halaman uji: hanya nomor kartu uji yang bisa dipakai. Jangan pakai kartu asli.",
    "payment_intent_authentication_failure": "Bank tidak menerima persetujuan. Coba lagi atau pakai kartu lain.",
    "setup_intent_authentication_failure": "Bank tidak menerima persetujuan. Coba lagi atau pakai kartu lain.",
}
_DECLINED = "Kartu ditolak bank. Coba kartu lain."


def routes(simulator: StripeSimulator) -> Sequence[web.RouteDef]:
    """Make the routes of the page."""

    async def show(request: web.Request) -> web.StreamResponse:
        session = _session(simulator, request)
        if session["status"] == "open":
            return _page(200, "Pembayaran kartu", _card_form(session))
        return _closed(session)

    async def submit(request: web.Request) -> web.StreamResponse:
        session = _session(simulator, request)
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        if form.get("action") == "cancel" and session["cancel_url"]:
            raise web.HTTPSeeOther(session["cancel_url"])
        if session["status"] != "open":
            return _closed(session, redirect=True)
        return _play(simulator, session, form)

    return [web.get("/c/pay/{id}", show), web.post("/c/pay/{id}", submit)]


def _session(simulator: StripeSimulator, request: web.Request) -> Json:
    simulator.sweep()
    found = simulator.find_session(request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound(text="Halaman pembayaran ini tidak ada.")
    return found[1]


def _play(simulator: StripeSimulator, session: Json, form: dict[str, str]) -> web.StreamResponse:
    number = form.get("number", "").strip() or form.get("card", "")
    if not number:
        return _page(400, "Pembayaran kartu", _card_form(session, "Pilih atau ketik nomor kartu dulu."))
    answer = form.get("answer")
    submission = simulator.submit_card(
        session["id"], number, "approve" if answer == "approve" else "refuse" if answer == "refuse" else None
    )
    if submission.outcome == "complete":
        raise web.HTTPSeeOther(_success_url(session))
    if submission.outcome == "challenge":
        return _page(200, "Persetujuan bank", _challenge_form(session, number))
    reason = _DECLINES.get(submission.decline_code or "", _DECLINED)
    return _page(402, "Pembayaran kartu", _card_form(session, reason))


def _closed(session: Json, *, redirect: bool = False) -> web.StreamResponse:
    if session["status"] == "complete":
        # A second tap on the button must neither pay twice nor end on an error.
        if redirect:
            raise web.HTTPSeeOther(_success_url(session))
        link = f'<p><a href="{escape(_success_url(session))}">Kembali ke halaman urun beli</a></p>'
        done = "Kartu sudah disimpan." if session["mode"] == "setup" else "Pembayaran sudah diterima."
        return _page(200, "Sudah selesai", f"<p>{done}</p>{link}")
    back = session["cancel_url"]
    link = f'<p><a href="{escape(back)}">Kembali ke halaman urun beli</a></p>' if back else ""
    return _page(410, "Tautan sudah tidak berlaku", f"<p>Batas waktu pembayaran ini sudah lewat.</p>{link}")


def _success_url(session: Json) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _rupiah(amount: int) -> str:
    whole, cents = divmod(amount, 100)
    return f"Rp {whole:,}".replace(",", ".") + (f",{cents:02}" if cents else "")


def _card_form(session: Json, error: str | None = None) -> str:
    setup = session["mode"] == "setup"
    purpose = (
        "<p>Simpan kartu. Belum ada uang yang ditarik sekarang.</p>"
        if setup
        else f"<p>Yang dibayar: <strong>{_rupiah(session['amount_total'])}</strong></p>"
    )
    button = "Simpan kartu" if setup else f"Bayar {_rupiah(session['amount_total'])}"
    choices = "".join(
        f'<label class="inline"><input type="radio" name="card" value="{card.number}"'
        f"{' checked' if place == 0 else ''}><span>{_spaced(card.number)}<br>{escape(card.label)}</span></label>"
        for place, card in enumerate(cards.CARDS)
    )
    cancel = (
        '<button class="quiet" name="action" value="cancel">Batal, kembali</button>' if session["cancel_url"] else ""
    )
    return (
        f"{_alert(error)}{purpose}"
        '<p class="note">Ini simulasi: tidak ada uang sungguhan. Jangan masukkan kartu asli.</p>'
        f'<form method="post"><fieldset><legend>Pilih kartu uji</legend>{choices}</fieldset>'
        '<label for="number">Atau ketik nomor kartu uji</label>'
        '<input type="text" id="number" name="number" inputmode="numeric" autocomplete="off" maxlength="23">'
        f'<p><button name="action" value="pay">{button}</button>{cancel}</p></form>'
    )


def _challenge_form(session: Json, number: str) -> str:
    amount = "" if session["mode"] == "setup" else f" sebesar {_rupiah(session['amount_total'])}"
    return (
        f"<p>Bank penerbit kartu bertanya: benarkah Anda yang memakai kartu ini{amount}?</p>"
        f'<form method="post"><input type="hidden" name="number" value="{escape(number)}">'
        '<button name="answer" value="approve">Ya, setujui</button>'
        '<button class="quiet" name="answer" value="refuse">Tidak, tolak</button></form>'
    )


def _alert(error: str | None) -> str:
    return f'<p class="error" role="alert">{escape(error)}</p>' if error else ""


def _spaced(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _page(status: int, title: str, body: str) -> web.Response:
    nonce = secrets.token_urlsafe(16)
    html = (
        '<!DOCTYPE html><html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f'<title>{escape(title)} – simulasi</title><style nonce="{nonce}">{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    # No form-action: browsers apply it to the redirect after the form too, which leads back to the shop.
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
    return web.Response(
        status=status,
        text=html,
        content_type="text/html",
        headers={
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )
