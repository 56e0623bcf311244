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
StaleBusiness (409)         somebody changed the business meanwhile
NibMalformed, PirtMalformed, HalalMalformed (422)
                            the number is not such a permit's
PermitChecked (409)         the permit has been checked
PermitChanged (409)         another number stands there than the operator saw
InvitationOver (422)        the code is wrong, used, withdrawn or too old
TooManyInvitations (409)    ten are open
TooManyManagers (409)       twenty run the business
AlreadyRuns (409)           whoever accepts is its owner or manager
CheckerCannotManage (403)   whoever checked a business does not run it
"""

from __future__ import annotations

from shared.errors import Conflict, NotAllowed, Unprocessable


class PostUnknown(Unprocessable):
    """No post has that id, as far as listings has heard."""

    slug = "post-unknown"
    message_id = "Posyantek itu belum dikenal. Pilih dari daftar lalu coba lagi."
    message_en = "That Posyantek is not known. Choose one from the list and try again."


class OwnBusiness(NotAllowed):
    """Whoever runs the business, or helped to register it, wants to review it."""

    slug = "own-business"
    message_id = "Usaha yang Anda miliki, kelola, atau bantu daftarkan harus diperiksa petugas lain."
    message_en = "A business that you own, manage or helped to register must be checked by another operator."


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


class StaleBusiness(Conflict):
    """The business was changed since the caller looked; `version` is the present one."""

    slug = "stale-business"
    message_id = "Usaha ini sudah diubah dari tempat lain. Muat ulang supaya perubahan tidak saling menimpa."
    message_en = "This business was changed elsewhere meanwhile. Reload so that no change is overwritten."


class NibMalformed(Unprocessable):
    """Not the number of an NIB."""

    slug = "nib-malformed"
    message_id = "NIB terdiri dari 13 angka, misalnya 9120001234567. Salin dari lembar NIB (OSS)."
    message_en = "An NIB has 13 digits, such as 9120001234567. Copy it from the NIB sheet (OSS)."


class PirtMalformed(Unprocessable):
    """Not the number of a P-IRT certificate."""

    slug = "pirt-malformed"
    message_id = "Nomor P-IRT terdiri dari 15 angka, misalnya 2063171010123-29. Salin dari sertifikat SPP-IRT."
    message_en = "A P-IRT number has 15 digits, such as 2063171010123-29. Copy it from the SPP-IRT certificate."


class HalalMalformed(Unprocessable):
    """Not the number of a halal certificate."""

    slug = "halal-malformed"
    message_id = (
        "Nomor sertifikat halal diawali ID lalu 17 angka, misalnya ID00410000123450120. "
        "Salin dari sertifikat BPJPH, bukan nomor ketetapan (KH)."
    )
    message_en = (
        "A halal certificate's number is ID and 17 digits, such as ID00410000123450120. "
        "Copy it from the BPJPH certificate, not the decree's number (KH)."
    )


class PermitChecked(Conflict):
    """The permit has been checked."""

    slug = "permit-checked"
    message_id = "Izin ini sudah diperiksa. Muat ulang untuk melihatnya."
    message_en = "This permit has been checked already. Reload to see it."


class PermitChanged(Conflict):
    """Another number stands there than the operator looked at."""

    slug = "permit-changed"
    message_id = "Nomor izin ini baru saja diganti pemiliknya. Muat ulang, lalu periksa nomor yang baru."
    message_en = "The owner has just changed this number. Reload, then check the new one."


class InvitationOver(Unprocessable):
    """No open invitation has that code."""

    slug = "invitation-over"
    message_id = (
        "Undangan ini tidak berlaku: salah, sudah dipakai, dibatalkan, atau lewat 7 hari. "
        "Minta tautan baru kepada pemilik usaha."
    )
    message_en = (
        "This invitation is not valid: it is wrong, used, withdrawn or older than 7 days. Ask the owner for a new link."
    )


class TooManyInvitations(Conflict):
    """As many invitations are open as may be (`most`)."""

    slug = "too-many-invitations"
    message_id = "Sudah ada {most} undangan yang belum dipakai. Batalkan dulu, atau tunggu sampai ada yang menerima."
    message_en = "{most} invitations are open already. Withdraw them, or wait until somebody accepts."


class TooManyManagers(Conflict):
    """As many people run the business as may (`most`)."""

    slug = "too-many-managers"
    message_id = "Usaha ini sudah punya {most} pengelola. Keluarkan salah satu dulu."
    message_en = "This business has {most} managers already. Remove one first."


class AlreadyRuns(Conflict):
    """Whoever accepts the invitation is the business's owner or manager."""

    slug = "already-runs"
    message_id = "Anda sudah mengelola usaha ini. Kirim tautannya kepada orang yang mau diajak."
    message_en = "You run this business already. Send the link to the person whom you want to invite."


class CheckerCannotManage(NotAllowed):
    """Whoever verified a business or checked its permits does not run it."""

    slug = "checker-cannot-manage"
    message_id = "Anda yang memeriksa usaha ini atau izinnya, jadi tidak bisa ikut mengelolanya."
    message_en = "You checked this business or its permits, so you cannot be one of its managers."
