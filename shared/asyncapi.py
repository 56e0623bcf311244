"""The AsyncAPI 3 document of the events, made from the contracts and from who hears what."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.broker.amqp import EXCHANGE, queue_name
from shared.contracts import all_events
from shared.service import Service

REF = "#/components/schemas/{model}"


def asyncapi(services: Iterable[Service]) -> dict[str, Any]:
    """Make the document: a channel per event type, a send operation of its publisher, a receive one per hearer."""
    events = all_events()
    named, definitions = models_json_schema([(event, "serialization") for event in events.values()], ref_template=REF)
    channels, messages, operations = {}, {}, {}
    for type_, event in events.items():
        key = type_.replace(".", "_")
        channels[key] = {
            "address": type_,
            "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
            "bindings": {
                "amqp": {"is": "routingKey", "exchange": {"name": EXCHANGE, "type": "topic", "durable": True}}
            },
        }
        messages[event.__name__] = {
            "name": type_,
            "summary": inspect.cleandoc(event.__doc__ or "").splitlines()[0],
            "description": "Transient: erased from the log once published."
            if event.transient
            else "Permanent: ids only.",
            "contentType": "application/json",
            "headers": {"$ref": REF.format(model="CloudEvent")},
            "payload": named[event, "serialization"],
        }
        operations[f"{key}_send"] = {"action": "send", "channel": {"$ref": f"#/channels/{key}"}}
    for service in services:
        for type_ in service.consumers.types():
            key = type_.replace(".", "_")
            operations[f"{service.name}_hears_{key}"] = {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{key}"},
                "description": f"Queue {queue_name(service.name)}",
            }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "urunbeli events",
            "version": "1",
            "description": "CloudEvents 1.0 in the AMQP binding's binary mode. Versions count per aggregate.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {**definitions.get("$defs", {}), "CloudEvent": _CLOUD_EVENT}},
    }


_CLOUD_EVENT: dict[str, Any] = {
    "type": "object",
    "required": [
        f"cloudEvents:{name}" for name in ("specversion", "id", "type", "source", "subject", "time", "aggregateversion")
    ],
    "properties": {
        "cloudEvents:specversion": {"const": "1.0"},
        "cloudEvents:id": {"type": "string", "format": "uuid"},
        "cloudEvents:type": {"type": "string"},
        "cloudEvents:source": {"type": "string"},
        "cloudEvents:subject": {"type": "string", "format": "uuid", "description": "The aggregate's id."},
        "cloudEvents:time": {"type": "string", "format": "date-time"},
        "cloudEvents:aggregateversion": {"type": "integer", "minimum": 1},
        "traceparent": {"type": "string", "description": "W3C trace context."},
    },
}
