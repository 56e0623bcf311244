"""Every way in which the rules of payments say no.

Conflict (409)                     the money or the pool is not in the state for it, now
├── NothingDue, NotDueYet, SecuringIsOver, DepositNeeded
├── PaymentInFlight, TransferAlreadyTold, TransferAlreadyRecorded, NoticeWaiting
├── NotAwaitingCheck, NotPrepared, AlreadyPaid, NotByHand
├── CardAlreadySaved, CardsNotOffered, NoBankAccount
└── NotEnoughHeld
NotAllowed (403)                   two people move money, neither of them its recipient
├── OwnPayment, SamePerson, RecipientMayNot
└── VerifierMayNotApprove
Unprocessable (422)
├── MoreThanDue
└── CardAmountOutOfRange
BadInput (400)                     WebhookNotGenuine
"""

from __future__ import annotations

from shared.errors import BadInput, Conflict, NotAllowed, Unprocessable


class NothingDue(Conflict):
    """No money is expected for this pledge: it is paid, withdrawn, or its pool has ended."""

    slug = "nothing-due"
    message_id = "Tidak ada yang perlu dibayar untuk komitmen ini. Jangan terima atau kirim uang dulu."
    message_en = "Nothing is to be paid for this pledge. Take or send no money now."


class NotDueYet(Conflict):
    """The pool takes no deposits: money falls due when the supplier has accepted."""

    slug = "not-due-yet"
    message_id = "Belum waktunya bayar. Di urun ini uang baru diminta setelah pemasok setuju."
    message_en = "It is not time to pay yet. In this pool money falls due once the supplier has accepted."


class SecuringIsOver(Conflict):
    """The pool is closing or closed: nothing new is opened for it."""

    slug = "securing-closed"
    message_id = "Urun ini sudah ditutup, jadi pembayaran baru tidak dibuka lagi."
    message_en = "This pool has closed, so no new payment is opened for it."


class DepositNeeded(Conflict):
    """This pledge is secured by money or a card, not by an operator's word."""

    slug = "deposit-needed"
    message_id = "Komitmen ini tidak bisa dikonfirmasi begitu saja: catat setorannya, atau simpan kartunya."
    message_en = "This pledge cannot just be confirmed: record its deposit, or have its card saved."


class PaymentInFlight(Conflict):
    """The card is being charged at this moment."""

    slug = "payment-in-flight"
    message_id = "Kartu sedang ditagih. Tunggu sebentar, lalu lihat hasilnya di halaman ini."
    message_en = "The card is being charged. Wait a moment, then see the result on this page."


class TransferAlreadyTold(Conflict):
    """The member has told of a transfer that nobody has checked yet."""

    slug = "transfer-already-told"
    message_id = "Laporan transfer sebelumnya masih diperiksa. Tidak perlu lapor lagi."
    message_en = "Your earlier notice of a transfer is still being checked. There is no need to tell it again."


class TransferAlreadyRecorded(Conflict):
    """A transfer with this bank reference is in the book already."""

    slug = "transfer-already-recorded"
    message_id = "Transfer dengan nomor referensi {reference} sudah dicatat. Periksa mutasi rekening sekali lagi."
    message_en = "A transfer with the reference {reference} is in the book already. Check the bank statement again."


class NoticeWaiting(Conflict):
    """The member told of a transfer of another amount: that word must be decided first."""

    slug = "notice-waiting"
    message_id = "Peserta sudah melapor transfer {told_idr}. Terima atau tolak laporan itu dulu."
    message_en = "The member has told of a transfer of {told_idr}. Accept or reject that notice first."


class NotAwaitingCheck(Conflict):
    """The notice of a transfer has been decided already."""

    slug = "not-awaiting-check"
    message_id = "Laporan transfer ini sudah diputuskan. Muat ulang antrean."
    message_en = "This notice has been decided already. Reload the queue."


class NotPrepared(Conflict):
    """The first of two people has not done their part."""

    slug = "not-prepared"
    message_id = "Belum disiapkan. Orang pertama mengisi bukti dulu, baru orang kedua menyetujui."
    message_en = "It has not been prepared. The first person gives the proof, then the second approves."


class AlreadyPaid(Conflict):
    """The money has gone already, or is not to go any more."""

    slug = "already-paid"
    message_id = "Ini sudah selesai atau dibatalkan. Muat ulang antrean."
    message_en = "This is done or called off already. Reload the queue."


class NotByHand(Conflict):
    """A refund to a card is done by the system; people have nothing to do."""

    slug = "not-by-hand"
    message_id = "Uang ini dikembalikan ke kartu secara otomatis."
    message_en = "This money goes back to the card by itself."


class CardAlreadySaved(Conflict):
    """A card is saved for the pledge."""

    slug = "card-already-saved"
    message_id = "Kartu sudah tersimpan. Tidak ada yang perlu dilakukan sampai pemasok setuju."
    message_en = "A card is saved. There is nothing to do until the supplier accepts."


class CardsNotOffered(Conflict):
    """This installation or this pool takes no cards."""

    slug = "cards-not-offered"
    message_id = "Kartu tidak dilayani di sini. Pilih tunai di Posyantek atau transfer."
    message_en = "Cards are not taken here. Choose cash at the Posyantek or a bank transfer."


class NoBankAccount(Conflict):
    """The pool has no bank account to transfer to."""

    slug = "no-bank-account"
    message_id = "Rekening kelompok belum diisi. Minta bendahara atau petugas mengisinya, atau bayar tunai."
    message_en = "The group's bank account is not known yet. Ask the treasurer or operator, or pay cash."


class NotEnoughHeld(Conflict):
    """The pool does not hold that much; `held_idr`: what it holds and owes to nobody else, in rupiah."""

    slug = "not-enough-held"
    message_id = "Uang yang dipegang tidak cukup: tersedia {held_idr}. Pembayaran hanya dari uang yang sudah diterima."
    message_en = "Not enough is held: {held_idr} is available. Payouts and refunds come only from money received."


class OwnPayment(NotAllowed):
    """Nobody records or checks a payment of their own."""

    slug = "own-payment"
    message_id = "Pembayaran sendiri harus dicatat petugas lain."
    message_en = "Your own payment must be recorded by somebody else."


class SamePerson(NotAllowed):
    """The person who prepared it approves it."""

    slug = "same-person"
    message_id = "Harus orang lain yang menyetujui: uang digerakkan oleh dua orang."
    message_en = "Somebody else must approve: two people move money."


class RecipientMayNot(NotAllowed):
    """The recipient of the money prepares or approves it."""

    slug = "recipient-may-not"
    message_id = "Penerima uang tidak boleh menyiapkan atau menyetujuinya."
    message_en = "The recipient of the money may neither prepare nor approve it."


class VerifierMayNotApprove(NotAllowed):
    """Who verified the pool may prepare its payouts, not approve them."""

    slug = "verifier-may-not-approve"
    message_id = "Petugas yang memeriksa urun ini boleh menyiapkan pencairan, tetapi orang lain yang menyetujui."
    message_en = "Whoever verified this pool may prepare a payout, but somebody else approves it."


class MoreThanDue(Unprocessable):
    """More than may be held. `most_idr`: what may still be taken, in rupiah."""

    slug = "more-than-due"
    message_id = "Terlalu banyak: untuk komitmen ini paling banyak boleh diterima {most_idr} lagi."
    message_en = "Too much: at most {most_idr} more may be taken for this pledge."


class CardAmountOutOfRange(Unprocessable):
    """Cards cannot carry this amount. Amounts in rupiah."""

    slug = "card-amount-out-of-range"
    message_id = "Kartu hanya untuk {least_idr} sampai {most_idr}. Bayar {amount_idr} tunai di Posyantek."
    message_en = "Cards carry {least_idr} to {most_idr}. Pay {amount_idr} in cash at the Posyantek."


class WebhookNotGenuine(BadInput):
    """The webhook is not signed by the provider, or was signed long ago; nothing was changed."""

    slug = "webhook-not-genuine"
    message_id = "Webhook ini tidak sah atau sudah basi."
    message_en = "This webhook is not genuine, or is stale."
