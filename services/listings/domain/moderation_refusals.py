"""Every way in which reports, operators' decisions and appeals say no.

ForbiddenGoods (422)     a product with such a name does not go on show
OwnListing (403)         nobody reports their own product
WordsMissing (422)       another reason than those of the list has to be told
WrongCaseState (409)     the case has moved on
SameOperator (403)       who hid a product does not decide the appeal
AppealUsed (409)         it was decided already, and the product is as it was
"""

from __future__ import annotations

from shared.errors import Conflict, NotAllowed, Unprocessable


class ForbiddenGoods(Unprocessable):
    """The name or description names goods (`goods`, `goods_en`) that nobody may sell here; `word` is the one that tells."""

    slug = "forbidden-goods"
    message_id = (
        "“{word}” termasuk {goods}, yang tidak boleh dijual di sini ({source}). Hapus kata itu dari nama dan keterangan. "
        "Kalau maksudnya lain, tulis dengan kata lain atau tanya petugas Posyantek."
    )
    message_en = (
        "“{word}” stands for {goods_en}, which may not be sold here ({source_en}). Take the word out of name and description. "
        "If you mean something else, put it in other words or ask the Posyantek operator."
    )


class OwnListing(NotAllowed):
    """Whoever runs the business reports a product of it."""

    slug = "own-listing"
    message_id = "Ini jualan usaha Anda sendiri. Kalau ada yang salah, ubah atau jeda saja."
    message_en = "This product is of your own business. If something is wrong with it, change or pause it."


class WordsMissing(Unprocessable):
    """The reason is another one, and it is not said which."""

    slug = "words-missing"
    message_id = "Tulis apa masalahnya, supaya petugas tahu."
    message_en = "Say what is wrong, so that the operator knows."


class WrongCaseState(Conflict):
    """The case's state (`case_state`) does not allow that."""

    slug = "wrong-case-state"
    message_id = "Laporan ini sudah ditangani. Muat ulang untuk melihat hasilnya."
    message_en = "This case has been dealt with already. Reload to see the result."


class SameOperator(NotAllowed):
    """Who hid the product wants to decide the appeal against that."""

    slug = "same-operator"
    message_id = "Anda yang menyembunyikan jualan ini, jadi keberatannya diputuskan petugas lain atau dinas."
    message_en = "You hid this product, so another operator or the province decides the appeal."


class AppealUsed(Conflict):
    """The appeal was decided, and either the product is as it was then or both appeals are used."""

    slug = "appeal-used"
    message_id = (
        "Keberatan sudah diputuskan. Betulkan dulu jualannya, lalu ajukan sekali lagi; paling banyak {most} kali."
    )
    message_en = "The appeal has been decided. Correct the product first, then ask once more; at most {most} times."
