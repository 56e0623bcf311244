"""What suppliers and the owners of businesses are told."""

from __future__ import annotations

from services.notifications.domain.template import Template, Wording

_ORDER = "/pesanan/{object_id}"
_ACCOUNT = "/akun"
_PRODUCT = "/produk/{object_id}"

SUPPLIERS = {
    "order_requested": Template(
        _ORDER,
        id=Wording(
            "Ada pesanan bersama untuk Anda",
            "{Pool} memesan {units} dengan harga {unit_price_idr} per unit, seluruhnya {total_idr}. Jawab sebelum "
            "{answer_by_at}. Kalau Anda setuju, itu mengikat untuk {least_units} sampai {units}, asalkan uangnya masuk.",
        ),
        en=Wording(
            "A joint order for you",
            "{Pool} orders {units} at {unit_price_idr} each, {total_idr} altogether. Answer before {answer_by_at}. If you "
            "accept, that binds you for {least_units} up to {units}, provided that the money comes in.",
        ),
    ),
    "order_lapsed": Template(
        _ORDER,
        id=Wording(
            "Waktu menjawab sudah habis",
            "Pesanan {pool} tidak dijawab sampai batas waktu, jadi pesanan itu tidak berlaku lagi.",
        ),
        en=Wording(
            "The time to answer is over",
            "The order of {pool} was not answered in time, so it no longer stands.",
        ),
    ),
    "order_funded": Template(
        _ORDER,
        id=Wording(
            "Pesanan pasti, silakan mulai",
            "Semua uang {pool} sudah terkumpul: {units}, seluruhnya {total_idr}. Anda bisa mulai bekerja; catat setiap "
            "pengiriman di halaman pesanan.",
        ),
        en=Wording(
            "The order is firm, please start",
            "All the money of {pool} is there: {units}, {total_idr} altogether. You may start; record each delivery on the "
            "order's page.",
        ),
    ),
    "order_called_off": Template(
        _ORDER,
        id=Wording(
            "Pesanan tidak dilanjutkan",
            "Pesanan {pool} tidak dilanjutkan. Jangan mulai bekerja atau mengirim barang. Terima kasih atas kesediaan Anda.",
        ),
        en=Wording(
            "The order is called off",
            "The order of {pool} does not go on. Please do not start or send anything. Thank you for being ready.",
        ),
    ),
    "payout_paid": Template(
        _ORDER,
        id=Wording(
            "{amount_idr} dibayarkan kepada Anda",
            "{Stage} untuk {pool} sebesar {amount_idr} sudah dibayarkan. Silakan periksa rekening Anda.",
        ),
        en=Wording(
            "{amount_idr} has been paid to you",
            "{Stage} for {pool}, {amount_idr}, has been paid out. Please check your bank account.",
        ),
    ),
    "supplier_verified": Template(
        _ACCOUNT,
        id=Wording(
            "Anda sudah terverifikasi",
            "{Post} sudah memeriksa {supplier}. Sekarang Anda bisa memasang penawaran.",
        ),
        en=Wording(
            "You are verified",
            "{Post} has checked {supplier}. You may publish offers now.",
        ),
    ),
    "supplier_rejected": Template(
        _ACCOUNT,
        id=Wording(
            "Pendaftaran Anda belum diterima",
            "{Post} belum dapat menerima {supplier}: “{reason}” Tanyakan kepada petugas apa yang perlu diperbaiki.",
        ),
        en=Wording(
            "Your registration was not accepted",
            "{Post} could not accept {supplier}: “{reason}” Ask the operators what needs correcting.",
        ),
    ),
    "business_verified": Template(
        _ACCOUNT,
        id=Wording(
            "Usaha Anda sudah terverifikasi",
            "{Post} sudah memeriksa {business}. Sekarang Anda bisa menayangkan jualan.",
        ),
        en=Wording(
            "Your business is verified",
            "{Post} has checked {business}. You may publish your products now.",
        ),
    ),
    "business_rejected": Template(
        _ACCOUNT,
        id=Wording(
            "Pendaftaran usaha belum diterima",
            "{Post} belum dapat menerima {business}: “{reason}” Tanyakan kepada petugas apa yang perlu diperbaiki.",
        ),
        en=Wording(
            "Your business was not accepted",
            "{Post} could not accept {business}: “{reason}” Ask the operators what needs correcting.",
        ),
    ),
    "listing_hidden": Template(
        _PRODUCT,
        id=Wording(
            "Jualan Anda disembunyikan",
            "Petugas {post} menyembunyikan “{product}”. {hiding} Buka halaman jualan untuk membaca penjelasannya. Kalau "
            "menurut Anda keliru, ajukan keberatan di sana; petugas lain yang memutuskan.",
        ),
        en=Wording(
            "Your product was hidden",
            "An operator of {post} has hidden “{product}”. {hiding} Its page tells more. If you think that this is a "
            "mistake, appeal there; another operator decides.",
        ),
    ),
    "listing_restored": Template(
        _PRODUCT,
        id=Wording(
            "Keberatan Anda diterima",
            "Jualan “{product}” tidak disembunyikan lagi dan kembali seperti semula. Terima kasih sudah menunggu.",
        ),
        en=Wording(
            "Your appeal was granted",
            "Your product “{product}” is no longer hidden and is as it was before. Thank you for waiting.",
        ),
    ),
    "listing_appeal_rejected": Template(
        _PRODUCT,
        id=Wording(
            "Keberatan Anda belum diterima",
            "Jualan “{product}” tetap disembunyikan. {repeat} Alasannya ada di halaman jualan.",
        ),
        en=Wording(
            "Your appeal was turned down",
            "Your product “{product}” stays hidden. {repeat} Its page tells why.",
        ),
    ),
}
