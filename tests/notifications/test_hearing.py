"""Events over the broker, and what people find in their inboxes."""

from __future__ import annotations

import pytest

from services.notifications.domain.templates import TEMPLATES
from shared.contracts import identity, listings, offers, payments, pools, posyantek
from shared.ids import new_id
from shared.json import loads
from shared.testing.running import eventually, quiet

NOON_WIB = "Jumat, 5 Desember 2025 pukul 12.00 WIB"
LAST_WAY = f"lalu bayar dengan kartu atau cara lain sebelum {NOON_WIB}."


def dispatched(cast, note="lewat kurir"):
    return offers.GoodsDispatched(
        order_id=cast.order_id,
        pool_id=cast.pool_id,
        supplier_id=cast.supplier_id,
        dispatch_id=new_id(),
        units=4,
        note=note,
    )


def requested(cast):
    return pools.PurchaseOrderRequested(
        pool_id=cast.pool_id,
        order_id=cast.order_id,
        supplier_id=cast.supplier_id,
        supplier_account_id=cast.supplier,
        post_id=cast.post_id,
        offer_id=cast.offer_id,
        offer_version=1,
        technology_id=cast.technology_id,
        title="Spinner Cempaka",
        quantity=10,
        minimum_quantity=5,
        unit_price_idr=120_000,
        total_idr=1_250_000,
        answer_by=cast.opened().deadline,
        fund_by=cast.opened().deadline,
    )


def answered(cast, kind, **more):
    return kind(order_id=cast.order_id, pool_id=cast.pool_id, supplier_id=cast.supplier_id, **more)


def received(cast, *, complete):
    return pools.GoodsReceived(
        pool_id=cast.pool_id,
        order_id=cast.order_id,
        supplier_id=cast.supplier_id,
        units=4,
        received_by=cast.operator,
        complete=complete,
    )


def declined(cast, *, action_needed=False, reason="insufficient_funds"):
    return payments.ChargeDeclined(
        pledge_id=cast.pledge_id,
        pool_id=cast.pool_id,
        account_id=cast.member,
        reason=reason,
        action_needed=action_needed,
    )


def refund(cast):
    return payments.RefundPaid(
        pledge_id=cast.pledge_id, pool_id=cast.pool_id, account_id=cast.member, amount_idr=50_000
    )


def payout(cast, kind=payments.PayoutPaid):
    return kind(
        pool_id=cast.pool_id,
        order_id=cast.order_id,
        supplier_id=cast.supplier_id,
        stage="down_payment",
        amount_idr=625_000,
    )


def ordered(cast):
    return pools.PoolOrdered(
        pool_id=cast.pool_id, order_id=cast.order_id, supplier_id=cast.supplier_id, quantity=10, total_idr=1_250_000
    )


def business(cast, kind, **more):
    return kind(business_id=cast.offer_id, owner_account_id=cast.initiator, post_id=cast.post_id, **more)


def product(cast, kind, **more):
    return kind(
        listing_id=cast.order_id, business_id=cast.offer_id, post_id=cast.post_id, owner_account_id=cast.initiator,
        name="Keripik singkong", **more,
    )  # fmt: skip


def workshop(cast, kind, **more):
    return kind(supplier_id=cast.supplier_id, account_id=cast.supplier, post_id=cast.post_id, **more)


def needed(cast, *people):
    """So many people need a machine, the member first."""
    machine = offers.TechnologyPublished(
        technology_id=cast.technology_id, slug="spinner", name_id="Spinner peniris", name_en="Oil spinner"
    )
    more = [
        cast.need(posyantek.NeedSupported, number, account_id=getattr(cast, person))
        for number, person in enumerate(people, 2)
    ]
    return [machine, cast.need(posyantek.NeedRaised), *more]


# For each step: what has happened before (besides the opening), what happens, and whom it tells what.
STEPS = {
    "submitted": (
        lambda cast: [],
        lambda cast: cast.submitted(),
        {"operator": ("pool_submitted", "/petugas", "Urun beli “Spinner Cempaka” diajukan ke Posyantek Pancoran")},
    ),
    "rejected": (
        lambda cast: [],
        lambda cast: pools.PoolRejected(
            pool_id=cast.pool_id, post_id=cast.post_id, initiator_account_id=cast.initiator, reason="Judul kabur"
        ),
        {"initiator": ("pool_rejected", "/urun/{pool_id}", "“Judul kabur”")},
    ),
    "extended": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.PoolExtended(pool_id=cast.pool_id, deadline=cast.opened().deadline),
        {"member": ("pool_extended", "/urun/{pool_id}", "ditutup pada Jumat, 12 Desember 2025 pukul 12.00 WIB")},
    ),
    "pledged": (
        lambda cast: [],
        lambda cast: cast.pledged(),
        {"member": ("pledge_made", "/komitmen/{pledge_id}", "2 unit, paling mahal Rp 150.000 per unit")},
    ),
    "pledged at the counter": (
        lambda cast: [],
        lambda cast: cast.pledged(cast.line(assisted_by=cast.operator, method="cash")),
        {"member": ("pledge_made_for_you", "/komitmen/{pledge_id}", "segera hubungi Posyantek Pancoran")},
    ),
    "pledge changed": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.PledgeChanged(pool_id=cast.pool_id, pledge=cast.line(units=3)),
        {"member": ("pledge_changed", "/komitmen/{pledge_id}", "3 unit")},
    ),
    "pledge withdrawn": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.PledgeWithdrawn(pool_id=cast.pool_id, pledge_id=cast.pledge_id, account_id=cast.member),
        {"member": ("pledge_withdrawn", "/komitmen/{pledge_id}", "kembali utuh")},
    ),
    "pledge secured": (
        lambda cast: [cast.pledged()],
        lambda cast: payments.PledgeSecured(pledge_id=cast.pledge_id, pool_id=cast.pool_id),
        {"member": ("pledge_secured", "/komitmen/{pledge_id}", "sudah pasti")},
    ),
    "tier reached": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.TierReached(pool_id=cast.pool_id, from_units=10, unit_price_idr=120_000),
        {
            "member": ("tier_reached", "/urun/{pool_id}", "mulai 10 unit"),
            "initiator": ("tier_reached", "/urun/{pool_id}", "Rp 120.000"),
        },
    ),
    "closing": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.PoolClosing(pool_id=cast.pool_id, reason="filled", grace_until=cast.opened().deadline),
        {
            "member": ("pool_closing", "/urun/{pool_id}", "Semua unitnya sudah terisi."),
            "initiator": ("pool_closing", "/urun/{pool_id}", "tidak menerima komitmen lagi"),
        },
    ),
    "allocated": (
        lambda cast: [cast.pledged()],
        lambda cast: cast.closed("allocated", 2, 250_000),
        {"member": ("pledge_allocated", "/komitmen/{pledge_id}", "Bagian Anda 2 unit, seluruhnya Rp 250.000")},
    ),
    "allocated fewer": (
        lambda cast: [cast.pledged()],
        lambda cast: cast.closed("allocated", 1, 125_000),
        {"member": ("pledge_allocated_fewer", "/komitmen/{pledge_id}", "Dari 2 unit yang Anda minta")},
    ),
    "allocated more": (
        lambda cast: [cast.pledged(cast.line(tolerance_units=1))],
        lambda cast: cast.closed("allocated", 3, 360_000),
        {"member": ("pledge_allocated_more", "/komitmen/{pledge_id}", "batas kelonggaran")},
    ),
    "waitlisted": (
        lambda cast: [cast.pledged()],
        lambda cast: cast.closed("waitlisted"),
        {"member": ("pledge_waitlisted", "/komitmen/{pledge_id}", "giliran Anda")},
    ),
    "over the ceiling": (
        lambda cast: [cast.pledged()],
        lambda cast: cast.closed("ceiling_too_low"),
        {"member": ("pledge_over_ceiling", "/komitmen/{pledge_id}", "di atas batas harga Anda")},
    ),
    "not secured": (
        lambda cast: [cast.pledged()],
        lambda cast: cast.closed("not_secured"),
        {"member": ("pledge_not_secured", "/komitmen/{pledge_id}", "belum pasti")},
    ),
    "order requested": (
        lambda cast: [],
        requested,
        {"supplier": ("order_requested", "/pesanan/{order_id}", "Jawab sebelum Jumat, 12 Desember")},
    ),
    "order accepted": (
        lambda cast: [],
        lambda cast: answered(cast, offers.PurchaseOrderAccepted, accepted_at=cast.opened().deadline),
        {"initiator": ("order_accepted", "/urun/{pool_id}", "Pemasok setuju")},
    ),
    "order declined": (
        lambda cast: [],
        lambda cast: answered(cast, offers.PurchaseOrderDeclined, reason="Bahan habis"),
        {"initiator": ("order_declined", "/urun/{pool_id}", "“Bahan habis”")},
    ),
    "order expired": (
        lambda cast: [],
        lambda cast: answered(cast, offers.PurchaseOrderExpired),
        {
            "initiator": ("order_expired", "/urun/{pool_id}", "tidak menjawab"),
            "supplier": ("order_lapsed", "/pesanan/{order_id}", "tidak berlaku lagi"),
        },
    ),
    "amount due": (
        lambda cast: [cast.pledged()],
        lambda cast: cast.due("accepted", 250_000),
        {
            "member": (
                "amount_due",
                "/komitmen/{pledge_id}",
                f"Bagian Anda seluruhnya Rp 250.000. Transfer sebelum {NOON_WIB}",
            )
        },
    ),
    "amount raised": (
        lambda cast: [cast.pledged(), cast.due("accepted", 250_000)],
        lambda cast: cast.due("adjusted", 255_000),
        {"member": ("amount_raised", "/komitmen/{pledge_id}", "Selisihnya Rp 5.000. Transfer sebelum")},
    ),
    "amount lowered": (
        lambda cast: [cast.pledged(), cast.due("accepted", 250_000)],
        lambda cast: cast.due("adjusted", 245_000),
        {"member": ("amount_lowered", "/komitmen/{pledge_id}", "selisihnya Rp 5.000 kembali")},
    ),
    "seat offered": (
        lambda cast: [cast.pledged(cast.line(method="cash")), cast.closed("waitlisted")],
        lambda cast: cast.due("promoted", 250_000),
        {"member": ("seat_offered", "/komitmen/{pledge_id}", "Bayar tunai di Posyantek Pancoran sebelum")},
    ),
    "not paid": (
        lambda cast: [cast.pledged(), cast.closed("allocated", 2, 250_000), cast.due("accepted", 250_000)],
        lambda cast: cast.due("dropped"),
        {"member": ("pledge_dropped", "/komitmen/{pledge_id}", "belum lengkap")},
    ),
    "waited in vain": (
        lambda cast: [cast.pledged(), cast.closed("waitlisted"), cast.due("waitlisted", 0, 300_000)],
        lambda cast: cast.due("waitlisted", 0, 0),
        {"member": ("wait_ended", "/komitmen/{pledge_id}", "tidak ada tempat")},
    ),
    "failed": (
        lambda cast: [cast.pledged()],
        lambda cast: cast.due("failed"),
        {"member": ("pledge_failed", "/komitmen/{pledge_id}", "kembali utuh")},
    ),
    "cancelled": (
        lambda cast: [cast.pledged()],
        lambda cast: cast.due("cancelled"),
        {"member": ("pledge_cancelled", "/komitmen/{pledge_id}", "kembali utuh")},
    ),
    "pool failed": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.PoolFailed(pool_id=cast.pool_id, reason="unfunded", order_id=cast.order_id),
        {
            "initiator": ("pool_failed", "/urun/{pool_id}", "Pembayaran peserta tidak lengkap"),
            "supplier": ("order_called_off", "/pesanan/{order_id}", "Jangan mulai bekerja"),
        },
    ),
    "pool failed by the supplier's answer, which was told": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.PoolFailed(pool_id=cast.pool_id, reason="declined", order_id=cast.order_id),
        {},
    ),
    "pool cancelled before an order": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.PoolCancelled(pool_id=cast.pool_id, reason="Salah alat"),
        {"initiator": ("pool_cancelled", "/urun/{pool_id}", "“Salah alat”")},
    ),
    "charge declined": (
        lambda cast: [cast.pledged(cast.line(method="card")), cast.due("accepted", 250_000)],
        declined,
        {
            "member": (
                "charge_declined",
                "/komitmen/{pledge_id}",
                f"Saldo atau limitnya tidak cukup. Tempat Anda masih disimpan: buka halaman komitmen, {LAST_WAY}",
            )
        },
    ),
    "charge declined for a reason without words": (
        lambda cast: [],
        lambda cast: declined(cast, reason="do_not_honor"),
        {"member": ("charge_declined", "/komitmen/{pledge_id}", "lain secepatnya.")},
    ),
    "charge needs the member": (
        lambda cast: [],
        lambda cast: declined(cast, action_needed=True),
        {"member": ("charge_needs_you", "/komitmen/{pledge_id}", "setelah Anda setujui")},
    ),
    "refund paid": (
        lambda cast: [cast.pledged(cast.line(method="cash"))],
        refund,
        {
            "member": (
                "refund_paid",
                "/komitmen/{pledge_id}",
                "sebesar Rp 50.000 sudah dikembalikan. Simpan kuitansinya.",
            )
        },
    ),
    "ordered": (
        lambda cast: [cast.pledged()],
        ordered,
        {
            "member": ("pool_ordered", "/urun/{pool_id}", "Rp 1.250.000 untuk 10 unit"),
            "initiator": ("pool_ordered", "/urun/{pool_id}", "Pemasok mulai bekerja"),
            "supplier": ("order_funded", "/pesanan/{order_id}", "mulai bekerja"),
        },
    ),
    "dispatched": (
        lambda cast: [cast.pledged()],
        dispatched,
        {
            "operator": (
                "goods_expected",
                "/petugas",
                "mengirim 4 unit untuk urun beli “Spinner Cempaka”. “lewat kurir” Catat",
            ),
            "initiator": ("goods_dispatched", "/urun/{pool_id}", "ke Posyantek Pancoran. “lewat kurir”"),
        },
    ),
    "some received": (
        lambda cast: [cast.pledged()],
        lambda cast: received(cast, complete=False),
        {
            "member": ("goods_arriving", "/urun/{pool_id}", "Posyantek Pancoran sudah menerima 4 unit"),
            "initiator": ("goods_arriving", "/urun/{pool_id}", "Sisanya menyusul"),
        },
    ),
    "all received": (
        lambda cast: [cast.pledged()],
        lambda cast: received(cast, complete=True),
        {
            "member": ("goods_received", "/urun/{pool_id}", "semua alat"),
            "initiator": ("goods_received", "/urun/{pool_id}", "mengujinya dulu"),
        },
    ),
    "inspected": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.InspectionPassed(
            pool_id=cast.pool_id, order_id=cast.order_id, supplier_id=cast.supplier_id, inspected_by=cast.operator
        ),
        {
            "member": ("inspection_passed", "/urun/{pool_id}", "hasilnya baik"),
            "initiator": ("inspection_passed", "/urun/{pool_id}", "Posyantek Pancoran"),
        },
    ),
    "owned": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.MachineOwned(
            pool_id=cast.pool_id,
            pledge_id=cast.pledge_id,
            account_id=cast.member,
            technology_id=cast.technology_id,
            post_id=cast.post_id,
            units=2,
        ),
        {"member": ("machine_owned", "/komitmen/{pledge_id}", "2 unit. Silakan ambil di Posyantek Pancoran")},
    ),
    "settled": (
        lambda cast: [cast.pledged()],
        lambda cast: pools.PoolSettled(pool_id=cast.pool_id, order_id=cast.order_id),
        {
            "member": ("pool_settled", "/urun/{pool_id}", "pemasok sudah lunas"),
            "initiator": ("pool_settled", "/urun/{pool_id}", "Terima kasih"),
        },
    ),
    "payout requested": (
        lambda cast: [],
        lambda cast: payout(cast, pools.PayoutRequested),
        {
            "operator": ("payout_requested", "/petugas", "Uang muka sebesar Rp 625.000"),
            "treasurer": ("payout_requested", "/petugas", "orang lain menyetujui"),
        },
    ),
    "payout paid": (
        lambda cast: [],
        payout,
        {"supplier": ("payout_paid", "/pesanan/{order_id}", "Uang muka untuk urun beli “Spinner Cempaka”")},
    ),
    "business registered": (
        lambda cast: [],
        lambda cast: business(cast, listings.BusinessRegistered, name="Keripik Bu Sri"),
        {"operator": ("business_registered", "/petugas", "Usaha “Keripik Bu Sri” mendaftar di Posyantek Pancoran")},
    ),
    "business verified": (
        lambda cast: [business(cast, listings.BusinessRegistered, name="Keripik Bu Sri")],
        lambda cast: business(cast, listings.BusinessVerified, verified_by=cast.operator),
        {"initiator": ("business_verified", "/akun", "usaha “Keripik Bu Sri”")},
    ),
    "business rejected": (
        lambda cast: [business(cast, listings.BusinessRegistered, name="Keripik Bu Sri")],
        lambda cast: business(cast, listings.BusinessRejected, reason="Alamat keliru"),
        {"initiator": ("business_rejected", "/akun", "“Alamat keliru”")},
    ),
    "listing hidden": (
        lambda cast: [],
        lambda cast: product(cast, listings.ListingHidden, reason="stolen_photo"),
        {"initiator": ("listing_hidden", "/produk/{order_id}", "menyembunyikan “Keripik singkong”. Fotonya milik")},
    ),
    "listing restored": (
        lambda cast: [],
        lambda cast: product(cast, listings.ListingRestored),
        {"initiator": ("listing_restored", "/produk/{order_id}", "“Keripik singkong” tidak disembunyikan lagi")},
    ),
    "appeal rejected": (
        lambda cast: [],
        lambda cast: product(cast, listings.ListingAppealRejected, may_repeat=True),
        {"initiator": ("listing_appeal_rejected", "/produk/{order_id}", "lalu ajukan keberatan sekali lagi")},
    ),
    "appeal rejected for good": (
        lambda cast: [],
        lambda cast: product(cast, listings.ListingAppealRejected, may_repeat=False),
        {"initiator": ("listing_appeal_rejected", "/produk/{order_id}", "tidak bisa diajukan lagi")},
    ),
    "supplier registered": (
        lambda cast: [],
        lambda cast: workshop(cast, offers.SupplierRegistered, name="Bengkel Jaya"),
        {"operator": ("supplier_registered", "/petugas", "Pemasok “Bengkel Jaya”")},
    ),
    "supplier verified": (
        lambda cast: [workshop(cast, offers.SupplierRegistered, name="Bengkel Jaya")],
        lambda cast: workshop(cast, offers.SupplierVerified, verified_by=cast.operator),
        {"supplier": ("supplier_verified", "/akun", "memeriksa pemasok “Bengkel Jaya”")},
    ),
    "supplier rejected": (
        lambda cast: [workshop(cast, offers.SupplierRegistered, name="Bengkel Jaya")],
        lambda cast: workshop(cast, offers.SupplierRejected, reason="Rekening salah"),
        {"supplier": ("supplier_rejected", "/akun", "“Rekening salah”")},
    ),
    "need raised": (
        lambda cast: needed(cast)[:1],
        lambda cast: cast.need(posyantek.NeedRaised),
        {
            "operator": (
                "need_raised",
                "/kebutuhan/{need_id}",
                "membutuhkan alat “Spinner peniris” di Posyantek Pancoran",
            )
        },
    ),
    "need supported": (
        needed,
        lambda cast: cast.need(posyantek.NeedSupported, 2, account_id=cast.initiator),
        {},
    ),
    "need matured": (
        lambda cast: [
            *needed(cast, "initiator", "treasurer", "supplier"),
            cast.need(posyantek.NeedSupportWithdrawn, 3, account_id=cast.supplier),
        ],
        lambda cast: cast.need(posyantek.NeedMatured, 3, 5),
        {
            "member": ("need_matured", "/kebutuhan/{need_id}", "Sudah 3 orang membutuhkan alat “Spinner peniris”"),
            "initiator": ("need_matured", "/kebutuhan/{need_id}", "seluruhnya 5 unit. Usulkan urun beli"),
            "treasurer": ("need_matured", "/kebutuhan/{need_id}", "di Posyantek Pancoran"),
            "operator": ("need_matured_here", "/kebutuhan/{need_id}", "bantu mengusulkan urun belinya"),
        },
    ),
    "need closed": (
        needed,
        lambda cast: cast.need(posyantek.NeedClosed, ending="not_feasible", closed_by=cast.operator),
        {
            "member": (
                "need_closed",
                "/kebutuhan/{need_id}",
                "Petugas Posyantek Pancoran menutup kebutuhan alat “Spinner peniris”. Untuk sekarang belum bisa dipenuhi.",
            )
        },
    ),
    "need closed because nobody is left": (
        lambda cast: [*needed(cast), cast.need(posyantek.NeedSupportWithdrawn, 0, 0)],
        lambda cast: cast.need(posyantek.NeedClosed, 0, 0, ending="abandoned", closed_by=None),
        {},
    ),
    "role granted": (
        lambda cast: [],
        lambda cast: cast.role(cast.member, "chair"),
        {"member": ("role_granted", "/petugas", "Anda sekarang ketua di Posyantek Pancoran")},
    ),
    "role revoked": (
        lambda cast: [cast.role(cast.member, "treasurer")],
        lambda cast: identity.RoleRevoked(
            account_id=cast.member, role="treasurer", scope_kind="post", scope_id=cast.post_id
        ),
        {"member": ("role_revoked", "/akun", "tidak lagi menjadi bendahara")},
    ),
    "role over something else, which follows from what one has done": (
        lambda cast: [],
        lambda cast: cast.role(cast.member, "owner", scope_kind="business", scope_id=cast.offer_id),
        {},
    ),
}
ROLES = ("initiator", "treasurer", "operator", "supplier", "member")


async def opened(house, cast, **more):
    post = posyantek.PostRegistered(
        post_id=cast.post_id,
        name="Posyantek Pancoran",
        region_code="31.74.08",
        region_level="district",
        region_name="Pancoran",
    )
    await house.say(post, cast.role(cast.operator), cast.submitted(), cast.opened(**more))


async def everybody(house, cast):
    return {role: await house.inbox(getattr(cast, role)) for role in ROLES}


@pytest.mark.parametrize("step", STEPS)
async def test_step_tells_exactly_whom_it_concerns(house, cast, step):
    before, event, expected = STEPS[step]
    await opened(house, cast)
    await house.say(*before(cast))
    already = {role: len(messages) for role, messages in (await everybody(house, cast)).items()}
    await house.say(event(cast))
    told = {
        role: messages[already[role] :]
        for role, messages in (await everybody(house, cast)).items()
        if messages[already[role] :]
    }
    assert {role: [message["template"] for message in messages] for role, messages in told.items()} == {
        role: [template] for role, (template, _, _) in expected.items()
    }
    for role, (_, link, words) in expected.items():
        message = told[role][0]
        ids = {name: getattr(cast, name) for name in ("pool_id", "pledge_id", "order_id", "need_id")}
        assert message["link"] == link.format(**ids)
        assert words in message["text"]
        assert message["read"] is False


def test_every_template_has_a_step():
    said = {template for _, _, expected in STEPS.values() for template, _, _ in expected.values()}
    assert said | {"pool_opened", "treasurer_named"} == TEMPLATES.keys()


async def test_opening_tells_initiator_and_treasurer(house, cast):
    await opened(house, cast)
    assert await house.told(cast.initiator) == ["pool_opened"]
    assert await house.told(cast.treasurer) == ["treasurer_named"]
    message = (await house.inbox(cast.initiator))[0]
    assert message["link"] == f"/urun/{cast.pool_id}"
    assert "sampai Jumat, 12 Desember 2025 pukul 12.00 WIB" in message["text"]


async def test_event_delivered_again_tells_nobody_twice(house, cast):
    await opened(house, cast)
    envelope = house.sayings.envelope(cast.pledged())
    await house.publish(envelope, envelope)
    await house.publish(envelope)
    await house.say(cast.due("accepted", 250_000), cast.due("accepted", 250_000))
    assert await house.told(cast.member) == ["pledge_made", "amount_due"]


async def test_older_statement_that_comes_late_changes_nothing(house, cast):
    await opened(house, cast)
    late, newer = house.sayings.envelope(cast.due("accepted", 250_000)), house.sayings.envelope(cast.due("failed"))
    await house.publish(newer, late)
    await quiet(house.runner)
    assert await house.told(cast.member) == ["pledge_failed"]


async def test_answer_that_overtakes_its_pool_waits_for_it(house, cast):
    accepted = answered(cast, offers.PurchaseOrderAccepted, accepted_at=cast.opened().deadline)
    await house.publish(house.sayings.envelope(accepted))

    async def parked():
        async with house.context.db.read() as sql:
            return await sql.rows("SELECT FROM parked WHERE aggregate_id = $1", cast.order_id)

    await eventually(parked)
    assert await house.told(cast.initiator) == []
    await opened(house, cast)
    await quiet(house.runner)
    assert sorted(await house.told(cast.initiator)) == ["order_accepted", "pool_opened"]


async def test_name_that_comes_after_the_message_stands_in_it(house, cast):
    await house.say(cast.pledged())
    assert "Anda ikut urun beli ini: 2 unit" in (await house.inbox(cast.member))[0]["text"]
    await house.say(cast.submitted())
    assert "Anda ikut urun beli “Spinner Cempaka”: 2 unit" in (await house.inbox(cast.member))[0]["text"]


async def test_operator_heard_of_late_is_told_what_waits(house, cast):
    await house.say(cast.submitted(), business(cast, listings.BusinessRegistered, name="Keripik"))
    await house.say(cast.role(cast.operator), cast.role(cast.initiator), cast.role(cast.treasurer, "treasurer"))
    assert sorted(await house.told(cast.operator)) == ["business_registered", "pool_submitted", "role_granted"]
    assert await house.told(cast.initiator) == ["role_granted"], "nobody is asked to check their own"
    assert await house.told(cast.treasurer) == ["role_granted"], "this is not a treasurer's work"


async def test_who_has_two_tasks_is_told_once(house, cast):
    await opened(house, cast)
    await house.say(
        cast.role(cast.treasurer), payout(cast, pools.PayoutRequested), cast.role(cast.treasurer, "treasurer")
    )
    assert (await house.told(cast.treasurer)).count("payout_requested") == 1


async def test_former_operator_is_told_nothing_even_if_events_come_crosswise(house, cast):
    granted = house.sayings.envelope(cast.role(cast.operator), version=7)
    revoked = house.sayings.envelope(
        identity.RoleRevoked(account_id=cast.operator, role="operator", scope_kind="post", scope_id=cast.post_id),
        version=8,
    )
    await house.publish(revoked, granted)
    await house.say(cast.submitted())
    assert "pool_submitted" not in await house.told(cast.operator)


async def test_who_left_the_pool_hears_no_more_of_it(house, cast):
    await opened(house, cast)
    stays, leaves, unpaid = [(new_id(), new_id()) for _ in range(3)]
    await house.say(cast.pledged(*(cast.line(account, pledge) for account, pledge in (stays, leaves, unpaid))))
    await house.say(
        pools.PledgeWithdrawn(pool_id=cast.pool_id, pledge_id=leaves[1], account_id=leaves[0]),
        cast.due("dropped", account_id=unpaid[0], pledge_id=unpaid[1]),
        ordered(cast),
    )
    assert await house.told(stays[0]) == ["pledge_made", "pool_ordered"]
    assert await house.told(leaves[0]) == ["pledge_made", "pledge_withdrawn"]
    assert await house.told(unpaid[0]) == ["pledge_made", "pledge_dropped"]


async def test_closing_that_is_run_again_is_told_by_the_amounts_alone(house, cast):
    await opened(house, cast)
    await house.say(cast.pledged(), cast.closed("allocated", 2, 250_000), cast.due("accepted", 250_000))
    await house.say(cast.closed("allocated", 2, 255_000), cast.due("adjusted", 255_000))
    assert await house.told(cast.member) == ["pledge_made", "pledge_allocated", "amount_due", "amount_raised"]


async def test_deposit_is_not_asked_for_twice(house, cast):
    await opened(house, cast, timing="deposit")
    await house.say(cast.pledged(), cast.due("accepted", 250_000))
    pledge, amount = await house.inbox(cast.member)
    assert "Titipkan uangnya lewat transfer" in pledge["text"]
    assert "Dibayar dari uang yang sudah Anda titipkan" in amount["text"]


async def test_five_hundred_members_are_told_by_few_statements(house, cast):
    await opened(house, cast)
    people = [(new_id(), new_id()) for _ in range(500)]
    await house.say(cast.pledged(*(cast.line(account, pledge) for account, pledge in people)))
    await house.say(ordered(cast))
    async with house.context.db.read() as sql:
        counts = await sql.rows(
            "SELECT template, count(*), count(DISTINCT account_id) AS people FROM messages"
            " WHERE subject_id = $1 AND template IN ('pledge_made', 'pool_ordered') GROUP BY 1 ORDER BY 1",
            cast.pool_id,
        )
    assert [tuple(row) for row in counts] == [("pledge_made", 500, 500), ("pool_ordered", 501, 501)]


async def test_erased_person_leaves_nothing_and_gets_nothing(house, cast):
    await opened(house, cast)
    await house.say(
        cast.profile(cast.initiator), business(cast, listings.BusinessRegistered, name="Keripik Bu Sri"), cast.pledged()
    )
    assert await house.told(cast.initiator) == ["pool_opened"]
    late = house.sayings.envelope(cast.profile(cast.initiator, name="Ibu Ratna"))
    await house.say(identity.AccountErased(account_id=cast.initiator))
    await house.publish(late)
    await house.say(ordered(cast), business(cast, listings.BusinessVerified, verified_by=cast.operator))
    assert await house.told(cast.initiator) == []
    async with house.context.db.read() as sql:
        person = await sql.row("SELECT * FROM people WHERE account_id = $1", cast.initiator)
        name = await sql.row("SELECT name FROM subjects WHERE id = $1", cast.offer_id)
    assert (person["name"], person["phone"], person["email"]) == (None, None, None)
    assert name is None
    assert await house.told(cast.member) == ["pledge_made", "pool_ordered"]
    await house.say(business(cast, listings.BusinessRegistered, name="Keripik Bu Sri"))
    async with house.context.db.read() as sql:
        assert await sql.row("SELECT name FROM subjects WHERE id = $1", cast.offer_id) is None


async def test_machine_is_called_by_its_name_in_the_readers_language(house, cast):
    await opened(house, cast)
    await house.say(*needed(cast, "initiator", "treasurer"), cast.need(posyantek.NeedMatured, 3, 5))
    for language, words in (("id", "alat “Spinner peniris”"), ("en", "the machine “Oil spinner”")):
        assert words in (await house.inbox(cast.member, language))[0]["text"]


async def test_operator_heard_of_late_is_led_to_the_need_that_waits(house, cast):
    await house.say(*needed(cast), cast.role(cast.operator), cast.role(cast.member))
    (notice,) = [message for message in await house.inbox(cast.operator) if message["template"] == "need_raised"]
    assert notice["link"] == f"/kebutuhan/{cast.need_id}"
    assert "need_raised" not in await house.told(cast.member), "nobody is told of their own"


async def test_mail_leaves_by_itself_and_is_said(house, cast):
    await house.say(cast.profile(cast.member, email="rini@contoh.id", name="Rini", language="en"))
    await opened(house, cast)
    await house.say(cast.pledged())

    async def mails():
        return [message for message in house.email.sent if message.to == "rini@contoh.id"]

    (mail,) = await eventually(mails)
    assert mail.subject == "Your pledge is recorded"
    assert mail.text.startswith("Hello Rini,\n\nYou have joined the pool “Spinner Cempaka”: 2 units")
    assert f"/komitmen/{cast.pledge_id}\n" in mail.text
    assert mail.language == "en"

    async def said():
        async with house.context.db.read() as sql:
            return await sql.rows("SELECT body::text AS body FROM events WHERE aggregate_id = $1", mail.reference)

    bodies = [loads(row["body"]) for row in await eventually(said, until=lambda found: len(found) == 2)]
    message_id = (await house.inbox(cast.member))[0]["id"]
    assert sorted(body.pop("channel") for body in bodies) == ["email", "whatsapp"]
    assert bodies == [{"message_id": message_id, "account_id": str(cast.member), "template": "pledge_made"}] * 2


async def test_everything_stands_in_the_book(house):
    from services.notifications.queries import verify

    async with house.context.db.read() as sql:
        findings = await verify(sql, house.context)
    assert findings.drifts == []
    assert "Posyantek Pancoran" in findings.facts["post_name"].values()
