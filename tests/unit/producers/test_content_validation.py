"""Validation of contents field by field, compared with the model's own validation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from producers.importing.content_validation import REMEMBERED, content_validator
from roost.events.common import Model
from roost.events.opening import OpeningContent
from roost.events.profile import Profile, ProfileContent
from roost.events.station import StationContent

PROFILE = {"name": "王秀英", "home": {"name": "岭泉镇"}, "location": {"name": "太原市"}}
OPENING = {
    "title": "焊工",
    "hiringOrganization": {"id": "a", "name": "某厂"},
    "jobLocation": {"name": "太原市"},
}
STATION = {"identifier": "a1", "name": "岭泉服务站", "place": {"name": "岭泉镇"}}
PLACES = [
    {"name": "太原市"},
    {"name": " 太原市 "},
    {"name": "a", "code": "1"},
    {"name": "a", "code": "1", "scheme": "cn"},
    {"name": "a", "latitude": 1, "longitude": 2},
    {"name": "a", "latitude": True, "longitude": 2.0},
    {"name": 1},
    "太原市",
]
WAGES = [
    {"minValue": 5000},
    {"minValue": 5000.0, "unitText": "MONTH"},
    {"minValue": 2, "maxValue": 1},
    {"currency": "CNY"},
    {"minValue": float("nan")},
]
VALUES: list[Any] = [
    None, True, False, 0, 1, 1.0, "", " ", "1", "true", "焊接", " 焊接 ", "a\nb", "a\x00b",
    "长" * 400,
    "2026-12-01", "2025-12-01", "none", "senior", "FULL_TIME", "day", "\ud800", b"a", [], ["焊接"],
    ("焊接",), ["焊接", " 焊接 "], [1], [True], [""], ["day", "night"], {}, {"places": ["全国"]},
    {"radiusKm": 1, "radius_km": 2}, [{"kind": "inbox"}], [{"kind": "sms"}],
    [{"kind": "sms", "address": "13800138000"}], {"mutedKinds": ["a"]}, {"registered": True},
    {"channelsByKind": {"match": ["sms"]}}, ["zh"], "zh", *PLACES, *WAGES,
]  # fmt: skip


def contents(model: type[BaseModel], usual: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = {each for name, info in model.model_fields.items() for each in (name, info.alias)}
    given = st.dictionaries(
        st.sampled_from([*sorted(filter(None, names)), "unknown"]),
        st.sampled_from(VALUES),
        max_size=4,
    )
    return st.builds(lambda part, more: part | more, st.sampled_from([usual, {}]), given)


def outcome(validate: Any, content: dict[str, Any]) -> Any:
    """Return all that a row depends on: values, bytes, set fields at any depth; or the errors."""
    try:
        found = validate(content)
    except ValidationError as error:
        return [(each["type"], each["loc"], each["msg"]) for each in error.errors()]
    return type(found), found, set_fields(found), written(found)


def set_fields(value: Any) -> Any:
    if not isinstance(value, BaseModel):
        return None
    inner = {name: set_fields(getattr(value, name)) for name in type(value).model_fields}
    return sorted(value.model_fields_set), inner


def written(model: Model) -> bytes | str:
    try:
        return model.to_json()
    except ValueError as error:
        return str(error)


@given(st.lists(contents(ProfileContent, PROFILE), min_size=1, max_size=5))
def test_a_profile_is_validated_as_its_model_does(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        expected = outcome(ProfileContent.model_validate, row)
        assert outcome(content_validator(ProfileContent), row) == expected


@given(st.lists(contents(OpeningContent, OPENING), min_size=1, max_size=5))
def test_an_opening_is_validated_as_its_model_does(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        expected = outcome(OpeningContent.model_validate, row)
        assert outcome(content_validator(OpeningContent), row) == expected


@given(st.lists(contents(StationContent, STATION), min_size=1, max_size=5))
def test_a_station_is_validated_as_its_model_does(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        expected = outcome(StationContent.model_validate, row)
        assert outcome(content_validator(StationContent), row) == expected


@pytest.mark.parametrize("value", [1, 1.0, True])
def test_equal_values_of_other_types_are_told_apart(value: object) -> None:
    validate = content_validator(ProfileContent)
    assert validate(PROFILE | {"needsLodging": True}).needs_lodging is True
    with pytest.raises(ValidationError):
        validate(PROFILE | {"skills": [value]})
    assert validate(PROFILE | {"skills": ["1"]}).skills == ("1",)


def test_dates_that_exclude_each_other_are_refused() -> None:
    dates = {"datePosted": "2026-12-02", "validThrough": "2026-12-01"}
    with pytest.raises(ValidationError, match="validThrough is before datePosted"):
        content_validator(OpeningContent)(OPENING | dates)


def test_values_of_one_row_are_not_those_of_the_next() -> None:
    validate = content_validator(ProfileContent)
    for number in range(3 * REMEMBERED):
        place = {"name": f"龙城大街{number}号"}
        assert validate(PROFILE | {"location": place}).location.name == place["name"]


@given(contents(ProfileContent, PROFILE))
def test_an_event_has_the_fields_of_its_content_in_their_order(row: dict[str, Any]) -> None:
    try:
        content = ProfileContent.model_validate(row)
    except ValidationError:
        return
    fields = {name: getattr(content, name) for name in ProfileContent.model_fields}
    plain = Profile.model_construct(id="w-1", source="a", **fields | {"name": "李丽"})
    built = Profile.from_content(content, id="w-1", source="a", name="李丽")
    assert (built, built.model_fields_set) == (plain, plain.model_fields_set)
    assert list(built.__dict__) == list(plain.__dict__) == list(Profile.model_fields)
