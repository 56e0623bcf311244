"""What the initiator and the treasurer of a pool are told."""

from __future__ import annotations

from services.notifications.domain.template import Template, Wording

_POOL = "/urun/{object_id}"

GROUPS = {
    "pool_opened": Template(
        _POOL,
        id=Wording(
            "Urun beli Anda sudah dibuka",
            "Petugas sudah memeriksa {pool}. Siapa saja bisa ikut sampai {deadline_at}. Bagikan tautannya.",
        ),
        en=Wording(
            "Your pool is open",
            "The operator has checked {pool}. Everybody may join until {deadline_at}. Share the link.",
        ),
    ),
    "pool_rejected": Template(
        _POOL,
        id=Wording(
            "Urun beli Anda perlu diperbaiki",
            "Petugas belum membuka {pool}: “{reason}” Perbaiki, lalu ajukan lagi.",
        ),
        en=Wording(
            "Your pool needs a correction",
            "The operator has not opened {pool}: “{reason}” Correct it and submit it again.",
        ),
    ),
    "treasurer_named": Template(
        _POOL,
        id=Wording(
            "Anda menjadi bendahara",
            "Anda dipercaya menjadi bendahara {pool}. Isi rekening kelompok dan periksa setiap bukti transfer.",
        ),
        en=Wording(
            "You are the treasurer",
            "You are trusted to be the treasurer of {pool}. Enter the group's bank account and check every proof of transfer.",
        ),
    ),
    "order_accepted": Template(
        _POOL,
        id=Wording(
            "Pemasok menyetujui pesanan",
            "Pemasok setuju dengan pesanan {pool}. Peserta sekarang diminta membayar; pesanan menjadi pasti setelah semua uang "
            "masuk.",
        ),
        en=Wording(
            "The supplier has accepted",
            "The supplier has accepted the order of {pool}. The members are asked to pay now; the order is firm once all "
            "the money is there.",
        ),
    ),
    "order_declined": Template(
        _POOL,
        id=Wording(
            "Pemasok menolak pesanan",
            "Pemasok menolak pesanan {pool}: “{reason}” Urun beli ini tidak jadi, dan semua uang kembali utuh.",
        ),
        en=Wording(
            "The supplier has declined",
            "The supplier has declined the order of {pool}: “{reason}” It comes to nothing, and all the money goes back.",
        ),
    ),
    "order_expired": Template(
        _POOL,
        id=Wording(
            "Pemasok tidak menjawab",
            "Pemasok tidak menjawab pesanan {pool} sampai batas waktu. Urun beli ini tidak jadi, dan semua uang kembali utuh.",
        ),
        en=Wording(
            "The supplier did not answer",
            "The supplier did not answer the order of {pool} in time. It comes to nothing, and all the money goes back.",
        ),
    ),
    "goods_dispatched": Template(
        _POOL,
        id=Wording(
            "Kiriman sedang dalam perjalanan",
            "Pemasok mengirim {units} untuk {pool} ke {post}. {note}",
        ),
        en=Wording(
            "A delivery is on its way",
            "The supplier has sent {units} for {pool} to {post}. {note}",
        ),
    ),
    "pool_failed": Template(
        _POOL,
        id=Wording("Urun beli tidak jadi", "{Pool} tidak jadi. {failure} Semua uang peserta kembali utuh."),
        en=Wording(
            "The pool came to nothing", "{Pool} has come to nothing. {failure} All the members' money goes back."
        ),
    ),
    "pool_cancelled": Template(
        _POOL,
        id=Wording("Urun beli dibatalkan", "{Pool} dibatalkan: “{reason}” Semua uang peserta kembali utuh."),
        en=Wording("The pool was called off", "{Pool} was called off: “{reason}” All the members' money goes back."),
    ),
}
