"""Stored events are read tolerantly, requests strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from api.accounts.schemas import NewAccount
from api.keys.schemas import NewKey
from api.matches.schemas import Act
from api.preferences.schemas import Snooze
from roost.errors import Invalid
from roost.events.common import Model
from roost.events.envelope import decode, invalid, keep_unknown_fields, record, tombstone
from roost.events.notice import NoticeContent
from roost.events.opening import OpeningContent
from roost.events.preferences import Preferences
from roost.events.profile import ProfileContent
from roost.events.station import StationContent
from roost.events.webhook import WebhookContent
from roost.topics import OPENINGS, TOPICS, Topic
from roost_client.resource_models import Accepted, Changed
from tests.event_examples import examples_of

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
NEWER = "addedByANewerRelease"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
EVENTS = [(topic, example) for topic in TOPICS for example in examples_of(topic)]
REQUESTS: tuple[tuple[type[Model], dict[str, Any]], ...] = (
    (OpeningContent, next(each for each in examples_of(OPENINGS))),
    *(
        (content, next(each for topic, each in EVENTS if issubclass(topic.event, content)))
        for content in (ProfileContent, StationContent, NoticeContent, WebhookContent, Preferences)
    ),
    (NewAccount, {"login": "li", "name": "李工", "role": "admin"}),
    (NewKey, {"name": "HR", "role": "admin"}),
    (Act, {"actor": {"role": "worker", "id": "w"}}),
    (Snooze, {"until": "2026-11-05T00:00:00+08:00"}),
)


def objects(value: Any, wire: Any) -> Iterator[dict[str, Any]]:
    """Yield every JSON object that a model describes, outermost first."""
    if isinstance(value, BaseModel):
        yield wire
        for name, info in type(value).model_fields.items():
            if (alias := info.alias or name) in wire:
                yield from objects(getattr(value, name), wire[alias])
    elif isinstance(value, tuple):
        for inner, wired in zip(value, wire, strict=True):
            yield from objects(inner, wired)


@given(st.sampled_from(EVENTS), st.data())
def test_unknown_fields_at_any_depth_change_nothing(
    event: tuple[Topic, dict[str, Any]], data: st.DataObject
) -> None:
    topic, example = event
    known = decode(topic.event, json.dumps(example).encode())
    newer = json.loads(json.dumps(example))
    places = list(objects(known, newer))
    for each in data.draw(st.lists(st.sampled_from(range(len(places))), min_size=1)):
        places[each][NEWER] = data.draw(JSON)
    assert decode(topic.event, json.dumps(newer).encode()) == known


@pytest.mark.parametrize(("request_model", "example"), REQUESTS)
@given(data=st.data())
def test_a_request_with_an_unknown_field_is_refused_by_its_name(
    request_model: type[Model], example: dict[str, Any], data: st.DataObject
) -> None:
    named = {info.alias or name for name, info in request_model.model_fields.items()}
    wire = json.loads(json.dumps({name: example[name] for name in named & example.keys()}))
    places = list(objects(request_model.model_validate(wire), wire))
    data.draw(st.sampled_from(places))[NEWER] = data.draw(JSON)
    with pytest.raises(ValidationError) as refused:
        request_model.model_validate(wire)
    assert any(each.field.endswith(NEWER) for each in invalid(refused.value).fields)


@given(st.sampled_from(EVENTS))
def test_a_missing_or_broken_field_of_a_stored_event_is_still_invalid(
    event: tuple[Topic, dict[str, Any]],
) -> None:
    topic, example = event
    for name, info in topic.event.model_fields.items():
        if info.is_required():
            alias = info.alias or name
            with pytest.raises(Invalid) as missing:
                decode(topic.event, json.dumps(example | {alias: None}).encode())
            assert missing.value.fields[0].field.startswith(alias)


def test_an_unknown_enum_value_of_a_stored_event_is_invalid_and_named() -> None:
    example = examples_of(OPENINGS)[0] | {"status": "archived"}
    with pytest.raises(Invalid, match="status"):
        decode(OPENINGS.event, json.dumps(example).encode())


def test_an_edit_keeps_the_fields_that_only_a_newer_release_knows() -> None:
    former = examples_of(OPENINGS)[0]
    place = former["jobLocation"] | {NEWER: "place"}
    edited = OPENINGS.event.model_validate(former | {"title": "抹灰工"})
    made = record(edited, former["id"], source="/test", at=AT)
    kept = keep_unknown_fields(made, former | {NEWER: [1], "jobLocation": place})
    wire = json.loads(kept.value or b"")
    assert (wire["title"], wire[NEWER], wire["jobLocation"][NEWER]) == ("抹灰工", [1], "place")
    assert decode(OPENINGS.event, kept.value or b"") == edited
    assert dict(kept.headers)["ce_id"] != dict(made.headers)["ce_id"]
    assert len(kept.headers) == len(made.headers)


def test_an_edit_of_a_known_fact_and_a_tombstone_stay_as_they_are() -> None:
    former = examples_of(OPENINGS)[0]
    made = record(OPENINGS.event.model_validate(former), former["id"], source="/test", at=AT)
    erased = tombstone(OPENINGS, former["id"], source="/test", at=AT)
    assert keep_unknown_fields(made, former) is made
    assert keep_unknown_fields(made, None) is made
    assert keep_unknown_fields(erased, former | {NEWER: 1}) is erased


def test_the_client_ignores_what_a_newer_service_adds_to_its_answers() -> None:
    accepted = {"id": "o", "version": 1, "searchable": True, "self": "/v1/openings/o"}
    assert Accepted.model_validate(accepted | {NEWER: 1}).where == "/v1/openings/o"
    change = {"type": "openings", "id": "o", "version": 1, "at": "2026-11-02T01:30:00Z"}
    assert Changed.model_validate(change | {NEWER: 1}).version == 1


def test_no_stored_fact_is_validated_strictly() -> None:
    strict = re.compile(r"model_validate(?:_json)?\([^)\n]*(?:fact|source\[|document)")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for package in ("api", "streams")
        for path in sorted((ROOT / package).rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if strict.search(line)
    ]
    assert not found
