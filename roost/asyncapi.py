"""The AsyncAPI 3.0 document of the topics, generated from their declarations and models."""

from __future__ import annotations

from typing import Any

from roost.topics import TOPICS, Topic

HEADERS = {
    "ce_specversion": "CloudEvents version, `1.0`",
    "ce_id": "derived from the content: the same event has the same id",
    "ce_type": "type of the event; ends in `.erased` for a tombstone",
    "ce_source": "process or partner that published the event",
    "ce_time": "time at which the fact was posted, RFC 3339",
    "content-type": "application/json; charset=utf-8",
}


def document() -> dict[str, Any]:
    """Return the document as plain values, the same on every call.

    Its schemas allow unknown fields, for a newer release may add some (ADR 0020).
    """
    schemas: dict[str, Any] = {}
    for topic in TOPICS:
        schema = topic.event.model_json_schema(
            by_alias=True, ref_template="#/components/schemas/{model}"
        )
        definitions = schema.pop("$defs", {}) | {topic.event.__name__: schema}
        schemas |= {name: _tolerant(each) for name, each in definitions.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Roost",
            "version": "1",
            "description": (
                "CloudEvents 1.0 in binary content mode over Kafka. "
                "Consumers ignore fields that they do not know."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "components": {
            "messages": {topic.event.__name__: _message(topic) for topic in TOPICS},
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _tolerant(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop `additionalProperties: false`, which holds for requests only."""
    return {
        keyword: value
        for keyword, value in schema.items()
        if keyword != "additionalProperties" or value is not False
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": topic.meaning,
        "messages": {
            topic.event.__name__: {"$ref": f"#/components/messages/{topic.event.__name__}"}
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": topic.config(),
            }
        },
    }


def _message(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.event_type,
        "summary": topic.meaning,
        "headers": {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": meaning}
                for name, meaning in HEADERS.items()
            },
        },
        "payload": {"$ref": f"#/components/schemas/{topic.event.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
    }
