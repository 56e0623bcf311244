"""Dead events: finding them however many they are, letting them be tried again, and seeing what comes of it."""

from __future__ import annotations

import argparse

import copier
import pytest

from shared.operate import command, parked, retrying
from shared.operate.opening import UnknownName
from shared.operate.parked import Filter, count_parked, parked_events
from shared.operate.retrying import outcome, retry_events
from shared.testing.running import eventually, quiet

KEEP_NOTE = "keep_note:example.note_written.v1"


async def banned(copying, count, text="bad"):
    """Write notes whose events fail, and let them be given up on. Gives the notes' ids."""
    await copying.run("INSERT INTO bans VALUES ($1) ON CONFLICT DO NOTHING", text)
    notes = [await copying.write(text, quiet_after=False) for _ in range(count)]
    standing = "SELECT FROM parked WHERE aggregate_id = ANY ($1)"
    await eventually(lambda: copying.rows(standing, notes), until=lambda found: len(found) == 2 * count)
    await copying.run("UPDATE parked SET state = 'dead' WHERE aggregate_id = ANY ($1)", notes)
    return notes


async def retry(copying, **wanted):
    return await retry_events(copying.settings, copying.dsn, copier.SERVICES, Filter(**wanted))


async def typed(copying, *words):
    """Run `events` as it is typed; gives the exit status."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return await command.run(parser.parse_args(words), copying.settings, copying.dsn, copier.SERVICES)


async def test_dead_events_are_listed_by_page_and_counted_by_handler(copying, monkeypatch):
    monkeypatch.setattr(parked, "PAGE", 2)
    notes = await banned(copying, 3)
    found = [one async for one in parked_events(copying.settings, copying.dsn, copier.SERVICES, Filter())]
    assert [one.aggregate_id for one in found if one.handler == KEEP_NOTE] == notes
    assert len(found) == 6
    counts = await count_parked(copying.settings, copying.dsn, copier.SERVICES, Filter(handler="keep_note"))
    assert [(one.service, one.handler, one.state, one.events) for one in counts] == [("copier", KEEP_NOTE, "dead", 3)]
    secrets = Filter(type="example.secret_told.v1", service="copier")
    assert len([one async for one in parked_events(copying.settings, copying.dsn, copier.SERVICES, secrets)]) == 3
    with pytest.raises(UnknownName):
        await count_parked(copying.settings, copying.dsn, copier.SERVICES, Filter(service="nobody"))


async def test_list_says_how_many_it_does_not_show(copying, capsys):
    await banned(copying, 3)
    assert await typed(copying, "dead", "--limit", "2") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "       3 dead     copier keep_note:example.note_written.v1" in lines
    assert len([line for line in lines if line.startswith("dead ")]) == 2
    assert lines[-1] == "6 events, 4 of them not shown (--limit 0 shows all)"


async def test_retry_takes_those_that_are_meant_and_tells_what_came_of_it(copying, monkeypatch):
    monkeypatch.setattr(parked, "PAGE", 2)
    healed, sick = await banned(copying, 2, "mended"), await banned(copying, 1, "still bad")
    await copying.run("DELETE FROM bans WHERE text = 'mended'")
    retried = await retry(copying)
    assert retried.events == 6
    found = await outcome(copying.settings, copying.dsn, copier.SERVICES, retried, 20)
    assert (found.handled, found.failing, found.waiting, found.untried) == (4, 1, 1, 0)
    kept = {row[0] for row in await copying.rows("SELECT note_id FROM notes_heard")}
    assert kept == set(healed)
    assert kept.isdisjoint(sick)


async def test_retry_of_one_handler_leaves_others_dead(copying):
    await banned(copying, 2)
    assert (await retry(copying, handler="keep_secret")).events == 2
    rows = await copying.rows("SELECT split_part(handler, ':', 1), state FROM parked ORDER BY position")
    assert sorted(set(rows)) == [("keep_note", "dead"), ("keep_secret", "waiting")]


async def test_retry_of_one_event_by_its_id(copying, capsys):
    await banned(copying, 2)
    (event_id,) = (await copying.rows("SELECT event_id FROM parked WHERE handler = $1 LIMIT 1", KEEP_NOTE))[0]
    await copying.run("DELETE FROM bans")
    assert await typed(copying, "retry", str(event_id), "--wait", "20") == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 events will be tried again",
        "1 handled, 0 still failing, 0 waiting",
    ]
    assert len(await copying.rows("SELECT FROM notes_heard")) == 1


async def test_expired_body_comes_back_from_the_log(copying):
    (note,) = await banned(copying, 1)
    await copying.run("UPDATE parked SET body = NULL WHERE handler = $1", KEEP_NOTE)
    await copying.run("DELETE FROM bans")
    retried = await retry(copying)
    assert (retried.events, retried.let_go) == (2, [])
    await quiet(copying.runner)
    assert await copying.rows("SELECT note_id, text FROM notes_heard") == [(note, "bad")]


async def test_expired_personal_body_is_let_go_and_bars_nobody(copying, capsys):
    note = await copying.write("first")
    await copying.run("INSERT INTO bans VALUES ('bad')")
    await copying.write("bad", note=note, quiet_after=False)
    await eventually(lambda: copying.rows("SELECT FROM parked"), until=lambda found: len(found) == 2)
    await copying.run("DELETE FROM parked WHERE handler = $1", KEEP_NOTE)
    await copying.run("UPDATE parked SET body = NULL, state = 'dead'")
    await copying.write("behind it", note=note, quiet_after=False)
    await eventually(lambda: copying.rows("SELECT FROM parked"), until=lambda found: len(found) == 4)
    assert await typed(copying, "retry") == 0
    said = capsys.readouterr().out
    assert "1 events of example had lost their bodies and were let go; now `events snapshot example`" in said
    await quiet(copying.runner)
    assert await copying.rows("SELECT secret FROM secrets_heard") == [("secret of behind it",)]


async def test_outcome_is_told_when_the_time_is_over(copying, monkeypatch):
    monkeypatch.setattr(retrying, "POLL_S", 0.01)
    await banned(copying, 1)
    retried = await retry(copying)
    await copying.run("UPDATE parked SET retry_at = 'infinity', attempts = 0")
    found = await outcome(copying.settings, copying.dsn, copier.SERVICES, retried, 0.05)
    assert (found.handled, found.failing, found.waiting, found.untried) == (0, 0, 2, 1)


async def test_rebuild_and_snapshot_say_what_they_did(copying, capsys):
    await copying.write("note")
    assert await typed(copying, "rebuild", "copier", "notes_heard") == 0
    assert "rebuilt notes_heard: 1 events handled by 1 handlers" in capsys.readouterr().out.splitlines()
    assert await typed(copying, "rebuild", "example") == 0
    assert await typed(copying, "snapshot", "example") == 0
    assert capsys.readouterr().out.splitlines() == ["example keeps no copies", "example says 1 facts anew"]
    assert await typed(copying, "snapshot", "copier") == 2
    assert await typed(copying, "rebuild", "nobody") == 2
    assert capsys.readouterr().err.splitlines() == [
        "urunbeli: copier says nothing transient",
        "urunbeli: no such service: nobody",
    ]
