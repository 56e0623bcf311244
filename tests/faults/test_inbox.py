"""Exactly once is the inbox's work: a handler that would count twice is let at an event once, however often it comes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from shared.broker import Envelope
from shared.contracts.posyantek import PostRegistered
from shared.http.routes import Routes
from shared.ids import new_id
from shared.inbox import Receiver
from shared.service import Consumers, Context, Service


def envelope() -> Envelope:
    event = PostRegistered(
        post_id=new_id(), name="Posyantek", region_code="31.71.05", region_level="district", region_name="Cempaka Putih"
    )
    body = event.model_dump_json().encode()
    return Envelope(new_id(), event.type, "/urunbeli/posyantek", event.post_id, 1, datetime.now(UTC), body)


@pytest.fixture
async def counting(database, settings):
    """A receiver whose only handler counts, and what it has counted."""
    counted, consumers = [], Consumers()

    @consumers.reaction(PostRegistered)
    async def count(tx, event, delivery):
        await tx.now()
        counted.append(delivery.event_id)

    db = await database("posyantek")
    return Receiver(Service("posyantek", Routes("posyantek"), consumers), Context("posyantek", settings, db)), counted


async def test_an_event_that_comes_three_times_takes_effect_once(counting):
    receiver, counted = counting
    one, other = envelope(), envelope()
    for event in (one, other, one, one, other):
        await receiver.deliver(event)
    assert counted == [one.id, other.id]


async def test_two_consumers_that_get_an_event_at_once_handle_it_once(counting):
    receiver, counted = counting
    event = envelope()
    await asyncio.gather(*(receiver.deliver(event) for _ in range(4)))
    assert counted == [event.id]
