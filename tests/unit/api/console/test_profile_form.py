"""Form of a profile: a field for each channel, and hidden fields keep their values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.datastructures import FormData

from api.console.profiles import profile_form
from api.console.profiles.pages import worker_id
from api.console.profiles.profile_form import OWN, STAFF
from producers import facts
from roost.events.profile import Profile, ProfileContent

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def stored() -> Profile:
    content = ProfileContent.model_validate(
        {
            "identifier": "A-1",
            "name": "示例人员",
            "home": {"name": "大同市"},
            "location": {"name": "太原市"},
            "channels": [{"kind": "sms", "address": "13800000001"}, {"kind": "inbox"}],
            "registeredHousehold": {"registered": True, "consent": True},
            "languages": ["zh", "en"],
            "wageWanted": {"minValue": 7000},
        }
    )
    return facts.profile_put(content, at=NOW)[0]


@pytest.mark.parametrize("layout", [OWN, STAFF])
def test_saving_the_form_unchanged_changes_nothing(
    layout: profile_form.Layout, stored: Profile
) -> None:
    typed = profile_form.form_values(layout, stored.to_dict())
    wire = profile_form.wire_of(layout, typed, stored.to_dict())
    content, errors = profile_form.check_profile(wire, stored.id, NOW)
    assert errors == ()
    assert content is not None
    assert content.to_dict() == {
        name: value
        for name, value in stored.to_dict().items()
        if name not in {"id", "source", "createdAt"}
    }


def test_a_worker_cannot_set_fields_that_only_staff_write(stored: Profile) -> None:
    sent = FormData(
        {"name": "另一名", "registeredHousehold.registered": "yes", "identifier": "B-2"}
    )
    wire = profile_form.wire_of(OWN, OWN.typed(sent), stored.to_dict())
    assert wire["identifier"] == "A-1"
    assert wire["registeredHousehold"] == {"registered": True, "consent": True}


def test_a_wrong_number_is_reported_at_its_field(stored: Profile) -> None:
    typed = profile_form.form_values(OWN, stored.to_dict()) | {"channels.sms": "http://example.cn/"}
    content, errors = profile_form.check_profile(
        profile_form.wire_of(OWN, typed, stored.to_dict()), stored.id, NOW
    )
    assert content is None
    assert [each.field for each in errors] == ["channels.sms"]


def test_the_first_channel_stays_first_and_a_new_one_comes_last(stored: Profile) -> None:
    typed = profile_form.form_values(OWN, stored.to_dict()) | {"channels.email": "a@example.cn"}
    wire = profile_form.wire_of(OWN, typed, stored.to_dict())
    assert [each["kind"] for each in wire["channels"]] == ["sms", "inbox", "email"]


def test_calls_that_are_new_come_before_text_messages(stored: Profile) -> None:
    typed = profile_form.form_values(STAFF, stored.to_dict()) | {"channels.voice": "13800000001"}
    wire = profile_form.wire_of(STAFF, typed, stored.to_dict())
    assert [each["kind"] for each in wire["channels"]][:2] == ["voice", "sms"]
    kept = profile_form.channels(
        {"voice": "1", "sms": "2"}, {"channels": [{"kind": "sms"}, {"kind": "voice"}]}
    )
    assert [each["kind"] for each in kept][:2] == ["sms", "voice"]


@pytest.mark.parametrize("spelling", ["a-1", "Ａ-1\u200b", "'A-1", '="A-1"', " A-1 "])
def test_the_search_finds_a_worker_by_any_spelling_of_the_number(spelling: str) -> None:
    assert worker_id(spelling) == facts.referenced_worker("A-1")


def test_the_search_takes_an_id_as_it_is(stored: Profile) -> None:
    assert worker_id(stored.id) == stored.id
