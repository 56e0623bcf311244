"""What identity writes to people. Each text says whom the code may be told to, for that is how codes are stolen."""

from __future__ import annotations

from typing import NamedTuple

from services.identity.domain.codes import Language, Purpose
from shared.messengers import Message, Template

LOGIN_TEMPLATE = "urunbeli_login_code"
"""WhatsApp template of category authentication, with a copy button; its one value is the code."""
ASSIST_TEMPLATE = "urunbeli_assist_code"
"""WhatsApp template; values: the operator's name, the code."""

_OPERATOR = {"id": "Petugas Posyantek", "en": "A Posyantek operator"}


class _Text(NamedTuple):
    subject: str
    text: str


_TEXTS: dict[Purpose, dict[Language, _Text]] = {
    "log-in": {
        "id": _Text(
            subject="Kode masuk urunbeli: {code}",
            text="Kode masuk urunbeli: {code}\n\nBerlaku 5 menit. Jangan berikan kepada siapa pun, juga tidak kepada "
            "petugas. Kalau Anda tidak memintanya, abaikan saja.",
        ),
        "en": _Text(
            subject="Your urunbeli log-in code: {code}",
            text="Your urunbeli log-in code: {code}\n\nValid for 5 minutes. Tell it to nobody, not even an operator. "
            "If you did not ask for it, ignore this message.",
        ),
    },
    "assist": {
        "id": _Text(
            subject="Kode bantuan petugas: {code}",
            text="{operator} ingin membantu Anda di urunbeli. Kode bantuan: {code}\n\nBerlaku 5 menit. Sebutkan hanya "
            "kalau Anda sedang berada di depan petugas itu. Kalau tidak, abaikan saja.",
        ),
        "en": _Text(
            subject="Code for the operator's help: {code}",
            text="{operator} wants to help you on urunbeli. Code: {code}\n\nValid for 5 minutes. Tell it only if you are "
            "with that operator right now. Otherwise ignore this message.",
        ),
    },
    "contact": {
        "id": _Text(
            subject="Kode untuk menambahkan kontak: {code}",
            text="Kode untuk menambahkan kontak ini ke akun urunbeli Anda: {code}\n\nBerlaku 5 menit. Jangan berikan "
            "kepada siapa pun. Kalau Anda tidak memintanya, abaikan saja.",
        ),
        "en": _Text(
            subject="Code to add your contact: {code}",
            text="Code to add this contact to your urunbeli account: {code}\n\nValid for 5 minutes. Tell it to nobody. "
            "If you did not ask for it, ignore this message.",
        ),
    },
}


def code_message(to: str, purpose: Purpose, code: str, language: Language, operator: str | None) -> Message:
    """Write the message that carries a code. `operator`: the name of whoever wants to help, for `assist`."""
    subject, text = _TEXTS[purpose][language]
    shown = operator or _OPERATOR[language]
    template = (
        Template(ASSIST_TEMPLATE, (shown, code))
        if purpose == "assist"
        else Template(LOGIN_TEMPLATE, (code,), copy_code=code)
    )
    return Message(
        to=to,
        subject=subject.format(code=code),
        text=text.format(code=code, operator=shown),
        language=language,
        template=template,
    )
