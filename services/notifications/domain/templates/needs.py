"""What those who need a technology are told, and the post where they need it."""

from __future__ import annotations

from services.notifications.domain.template import Template, Wording

_NEED = "/kebutuhan/{object_id}"

NEEDS = {
    "need_raised": Template(
        _NEED,
        id=Wording(
            "Kebutuhan baru di papan",
            "Ada yang membutuhkan {technology} di {post}. Bantu sebarkan: kalau cukup banyak yang butuh, bisa urun beli.",
        ),
        en=Wording(
            "A new need on the board",
            "Somebody needs {technology} at {post}. Help to spread the word: with enough people they can buy it together.",
        ),
        quiet=True,
    ),
    "need_matured": Template(
        _NEED,
        id=Wording(
            "Sudah cukup yang butuh",
            "Sudah {people} orang membutuhkan {technology} di {post}, seluruhnya {units}. Usulkan urun beli bersama mereka.",
        ),
        en=Wording(
            "Enough people need it now",
            "By now {people} people need {technology} at {post}, {units} altogether. Propose to buy it together.",
        ),
    ),
    "need_matured_here": Template(
        _NEED,
        id=Wording(
            "Kebutuhan siap diurunkan",
            "Sudah {people} orang membutuhkan {technology} di {post}, seluruhnya {units}. Ajak mereka memilih ketua dan "
            "bendahara, lalu bantu mengusulkan urun belinya.",
        ),
        en=Wording(
            "A need is ripe",
            "By now {people} people need {technology} at {post}, {units} altogether. Let them choose a chair and a treasurer, "
            "and help them to propose the purchase.",
        ),
    ),
    "need_closed": Template(
        _NEED,
        id=Wording(
            "Kebutuhan sudah ditutup",
            "Petugas {post} menutup kebutuhan {technology}. {Ending} Keterangannya ada di halaman kebutuhan itu.",
        ),
        en=Wording(
            "A need has been closed",
            "{Post} has closed the need for {technology}. {Ending} More stands on the page of that need.",
        ),
    ),
}
