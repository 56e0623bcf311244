"""Sentences that depend on a code, such as how to pay by each method. They may hold `{facts}` as any wording may."""

from __future__ import annotations

from services.notifications.domain.languages import Language

OTHER = "other"
"""Stands in for a code that has no sentence of its own."""

Phrase = dict[Language, str]

_NEXT: dict[str, Phrase] = {
    "card": {
        "id": "Simpan kartu Anda di halaman komitmen supaya terhitung; kartu baru ditagih setelah pemasok setuju.",
        "en": "Save your card on the pledge page so that it counts; it is charged only after the supplier agrees.",
    },
    "transfer_deposit": {
        "id": "Titipkan uangnya lewat transfer supaya terhitung; nomor rekening dan kode uniknya ada di halaman komitmen.",
        "en": "Deposit the money by transfer so that it counts; account and unique code are on the pledge page.",
    },
    "cash_deposit": {
        "id": "Titipkan uangnya di {post} supaya terhitung, lalu simpan kuitansinya.",
        "en": "Deposit the money at {post} so that it counts, and keep the receipt.",
    },
    "later": {
        "id": "Petugas akan memastikan komitmen Anda supaya terhitung; bayarnya nanti, setelah pemasok setuju.",
        "en": "An operator will confirm your pledge so that it counts; you pay later, after the supplier agrees.",
    },
    OTHER: {
        "id": "Langkah berikutnya ada di halaman komitmen.",
        "en": "The next step is on the pledge page.",
    },
}

_HOW: dict[str, Phrase] = {
    "card": {
        "id": "Kartu yang Anda simpan kami tagih otomatis; kalau bank meminta persetujuan, kami kabari.",
        "en": "The card you saved is charged by itself; if the bank asks for your approval, we tell you.",
    },
    "transfer": {
        "id": "Transfer {pay_by_at}; nomor rekening dan kode uniknya ada di halaman komitmen.",
        "en": "Transfer it {pay_by_at}; account and unique code are on the pledge page.",
    },
    "cash": {
        "id": "Bayar tunai di {post} {pay_by_at}, lalu simpan kuitansinya.",
        "en": "Pay in cash at {post} {pay_by_at}, and keep the receipt.",
    },
    "deposit": {
        "id": "Dibayar dari uang yang sudah Anda titipkan, dan kelebihannya kembali; kalau masih kurang, lunasi {pay_by_at}.",
        "en": "It is paid from your deposit, and what is left over comes back; if it falls short, pay the rest {pay_by_at}.",
    },
    OTHER: {
        "id": "Bayar {pay_by_at}; caranya ada di halaman komitmen.",
        "en": "Pay {pay_by_at}; the pledge page shows how.",
    },
}

_BACK: dict[str, Phrase] = {
    "card": {
        "id": "Bank bisa perlu beberapa hari untuk menampilkannya.",
        "en": "Your bank may need some days to show it.",
    },
    "transfer": {"id": "Silakan periksa rekening Anda.", "en": "Please check your bank account."},
    "cash": {"id": "Simpan kuitansinya.", "en": "Keep the receipt."},
    OTHER: {"id": "", "en": ""},
}

_CLOSING: dict[str, Phrase] = {
    "deadline": {"id": "Batas waktunya sudah tiba.", "en": "The deadline has come."},
    "filled": {"id": "Semua unitnya sudah terisi.", "en": "All its units are taken."},
    OTHER: {"id": "", "en": ""},
}

_DECLINE: dict[str, Phrase] = {
    "insufficient_funds": {
        "id": "Saldo atau limitnya tidak cukup.",
        "en": "Its balance or limit is too low.",
    },
    "expired_card": {"id": "Kartunya sudah kedaluwarsa.", "en": "The card has expired."},
    OTHER: {"id": "", "en": ""},
}

_FAILURE: dict[str, Phrase] = {
    "target_missed": {
        "id": "Minimum pesanannya tidak tercapai sampai ditutup.",
        "en": "The minimum order was not reached by the time it closed.",
    },
    "unfunded": {
        "id": "Pembayaran peserta tidak lengkap sampai batas waktu.",
        "en": "The members' payments were not complete in time.",
    },
    OTHER: {"id": "", "en": ""},
}

_STAGE: dict[str, Phrase] = {
    "down_payment": {"id": "uang muka", "en": "the down payment"},
    "on_delivery": {"id": "pembayaran saat barang diterima", "en": "the payment on delivery"},
    "on_acceptance": {"id": "pelunasan setelah uji terima", "en": "the balance after the acceptance test"},
    OTHER: {"id": "pembayaran", "en": "the payment"},
}

_ROLE: dict[str, Phrase] = {
    "operator": {"id": "petugas", "en": "operator"},
    "chair": {"id": "ketua", "en": "chair"},
    "treasurer": {"id": "bendahara", "en": "treasurer"},
    OTHER: {"id": "pengurus", "en": "officer"},
}

_ENDING: dict[str, Phrase] = {
    "fulfilled": {"id": "Kebutuhannya sudah terpenuhi.", "en": "It is met."},
    "not_feasible": {"id": "Untuk sekarang belum bisa dipenuhi.", "en": "It cannot be met for now."},
    "duplicate": {"id": "Yang sama sudah ditulis di tempat lain.", "en": "The same stands on the board elsewhere."},
    OTHER: {"id": "", "en": ""},
}

_HIDING: dict[str, Phrase] = {
    "forbidden": {
        "id": "Barangnya tidak boleh dijual di sini.",
        "en": "Such goods may not be sold here.",
    },
    "not_as_shown": {
        "id": "Barangnya tidak seperti yang ditampilkan, atau pembeli dirugikan.",
        "en": "It is not what is shown, or buyers were cheated.",
    },
    "stolen_photo": {"id": "Fotonya milik orang lain.", "en": "Its photo is somebody else's."},
    "personal_data": {
        "id": "Ada data pribadi orang di dalamnya.",
        "en": "It shows somebody's personal data.",
    },
    "offensive": {"id": "Isinya tidak pantas.", "en": "It is offensive."},
    OTHER: {"id": "", "en": ""},
}

_REPEAT: dict[str, Phrase] = {
    "yes": {
        "id": "Betulkan dulu jualannya, lalu ajukan keberatan sekali lagi.",
        "en": "Correct the product first, then appeal once more.",
    },
    OTHER: {"id": "Keputusan ini tidak bisa diajukan lagi.", "en": "This decision is final."},
}

PHRASES: dict[str, dict[str, Phrase]] = {
    "next": _NEXT,
    "how": _HOW,
    "back": _BACK,
    "closing": _CLOSING,
    "decline": _DECLINE,
    "failure": _FAILURE,
    "stage": _STAGE,
    "role": _ROLE,
    "ending": _ENDING,
    "hiding": _HIDING,
    "repeat": _REPEAT,
}
"""For each fact that is a code: its sentences."""


def phrase(name: str, code: object, language: Language) -> str:
    """Give the sentence of a code, or the one that stands in for it."""
    sentences = PHRASES[name]
    return sentences.get(str(code), sentences[OTHER])[language]
