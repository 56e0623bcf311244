"""Rebuilding a copy: the same rows, in one go, beside a running service; reactions are not run, parked events stay."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from shared.contracts import all_events
from shared.ids import new_id
from shared.operate import replaying
from shared.operate.opening import UnknownName
from shared.operate.rebuilding import chosen
from shared.operate.snapshotting import say_snapshot
from shared.testing.running import eventually, quiet

sys.path.insert(0, str(Path(__file__).parent))
import copier
import example

HANDLED = "SELECT handler, event_id FROM inbox ORDER BY 1, 2"
WAITS_FOR_INBOX = """
SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE datname = current_database() AND relation = 'inbox'::regclass AND NOT granted
"""


async def test_copy_is_the_same_and_a_broken_one_is_healed(copying, monkeypatch):
    monkeypatch.setattr(replaying, "PAGE", 3)
    notes = [await copying.write(f"note {number}", quiet_after=False) for number in range(5)]
    await copying.write("note 2, better", note=notes[2])
    before = await copying.copies()
    assert (notes[2], "note 2, better", 3) in before["notes_heard"]
    assert (notes[2], "secret of note 2, better", False, 4) in before["secrets_heard"]
    handled = await copying.rows(HANDLED)
    said = await copying.rows("SELECT count(*) FROM events", of="example")
    await copying.run("DELETE FROM notes_heard WHERE note_id = $1", notes[0])
    await copying.run("UPDATE notes_heard SET text = 'wrong' WHERE note_id = $1", notes[1])
    await copying.run("INSERT INTO notes_heard VALUES ($1, 'of nobody', 1)", new_id())
    await copying.run("UPDATE secrets_heard SET secret = 'wrong', version = 99")
    reports = []
    rebuilt = await copying.rebuild(report=reports.append)
    assert await copying.copies() == before
    assert await copying.rows(HANDLED) == handled
    assert await copying.rows("SELECT count(*) FROM events", of="example") == said
    assert (rebuilt.counts.handled, rebuilt.counts.failed, rebuilt.tables) == (11, 0, ["notes_heard", "secrets_heard"])
    assert [(one.done, one.total) for one in reports] == [(0, 12), (3, 12), (6, 12), (9, 12), (12, 12)]


async def test_what_the_service_has_of_its_own_beside_a_copy_stays(copying):
    note = await copying.write("note")
    await copying.run("UPDATE secrets_heard SET pinned = true, secret = 'wrong'")
    await copying.rebuild("keep_secret")
    assert await copying.rows("SELECT * FROM secrets_heard") == [(note, "secret of note", True, 2)]


async def test_what_its_owner_has_forgotten_does_not_come_back(copying):
    note = await copying.write("note")
    await copying.run("DELETE FROM notes WHERE id = $1", note, of="example")
    await copying.rebuild()
    assert await copying.rows("SELECT secret FROM secrets_heard") == [(None,)]


async def test_event_on_its_way_takes_effect_once(copying):
    """The copy is being rebuilt while notes are written: readers see the old copy, and nothing is lost or done twice."""
    note = await copying.write("held")
    copier.gate.clear()
    copier.at_gate.clear()
    try:
        task = asyncio.create_task(copying.rebuild())
        await asyncio.wait_for(copier.at_gate.wait(), 10)
        late = await copying.write("late", quiet_after=False)
        await eventually(lambda: copying.rows(WAITS_FOR_INBOX))
        assert await copying.rows("SELECT note_id, text FROM notes_heard") == [(note, "held")]
        assert not task.done()
        assert await copying.rows("SELECT FROM reactions") == [()]
    finally:
        copier.gate.set()
    await task
    await quiet(copying.runner)
    found = await copying.copies()
    assert sorted(found["notes_heard"]) == sorted([(note, "held", 1), (late, "late", 1)])
    assert len(found["reactions"]) == 2


async def test_rebuild_that_breaks_off_has_changed_nothing(copying):
    await copying.write("note")
    await copying.run("UPDATE notes_heard SET text = 'as it was'")
    before = await copying.copies()

    def break_off(progress):
        if progress.done == progress.total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await copying.rebuild(report=break_off)
    assert await copying.copies() == before
    await copying.rebuild()
    assert await copying.rows("SELECT text FROM notes_heard") == [("note",)]


async def test_parked_event_stays_parked_with_what_waits_behind_it(copying):
    good = await copying.write("good")
    await copying.run("INSERT INTO bans VALUES ('bad')")
    bad = await copying.write("first", quiet_after=True)
    await copying.write("bad", note=bad, quiet_after=False)
    await copying.write("after", note=bad, quiet_after=False)
    await eventually(lambda: parked(copying), until=lambda found: len(found) == 5)
    before, waiting = await copying.copies(), await parked(copying)
    handled = await copying.rows(HANDLED)
    rebuilt = await copying.rebuild()
    after = await copying.copies()
    assert (bad, "first", 1) in before["notes_heard"]
    assert after["notes_heard"] == before["notes_heard"]
    # Of a transient fact only the present is known; it stands in for the last one heard, until that one's turn comes.
    assert (bad, "secret of after", False, 2) in after["secrets_heard"]
    assert await parked(copying) == waiting
    assert await copying.rows(HANDLED) == handled
    assert (rebuilt.counts.left_parked, rebuilt.counts.failed) == (4, 0)
    await copying.run("DELETE FROM bans")
    await quiet(copying.runner)
    assert {row[:2] for row in (await copying.copies())["notes_heard"]} == {(good, "good"), (bad, "after")}


async def parked(copying):
    return await copying.rows("SELECT handler, version FROM parked ORDER BY position")


async def test_event_that_fails_now_is_parked_and_later_ones_of_its_aggregate_behind_it(copying, monkeypatch):
    monkeypatch.setattr(replaying, "PAGE", 2)
    good, bad = await copying.write("good"), await copying.write("first")
    await copying.write("bad", note=bad)
    await copying.write("after", note=bad)
    await copying.run("INSERT INTO bans VALUES ('bad')")
    rebuilt = await copying.rebuild()
    assert rebuilt.counts.failed == 3
    rows = await copying.rows("SELECT version, split_part(handler, ':', 1), reason FROM parked ORDER BY position")
    assert [row[:2] for row in rows] == [(3, "keep_note"), (5, "keep_note"), (6, "keep_secret")]
    assert rows[0][2] == "ValueError: this note is banned"
    assert {row[:2] for row in (await copying.copies())["notes_heard"]} == {(good, "good"), (bad, "first")}
    await copying.run("DELETE FROM bans")
    await quiet(copying.runner)
    assert {row[:2] for row in (await copying.copies())["notes_heard"]} == {(good, "good"), (bad, "after")}
    assert (bad, "secret of after", False, 6) in (await copying.copies())["secrets_heard"]


async def test_service_that_has_heard_nothing_yet_gets_its_copies_by_a_rebuild(copying):
    note = await copying.write("before its time")
    for table in ("inbox", "heard", "notes_heard", "secrets_heard"):
        await copying.run(f"DELETE FROM {table}")
    await copying.rebuild()
    assert await copying.rows("SELECT note_id, text, version FROM notes_heard") == [(note, "before its time", 1)]
    assert await copying.rows("SELECT source, aggregate_id, version FROM heard") == [("example", note, 2)]


async def test_snapshot_says_the_present_facts_anew_to_everybody(copying):
    note, gone = await copying.write("note"), await copying.write("gone")
    await copying.run("DELETE FROM notes WHERE id = $1", gone, of="example")
    await copying.run("UPDATE secrets_heard SET secret = NULL")
    assert await say_snapshot(copying.settings, copying.dsn, copier.SERVICES, "example") == 1
    await quiet(copying.runner)
    assert await copying.rows("SELECT secret, version FROM secrets_heard WHERE note_id = $1", note) == [
        ("secret of note", 3)
    ]
    assert await copying.rows("SELECT secret FROM secrets_heard WHERE note_id = $1", gone) == [(None,)]


async def test_snapshot_never_says_an_old_fact_after_a_new_one(copying):
    """A change is under way when the snapshot is taken: whichever is said last is the newer."""
    note = await copying.write("old")
    async with copying.runner.contexts["example"].db.transaction() as tx:
        await tx.run("UPDATE notes SET text = 'new' WHERE id = $1", note)
        tx.emit(example.SecretTold(note_id=note, secret="secret of new"))
        await tx.flush()
        task = asyncio.create_task(say_snapshot(copying.settings, copying.dsn, copier.SERVICES, "example"))
        waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM aggregates%'"
        await eventually(lambda: copying.rows(waits, of="example"))
    assert await task == 1
    await quiet(copying.runner)
    assert await copying.rows("SELECT secret FROM secrets_heard") == [("secret of new",)]


def test_projections_that_fill_one_table_are_rebuilt_together(all_services):
    notifications = next(service for service in all_services if service.name == "notifications")
    names = {consumer.name.partition(":")[0] for consumer in chosen(notifications, ["pools"])}
    assert names == {
        *("keep_business", "keep_supplier", "keep_post", "keep_technology"),
        *("keep_submitted_pool", "keep_opened_pool"),
    }
    assert {consumer.name.partition(":")[0] for consumer in chosen(notifications, ["drop_officer"])} == {
        "keep_officer",
        "drop_officer",
    }


def test_unknown_projection_is_told_with_those_that_are_there(all_services):
    with pytest.raises(UnknownName, match=r"pools has no projection nothing; it has .*keep_offer.*people"):
        chosen(next(service for service in all_services if service.name == "pools"), ["nothing"])


def test_whoever_says_transient_events_can_say_the_present_facts(all_services):
    named = {type_.partition(".")[0] for type_, event in all_events().items() if event.transient}
    assert named == {service.name for service in all_services if service.snapshot is not None}
