"""Every mapping that ships reads a file of its kind: made examples in the form of the sources."""

from __future__ import annotations

import json
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


def posting(place: Any, **changes: Any) -> dict[str, Any]:
    base = {"@type": "JobPosting", "identifier": "1", "title": "焊工", "description": "焊接"}
    return base | {"hiringOrganization": {"name": "某厂"}, "jobLocation": place} | changes


def imported_posting(path: Path, written: dict[str, Any]) -> dict[str, Any]:
    file = path / "posting.json"
    file.write_text(json.dumps(written, ensure_ascii=False), "utf-8")
    return run_import(file, "openings", "schema_org").fact


@pytest.mark.parametrize(
    ("address", "name", "code"),
    [
        ({"addressRegion": "北京市", "addressLocality": "朝阳区"}, "北京市 朝阳区", "110105"),
        (
            {"addressRegion": "江苏", "addressLocality": "苏州", "streetAddress": "昆山市玉山镇"},
            "江苏 苏州 昆山市玉山镇",
            "320583100",
        ),
        ({"addressRegion": "山西省"}, "山西省", "14"),
        (
            {"streetAddress": "山西省太原市小店区龙城大街1号"},
            "山西省太原市小店区龙城大街1号",
            "140105",
        ),
        ("山西省长治市襄垣县古韩镇", "山西省长治市襄垣县古韩镇", "140423100"),
        (
            {"addressRegion": "NY", "addressLocality": "Brooklyn", "streetAddress": "1 Main St"},
            "1 Main St, Brooklyn, NY",
            "brooklyn",
        ),
    ],
)
@pytest.mark.parametrize("several", [False, True])
def test_an_address_of_json_ld_is_read_from_its_outermost_part(
    tmp_path: Path, address: Any, name: str, code: str, several: bool
) -> None:
    place = {"@type": "Place", "address": address}
    fact = imported_posting(tmp_path, posting([place] if several else place))
    assert (fact["jobLocation"]["name"], fact["jobLocation"]["code"]) == (name, code)


@pytest.mark.parametrize(
    ("salary", "wage"),
    [
        ("6000-8000元/月", (6000, 8000, "MONTH")),
        ({"currency": "CNY", "unitText": "MONTH", "value": 6000}, (6000, 6000, "MONTH")),
        ({"currency": "CNY", "value": {"value": "200", "unitText": "DAY"}}, (200, 200, "DAY")),
        ({"currency": "CNY"}, None),
        ({"@type": "MonetaryAmount", "currency": "CNY", "value": {"unitText": "MONTH"}}, None),
    ],
)
def test_a_salary_of_json_ld_is_read_in_each_of_its_forms(
    tmp_path: Path, salary: Any, wage: tuple[int, int, str] | None
) -> None:
    found = imported_posting(tmp_path, posting({"address": "太原市"}, baseSalary=salary))
    stated = found.get("baseSalary")
    assert (stated and (stated["minValue"], stated["maxValue"], stated["unitText"])) == wage


def test_requirements_of_json_ld_are_read(tmp_path: Path) -> None:
    fact = imported_posting(
        tmp_path,
        posting(
            {"address": "太原市"},
            educationRequirements={"credentialCategory": "associate degree"},
            experienceRequirements={"monthsOfExperience": 18},
            qualifications="<p>持焊工证</p>",
        ),
    )
    assert (fact["educationRequirements"], fact["experienceRequirements"]) == ("college", 1.5)
    assert fact["description"] == "焊接\n持焊工证"


@pytest.mark.parametrize(
    ("city", "district", "address", "code"),
    [
        ("北京", "朝阳区", "朝阳区望京SOHO", "110105"),
        ("长春", "朝阳区", "重庆路1号", "220104"),
        ("苏州", "昆山市", "", "320583"),
        ("上海", "", "浦东新区张江", "310115125"),
    ],
)
def test_a_job_sites_address_lies_in_its_city(
    tmp_path: Path, city: str, district: str, address: str, code: str
) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text(
        "职位名称,公司名称,城市,区域,工作地址,薪资\n"
        f"普工,某电子厂,{city},{district},{address},5-8K·13薪\n",
        "utf-8",
    )
    fact = run_import(file, "openings", "zh_job_sites").fact
    assert fact["jobLocation"]["code"] == code


ROSTER = (
    "编号,姓名,文化程度,联系电话,技能特长,求职意向,务工地点,家庭住址,从业年限,期望薪资\n"
    "{},某人,初中,{},{},{},{},山西省长治市襄垣县,{},{}\n"
)


@pytest.mark.parametrize("work_place", ["在家", "无", "/", "务农", "未外出"])
def test_a_roster_in_everyday_words_is_read(tmp_path: Path, work_place: str) -> None:
    file = tmp_path / "roster.csv"
    row = ("7", "张经理 13900139000", "无", "不限", work_place, "两三年", "5000左右")
    file.write_text(ROSTER.format(*row), "utf-8")
    fact = run_import(file, "profiles", "zh_worker_roster").fact
    assert fact["location"]["name"] == fact["home"]["name"] == "山西省长治市襄垣县"
    assert (fact["skills"], fact["occupationsWanted"], fact["experienceYears"]) == ([], [], 2)
    assert [each["address"] for each in fact["channels"]] == ["", "+8613900139000"]
    assert fact["wageWanted"]["minValue"] == 5000
