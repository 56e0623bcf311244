"""`verify` finds nothing after ordinary life, and each way in which the rows can drift apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.identity import commands
from services.identity.domain.contacts import read_contact
from services.identity.queries import verify
from shared.auth import Grant
from shared.ids import new_id
from shared.testing.databases import rolled_back

ROLE = Grant("chair", "post", new_id())


@pytest.fixture
async def life(db, resources, new_phone):
    """A transaction in which people have registered, logged in, been helped, got and lost roles, and been forgotten."""
    async with rolled_back(db) as tx:
        keys = resources.keys

        async def code_of(challenge_id):
            return await tx.value("SELECT code FROM dev_messages WHERE challenge_id = $1", challenge_id)

        async def log_in(phone):
            asked = await commands.ask_code(tx, resources, read_contact(phone), "log-in", "id", caller=None)
            code = await code_of(asked.challenge_id)
            return await commands.log_in(
                tx, keys, asked.challenge_id, code, name="Ibu Sri", consent=True, old_token=None
            )

        operator, person, gone = [await log_in(new_phone()) for _ in range(3)]
        helped = await commands.offer_help(
            tx, resources, read_contact(new_phone()), "Mbah Karto", operator_id=operator.account_id, post_id=new_id()
        )
        await commands.begin_assistance(
            tx, keys, helped.asked.challenge_id, await code_of(helped.asked.challenge_id),
            operator_id=operator.account_id, operates=lambda _: True,
        )  # fmt: skip
        for account in (operator, gone):
            await commands.appoint(tx, account.account_id, ROLE, by=None)
        await commands.dismiss(tx, operator.account_id, ROLE)
        await commands.appoint(tx, operator.account_id, ROLE, by=None)
        await commands.erase(tx, gone.account_id)
        await tx.flush()
        yield tx, person.account_id, gone.account_id, operator.account_id


async def drifts(tx):
    return {(drift.what, drift.id) for drift in (await verify(tx, None)).drifts}


async def test_ordinary_life_leaves_no_drift(life):
    tx, *_ = life
    assert await drifts(tx) == set()


@pytest.mark.parametrize(
    ("damage", "what", "whose"),
    [
        (
            "INSERT INTO contacts (account_id, kind, value) VALUES ($2, 'email', 'x@contoh.id')",
            "erased account still has a contact", "gone",
        ),
        (
            "UPDATE sessions SET ended_at = NULL, end_reason = NULL WHERE account_id = $2",
            "erased account is still logged in", "gone",
        ),
        ("DELETE FROM contacts WHERE account_id = $1", "account has no contact left", "person"),
        (
            "UPDATE accounts SET name = NULL, erased_at = clock_timestamp() WHERE id = $1",
            "account and what was said of it differ", "person",
        ),
        ("UPDATE accounts SET name = 'X', erased_at = NULL WHERE id = $2", "account and what was said of it differ", "gone"),
    ],
)  # fmt: skip
async def test_each_drift_of_an_account_is_found(life, damage, what, whose):
    tx, person, gone, _ = life
    await tx.run(damage.replace("$2", f"'{gone}'").replace("$1", f"'{person}'"))
    assert (what, str(person if whose == "person" else gone)) in await drifts(tx)


async def test_roles_that_the_log_does_not_tell_are_found(life):
    tx, person, gone, operator = life
    sneaked = "INSERT INTO grants VALUES ($1, 'operator', 'post', $2, clock_timestamp(), NULL, 'by hand', NULL)"
    await tx.run(sneaked, person, ROLE.scope_id)
    await tx.run(sneaked, gone, ROLE.scope_id)
    await tx.run("DELETE FROM grants WHERE account_id = $1", operator)
    found = await drifts(tx)
    assert ("erased account still has a role", str(gone)) in found
    by_log = f"over {ROLE.scope_id} by the log and by the table"
    assert {(what, id_) for what, id_ in found if what.startswith("role ")} == {
        (f"role operator {by_log}", str(person)),
        (f"role operator {by_log}", str(gone)),
        (f"role chair {by_log}", str(operator)),
    }


@pytest.mark.parametrize("purpose", ["log-in", "assist"])
async def test_codes_and_their_effects_must_agree(life, purpose):
    tx, *_ = life
    await tx.run("UPDATE login_codes SET used_at = NULL WHERE purpose = $1", purpose)
    assert {what for what, _ in await drifts(tx)} == {"code took effect without being used"}


async def test_a_used_code_without_effect_is_found(life, resources, phone):
    tx, *_ = life
    asked = await commands.ask_code(tx, resources, read_contact(phone), "log-in", "id", caller=None)
    now = await tx.now()
    await tx.run("UPDATE login_codes SET used_at = $2 WHERE challenge_id = $1", asked.challenge_id, now)
    assert await drifts(tx) == {("code was used to no effect", str(asked.challenge_id))}
    await commands.forget_old(tx, now + timedelta(hours=26))
    assert await drifts(tx) == set()
