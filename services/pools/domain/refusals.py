"""Every way in which the rules of a pool say no.

BadTerms (422)            an offer's terms that nothing can be ordered by
├── TiersNotAscending, TierMissingAtMinimum, TermsOutOfRange
└── NoOrderableQuantity, OrderTooLarge, BadPayoutShares
WrongPoolState (409)      the pool has moved on
├── PoolNotOpen, TooLateToCancel, TooEarly
└── PoolNotVerified, NotYetSettled
WrongPledgeState (409)    the pledge has moved on
NotTheInitiator, OwnPoolNotVerified, NotYoursToCancel, SupplierInOwnPool (403)
PledgeNotFound (404) · AlreadyPledged (409) · DeadlinePassed (422) · ReasonMissing (400)
UnitsOutOfRange, ToleranceOutOfRange, CeilingTooLow, PledgeTooLarge (422)
DeadlineNotLater, DeadlineTooSoon, DeadlineTooFar, ExtensionTooLong, AlreadyExtended, ReceivedTooMany (422)
MethodNotOffered, OfferNotThere, SerialNumbersMissing (422)
"""

from __future__ import annotations

from shared.errors import BadInput, Conflict, NotAllowed, NotFound, Unprocessable


class BadTerms(Unprocessable):
    """Terms that nothing can be ordered by."""

    slug = "bad-terms"
    message_id = "Ketentuan penawaran ini belum benar. Periksa jenjang harga dan jumlahnya."
    message_en = "The terms of this offer are not right. Check its price tiers and quantities."


class TiersNotAscending(BadTerms):
    """There is no price tier, or tiers or freight steps do not rise strictly in units."""

    slug = "tiers-not-ascending"
    message_id = "Isi paling sedikit satu jenjang harga, dan urutkan jenjang dan ongkir dari jumlah terkecil."
    message_en = "Give at least one price tier, and order tiers and freight steps by rising quantity."


class TierMissingAtMinimum(BadTerms):
    """The smallest order has no price. `smallest_units`: that order, `from_units`: where prices begin."""

    slug = "tier-missing-at-minimum"
    message_id = "Pesanan terkecil {smallest_units} unit belum ada harganya; jenjang pertama mulai {from_units} unit."
    message_en = "The smallest order of {smallest_units} units has no price; the first tier begins at {from_units}."


class TermsOutOfRange(BadTerms):
    """A figure of the terms (`field`) is below `least`."""

    slug = "terms-out-of-range"
    message_id = "Angka pada {field} paling sedikit {least}."
    message_en = "The figure of {field} must be at least {least}."


class NoOrderableQuantity(BadTerms):
    """No multiple of `pack_units` lies between `minimum_units` and `capacity_units`."""

    slug = "no-orderable-quantity"
    message_id = "Tidak ada jumlah pesanan yang mungkin: kelipatan {pack_units} antara {minimum_units} dan {capacity_units} unit."
    message_en = "No order is possible: no multiple of {pack_units} lies between {minimum_units} and {capacity_units}."


class OrderTooLarge(BadTerms):
    """The largest order would cost more than the system counts. `most_idr`: the limit, in rupiah."""

    slug = "order-too-large"
    message_id = "Nilai pesanan terbesar melebihi {most_idr}. Kurangi kapasitas atau periksa harganya."
    message_en = "The largest order would cost more than {most_idr}. Lower the capacity or check the prices."


class BadPayoutShares(BadTerms):
    """Down payment and share on delivery are negative or exceed 100 percent together."""

    slug = "bad-payout-shares"
    message_id = "Uang muka dan bagian saat barang tiba masing-masing 0–100 persen, dan bersama tidak lebih dari 100."
    message_en = "Down payment and share on delivery are 0–100 percent each, and at most 100 together."


class WrongPoolState(Conflict):
    """The pool's present `state` does not allow this `step`."""

    slug = "wrong-pool-state"
    message_id = "Urun beli ini sudah berada di tahap lain, jadi langkah itu tidak bisa dilakukan. Muat ulang halaman."
    message_en = "This pool is at another stage now, so that step cannot be taken. Reload the page."


class PoolNotOpen(WrongPoolState):
    """Pledges are made, changed and withdrawn only while the pool is open."""

    slug = "pool-not-open"
    message_id = "Urun beli ini sedang tidak menerima komitmen; urun lain yang terbuka ada di halaman alat ini."
    message_en = "This pool takes no pledges now; other open pools are on this technology's page."


class TooLateToCancel(WrongPoolState):
    """The order is firm, or the pool is over."""

    slug = "too-late-to-cancel"
    message_id = "Urun beli ini tidak bisa dibatalkan lagi. Kalau ada masalah, ajukan pengaduan ke petugas Posyantek."
    message_en = "This pool can no longer be cancelled. If something is wrong, complain to the Posyantek operator."


class TooEarly(WrongPoolState):
    """The time for this step has not come."""

    slug = "too-early"
    message_id = "Belum waktunya. Tunggu sampai batas waktunya lewat."
    message_en = "It is not yet time. Wait until the deadline has passed."


class PoolNotVerified(WrongPoolState):
    """Nobody has verified the pool yet."""

    slug = "pool-not-verified"
    message_id = "Urun beli ini belum diperiksa petugas. Tunggu pemeriksaannya dulu."
    message_en = "An operator has not verified this pool yet. Wait for the check first."


class NotYetSettled(WrongPoolState):
    """Money is still on its way: `owed_idr` to the supplier, `escrow_idr` in escrow, in rupiah."""

    slug = "not-yet-settled"
    message_id = "Belum bisa ditutup: pemasok belum menerima {owed_idr}, dan masih tersimpan {escrow_idr}."
    message_en = "It cannot be settled yet: the supplier is still owed {owed_idr}, and {escrow_idr} is still held."


class WrongPledgeState(Conflict):
    """The pledge's present `state` does not allow it to become `wanted`."""

    slug = "wrong-pledge-state"
    message_id = "Komitmen ini sudah berubah keadaannya. Muat ulang halaman untuk melihat yang terbaru."
    message_en = "This pledge has changed meanwhile. Reload the page to see its present state."


class NotTheInitiator(NotAllowed):
    """Only the initiator may do this."""

    slug = "not-the-initiator"
    message_id = "Hanya penggagas urun beli ini yang bisa melakukannya."
    message_en = "Only the initiator of this pool may do that."


class OwnPoolNotVerified(NotAllowed):
    """An initiator does not check their own pool."""

    slug = "own-pool-not-verified"
    message_id = "Penggagas tidak memeriksa urunnya sendiri. Minta petugas lain memeriksanya."
    message_en = "Initiators do not check their own pool. Ask another operator."


class NotYoursToCancel(NotAllowed):
    """Only the initiator or an officer of the post cancels a pool."""

    slug = "not-yours-to-cancel"
    message_id = "Hanya penggagas atau petugas Posyantek yang bisa membatalkan urun beli ini."
    message_en = "Only the initiator or an officer of the post may cancel this pool."


class PledgeNotFound(NotFound):
    """The account has no live pledge of that id in this pool."""

    slug = "pledge-not-found"
    message_id = "Komitmen itu tidak ada lagi di urun beli ini. Muat ulang halaman."
    message_en = "That pledge is no longer in this pool. Reload the page."


class AlreadyPledged(Conflict):
    """One live pledge per account and pool; `pledge_id` is the one that stands."""

    slug = "already-pledged"
    message_id = "Akun ini sudah ikut di urun beli ini. Ubah komitmen yang ada kalau ingin menambah unit."
    message_en = "This account already takes part in this pool. Change the existing pledge to add units."


class DeadlinePassed(Unprocessable):
    """The deadline is over."""

    slug = "deadline-passed"
    message_id = "Batas waktu urun sudah lewat; urun lain masih terbuka di halaman alat ini."
    message_en = "The pool's deadline has passed; other pools are open on this technology's page."


class ReasonMissing(BadInput):
    """Members must be told why."""

    slug = "reason-missing"
    message_id = "Tulis alasannya dengan singkat, supaya semua peserta tahu."
    message_en = "Write the reason briefly, so that every member knows."


class UnitsOutOfRange(Unprocessable):
    """A pledge is for one unit up to the pool's capacity (`most_units`)."""

    slug = "units-out-of-range"
    message_id = "Jumlah unit harus 1 sampai {most_units}."
    message_en = "The number of units must be from 1 to {most_units}."


class ToleranceOutOfRange(Unprocessable):
    """Tolerance is from nothing up to what the capacity leaves (`most_units`)."""

    slug = "tolerance-out-of-range"
    message_id = "Batas kelonggaran harus 0 sampai {most_units} unit."
    message_en = "The tolerance must be from 0 to {most_units} units."


class CeilingTooLow(Unprocessable):
    """Below every landed price this pool can have; `cheapest_idr` is the lowest, in rupiah for one unit."""

    slug = "ceiling-too-low"
    message_id = (
        "Batas harga terlalu rendah: harga termurah yang mungkin di urun ini {cheapest_idr} per unit, sudah semua."
    )
    message_en = "The price ceiling is too low: the cheapest possible here is {cheapest_idr} per unit, all included."


class PledgeTooLarge(Unprocessable):
    """The pledge could come to more than the system counts. `most_idr`: the limit, in rupiah."""

    slug = "pledge-too-large"
    message_id = "Nilai komitmen melebihi {most_idr}. Periksa jumlah unit dan batas harganya."
    message_en = "The pledge would exceed {most_idr}. Check its units and price ceiling."


class DeadlineNotLater(Unprocessable):
    """The deadline must lie ahead, and after the present one."""

    slug = "deadline-not-later"
    message_id = "Batas waktu yang baru harus sesudah sekarang dan sesudah batas waktu yang berlaku."
    message_en = "The new deadline must be later than now and later than the present deadline."


class ExtensionTooLong(Unprocessable):
    """An extension is at most `most_days` days."""

    slug = "extension-too-long"
    message_id = "Perpanjangan paling lama {most_days} hari, supaya peserta tidak menunggu terlalu lama."
    message_en = "An extension is at most {most_days} days, so that members do not wait too long."


class AlreadyExtended(Unprocessable):
    """A pool is extended once only."""

    slug = "already-extended"
    message_id = "Urun beli hanya bisa diperpanjang satu kali."
    message_en = "A pool can be extended only once."


class ReceivedTooMany(Unprocessable):
    """More units than `missing_units`, or none, would be recorded as received."""

    slug = "received-too-many"
    message_id = "Tinggal {missing_units} unit yang ditunggu. Hitung kembali barang yang datang."
    message_en = "Only {missing_units} units are still awaited. Count the goods that came again."


class MethodNotOffered(Unprocessable):
    """The pool does not take this way of paying; `methods` are those that it takes."""

    slug = "method-not-offered"
    message_id = "Urun beli ini tidak menerima cara bayar itu. Pilih salah satu: {methods}."
    message_en = "This pool does not take that way of paying. Choose one of: {methods}."


class OfferNotThere(Unprocessable):
    """There is no such standing offer, or it was withdrawn."""

    slug = "offer-not-there"
    message_id = "Penawaran ini tidak ada lagi. Pilih penawaran lain di halaman alatnya."
    message_en = "This offer is no longer there. Choose another on the technology's page."


class DeadlineTooSoon(Unprocessable):
    """A pool must stay open for at least `hours`."""

    slug = "deadline-too-soon"
    message_id = "Batas waktu paling cepat {hours} jam lagi, supaya tetangga sempat ikut."
    message_en = "The deadline must be at least {hours} hours ahead, so that neighbours have time to join."


class DeadlineTooFar(Unprocessable):
    """A pool stays open for at most `days`: its prices are those of the day it was proposed."""

    slug = "deadline-too-far"
    message_id = "Batas waktu paling lama {days} hari lagi, karena harga penawaran tidak berlaku selamanya."
    message_en = "The deadline may be at most {days} days ahead, for the offer's prices do not hold for ever."


class SerialNumbersMissing(Unprocessable):
    """The acceptance test names a different serial number for each of the `units` delivered."""

    slug = "serial-numbers-missing"
    message_id = "Isi nomor seri yang berbeda untuk setiap alat: {units} nomor."
    message_en = "Give a different serial number for each machine: {units} numbers."


class SupplierInOwnPool(NotAllowed):
    """Whoever sells to a pool neither leads it, holds its money, nor pledges in it."""

    slug = "supplier-in-own-pool"
    message_id = "Pemasok tidak bisa menjadi penggagas, bendahara, atau peserta urun beli atas barangnya sendiri."
    message_en = "A supplier cannot be initiator, treasurer or member of a pool for their own goods."
