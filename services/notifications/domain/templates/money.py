"""What members are told about their money: what is due, what failed, and what comes back."""

from __future__ import annotations

from services.notifications.domain.template import Template, Wording

_PLEDGE = "/komitmen/{object_id}"

MONEY = {
    "amount_due": Template(
        _PLEDGE,
        id=Wording(
            "Pemasok setuju: bagian Anda {amount_idr}",
            "Pemasok menyetujui pesanan {pool}. Bagian Anda seluruhnya {amount_idr}. {how}",
        ),
        en=Wording(
            "The supplier agrees: your part is {amount_idr}",
            "The supplier has accepted the order of {pool}. Your part is {amount_idr} altogether. {how}",
        ),
    ),
    "amount_raised": Template(
        _PLEDGE,
        id=Wording(
            "Bagian Anda menjadi {amount_idr}",
            "Ada peserta {pool} yang tidak jadi, maka bagian setiap orang dihitung ulang. Bagian Anda sekarang {amount_idr}, "
            "tadinya {before_idr}; tetap tidak melewati batas harga Anda. Selisihnya {difference_idr}. {how}",
        ),
        en=Wording(
            "Your part is now {amount_idr}",
            "Somebody in {pool} has dropped out, so everybody's part was worked out again. Yours is now {amount_idr}, before it "
            "was {before_idr}; still not above your ceiling. The difference is {difference_idr}. {how}",
        ),
    ),
    "amount_lowered": Template(
        _PLEDGE,
        id=Wording(
            "Bagian Anda turun menjadi {amount_idr}",
            "Bagian setiap orang di {pool} dihitung ulang. Bagian Anda sekarang {amount_idr}, tadinya {before_idr}. Kalau sudah "
            "dibayar, selisihnya {difference_idr} kembali kepada Anda.",
        ),
        en=Wording(
            "Your part is down to {amount_idr}",
            "Everybody's part in {pool} was worked out again. Yours is now {amount_idr}, before it was {before_idr}. If you have "
            "paid, the difference of {difference_idr} comes back to you.",
        ),
    ),
    "seat_offered": Template(
        _PLEDGE,
        id=Wording(
            "Sekarang giliran Anda",
            "Ada peserta {pool} yang tidak jadi, dan tempatnya untuk Anda: {amount_idr} seluruhnya. {how} Kalau tidak dibayar, "
            "tempat itu menjadi milik orang berikutnya.",
        ),
        en=Wording(
            "It is your turn",
            "Somebody in {pool} has dropped out, and the place is yours: {amount_idr} altogether. {how} If it is not paid, the "
            "place goes to the next person.",
        ),
    ),
    "pledge_dropped": Template(
        _PLEDGE,
        id=Wording(
            "Komitmen Anda dilepas",
            "Pembayaran Anda untuk {pool} belum lengkap sampai batas waktu, jadi tempat Anda dilepas. Uang yang sudah masuk "
            "kembali utuh.",
        ),
        en=Wording(
            "Your pledge was dropped",
            "Your payment for {pool} was not complete in time, so your place was given up. Any money that came in goes back in "
            "full.",
        ),
    ),
    "wait_ended": Template(
        _PLEDGE,
        id=Wording(
            "Daftar tunggu selesai",
            "Kali ini tidak ada tempat untuk Anda di {pool}. Anda tidak ditagih; uang yang sudah masuk kembali utuh.",
        ),
        en=Wording(
            "The waiting list has ended",
            "There is no place for you in {pool} this time. You are not charged; any money that came in goes back in full.",
        ),
    ),
    "pledge_failed": Template(
        _PLEDGE,
        id=Wording(
            "Urun beli tidak jadi, uang Anda utuh",
            "{Pool} tidak jadi. Anda tidak ditagih, dan uang yang sudah masuk kembali utuh. Sebabnya ada di halaman urun beli.",
        ),
        en=Wording(
            "The pool came to nothing, your money is safe",
            "{Pool} has come to nothing. You are not charged, and any money that came in goes back in full. The pool's page says "
            "why.",
        ),
    ),
    "pledge_cancelled": Template(
        _PLEDGE,
        id=Wording(
            "Urun beli dibatalkan, uang Anda utuh",
            "{Pool} dibatalkan. Anda tidak ditagih, dan uang yang sudah masuk kembali utuh. Alasannya ada di halaman urun beli.",
        ),
        en=Wording(
            "The pool was called off, your money is safe",
            "{Pool} was called off. You are not charged, and any money that came in goes back in full. The pool's page says why.",
        ),
    ),
    "charge_declined": Template(
        _PLEDGE,
        id=Wording(
            "Kartu Anda ditolak bank",
            "Bank menolak tagihan kartu Anda untuk {pool}. {decline} Tempat Anda masih disimpan: buka halaman komitmen, lalu "
            "bayar dengan kartu atau cara lain {pay_by_at}.",
        ),
        en=Wording(
            "Your card was declined",
            "The bank declined your card for {pool}. {decline} Your place is still kept: open the pledge page and pay with "
            "another card or in another way {pay_by_at}.",
        ),
    ),
    "charge_needs_you": Template(
        _PLEDGE,
        id=Wording(
            "Bank meminta persetujuan Anda",
            "Tagihan kartu untuk {pool} baru jalan setelah Anda setujui. Buka halaman komitmen dan ikuti petunjuk bank "
            "{pay_by_at}.",
        ),
        en=Wording(
            "Your bank asks for your approval",
            "The charge to your card for {pool} waits for your approval. Open the pledge page and follow the bank's steps "
            "{pay_by_at}.",
        ),
    ),
    "refund_paid": Template(
        _PLEDGE,
        id=Wording(
            "{amount_idr} kembali kepada Anda",
            "Uang Anda dari {pool} sebesar {amount_idr} sudah dikembalikan. {back}",
        ),
        en=Wording(
            "{amount_idr} comes back to you",
            "Your money from {pool}, {amount_idr}, has been paid back. {back}",
        ),
    ),
}
