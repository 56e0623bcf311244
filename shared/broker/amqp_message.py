"""An event as an AMQP message: the CloudEvents AMQP binding."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.broker import Envelope


def write_message(envelope: Envelope) -> aio_pika.Message:
    """Write the CloudEvents AMQP binding in binary mode: attributes as prefixed headers, the data as the body."""
    headers: dict[str, str | int] = {
        "cloudEvents:specversion": "1.0",
        "cloudEvents:id": str(envelope.id),
        "cloudEvents:type": envelope.type,
        "cloudEvents:source": envelope.source,
        "cloudEvents:subject": str(envelope.aggregate_id),
        "cloudEvents:time": envelope.at.astimezone(UTC).isoformat(),
        "cloudEvents:aggregateversion": envelope.version,
    }
    if envelope.traceparent:
        headers["cloudEvents:traceparent"] = headers["traceparent"] = envelope.traceparent
    return aio_pika.Message(
        envelope.body,
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(envelope.id),
        type=envelope.type,
        headers=dict(headers),
    )


def read_message(message: AbstractIncomingMessage) -> Envelope:
    """Read the CloudEvents attributes back. Raises `KeyError`, `TypeError` or `ValueError` where they are wrong."""
    headers = message.headers
    if headers["cloudEvents:specversion"] != "1.0":
        raise ValueError("not a CloudEvents 1.0 message")
    version, trace = headers["cloudEvents:aggregateversion"], headers.get("traceparent")
    if not isinstance(version, int):
        raise TypeError("aggregateversion is not a number")
    return Envelope(
        id=UUID(str(headers["cloudEvents:id"])),
        type=str(headers["cloudEvents:type"]),
        source=str(headers["cloudEvents:source"]),
        aggregate_id=UUID(str(headers["cloudEvents:subject"])),
        version=version,
        at=datetime.fromisoformat(str(headers["cloudEvents:time"])),
        body=message.body,
        traceparent=str(trace) if trace else None,
    )
