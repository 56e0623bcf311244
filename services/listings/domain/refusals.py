"""Every way in which the rules of businesses and listings say no.

PostUnknown (422)           the post is not known here (yet)
OwnBusiness (403)           two people make a verification
AlreadyReviewed (409)       the business has had its answer
BusinessNotVerified (409)   only verified businesses go on show
WrongListingState (409)     the listing has moved on
StaleVersion (409)          somebody changed the listing meanwhile
StockOrDays (422)           a product is in stock or made to order, not both
VariantTwice (422)          two variants of a product have one name
TooManySaved (409)          an account keeps as many searches as it may
"""

from __future__ import annotations

from shared.errors import Conflict, NotAllowed, Unprocessable


class PostUnknown(Unprocessable):
    """No post has that id, as far as listings has heard."""

    slug = "post-unknown"
    message_id = "Posyantek itu belum dikenal. Pilih dari daftar lalu coba lagi."
    message_en = "That Posyantek is not known. Choose one from the list and try again."


class OwnBusiness(NotAllowed):
    """The owner, or the operator who helped to register, wants to review the business."""

    slug = "own-business"
    message_id = "Usaha milik sendiri, atau yang Anda bantu daftarkan, harus diperiksa petugas lain."
    message_en = "A business that you own, or helped to register, must be checked by another operator."


class AlreadyReviewed(Conflict):
    """The business has been verified or rejected."""

    slug = "already-reviewed"
    message_id = "Usaha ini sudah diperiksa. Muat ulang untuk melihat hasilnya."
    message_en = "This business has been checked already. Reload to see the result."


class BusinessNotVerified(Conflict):
    """A listing goes on show only once its business is verified."""

    slug = "business-not-verified"
    message_id = "Usaha ini masih menunggu diperiksa petugas Posyantek. Jualan tersimpan sebagai draf."
    message_en = "The Posyantek has not verified this business yet. The listing is kept as a draft."


class WrongListingState(Conflict):
    """The listing's state (`listing_status`) does not allow that."""

    slug = "wrong-listing-state"
    message_id = "Keadaan jualan ini sudah berubah. Muat ulang lalu coba lagi."
    message_en = "The state of this listing does not allow that. Reload and try again."


class StaleVersion(Conflict):
    """The listing was changed since the caller looked; `version` is the present one."""

    slug = "stale-version"
    message_id = "Jualan ini sudah diubah dari tempat lain. Muat ulang supaya perubahan tidak saling menimpa."
    message_en = "This listing was changed elsewhere meanwhile. Reload so that no change is overwritten."


class StockOrDays(Unprocessable):
    """A product has a count of stock and is made to order as well."""

    slug = "stock-or-days"
    message_id = "Isi stok, atau lama pengerjaan, jangan keduanya."
    message_en = "Enter the stock or the days to make it, not both."


class VariantTwice(Unprocessable):
    """Two variants of a product have the same name (`variant`)."""

    slug = "variant-twice"
    message_id = "Varian “{variant}” tertulis dua kali. Beri nama lain."
    message_en = "The variant “{variant}” is there twice. Give it another name."


class TooManySaved(Conflict):
    """An account keeps `most` searches already."""

    slug = "too-many-saved"
    message_id = "Anda sudah menyimpan {most} pencarian. Hapus satu dulu."
    message_en = "You keep {most} searches already. Delete one first."
