"""Every way in which the rules of posts and needs say no.

RegionUnknown, RegionTakesNoPost (422)    the region cannot have a post
RegionHasPost, AlreadyServing (409)       it is so already
PostUnknown, TechnologyUnknown (422)      nothing of that kind can be needed there
NeedIsClosed, TooManyNeeds (409)          the need, or the person, takes no more
"""

from __future__ import annotations

from shared.errors import Conflict, Unprocessable


class RegionUnknown(Unprocessable):
    """No region has that code."""

    slug = "region-unknown"
    message_id = "Kode wilayah {region_code} tidak dikenal. Pilih kecamatan atau kelurahan dari daftar."
    message_en = "No region has the code {region_code}. Choose a kecamatan or kelurahan from the list."


class RegionTakesNoPost(Unprocessable):
    """Posts stand in a kecamatan or kelurahan only."""

    slug = "region-takes-no-post"
    message_id = "Posyantek hanya ada di kecamatan atau kelurahan, bukan di {region_name}."
    message_en = "A Posyantek belongs to a kecamatan or kelurahan, not to {region_name}."


class RegionHasPost(Conflict):
    """One region, one post. `post_id`: the one that is there."""

    slug = "region-has-post"
    message_id = "{region_name} sudah punya Posyantek."
    message_en = "{region_name} has a Posyantek already."


class AlreadyServing(Conflict):
    """The account holds that role at the post."""

    slug = "already-serving"
    message_id = "Orang ini sudah bertugas sebagai {role} di Posyantek ini."
    message_en = "This person serves at the post as {role} already."


class PostUnknown(Unprocessable):
    """No post has that id."""

    slug = "post-unknown"
    message_id = "Posyantek itu tidak dikenal. Pilih dari daftar."
    message_en = "There is no such Posyantek. Choose one from the list."


class TechnologyUnknown(Unprocessable):
    """No technology of the catalogue has that id, as far as has been heard."""

    slug = "technology-unknown"
    message_id = "Alat itu tidak ada di katalog. Pilih dari daftar."
    message_en = "The catalogue has no such technology. Choose one from the list."


class NeedIsClosed(Conflict):
    """The need stands no longer."""

    slug = "need-is-closed"
    message_id = "Kebutuhan ini sudah ditutup. Kalau masih perlu alatnya, tulis kebutuhan baru."
    message_en = "This need is closed. If you still need the machine, raise it anew."


class TooManyNeeds(Conflict):
    """The account supports as many needs as one may."""

    slug = "too-many-needs"
    message_id = "Anda sudah ikut {most} kebutuhan. Tarik satu yang tidak perlu lagi, lalu coba lagi."
    message_en = "You support {most} needs already. Withdraw from one that you do not need any more, then try again."
