"""Every way in which a photo is not taken.

NotAPicture (422)       the file is something else: a document, a page, an archive
PictureBroken (422)     it begins as a picture does, but cannot be read to its end
TooManyPixels (422)     it is larger than anybody needs, or a trap
PictureTooSmall (422)   nothing would be seen on it
PictureTooSlow (422)    reading it takes longer than any honest picture
TooManyPhotos (409)     the listing has as many as it may have
OtherPhotos (409)       the photos to be put in order are not those that are there
PhotosBusy (503)        many photos are being read at this moment
TooManyAtOnce (429)     one account sends many at the same time, or all day long
"""

from __future__ import annotations

from shared.errors import Conflict, TooMany, Unavailable, Unprocessable


class NotAPicture(Unprocessable):
    """The file is no picture, whatever its name says."""

    slug = "not-a-picture"
    message_id = "Berkas ini bukan foto. Pilih foto dari galeri: JPG, PNG, WebP, atau HEIC."
    message_en = "This file is not a photo. Choose one from the gallery: JPG, PNG, WebP or HEIC."


class PictureBroken(Unprocessable):
    """The picture cannot be read: cut off, damaged, or made to crash a reader."""

    slug = "picture-broken"
    message_id = "Foto ini rusak atau terpotong. Coba kirim ulang, atau foto lagi."
    message_en = "This photo is damaged or cut off. Send it again, or take another."


class TooManyPixels(Unprocessable):
    """The picture has more than 50 million pixels, or a side of more than 12,000."""

    slug = "too-many-pixels"
    message_id = "Foto ini terlalu besar ukurannya. Paling besar 50 megapiksel; kecilkan dulu lalu coba lagi."
    message_en = "This photo has too many pixels. At most 50 megapixels: make it smaller and try again."


class PictureTooSmall(Unprocessable):
    """A side is shorter than 200 pixels; `width` and `height` tell what came."""

    slug = "picture-too-small"
    message_id = "Foto ini terlalu kecil ({width}×{height} titik). Pakai foto yang sisinya paling sedikit 200 titik."
    message_en = "This photo is too small ({width}×{height} pixels). Use one of at least 200 pixels a side."


class PictureTooSlow(Unprocessable):
    """Reading the picture took too long and was ended."""

    slug = "picture-too-slow"
    message_id = "Foto ini terlalu lama dibaca, jadi dihentikan. Coba foto lain, atau simpan ulang sebagai JPG."
    message_en = "Reading this photo took too long and was stopped. Try another, or save it again as JPG."


class TooManyPhotos(Conflict):
    """The listing has `most` photos already."""

    slug = "too-many-photos"
    message_id = "Jualan ini sudah punya {most} foto. Hapus satu dulu, baru tambah yang baru."
    message_en = "This listing has {most} photos already. Delete one before adding another."


class OtherPhotos(Conflict):
    """The ids are not exactly those of the listing's photos."""

    slug = "other-photos"
    message_id = "Foto-fotonya sudah berubah. Muat ulang lalu urutkan lagi."
    message_en = "The photos have changed meanwhile. Reload and put them in order again."


class PhotosBusy(Unavailable):
    """As many photos wait as may wait; the same one may be sent again in a moment."""

    slug = "photos-busy"
    message_id = "Banyak foto sedang diproses. Foto ini belum tersimpan; coba lagi sebentar."
    message_en = "Many photos are being processed. This one is not saved yet; try again in a moment."


class TooManyAtOnce(TooMany):
    """One account has too many photos under way, or has sent too many today."""

    slug = "too-many-uploads"
    message_id = "Terlalu banyak foto sekaligus. Coba lagi dalam {retry_after_s} detik."
    message_en = "Too many photos at once. Try again in {retry_after_s} seconds."
