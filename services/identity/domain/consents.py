"""What people consent to, word for word and by version, so that a consent can be proved later (UU 27/2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["account", "assistance"]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of what is consented to, in both languages. A published version is never changed: add the next one."""

    id: str
    en: str


TEXTS: dict[Purpose, dict[int, ConsentText]] = {
    "account": {
        1: ConsentText(
            id="Saya setuju nama dan kontak saya disimpan untuk akun urunbeli: untuk masuk, mengabari saya, dan mencatat "
            "urun beli yang saya ikuti. Saya dapat melihat, membetulkan, dan menghapusnya kapan saja.",
            en="I agree that my name and contacts are kept for my urunbeli account: to log in, to tell me what happens, and "
            "to record the joint purchases I take part in. I can see, correct and delete them at any time.",
        )
    },
    "assistance": {
        1: ConsentText(
            id="Saya meminta petugas Posyantek membantu saya sekarang, atas nama saya, paling lama 15 menit. Nama petugas ikut "
            "tercatat.",
            en="I ask the Posyantek operator to act for me now, in my name, for at most 15 minutes. The operator's name is "
            "recorded too.",
        )
    },
}


def current_version(purpose: Purpose) -> int:
    """Give the version that is asked for today."""
    return max(TEXTS[purpose])


def consent_text(purpose: Purpose, version: int, language: str) -> str:
    """Give the words of a version."""
    text = TEXTS[purpose][version]
    return text.en if language == "en" else text.id
