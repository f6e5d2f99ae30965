"""Write policy of a profile's fields: rights of workers, stations and rosters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import facts, simulator
from roost.events.profile import Profile, ProfileContent
from roost.rules.profile_fields import FIELDS, SERVER, May, Writer, decide_fields
from tests.unit.api.builders import NOW

OTHERS: dict[str, Any] = {
    "identifier": "B-9",
    "licences": ["高压电工证"],
    "ofWorkingAge": False,
    "registeredHousehold": {"registered": True, "consent": True},
    "status": "paused",
    "preferences": {"language": "en"},
    "shownToEmployers": {"name": True, "contact": True, "experience": False},
    "name": "李四",
    "summary": "会焊接",
    "skills": ["焊接"],
    "occupationsWanted": ["电焊工"],
    "experienceYears": 33.0,
    "education": "college",
    "channels": [{"kind": "sms", "address": "+8613900000000"}],
    "needsLodging": True,
    "languages": ["en"],
}
"""For many fields a value that the stored profile does not have."""
PATHS = [each for each, rights in FIELDS.items() if rights is not SERVER]


def stored() -> Profile:
    content = next(simulator.profiles(1)).model_copy(
        update={"identifier": "A-1", "registered_household": None, "licences": ("叉车证",)}
    )
    return facts.profile_put(content, at=NOW)[0]


def sent(**changes: Any) -> ProfileContent:
    before = stored().to_dict()
    for name in ("id", "source", "createdAt"):
        before.pop(name)
    return ProfileContent.model_validate(before | changes)


def wire(content: ProfileContent) -> dict[str, Any]:
    return {name: value for name, value in content.to_dict().items() if name not in NOT_CONTENT}


NOT_CONTENT = {"id", "source", "createdAt"}


def test_the_table_names_every_field_of_a_profile() -> None:
    fields = {info.alias or name for name, info in Profile.model_fields.items()}
    assert {path.partition(".")[0] for path in FIELDS} == fields
    for rights in FIELDS.values():
        assert set(rights) == set(Writer)


@pytest.mark.parametrize("writer", Writer)
@pytest.mark.parametrize("spelling", ["a-1", "Ａ-1", '="A-1"', "A-1\u200b"])
def test_another_spelling_of_the_number_is_no_change(writer: Writer, spelling: str) -> None:
    decision = decide_fields(writer, sent(identifier=spelling), stored())
    assert (decision.content.identifier, decision.refused) == ("A-1", ())


@pytest.mark.parametrize("writer", Writer)
@given(st.data())
def test_only_fields_that_the_writer_may_set_change(writer: Writer, data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(OTHERS))))
    content = sent(**{name: OTHERS[name] for name in names})
    before = stored()
    decision = decide_fields(writer, content, before)
    tops = {path: path.partition(".")[0] for path in PATHS}
    changed = {
        name
        for name in wire(before) | wire(content)
        if wire(before).get(name) != wire(decision.content).get(name)
    }
    may = {tops[path] for path in PATHS if FIELDS[path][writer] is May.YES}
    assert changed <= may
    refused = {tops[path] for path in decision.refused}
    never = {tops[p] for p in PATHS if FIELDS[p][writer] in {May.NO, May.ONCE}}
    assert refused == names & never


@pytest.mark.parametrize("name", ["identifier", "licences", "ofWorkingAge", "registeredHousehold"])
def test_a_worker_may_not_set_what_a_station_verifies(name: str) -> None:
    decision = decide_fields(Writer.WORKER, sent(**{name: OTHERS[name]}), stored())
    assert [each.partition(".")[0] for each in decision.refused] == [name]
    assert wire(decision.content).get(name) in (
        wire(stored()).get(name),
        {"registered": False, "consent": True},
    )


def test_a_worker_who_leaves_protected_fields_out_keeps_them() -> None:
    least = {name: wire(stored())[name] for name in ("name", "home", "location")}
    decision = decide_fields(Writer.WORKER, ProfileContent.model_validate(least), stored())
    assert decision.refused == ()
    assert decision.content.identifier == "A-1"
    assert decision.content.licences == ("叉车证",)


@pytest.mark.parametrize("name", ["identifier", "licences", "ofWorkingAge", "registeredHousehold"])
def test_a_worker_who_registers_anew_gets_no_protected_field(name: str) -> None:
    least = {key: wire(stored())[key] for key in ("name", "home", "location")}
    content = ProfileContent.model_validate(least | {name: OTHERS[name]})
    assert decide_fields(Writer.WORKER, content, None).refused != ()
    assert decide_fields(Writer.STATION, content, None).refused == ()


def test_a_worker_withdraws_the_consent_and_no_roster_gives_it_back() -> None:
    household = {"registered": True, "consent": True}
    registered = decide_fields(Writer.STATION, sent(registeredHousehold=household), stored())
    before = facts.profile_put(registered.content, at=NOW, stored=stored())[0]
    withdrawn = sent(registeredHousehold=household | {"consent": False})
    decision = decide_fields(Writer.WORKER, withdrawn, before)
    assert decision.refused == ()
    after = facts.profile_put(decision.content, at=NOW, stored=before)[0]
    assert not after.boost_consented
    again = decide_fields(Writer.ROSTER, sent(registeredHousehold=household), after)
    assert again.refused == ()
    assert again.content.registered_household is not None
    assert not again.content.registered_household.consent


def test_a_roster_keeps_a_pause_and_every_field_that_it_leaves_out() -> None:
    paused = facts.profile_put(sent(**OTHERS | {"identifier": "A-1"}), at=NOW, stored=stored())[0]
    least = {key: wire(stored())[key] for key in ("identifier", "name", "home", "location")}
    row = ProfileContent.model_validate(least | {"skills": ["砌筑"], "status": "active"})
    decision = decide_fields(Writer.ROSTER, row, paused)
    assert decision.refused == ()
    expected = wire(paused) | {"skills": ["砌筑"], "name": least["name"]}
    assert wire(decision.content) == expected


def test_the_identifier_is_set_once() -> None:
    unnumbered = stored().model_copy(update={"identifier": None})
    assert decide_fields(Writer.STATION, sent(), unnumbered).content.identifier == "A-1"
    another = decide_fields(Writer.STATION, sent(identifier="B-9"), stored())
    assert another.refused == ("identifier",)
