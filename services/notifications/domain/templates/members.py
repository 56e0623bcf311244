"""What members of a pool are told about their pledge and about the goods."""

from __future__ import annotations

from services.notifications.domain.template import Template, Wording

_PLEDGE = "/komitmen/{object_id}"
_POOL = "/urun/{object_id}"

MEMBERS = {
    "pledge_made": Template(
        _PLEDGE,
        id=Wording(
            "Komitmen Anda tercatat",
            "Anda ikut {pool}: {units}, paling mahal {ceiling_idr} per unit. Paling banyak Anda bayar {may_hold_idr}. {next}",
        ),
        en=Wording(
            "Your pledge is recorded",
            "You have joined {pool}: {units}, at most {ceiling_idr} each. You pay {may_hold_idr} at the very most. {next}",
        ),
    ),
    "pledge_made_for_you": Template(
        _PLEDGE,
        id=Wording(
            "Petugas mencatat komitmen Anda",
            "Petugas Posyantek mencatat atas nama Anda di {pool}: {units}, paling mahal {ceiling_idr} per unit. Paling banyak "
            "Anda bayar {may_hold_idr}. {next} Kalau Anda tidak memintanya, segera hubungi {post}.",
        ),
        en=Wording(
            "An operator has recorded your pledge",
            "A Posyantek operator has recorded in your name in {pool}: {units}, at most {ceiling_idr} each. You pay "
            "{may_hold_idr} at the very most. {next} If you did not ask for this, contact {post} right away.",
        ),
    ),
    "pledge_changed": Template(
        _PLEDGE,
        id=Wording(
            "Komitmen Anda diubah",
            "Sekarang di {pool}: {units}, paling mahal {ceiling_idr} per unit. Paling banyak Anda bayar {may_hold_idr}.",
        ),
        en=Wording(
            "Your pledge has changed",
            "Now in {pool}: {units}, at most {ceiling_idr} each. You pay {may_hold_idr} at the very most.",
        ),
    ),
    "pledge_withdrawn": Template(
        _PLEDGE,
        id=Wording(
            "Komitmen Anda sudah ditarik",
            "Anda tidak lagi ikut {pool}. Kalau sudah ada uang yang Anda titipkan, uang itu kembali utuh.",
        ),
        en=Wording(
            "Your pledge is withdrawn",
            "You are no longer in {pool}. If you had deposited money, all of it comes back.",
        ),
    ),
    "pledge_secured": Template(
        _PLEDGE,
        id=Wording(
            "Komitmen Anda sudah terhitung",
            "Komitmen Anda di {pool} sudah pasti dan ikut dihitung saat ditutup.",
        ),
        en=Wording("Your pledge counts", "Your pledge in {pool} is secured and counts when it closes."),
        quiet=True,
    ),
    "pool_extended": Template(
        _POOL,
        id=Wording(
            "Batas waktu diperpanjang", "{Pool} sekarang ditutup pada {deadline_at}. Komitmen Anda tetap berlaku."
        ),
        en=Wording("The deadline has moved", "{Pool} now closes on {deadline_at}. Your pledge stays as it is."),
    ),
    "tier_reached": Template(
        _POOL,
        id=Wording(
            "Harga turun",
            "Peserta bertambah: mulai {from_units}, harga satuan {pool} menjadi {unit_price_idr}.",
        ),
        en=Wording(
            "The price has come down",
            "More people have joined: from {from_units} on, the unit price in {pool} is {unit_price_idr}.",
        ),
        quiet=True,
    ),
    "pool_closing": Template(
        _POOL,
        id=Wording(
            "Urun beli ditutup",
            "{Pool} tidak menerima komitmen lagi. {closing} Pembayaran yang sedang berjalan masih ditunggu sampai "
            "{grace_until_at}; setelah itu hasil pembagiannya kami kabarkan.",
        ),
        en=Wording(
            "The pool is closing",
            "{Pool} takes no more pledges. {closing} Payments under way may still finish until {grace_until_at}; then we tell "
            "you how the units were shared out.",
        ),
    ),
    "pledge_allocated": Template(
        _PLEDGE,
        id=Wording(
            "Anda kebagian {units}",
            "{Pool} ditutup dengan harga satuan {unit_price_idr}. Bagian Anda {units}, seluruhnya {amount_idr} sudah dengan "
            "semua biaya. Belum ada tagihan: kita tunggu dulu jawaban pemasok.",
        ),
        en=Wording(
            "You get {units}",
            "{Pool} closed at a unit price of {unit_price_idr}. You get {units} for {amount_idr} altogether, all costs "
            "included. Nothing is charged yet: first the supplier must answer.",
        ),
    ),
    "pledge_allocated_fewer": Template(
        _PLEDGE,
        id=Wording(
            "Anda kebagian {units}",
            "{Pool} ditutup dengan harga satuan {unit_price_idr}. Dari {asked_units} yang Anda minta, Anda kebagian {units}, "
            "seluruhnya {amount_idr} sudah dengan semua biaya: jumlah pesanan harus pas, dan yang lebih dulu ikut didahulukan. "
            "Belum ada tagihan: kita tunggu dulu jawaban pemasok.",
        ),
        en=Wording(
            "You get {units}",
            "{Pool} closed at a unit price of {unit_price_idr}. Of the {asked_units} you asked for you get {units}, for "
            "{amount_idr} altogether, all costs included: the order must come out even, and whoever joined earlier goes first. "
            "Nothing is charged yet: first the supplier must answer.",
        ),
    ),
    "pledge_allocated_more": Template(
        _PLEDGE,
        id=Wording(
            "Anda kebagian {units}",
            "{Pool} ditutup dengan harga satuan {unit_price_idr}. Bagian Anda {units}, seluruhnya {amount_idr} sudah dengan "
            "semua biaya: {asked_units} yang Anda minta, ditambah dari batas kelonggaran Anda supaya semua mendapat harga lebih "
            "baik. Belum ada tagihan: kita tunggu dulu jawaban pemasok.",
        ),
        en=Wording(
            "You get {units}",
            "{Pool} closed at a unit price of {unit_price_idr}. You get {units} for {amount_idr} altogether, all costs "
            "included: the {asked_units} you asked for, and some of your tolerance, so that everybody gets a better price. "
            "Nothing is charged yet: first the supplier must answer.",
        ),
    ),
    "pledge_waitlisted": Template(
        _PLEDGE,
        id=Wording(
            "Anda di daftar tunggu",
            "{Pool} ditutup dan semua unit terbagi kepada yang lebih dulu ikut. Kalau ada peserta yang tidak jadi, giliran "
            "Anda. Anda belum ditagih.",
        ),
        en=Wording(
            "You are on the waiting list",
            "{Pool} closed, and all units went to those who joined earlier. If somebody drops out, it is your turn. Nothing "
            "is charged yet.",
        ),
    ),
    "pledge_over_ceiling": Template(
        _PLEDGE,
        id=Wording(
            "Kali ini Anda tidak ikut",
            "Harga akhir {pool} di atas batas harga Anda, jadi Anda tidak ditagih. Uang yang sudah Anda titipkan kembali utuh.",
        ),
        en=Wording(
            "You are not in this time",
            "The final price of {pool} is above your ceiling, so you are not charged. Any money you deposited comes back in "
            "full.",
        ),
    ),
    "pledge_not_secured": Template(
        _PLEDGE,
        id=Wording(
            "Kali ini Anda tidak ikut",
            "Sampai {pool} ditutup, komitmen Anda belum pasti: kartu belum tersimpan, titipan belum masuk, atau petugas belum "
            "memastikan. Anda tidak ditagih; uang yang sudah masuk kembali utuh.",
        ),
        en=Wording(
            "You are not in this time",
            "When {pool} closed your pledge was not secured: no saved card, no deposit, or no confirmation by an operator. "
            "You are not charged; any money that came in goes back in full.",
        ),
    ),
    "pool_ordered": Template(
        _POOL,
        id=Wording(
            "Pesanan sudah pasti",
            "Semua uang {pool} terkumpul: {total_idr} untuk {units}. Pemasok mulai bekerja, dan setiap rupiah tercatat di buku "
            "kas yang bisa Anda lihat.",
        ),
        en=Wording(
            "The order is firm",
            "All the money of {pool} is there: {total_idr} for {units}. The supplier starts to work, and every rupiah stands in "
            "the ledger, which you can read.",
        ),
    ),
    "goods_arriving": Template(
        _POOL,
        id=Wording("Sebagian alat sudah tiba", "{Post} sudah menerima {units} untuk {pool}. Sisanya menyusul."),
        en=Wording("Some of the equipment is here", "{Post} has received {units} for {pool}. The rest will follow."),
    ),
    "goods_received": Template(
        _POOL,
        id=Wording(
            "Semua alat sudah tiba",
            "{Post} sudah menerima semua alat untuk {pool}. Petugas mengujinya dulu; tunggu kabar untuk mengambil.",
        ),
        en=Wording(
            "All the equipment is here",
            "{Post} has received everything for {pool}. The operators test it first; wait for word to pick it up.",
        ),
    ),
    "inspection_passed": Template(
        _POOL,
        id=Wording("Alat lulus uji terima", "Petugas {post} sudah menguji alat {pool}, dan hasilnya baik."),
        en=Wording(
            "The acceptance test went well",
            "The operators of {post} have tested the equipment of {pool}, and all is well.",
        ),
        quiet=True,
    ),
    "machine_owned": Template(
        _PLEDGE,
        id=Wording(
            "Alat Anda siap diambil",
            "Bagian Anda dari {pool} sekarang milik Anda: {units}. Silakan ambil di {post}. Kalau ada "
            "keluhan, sampaikan kepada petugas.",
        ),
        en=Wording(
            "Your equipment is ready",
            "What you bought in {pool} is yours now: {units}. Please pick it up at {post}. If anything is "
            "wrong, tell an operator.",
        ),
    ),
    "pool_settled": Template(
        _POOL,
        id=Wording(
            "Urun beli selesai",
            "{Pool} selesai: barang sudah diterima, pemasok sudah lunas, dan tidak ada uang yang tersisa di kas. Terima kasih "
            "sudah urun bersama.",
        ),
        en=Wording(
            "The pool is settled",
            "{Pool} is done: the goods are here, the supplier is paid, and no money is left in the ledger. Thank you for "
            "buying together.",
        ),
    ),
}
