"""Every event of every release can still be read, and loses nothing."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from roost.events.envelope import decode
from roost.topics import TOPICS, Topic, topic_named
from tests.event_examples import examples_of
from tests.record_event_fixtures import FIXTURES, schema_of
from tests.schema_compatibility import LOCAL_TIME, WIDENED, incompatibilities

ROOT = Path(__file__).parents[3]
RELEASES = sorted(each.name for each in FIXTURES.iterdir() if each.is_dir())
FILES = sorted(FIXTURES.glob("*/*.jsonl"))


def schemas(release: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / release / "schemas.json").read_text("utf-8"))
    return found


def set_fields(value: Any, schema: Any, definitions: Any) -> Iterator[str]:
    """Yield the name of every declared field of an object that a value sets, at any depth."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from set_fields(value, definitions[name] | {"owner": name}, definitions)
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            if each.get("type") != "null":
                yield from set_fields(value, each, definitions)
    elif isinstance(value, list):
        for each in value:
            yield from set_fields(each, schema.get("items", {}), definitions)
    elif isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield f"{schema.get('owner', '')}.{name}"
                yield from set_fields(value[name], inner, definitions)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_recorded_event_is_read_and_keeps_every_field(path: Path) -> None:
    model = topic_named(path.stem).event
    for line in path.read_text("utf-8").splitlines():
        written = json.loads(line)
        kept = decode(model, line.encode()).model_dump(
            mode="json", by_alias=True, exclude_none=True
        )
        assert without_new_fields(kept, written) == written


def without_new_fields(kept: Any, written: Any) -> Any:
    """Drop, at any depth, the fields that a later release added with a default."""
    if isinstance(kept, dict) and isinstance(written, dict):
        return {
            name: without_new_fields(kept[name], value)
            for name, value in written.items()
            if name in kept
        }
    if isinstance(kept, list) and isinstance(written, list) and len(kept) == len(written):
        return [without_new_fields(*pair) for pair in zip(kept, written, strict=True)]
    return kept


@pytest.mark.parametrize("release", RELEASES)
def test_an_event_stays_compatible_with_every_release(release: str) -> None:
    broken = {
        name: reasons
        for name, schema in schemas(release).items()
        if (reasons := incompatibilities(schema, schema_of(topic_named(name))))
    }
    assert not broken


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_has_an_example_of_every_event(release: str) -> None:
    recorded = {path.stem for path in (FIXTURES / release).glob("*.jsonl")}
    assert recorded == schemas(release).keys()


def test_the_current_release_is_recorded() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] in RELEASES


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_examples_set_every_field_of_every_event(topic: Topic) -> None:
    schema = schema_of(topic)
    definitions = schema.get("$defs", {})
    declared = {f".{name}" for name in schema["properties"]} | {
        f"{owner}.{name}"
        for owner, each in definitions.items()
        for name in each.get("properties", ())
    }
    found = {
        field
        for example in examples_of(topic)
        for field in set_fields(example, schema, definitions)
    }
    assert declared - found == set()


def _changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    schema = copy.deepcopy(schema_of(topic_named("openings")))
    change(schema)
    return schema


REFUSED: dict[str, Callable[[dict[str, Any]], object]] = {
    "a removed field": lambda each: each["properties"].pop("lodging"),
    "a removed nested field": lambda each: each["$defs"]["Place"]["properties"].pop("code"),
    "a new required field": lambda each: (
        each["properties"].update(county={"type": "string"}),
        each["required"].append("county"),
    ),
    "an optional field that is now required": lambda each: each["required"].append("skills"),
    "another type": lambda each: each["properties"]["lodging"].update(type="string"),
    "a number that must be whole": lambda each: each["properties"]["experienceRequirements"].update(
        type="integer"
    ),
    "a removed enum value": lambda each: each["$defs"]["OpeningStatus"]["enum"].remove("paused"),
    "null refused": lambda each: each["properties"].update(validThrough={"type": "string"}),
    "a lower bound raised": lambda each: each["properties"]["totalJobOpenings"].update(minimum=2),
    "an upper bound lowered": lambda each: each["properties"]["title"].update(maxLength=20),
    "another pattern": lambda each: each["properties"]["id"].update(pattern="^x$"),
    "a new pattern": lambda each: each["properties"]["title"].update(pattern="^x$"),
}
ACCEPTED: dict[str, Callable[[dict[str, Any]], object]] = {
    "nothing": lambda each: None,
    "a new optional field": lambda each: each["properties"].update(county={"type": "string"}),
    "a new enum value": lambda each: each["$defs"]["OpeningStatus"]["enum"].append("archived"),
    "a wider bound": lambda each: each["properties"]["title"].update(maxLength=900),
    "a required field that may now be absent": lambda each: each["required"].remove("title"),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_an_incompatible_change_is_found(change: Callable[[dict[str, Any]], object]) -> None:
    assert incompatibilities(schema_of(topic_named("openings")), _changed(change))


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_a_compatible_change_passes(change: Callable[[dict[str, Any]], object]) -> None:
    assert not incompatibilities(schema_of(topic_named("openings")), _changed(change))


@given(st.times(timezones=st.sampled_from([None, UTC])))
def test_the_pattern_of_times_accepts_every_time_that_was_written(at: time) -> None:
    assert re.search(LOCAL_TIME, at.isoformat())
    assert re.search(LOCAL_TIME, TypeAdapter(time).dump_python(at, mode="json"))


@pytest.mark.parametrize(("former", "wider"), sorted(WIDENED))
@given(data=st.data())
def test_a_wider_pattern_accepts_every_text_of_the_former(
    former: str, wider: str, data: st.DataObject
) -> None:
    assert re.search(wider, data.draw(st.from_regex(former)))
