"""The AsyncAPI 3.0 document of the topics, generated from their declarations and models."""

from __future__ import annotations

from typing import Any

from roost.topics import TOPICS, Topic

HEADERS = {
    "ce_specversion": "CloudEvents version, `1.0`",
    "ce_id": "derived from what the event says: the same event, the same id",
    "ce_type": "what happened; ends in `.erased` for a tombstone",
    "ce_source": "who says so",
    "ce_time": "when the fact was posted, RFC 3339",
    "content-type": "application/json; charset=utf-8",
}


def document() -> dict[str, Any]:
    """The whole document as plain values, the same every time."""
    schemas: dict[str, Any] = {}
    for topic in TOPICS:
        schema = topic.event.model_json_schema(
            by_alias=True, ref_template="#/components/schemas/{model}"
        )
        schemas |= schema.pop("$defs", {})
        schemas[topic.event.__name__] = schema
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Roost",
            "version": "1",
            "description": "CloudEvents 1.0 in binary content mode over Kafka.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "components": {
            "messages": {topic.event.__name__: _message(topic) for topic in TOPICS},
            "schemas": dict(sorted(schemas.items())),
        },
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
