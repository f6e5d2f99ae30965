"""CloudEvents 1.0 in binary content mode for Kafka: `ce_` headers, and JSON as the value.

The id is derived from the content, so the same fact published twice carries the same id.

Source: CloudEvents Kafka Protocol Binding 1.0.2, section 3.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from roost.errors import Invalid
from roost.events.common import STORED
from roost.events.validation_words import field_error
from roost.topics import Topic, topic_of

CONTENT_TYPE = "application/json; charset=utf-8"
COPY_OF = "roost-copy-of"
"""Header of a record that the migration of ids copied: `partition:offset` of the original."""
Headers = list[tuple[str, bytes]]
Event = TypeVar("Event", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Record:
    """Event ready to be published: topic, key, headers, and a value (None erases the key)."""

    topic: Topic
    key: str
    value: bytes | None
    headers: Headers
    chosen_partition: int | None = None
    """Partition that overrides the key's: a retried record goes back to its original partition."""
    timestamp_ms: int | None = None
    """Timestamp of a copy: that of its original, so that its retention does not begin again."""

    @property
    def partition(self) -> int:
        """Partition that the record is published to."""
        if self.chosen_partition is not None:
            return self.chosen_partition
        return self.topic.partition_of(self.key)


def value_of(record: Record) -> bytes:
    """Return the JSON value of a record. Raises ValueError for a tombstone."""
    if record.value is None:
        raise ValueError(f"The record of {record.key} is a tombstone; it has no value")
    return record.value


def content_id(topic: str, key: str, value: bytes | None) -> str:
    """Return the CloudEvents id: 128 bits of BLAKE2b over topic, key and value, in hexadecimal."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (topic.encode(), key.encode(), value if value is not None else b"\x00erased"):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def record(event: BaseModel, key: str, *, source: str, at: datetime) -> Record:
    """Return the record of an event, for the topic that its class belongs to."""
    topic = topic_of(type(event))
    value = event.model_dump_json(by_alias=True, exclude_none=True).encode("utf-8")
    return Record(topic, key, value, _headers(topic, key, value, topic.event_type, source, at))


def tombstone(topic: Topic, key: str, *, source: str, at: datetime) -> Record:
    """Return the record that erases `key` from a compacted topic.

    Raises ValueError if the topic is not compacted.
    """
    if not topic.compacted:
        raise ValueError(f"{topic.name} is not compacted; a tombstone there erases nothing")
    return Record(
        topic, key, None, _headers(topic, key, None, f"{topic.event_type}.erased", source, at)
    )


def _headers(
    topic: Topic, key: str, value: bytes | None, event_type: str, source: str, at: datetime
) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", content_id(topic.name, key, value).encode()),
        ("ce_type", event_type.encode()),
        ("ce_source", source.encode()),
        ("ce_time", at.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()),
        ("content-type", CONTENT_TYPE.encode()),
    ]


def event_time(headers: Iterable[tuple[str, bytes]] | None, timestamp_ms: int) -> datetime:
    """Return `ce_time`, or the broker's timestamp (milliseconds) if it is missing or malformed."""
    for name, value in headers or ():
        if name == "ce_time":
            try:
                moment = datetime.fromisoformat(value.decode("ascii"))
            except (UnicodeDecodeError, ValueError):
                break
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC)


def decode(model: type[Event], value: bytes) -> Event:
    """Decode the value of a stored record; ignore fields that a newer release added, at any depth.

    Raises Invalid, which names each field that is at fault but never repeats its value.
    """
    try:
        return model.model_validate_json(value, extra="ignore", context=STORED)
    except ValidationError as error:
        raise invalid(error) from None
    except RecursionError:
        raise Invalid(
            "The JSON is nested too deeply; send a flat event", "JSON 嵌套过深，请减少层级"
        ) from None


def keep_unknown_fields(record: Record, former: Mapping[str, Any] | None) -> Record:
    """Return the record with the fields of the former fact that this release does not know.

    So an edit by an older process keeps the fields of a newer one, also within nested objects.
    Entries of lists are replaced as a whole, for they have no identity. A former fact that this
    release cannot read has nothing to keep.
    """
    if former is None or record.value is None:
        return record
    wire = orjson.loads(record.value)
    try:
        known = record.topic.event.model_validate(former, extra="allow", context=STORED)
    except ValidationError:
        return record
    if not _carry_over(known, wire):
        return record
    value = orjson.dumps(wire)
    id = content_id(record.topic.name, record.key, value).encode()
    headers = [(name, id if name == "ce_id" else each) for name, each in record.headers]
    return replace(record, value=value, headers=headers)


def is_unchanged(record: Record, former: Mapping[str, Any] | None, *, timed_by: str = "") -> bool:
    """Return whether a record says the same as the former fact, but for the field `timed_by`.

    A tombstone is always published: erasing twice does no harm, and leaves nothing behind.
    """
    if former is None or record.value is None:
        return False
    wire: dict[str, Any] = orjson.loads(record.value)
    return _but_for(wire, timed_by) == _but_for(former, timed_by)


def _but_for(fact: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fact.items() if key != name}


def _carry_over(known: BaseModel, wire: dict[str, Any]) -> bool:
    """Add the unknown fields of a parsed fact to the wire object; return whether it has any."""
    carried = bool(known.model_extra)
    wire.update(known.model_extra or {})
    for name, info in type(known).model_fields.items():
        inner, kept = getattr(known, name), wire.get(info.alias or name)
        if isinstance(inner, BaseModel) and isinstance(kept, dict):
            carried |= _carry_over(inner, kept)
    return carried


def invalid(error: ValidationError) -> Invalid:
    """Translate pydantic's error to Invalid, with each field's path on the wire and its fault.

    It never repeats the input, which may be personal.
    """
    fields = tuple(
        field_error(".".join(str(step) for step in found["loc"]) or "(body)", found)
        for found in error.errors(include_url=False, include_input=False)
    )
    first, others = fields[0], len(fields) - 1
    return Invalid(
        f"{first.field}: {first.message}" + (f" (and {others} more)" if others else ""),
        f"{first.field}：{first.message_zh}" + (f"（另有 {others} 处）" if others else ""),
        fields=fields,
    )
