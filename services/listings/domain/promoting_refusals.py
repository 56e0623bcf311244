"""Every way in which the rules of promotions, campaigns and enquiries say no.

PromotionNotCheaper (422)   the price is not below the usual one
PromotionTimes (422)        it ends before it begins, is over, too long, or too far away
PromotionsOverlap (409)     another promotion of the listing runs in that time
TooManyPromotions (409)     enough are planned
PromotionOver (409)         it has ended already
CampaignTimes (422)         it ends before it begins, is over, too long, or too far away
CampaignOver (409)          it has ended, or was called off
StaleCampaign (409)         somebody changed the campaign meanwhile
TakenOut (409)              an operator has taken the product out
TooManyOfBusiness (409)     the business takes part with as many products as it may
"""

from __future__ import annotations

from shared.errors import Conflict, Unprocessable


class PromotionNotCheaper(Unprocessable):
    """The price of a promotion is below the usual one (`usual_price_idr`)."""

    slug = "promotion-not-cheaper"
    message_id = "Harga promo harus lebih murah dari harga biasa, {usual_price_idr}."
    message_en = "The promotional price must be below the usual one, {usual_price_idr}."


class PromotionTimes(Unprocessable):
    """A promotion ends after it begins and after now, within `most_days`, and begins within `ahead_days`."""

    slug = "promotion-times"
    message_id = (
        "Promo harus selesai setelah mulai, belum lewat, paling lama {most_days} hari, "
        "dan mulainya paling jauh {ahead_days} hari lagi."
    )
    message_en = (
        "A promotion must end after it begins and after now, last at most {most_days} days, "
        "and begin within {ahead_days} days."
    )


class PromotionsOverlap(Conflict):
    """Another promotion of the same listing runs between `starts_at` and `ends_at`."""

    slug = "promotions-overlap"
    message_id = "Sudah ada promo lain pada waktu itu. Akhiri dulu, atau pilih waktu lain."
    message_en = "Another promotion runs at that time. End it first, or choose another time."


class TooManyPromotions(Conflict):
    """A listing has at most `most` promotions that are not over."""

    slug = "too-many-promotions"
    message_id = "Sudah ada {most} promo yang menunggu. Akhiri salah satunya dulu."
    message_en = "{most} promotions are planned already. End one of them first."


class PromotionOver(Conflict):
    """The promotion has ended."""

    slug = "promotion-over"
    message_id = "Promo ini sudah berakhir."
    message_en = "This promotion has ended already."


class CampaignTimes(Unprocessable):
    """A campaign ends after it begins and after now, within `most_days`, and begins within `ahead_days`."""

    slug = "campaign-times"
    message_id = (
        "Kampanye harus selesai setelah mulai, belum lewat, paling lama {most_days} hari, "
        "dan mulainya paling jauh {ahead_days} hari lagi."
    )
    message_en = (
        "A campaign must end after it begins and after now, last at most {most_days} days, "
        "and begin within {ahead_days} days."
    )


class CampaignOver(Conflict):
    """The campaign has ended or was called off."""

    slug = "campaign-over"
    message_id = "Kampanye ini sudah selesai atau dibatalkan."
    message_en = "This campaign has ended or was cancelled."


class StaleCampaign(Conflict):
    """The campaign was changed since the caller looked; `version` is the present one."""

    slug = "stale-campaign"
    message_id = "Kampanye ini sudah diubah petugas lain. Muat ulang supaya perubahan tidak saling menimpa."
    message_en = "This campaign was changed by another operator meanwhile. Reload so that no change is overwritten."


class TakenOut(Conflict):
    """An operator of the campaign's post has taken the product out."""

    slug = "taken-out"
    message_id = "Produk ini dikeluarkan petugas dari kampanye. Hubungi Posyantek kalau mau ikut lagi."
    message_en = "An operator took this product out of the campaign. Contact the Posyantek to take part again."


class TooManyOfBusiness(Conflict):
    """A business takes part in a campaign with at most `most` products."""

    slug = "too-many-of-business"
    message_id = "Satu usaha ikut dengan paling banyak {most} produk. Keluarkan salah satunya dulu."
    message_en = "A business takes part with at most {most} products. Take one out first."
