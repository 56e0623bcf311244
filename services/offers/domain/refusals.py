"""Every way in which the rules of offers say no.

BadTerms (422)            terms that nothing can be ordered by, or that would mislead; `field` names the place
├── TiersNotAscending, FirstTierNotAtMinimum, PriceRises, FreightNotAscending
├── CapacityBelowMinimum, PackDoesNotDivide, StepAboveCapacity
└── PayoutSharesTooLarge, OrderTooLarge
SupplierExists, SupplierDecided, SupplierNotVerified, OfferWithdrawnAlready, OfferChangedMeanwhile (409)
OwnSupplier (403) · UnknownTechnology, NothingToMatch (422)
AlreadyAnswered, AnswerTooLate, OrderCalledOff, NotFundedYet, OrderOver (409) · MoreThanOrdered (422)
"""

from __future__ import annotations

from shared.errors import Conflict, NotAllowed, Unprocessable


class BadTerms(Unprocessable):
    """Terms that nothing can be ordered by, or that would mislead."""

    slug = "bad-terms"
    message_id = "Ketentuan penawaran ini belum benar. Periksa jenjang harga dan jumlahnya."
    message_en = "The terms of this offer are not right. Check its price tiers and quantities."


class TiersNotAscending(BadTerms):
    """A tier does not begin above the one before it (`before_units`)."""

    slug = "tiers-not-ascending"
    message_id = "Urutkan jenjang harga dari jumlah terkecil: jenjang mulai {from_units} unit datang sesudah {before_units} unit."
    message_en = (
        "Order the price tiers by rising quantity: the tier from {from_units} units comes after {before_units}."
    )


class FirstTierNotAtMinimum(BadTerms):
    """The first tier begins at `from_units` instead of the minimum, `minimum_units`."""

    slug = "first-tier-not-at-minimum"
    message_id = (
        "Jenjang harga pertama harus mulai dari minimum pesanan, {minimum_units} unit, bukan {from_units} unit."
    )
    message_en = "The first price tier must begin at the minimum order of {minimum_units} units, not at {from_units}."


class PriceRises(BadTerms):
    """A larger quantity costs more for each unit than a smaller one (`before_idr`)."""

    slug = "price-rises"
    message_id = (
        "Harga satuan tidak boleh naik kalau pesanan bertambah: mulai {from_units} unit tertulis {unit_price_idr}, "
        "padahal jenjang sebelumnya {before_idr}."
    )
    message_en = (
        "The unit price may not rise with the quantity: from {from_units} units it is {unit_price_idr}, "
        "but the tier before says {before_idr}."
    )


class FreightNotAscending(BadTerms):
    """A freight step does not begin above the one before it (`before_units`)."""

    slug = "freight-not-ascending"
    message_id = (
        "Urutkan ongkir dari jumlah terkecil: ongkir mulai {from_units} unit datang sesudah {before_units} unit."
    )
    message_en = "Order the freight by rising quantity: the step from {from_units} units comes after {before_units}."


class CapacityBelowMinimum(BadTerms):
    """The capacity is smaller than the minimum order."""

    slug = "capacity-below-minimum"
    message_id = "Kapasitas {capacity_units} unit lebih kecil dari minimum pesanan {minimum_units} unit."
    message_en = "The capacity of {capacity_units} units is below the minimum order of {minimum_units}."


class PackDoesNotDivide(BadTerms):
    """The minimum or the capacity (`units`) is no multiple of the pack."""

    slug = "pack-does-not-divide"
    message_id = "Isi kemasan {pack_units} unit, jadi minimum dan kapasitas harus kelipatannya; {units} bukan."
    message_en = "A pack holds {pack_units} units, so minimum and capacity must be multiples of it; {units} is not."


class StepAboveCapacity(BadTerms):
    """A tier or freight step begins above the capacity, so that it could never be reached."""

    slug = "step-above-capacity"
    message_id = "Jenjang mulai {from_units} unit tidak akan pernah tercapai: kapasitasnya {capacity_units} unit."
    message_en = "The step from {from_units} units can never be reached: the capacity is {capacity_units}."


class PayoutSharesTooLarge(BadTerms):
    """Down payment and share on delivery exceed 100 percent together."""

    slug = "payout-shares-too-large"
    message_id = "Uang muka dan bagian saat barang tiba bersama {percent} persen; paling banyak 100."
    message_en = "Down payment and share on delivery are {percent} percent together; at most 100."


class OrderTooLarge(BadTerms):
    """The largest order could cost more than the system counts. `most_idr`: the limit, in rupiah."""

    slug = "order-too-large"
    message_id = "Nilai pesanan terbesar melebihi {most_idr}. Kurangi kapasitas atau periksa harganya."
    message_en = "The largest order would cost more than {most_idr}. Lower the capacity or check the prices."


class SupplierExists(Conflict):
    """The account has a supplier of that name already."""

    slug = "supplier-exists"
    message_id = "Akun ini sudah punya pemasok dengan nama itu. Buka dari halaman akun."
    message_en = "This account already has a supplier of that name. Open it from your account."


class SupplierDecided(Conflict):
    """An operator has already said yes or no; `supplier_status` tells which."""

    slug = "supplier-decided"
    message_id = "Pemasok ini sudah diperiksa. Muat ulang halaman untuk melihat hasilnya."
    message_en = "This supplier has been checked already. Reload the page to see the result."


class SupplierNotVerified(Conflict):
    """Only a verified supplier makes offers."""

    slug = "supplier-not-verified"
    message_id = "Pemasok ini belum terverifikasi. Tunggu pemeriksaan petugas Posyantek dulu."
    message_en = "This supplier is not verified yet. Wait for the Posyantek operator's check first."


class OwnSupplier(NotAllowed):
    """Nobody checks a supplier that is their own or that they have registered for its owner."""

    slug = "own-supplier"
    message_id = "Pemasok ini milik Anda atau Anda yang membantu mendaftarkan. Minta petugas lain memeriksanya."
    message_en = "This supplier is yours, or you helped to register it. Ask another operator to check it."


class UnknownTechnology(Unprocessable):
    """The catalogue has no such technology."""

    slug = "unknown-technology"
    message_id = "Alat itu tidak ada di katalog. Pilih lagi dari daftar."
    message_en = "The catalogue has no such technology. Choose again from the list."


class NothingToMatch(Unprocessable):
    """Neither a product's shelf nor its name was told; `field` names where to tell it."""

    slug = "nothing-to-match"
    message_id = "Tulis nama produk atau pilih jenisnya, supaya kami bisa mencarikan alat yang cocok."
    message_en = "Write the product's name or choose its kind, so that we can look for the machine that fits."


class OfferWithdrawnAlready(Conflict):
    """A withdrawn offer does not change any more."""

    slug = "offer-withdrawn"
    message_id = "Penawaran ini sudah ditarik. Buat penawaran baru."
    message_en = "This offer has been withdrawn. Make a new one."


class OfferChangedMeanwhile(Conflict):
    """The offer is at another `current_version` than the caller has seen."""

    slug = "offer-changed-meanwhile"
    message_id = "Penawaran ini sudah diubah dari tempat lain. Muat ulang, lalu ubah lagi."
    message_en = "This offer has been changed elsewhere meanwhile. Reload it and change it again."


class AlreadyAnswered(Conflict):
    """The supplier has answered before: `answer` at `answered_at`."""

    slug = "already-answered"
    message_id = "Pesanan ini sudah dijawab. Jawaban pertama yang berlaku; muat ulang untuk melihatnya."
    message_en = "This order has been answered already. The first answer stands; reload to see it."


class AnswerTooLate(Conflict):
    """The time to answer, `answer_by`, is over."""

    slug = "answer-too-late"
    message_id = "Batas waktu menjawab pesanan ini sudah lewat."
    message_en = "The time to answer this order is over."


class OrderCalledOff(Conflict):
    """The pool behind the order has been cancelled or has failed."""

    slug = "order-called-off"
    message_id = "Urun beli untuk pesanan ini sudah dibatalkan, jadi tidak perlu dijawab lagi."
    message_en = "The pool behind this order has been called off, so it needs no answer any more."


class NotFundedYet(Conflict):
    """The money is not there, so nothing may be sent."""

    slug = "not-funded-yet"
    message_id = "Dana pesanan ini belum lengkap. Tunggu sampai pesanan dikonfirmasi sebelum mengirim barang."
    message_en = "This order is not fully funded yet. Wait until it is confirmed before you send goods."


class OrderOver(Conflict):
    """The order is past the point where goods are sent; `state` says where it is."""

    slug = "order-over"
    message_id = "Pesanan ini sudah selesai atau batal, jadi tidak ada lagi yang dikirim."
    message_en = "This order is finished or off, so nothing more is to be sent."


class MoreThanOrdered(Unprocessable):
    """More units than are left to send (`left_units`)."""

    slug = "more-than-ordered"
    message_id = "Sisa yang harus dikirim {left_units} unit. Periksa jumlahnya."
    message_en = "{left_units} units are left to send. Check the number."
