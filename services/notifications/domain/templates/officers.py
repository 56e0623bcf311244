"""What those who serve at a post are told: mostly, that something waits for them."""

from __future__ import annotations

from services.notifications.domain.template import Template, Wording

_DESK = "/petugas"

OFFICERS = {
    "pool_submitted": Template(
        _DESK,
        id=Wording(
            "Urun beli menunggu diperiksa",
            "{Pool} diajukan ke {post}. Periksa penawaran, batas waktu dan bendaharanya, lalu buka, atau kembalikan dengan "
            "alasan.",
        ),
        en=Wording(
            "A pool waits to be checked",
            "{Pool} was submitted to {post}. Check its offer, deadline and treasurer, then open it, or send it back with a "
            "reason.",
        ),
    ),
    "business_registered": Template(
        _DESK,
        id=Wording("Usaha baru menunggu diperiksa", "{Business} mendaftar di {post}. Kenali dulu, lalu verifikasi."),
        en=Wording(
            "A new business waits to be checked",
            "{Business} has registered at {post}. Get to know it, then verify it.",
        ),
    ),
    "supplier_registered": Template(
        _DESK,
        id=Wording("Pemasok baru menunggu diperiksa", "{Supplier} mendaftar di {post}. Kenali dulu, lalu verifikasi."),
        en=Wording(
            "A new supplier waits to be checked",
            "{Supplier} has registered at {post}. Get to know it, then verify it.",
        ),
    ),
    "goods_expected": Template(
        _DESK,
        id=Wording(
            "Siapkan penerimaan barang",
            "Pemasok mengirim {units} untuk {pool}. {note} Catat begitu barangnya tiba di {post}.",
        ),
        en=Wording(
            "Expect a delivery",
            "The supplier has sent {units} for {pool}. {note} Record it as soon as it arrives at {post}.",
        ),
    ),
    "payout_requested": Template(
        _DESK,
        id=Wording(
            "Pencairan perlu disiapkan",
            "{Stage} sebesar {amount_idr} untuk pemasok {pool} sudah waktunya dicairkan. Satu orang menyiapkan, orang lain "
            "menyetujui.",
        ),
        en=Wording(
            "A payout must be prepared",
            "{Stage} of {amount_idr} to the supplier of {pool} is due. One person prepares it, another approves it.",
        ),
    ),
    "role_granted": Template(
        _DESK,
        id=Wording("Tugas baru untuk Anda", "Anda sekarang {role} di {post}. Terima kasih sudah bersedia melayani."),
        en=Wording("A new task for you", "You now serve as {role} at {post}. Thank you for being there."),
    ),
    "role_revoked": Template(
        "/akun",
        id=Wording(
            "Tugas Anda sudah selesai", "Anda tidak lagi menjadi {role} di {post}. Terima kasih atas pelayanan Anda."
        ),
        en=Wording("Your task has ended", "You no longer serve as {role} at {post}. Thank you for your service."),
    ),
}
