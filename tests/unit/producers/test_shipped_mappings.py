"""Every mapping that ships reads a file of its kind: made examples in the form of the sources."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest

from producers.mappings.mapping_files import load_mapping, shipped_mappings
from roost.errors import Invalid
from tests.unit.producers.import_runs import Imported, run_import

FIXTURES = Path(__file__).parents[2] / "fixtures" / "imports"
SAMPLES: dict[str, str] = {
    "sample_workshops": "workshops.csv",
    "zh_job_fair": "job_fair.xlsx",
    "zh_worker_roster": "roster_gb18030.csv",
}
"""Examples among the sample data, which the demo imports."""


def imported_example(name: str) -> Imported:
    kind = load_mapping(name).kind
    assert kind is not None
    if name in SAMPLES:
        with as_file(files("roost") / "data" / "sample" / SAMPLES[name]) as path:
            return run_import(path, kind, name)
    [path] = FIXTURES.glob(f"{name}.*")
    return run_import(path, kind, name)


EXAMPLES = [name for name in shipped_mappings() if name != "zh_profiles"]
"""The cases of everyday files cover `zh_profiles`."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_imported_whole(name: str) -> None:
    found = imported_example(name)
    assert found.refusals() == []
    assert found.summary.published > 0
    assert [each.zh for each in found.summary.notices if "未被读取" in each.zh] == []


@pytest.mark.parametrize("name", [each for each in EXAMPLES if load_mapping(each).reads == "json"])
def test_json_of_another_shape_is_refused_once_with_the_fitting_mapping(name: str) -> None:
    [path] = FIXTURES.glob(f"{name}.*")
    kind = load_mapping(name).kind
    assert kind is not None
    with pytest.raises(Invalid, match=name) as caught:
        run_import(path, kind)
    assert name in caught.value.message_zh


EXPECTED: dict[str, dict[str, Any]] = {
    "schema_org": {
        "identifier": "118",
        "title": "焊工",
        "description": "负责钢结构焊接。\n包吃住",
        "hiringOrganization": {"id": "太原示例焊接有限公司", "name": "太原示例焊接有限公司"},
        "validThrough": "2027-06-30",
        "employmentType": "FULL_TIME",
    },
    "nav_stillinger": {"title": "Sveiser søkes", "description": "Sveising av stål."},
    "jobtech": {"title": "Svetsare", "skills": ["MIG-svetsning", "C/C++"], "inLanguage": "sv"},
    "json_resume": {"name": "示例人员", "skills": ["焊接", "切割"], "licences": ["焊工证"]},
    "hr_open": {
        "baseSalary": {"currency": "USD", "minValue": 25, "maxValue": 32, "unitText": "HOUR"},
        "totalJobOpenings": 2,
    },
    "zh_job_sites": {
        "title": "Java开发工程师",
        "skills": ["Java", "C/C++"],
        "baseSalary": {"currency": "CNY", "unitText": "MONTH"}
        | {"minValue": 15000, "maxValue": 25000},
        "description": "14薪",
        "educationRequirements": "bachelor",
    },
    "nyc_jobs": {"title": "Barista at “CAFÉ” NYC", "datePosted": "2026-11-02"},
    "zh_worker_roster": {"name": "示例甲", "skills": ["焊接", "切割"], "education": "junior"},
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_the_fields_of_an_example_are_read(name: str) -> None:
    fact = imported_example(name).facts[0]
    assert {field: fact.get(field) for field in EXPECTED[name]} == EXPECTED[name]


def test_a_job_fair_list_is_read_with_all_its_quirks() -> None:
    found = imported_example("zh_job_fair")
    assert [each.row.position for each in found.outcomes] == [
        "岭泉镇!4", "岭泉镇!5", "岭泉镇!6", "凤台镇!4", "凤台镇!5"
    ]  # fmt: skip
    assert {each["hiringOrganization"]["name"] for each in found.facts[:3]} == {"岭泉镇示例服装厂"}
    wages = [each.get("baseSalary", {}).get("unitText") for each in found.facts]
    assert wages == ["MONTH", "MONTH", None, "DAY", "MONTH"]
    assert [(each["lodging"], each["meals"]) for each in found.facts] == [
        (False, True), (True, True), (False, False), (True, False), (True, True)
    ]  # fmt: skip
    assert found.facts[4]["jobLocation"]["code"] == "140105"
    assert "数据字典" in "".join(each.zh for each in found.summary.notices)
