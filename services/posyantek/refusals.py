"""Every way in which the rules of posts say no.

RegionUnknown, RegionTakesNoPost (422)    the region cannot have a post
RegionHasPost, AlreadyServing (409)       it is so already
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
