"""Roles that come from what other services say, and those with which an installation begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.identity import commands
from services.identity.app import service
from services.identity.domain.contacts import read_contact
from services.identity.domain.roles import DKI_JAKARTA
from services.identity.refusals import ContactInvalid
from services.identity.repository import grants
from shared.auth import Grant
from shared.broker import Envelope
from shared.contracts.listings import BusinessRegistered
from shared.contracts.offers import SupplierVerified
from shared.contracts.pools import PoolOpened
from shared.contracts.posyantek import OfficerAppointed, OfficerDismissed
from shared.db import DataRefused
from shared.ids import new_id
from shared.inbox import Receiver
from shared.testing.databases import rolled_back, said

POST, SUPPLIER, BUSINESS, POOL = new_id(), new_id(), new_id(), new_id()


@pytest.fixture(scope="module")
async def system(run_services, module_dsn):
    async with run_services(module_dsn, "identity") as (runner, client):
        yield runner, client


@pytest.fixture
def hear(system):
    """Deliver an event as the broker does, under a given id or a new one."""
    receiver = Receiver(service, system[0].contexts["identity"])

    async def deliver(event, event_id=None):
        await receiver.deliver(
            Envelope(
                event_id or new_id(), event.type, "test", event.aggregate_id, 1, datetime.now(UTC),
                event.model_dump_json().encode(),
            )
        )  # fmt: skip

    return deliver


@pytest.fixture
def roles_of(system):
    async def roles(account_id):
        async with system[0].contexts["identity"].db.read() as sql:
            return await grants.grants_of(sql, account_id)

    return roles


@pytest.fixture
def role_events_of(system):
    async def events(account_id):
        async with system[0].contexts["identity"].db.read() as sql:
            rows = await sql.rows(
                "SELECT type FROM events WHERE aggregate_id = $1 AND type LIKE '%role%' ORDER BY version", account_id
            )
        return [row["type"] for row in rows]

    return events


def pool_opened(initiator, treasurer):
    return PoolOpened(
        pool_id=POOL, post_id=POST, initiator_account_id=initiator, treasurer_account_id=treasurer, verified_by=new_id(),
        title="Spinner", offer_id=new_id(), offer_version=1, supplier_id=SUPPLIER, supplier_account_id=new_id(),
        technology_id=new_id(), methods=["cash"], timing="deposit", deadline=datetime.now(UTC) + timedelta(days=7),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("event_for", "expected"),
    [
        (lambda a: OfficerAppointed(post_id=POST, account_id=a, role="operator"), [("operator", "post", POST)]),
        (lambda a: OfficerAppointed(post_id=POST, account_id=a, role="chair"), [("chair", "post", POST)]),
        (lambda a: OfficerAppointed(post_id=POST, account_id=a, role="treasurer"), [("treasurer", "post", POST)]),
        (
            lambda a: SupplierVerified(supplier_id=SUPPLIER, account_id=a, post_id=POST, verified_by=new_id()),
            [("supplier", "supplier", SUPPLIER)],
        ),
        (
            lambda a: BusinessRegistered(business_id=BUSINESS, owner_account_id=a, post_id=POST, name="Keripik"),
            [("owner", "business", BUSINESS)],
        ),
        (lambda a: pool_opened(a, a), [("initiator", "group", POOL), ("treasurer", "group", POOL)]),
    ],
    ids=["operator", "chair", "treasurer", "supplier", "owner", "group"],
)
async def test_an_event_grants_its_role_once_however_often_it_comes(
    system, hear, log_in, roles_of, role_events_of, event_for, expected
):
    person = await log_in(system[1])
    event, event_id = event_for(person.account_id), new_id()
    await hear(event, event_id)
    await hear(event, event_id)  # the broker brings it again
    await hear(event)  # and somebody says it again
    assert await roles_of(person.account_id) == [Grant(*grant) for grant in expected]
    assert await role_events_of(person.account_id) == ["identity.role_granted.v1"] * len(expected)


async def test_initiator_and_treasurer_may_be_two(system, hear, log_in, roles_of):
    initiator, treasurer = await log_in(system[1]), await log_in(system[1])
    await hear(pool_opened(initiator.account_id, treasurer.account_id))
    assert await roles_of(initiator.account_id) == [Grant("initiator", "group", POOL)]
    assert await roles_of(treasurer.account_id) == [Grant("treasurer", "group", POOL)]


async def test_a_dismissal_takes_that_role_only(system, hear, log_in, roles_of, role_events_of):
    person = await log_in(system[1])
    for role in ("operator", "chair"):
        await hear(OfficerAppointed(post_id=POST, account_id=person.account_id, role=role))
    for _ in range(2):
        await hear(OfficerDismissed(post_id=POST, account_id=person.account_id, role="operator"))
    assert await roles_of(person.account_id) == [Grant("chair", "post", POST)]
    assert (await role_events_of(person.account_id)).count("identity.role_revoked.v1") == 1


async def test_nobody_and_the_erased_get_no_role_and_hold_nothing_up(system, hear, log_in, roles_of):
    runner, client = system
    erased = await log_in(client)
    assert (await erased.send("POST", "/api/v1/accounts/me/erasure", {})).status == 204
    for account_id in (erased.account_id, new_id()):
        await hear(OfficerAppointed(post_id=POST, account_id=account_id, role="operator"))
        await hear(OfficerDismissed(post_id=POST, account_id=account_id, role="operator"))
        assert await roles_of(account_id) == []
    async with runner.contexts["identity"].db.read() as sql:
        assert await sql.value("SELECT count(*) FROM parked") == 0


async def test_a_heard_role_comes_with_the_next_token(system, hear, log_in):
    person = await log_in(system[1])
    assert (await person.send("GET", "/api/v1/accounts/search?phone=081234567890")).status == 403
    await hear(OfficerAppointed(post_id=POST, account_id=person.account_id, role="operator"))
    assert (await person.send("GET", "/api/v1/accounts/search?phone=081234567890")).status == 200


async def test_ensuring_an_officer_is_done_once(db, phone):
    async with rolled_back(db) as tx:
        first = await commands.ensure_officer(tx, phone, "Ibu Ratna")
        again = await commands.ensure_officer(tx, phone.replace("+62", "0"), "Nama lain")
        assert first == again
        assert await grants.grants_of(tx, first) == [Grant("officer", "province", DKI_JAKARTA)]
        assert await said(tx) == [
            {"type": "identity.account_registered.v1", "account_id": str(first)},
            {
                "type": "identity.profile_changed.v1", "account_id": str(first), "name": "Ibu Ratna", "phone": phone,
                "email": None, "language": "id",
            },
            {
                "type": "identity.role_granted.v1", "account_id": str(first), "role": "officer",
                "scope_kind": "province", "scope_id": str(DKI_JAKARTA),
            },
        ]  # fmt: skip


async def test_somebody_known_becomes_officer_under_their_own_name(db, phone):
    async with rolled_back(db) as tx:
        account = await commands.register(tx, read_contact(phone), "Ibu Sri", "en", now=await tx.now(), proved=True)
        assert await commands.ensure_officer(tx, phone, "Ibu Ratna") == account.id
        assert await tx.value("SELECT name FROM accounts WHERE id = $1", account.id) == "Ibu Sri"


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ("+6281234567890", ValueError),
        ("Ibu Ratna", ValueError),
        ("Ibu Ratna <12>", ContactInvalid),
        ("<081234567890>", ValueError),
    ],
)
async def test_a_first_officer_that_cannot_be_read_stops_the_start(db, setting, error):
    async with rolled_back(db) as tx:
        with pytest.raises(error):
            await commands.ensure_first_officer(tx, setting)


async def test_the_first_officer_does_not_come_back_once_there_are_others(db, new_phone):
    async with rolled_back(db) as tx:
        first = await commands.ensure_first_officer(tx, f"Ibu Ratna <{new_phone()}>")
        assert first is not None
        assert await commands.ensure_first_officer(tx, f"Pak Lain <{new_phone()}>") is None


@pytest.mark.parametrize("table", ["consents", "assistances"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_proofs_cannot_be_changed_even_by_hand(worker_dsn, settings, table, change):
    import asyncpg

    connection = await asyncpg.connect(worker_dsn)
    try:
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(change.format(f"identity.{table}"))
        role = "SET ROLE urunbeli_identity"
        await connection.execute(role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change.format(f"identity.{table}"))
    finally:
        await connection.close()


async def test_the_database_knows_which_roles_there_are(db, phone):
    async with rolled_back(db) as tx:
        account = await commands.register(tx, read_contact(phone), "Ibu Sri", "id", now=await tx.now(), proved=True)
        for grant in (Grant("operator", "group", POOL), Grant("king", "post", POST)):
            with pytest.raises(DataRefused):
                async with tx.savepoint():
                    await grants.add_grant(
                        tx, account.id, grant, await tx.now(), granted_by=None, cause="test", cause_id=None
                    )
