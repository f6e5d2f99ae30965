"""Command to record the events of a release: `python -m tests.record_event_fixtures 0.3.0`.

It writes `tests/fixtures/events/<release>/<topic>.jsonl` and `schemas.json` with today's models.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from roost.topics import TOPICS, Topic
from tests.event_examples import examples_of

FIXTURES = Path(__file__).parent / "fixtures" / "events"
PROSE = {"description", "title", "examples"}
"""Keywords of a JSON schema that say nothing about the values it accepts."""


def record_release(release: str) -> Path:
    """Write the fixtures of a release with the current models; return their folder.

    Raises FileExistsError if that release was recorded before.
    """
    folder = FIXTURES / release
    folder.mkdir(parents=True)
    for topic in TOPICS:
        values = [
            topic.event.model_validate(each).model_dump_json(by_alias=True, exclude_none=True)
            for each in examples_of(topic)
        ]
        (folder / f"{topic.name}.jsonl").write_text("\n".join(values) + "\n", "utf-8")
    schemas = {topic.name: schema_of(topic) for topic in TOPICS}
    text = json.dumps(schemas, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "schemas.json").write_text(text + "\n", "utf-8")
    return folder


def schema_of(topic: Topic) -> dict[str, Any]:
    """Return the JSON schema of a topic's event without its prose."""
    schema: dict[str, Any] = _without_prose(topic.event.model_json_schema(by_alias=True))
    return schema


def _without_prose(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_prose(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        keyword: {name: _without_prose(each) for name, each in value.items()}
        if keyword in {"properties", "$defs"}
        else _without_prose(value)
        for keyword, value in schema.items()
        if keyword not in PROSE
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.record_event_fixtures <release>")
    print(record_release(sys.argv[1]))
