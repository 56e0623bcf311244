"""What Prometheus is told, through `/metrics` of running services."""

from __future__ import annotations

import asyncio

import asyncpg
import copier
import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.testing.running import Client, eventually


@pytest.fixture
async def scrape(copying):
    """Read `/metrics`; gives the value of each sample by its name and the labels' values."""
    client = Client(f"http://127.0.0.1:{copying.settings.http_port}", copying.settings)

    async def read():
        reply = await client.get("/metrics")
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(reply.body.decode())
            for sample in family.samples
        }

    yield read
    await client.close()


async def test_what_waits_is_told_service_by_service(copying, scrape):
    found = await scrape()
    for name in ("urunbeli_outbox_waiting", "urunbeli_outbox_oldest_seconds"):
        assert {service: found[name, service] for service in ("copier", "example")} == {"copier": 0, "example": 0}
    assert found["urunbeli_queue_waiting", "copier"] == found["urunbeli_queue_dead", "copier"] == 0
    assert {state: found["urunbeli_parked_events", "copier", state] for state in ("waiting", "dead")} == {
        "waiting": 0,
        "dead": 0,
    }


async def test_queue_depth_counts_what_is_in_hand_too(copying, scrape):
    copier.gate.clear()
    copier.at_gate.clear()
    try:
        await copying.write("held up", quiet_after=False)
        await asyncio.wait_for(copier.at_gate.wait(), 10)
        await copying.write("behind it", quiet_after=False)
        await eventually(scrape, until=lambda one: one["urunbeli_queue_waiting", "copier"] == 4)
    finally:
        copier.gate.set()


async def test_parked_events_are_told_by_their_state(copying, scrape):
    await copying.run("INSERT INTO bans VALUES ('bad')")
    await copying.write("bad", quiet_after=False)
    found = await eventually(scrape, until=lambda one: one["urunbeli_parked_events", "copier", "waiting"] == 2)
    assert found["urunbeli_parked_events", "copier", "dead"] == 0
    await copying.run("UPDATE parked SET state = 'dead'")
    found = await scrape()
    assert found["urunbeli_parked_events", "copier", "waiting"] == 0
    assert found["urunbeli_parked_events", "copier", "dead"] == 2


async def test_outbox_tells_its_depth_and_the_age_of_its_oldest_event(copying, scrape):
    """A relay that cannot do its work gives the lease back; when it can again, all goes out."""
    before = await eventually(scrape, until=lambda one: one.get(("urunbeli_relay_lease_held", "example")) == 1)
    batches = ("urunbeli_relay_batch_events_count", "example")
    owner = await asyncpg.connect(copying.dsn)
    await owner.execute("REVOKE DELETE ON example.outbox FROM urunbeli_example")
    await copying.write("held up", quiet_after=False)
    found = await eventually(scrape, until=lambda one: one["urunbeli_relay_lease_held", "example"] == 0)
    assert found["urunbeli_outbox_waiting", "example"] == 2
    assert 0 < found["urunbeli_outbox_oldest_seconds", "example"] < 60
    await owner.execute("GRANT DELETE ON example.outbox TO urunbeli_example")
    await owner.close()
    found = await eventually(scrape, until=lambda one: one["urunbeli_outbox_waiting", "example"] == 0)
    assert found["urunbeli_outbox_oldest_seconds", "example"] == 0
    assert found["urunbeli_relay_lease_held", "example"] == 1
    assert found[batches] > before.get(batches, 0)


async def test_what_cannot_be_measured_shows_no_value_rather_than_an_old_one(copying, scrape):
    failures = ("urunbeli_measures_failed_total", "database")
    before = await scrape()
    owner = await asyncpg.connect(copying.dsn)
    await owner.execute("REVOKE SELECT ON copier.parked FROM urunbeli_copier")
    found = await scrape()
    assert ("urunbeli_outbox_waiting", "copier") not in found
    assert ("urunbeli_parked_events", "copier", "dead") not in found
    assert found["urunbeli_outbox_waiting", "example"] == 0
    assert found[failures] == before.get(failures, 0) + 1
    await owner.execute("GRANT SELECT ON copier.parked TO urunbeli_copier")
    await owner.close()
    assert (await scrape())["urunbeli_outbox_waiting", "copier"] == 0


async def test_broker_that_is_down_does_not_keep_the_rest_from_being_told(copying, scrape):
    before = await scrape()
    await copying.runner.broker.close()
    found = await scrape()
    assert ("urunbeli_queue_waiting", "copier") not in found
    assert found["urunbeli_outbox_waiting", "copier"] == 0
    failures = ("urunbeli_measures_failed_total", "broker")
    assert found[failures] == before.get(failures, 0) + 1
