"""Names in public lists: enough for neighbours to recognise each other, too little for strangers."""

from __future__ import annotations

from typing import Final

NAMELESS: Final = "Peserta"
"""Shown for somebody without a name, or whose account is erased."""

# Only words that are hardly ever given names: one that is would be shown in full.
_HONORIFICS: Final = {
    "ibu": "Ibu",
    "bu": "Bu",
    "bapak": "Bapak",
    "bpk": "Bpk.",
    "pak": "Pak",
    "mas": "Mas",
    "mbak": "Mbak",
    "mba": "Mba",
    "bang": "Bang",
    "abang": "Abang",
    "mpok": "Mpok",
    "kak": "Kak",
    "h": "H.",
    "hj": "Hj.",
    "haji": "Haji",
    "hajjah": "Hajjah",
}


def mask_name(name: str) -> str:
    """Mask a display name: `Ibu Siti Aminah` becomes `Ibu S***`.

    The form of address stays and of the name its first letter; the stars are always three, so its length stays unknown.
    """
    words = name.split()
    titles: list[str] = []
    while len(words) > 1 and (title := _HONORIFICS.get(words[0].strip(".").casefold())):
        titles.append(title)
        words = words[1:]
    initial = next((letter for word in words for letter in word if letter.isalnum()), None)
    if initial is None:
        return NAMELESS
    return " ".join([*titles, f"{initial.upper()}***"])
