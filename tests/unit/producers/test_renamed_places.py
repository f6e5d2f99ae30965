"""The code of a place follows its name when an edit changes the name only."""

from __future__ import annotations

from typing import Any

import pytest

from api.writes.patching import patched
from producers import facts
from producers.located_places import locate_place
from producers.renamed_places import renamed_place
from roost.events.common import Place
from roost.events.opening import OpeningContent
from roost.events.profile import Profile, ProfileContent
from roost.events.station import Station, StationContent
from tests.unit.api.builders import NOW

DATONG = locate_place(Place(name="山西省大同市"), "place")
CHANGZHI = locate_place(Place(name="山西省长治市"), "place")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"name": "山西省长治市"}, CHANGZHI.key),
        ({"name": "长治市"}, CHANGZHI.key),
        ({"name": "大同市"}, DATONG.key),
        ({"name": "二号工地"}, DATONG.key),
        ({"name": "新工地", "code": CHANGZHI.code}, CHANGZHI.key),
        ({}, DATONG.key),
    ],
)
def test_a_name_that_changes_alone_moves_the_place(changes: dict[str, Any], key: str) -> None:
    place = DATONG.model_copy(update=changes)
    located = locate_place(renamed_place(place, DATONG), "place")
    assert (located.name, located.key) == (place.name, key)


def test_a_merge_patch_of_the_name_moves_an_opening() -> None:
    said = {
        "title": "电焊工",
        "hiringOrganization": {"id": "e", "name": "e"},
        "jobLocation": DATONG.to_dict(),
    }
    opening, _ = facts.opening_posted(OpeningContent.model_validate(said), at=NOW, today=NOW.date())
    change = {"jobLocation": {"name": "山西省长治市"}}
    content = patched(OpeningContent, opening, change)
    edited, _ = facts.opening_edited(content, opening, at=NOW)
    assert edited.job_location == CHANGZHI


def test_a_replaced_profile_and_station_move_with_the_name() -> None:
    renamed = DATONG.model_copy(update={"name": "山西省长治市"})
    stored = Profile(id="w-" + "a" * 26, name="张三", home=DATONG, location=DATONG)
    content = ProfileContent(name="张三", home=renamed, location=DATONG)
    profile, _ = facts.profile_put(content, at=NOW, stored=stored)
    assert (profile.home, profile.location) == (CHANGZHI, DATONG)
    said = StationContent(identifier="s", name="s", place=renamed, serves=("大同市",))
    station, _ = facts.station_put(said, at=NOW, former=DATONG)
    assert isinstance(station, Station)
    assert station.place == CHANGZHI
