"""Choices of a person, which survive every import, and own changes, which are newer than it."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers import facts
from producers.importing.verdicts import Verdict
from producers.mappings.suggesting.chosen_mapping import chosen_mapping
from roost.events.import_mapping import ChosenColumn
from roost.events.profile import Profile, ProfileContent
from roost.rules.profile_fields import Writer
from tests.unit.producers.import_runs import NOW, WORKER, Imported, Memory, run_import, table_of

CHOSEN = {
    "channels": [
        {"kind": "sms", "address": "+8613900139000", "confirmed": False},
        {"kind": "sms", "address": "+8613800138000"},
        {"kind": "wecom", "address": "li"},
        {"kind": "inbox"},
    ],
    "status": "paused",
    "preferences": {"muted": True, "mutedKinds": ["policy_news"], "language": "zh"},
    "shownToEmployers": {"name": True, "contact": True, "experience": False},
    "registeredHousehold": {"registered": True, "consent": True},
    "languages": ["zh", "en"],
    "ofWorkingAge": True,
}
"""Choices that no column of a roster states."""
KEPT = {"channels", "status", "preferences", "shownToEmployers", "registeredHousehold", "languages"}
ROW = WORKER | {
    "技能": "砌筑",
    "证书": "叉车证",
    "求职意向": "砌筑工",
    "工作年限": "5",
    "学历": "高中",
    "期望月薪": "6000",
    "愿去地点": "北京市",
    "到岗日期": "2026-12-01",
    "联系电话": "13700137000",
}
NEEDED = {"编号", "姓名", "家乡", "现居住地"}
WIZARD = {
    "编号": "identifier",
    "姓名": "name",
    "家乡": "home",
    "现居住地": "location",
    "技能": "skills",
    "证书": "licences",
    "求职意向": "occupations",
    "工作年限": "experience",
    "学历": "education",
    "期望月薪": "wage",
    "愿去地点": "places",
    "到岗日期": "availableFrom",
    "联系电话": "phone",
}
DIRECT = {
    "编号": "identifier",
    "姓名": "name",
    "家乡": "home.name",
    "现居住地": "location.name",
    "技能": "skills",
    "证书": "licences",
    "学历": "education",
    "联系电话": "channels",
}
SOURCES = {"mapping": "zh-roster", "wizard": "api", "direct": "test"}


def stored(way: str, writer: Writer = Writer.STATION, **changes: Any) -> Memory:
    """Return the record of one worker who has made all choices."""
    content = ProfileContent.model_validate(
        {"identifier": "7", "name": "张三", "home": {"name": "岭泉镇"},
         "location": {"name": "太原市"}, "education": "junior", **CHOSEN} | changes
    )  # fmt: skip
    first = facts.profile_put(content, at=NOW, source=SOURCES[way])[0]
    profile = facts.profile_put(content, at=NOW, stored=first, writer=writer)[0]
    return Memory({profile.id: json.loads(profile.to_json())})


def imported(way: str, columns: list[str], cells: dict[str, str], memory: Memory) -> Imported:
    """Import one row with some columns in one of the ways."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        names = [DIRECT[each] for each in columns] if way == "direct" else columns
        row = dict(zip(names, (cells.get(each, "") for each in columns), strict=True))
        path.write_text(table_of(",".join(names), row), encoding="utf-8")
        mapping: Any = None
        if way == "mapping":
            mapping = "zh_profiles"
        elif way == "wizard":
            chosen = [ChosenColumn(column=each, field=WIZARD[each]) for each in columns]
            mapping = chosen_mapping(chosen, "profiles", "api")
        return run_import(path, "profiles", mapping, memory, at=NOW + timedelta(days=1))


@given(data=st.data(), way=st.sampled_from(sorted(SOURCES)))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_choices_of_a_person_survive_every_import(data: st.DataObject, way: str) -> None:
    known = DIRECT if way == "direct" else ROW
    optional = sorted(set(known) - NEEDED)
    chosen = data.draw(st.lists(st.sampled_from(optional), unique=True))
    filled = {each: ROW[each] for each in chosen if data.draw(st.booleans())}
    memory = stored(way)
    [before] = json.loads(json.dumps(list(memory.facts.values())))
    for _ in range(data.draw(st.integers(1, 3))):
        cells = {each: ROW[each] for each in NEEDED} | filled
        found = imported(way, [*sorted(NEEDED), *chosen], cells, memory)
        assert found.verdicts[0] is not Verdict.REJECTED, found.refusals()
    [after] = memory.facts.values()
    assert {name: after.get(name) for name in KEPT} == {name: before.get(name) for name in KEPT}
    unstated = {"skills": "技能", "licences": "证书", "education": "学历", "wageWanted": "期望月薪"}
    for field, column in unstated.items():
        if column not in filled:
            assert after.get(field) == before.get(field), field


OWN = {
    "name": ("张叁", {"姓名": "张三"}),
    "skills": (["焊接"], {"技能": "砌筑"}),
    "education": ("college", {"学历": "初中"}),
    "location": ({"name": "大同市"}, {"现居住地": "太原市"}),
    "experienceYears": (9, {"工作年限": "5"}),
    "wageWanted": ({"minValue": 8000}, {"期望月薪": "6000"}),
}


@pytest.mark.parametrize("way", ["mapping", "wizard"])
@pytest.mark.parametrize("field", [each for each in OWN if each != "name"])
def test_a_persons_own_change_is_newer_than_a_roster(way: str, field: str) -> None:
    value, cells = OWN[field]
    memory = stored(way, Writer.WORKER, **{field: value})
    [before] = list(memory.facts.values())
    marked(memory, field)
    columns = [*sorted(NEEDED), *(each for each in cells if each not in NEEDED)]
    found = imported(way, columns, ROW | cells, memory)
    [after] = memory.facts.values()
    assert after[field] == before[field]
    assert found.verdicts == [Verdict.DOUBTFUL]
    assert ("differs from what the person stated later, which is kept") in found.doubts()[0][1]
    assert found.doubts()[0][0] == next(iter(cells))


def marked(memory: Memory, field: str) -> None:
    """Let the worker change a field to another value and back: it is the person's own."""
    [id] = memory.facts
    profile = Profile.from_stored(memory.facts[id])
    content = content_of(
        profile,
        skills=["别的"],
        education="none",
        location={"name": "阳泉市"},
        experienceYears=1,
        wageWanted={"minValue": 1},
    )
    changed = facts.profile_put(content, at=NOW, stored=profile, writer=Writer.WORKER)[0]
    own = facts.profile_put(content_of(profile), at=NOW, stored=changed, writer=Writer.WORKER)[0]
    assert field in {each.field for each in own.own_changes}
    memory.facts[id] = json.loads(own.to_json())


def content_of(profile: Profile, **changes: Any) -> ProfileContent:
    return ProfileContent.from_stored(profile.to_dict() | changes)


def test_the_same_value_in_another_spelling_is_no_doubt() -> None:
    memory = stored("mapping")
    marked(memory, "location")
    found = imported("mapping", sorted(NEEDED), ROW | {"现居住地": "山西太原"}, memory)
    assert found.verdicts == [Verdict.UNCHANGED]


def test_a_later_change_by_staff_is_newer_than_the_persons() -> None:
    memory = stored("mapping")
    marked(memory, "skills")
    [id] = memory.facts
    profile = Profile.from_stored(memory.facts[id])
    edited = facts.profile_put(
        content_of(profile, skills=["木工"]), at=NOW, stored=profile, writer=Writer.STATION
    )[0]
    assert "skills" not in {each.field for each in edited.own_changes}
    memory.facts[id] = json.loads(edited.to_json())
    found = imported("mapping", [*sorted(NEEDED), "技能"], ROW, memory)
    assert found.verdicts == [Verdict.CHANGED]
    assert memory.facts[id]["skills"] == ["砌筑"]
