"""Suggested fields: by headings in both languages, by values, never one field twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from producers.mappings.column_suggestions import (
    shape_of,
    suggest_columns,
    suggested_mapping,
    suggestible_fields,
)
from producers.mappings.value_forms import ValueForm, form_of_values
from tests.unit.producers.import_runs import run_import


def suggested(kind: str, columns: dict[str, list[str]]) -> dict[str, str]:
    height = max(map(len, columns.values()), default=0)
    rows: list[dict[str, Any]] = [
        {name: values[n] if n < len(values) else "" for name, values in columns.items()}
        for n in range(height)
    ]
    return {each.column: each.field for each in suggest_columns([*columns], rows, kind)}


@pytest.mark.parametrize(
    ("kind", "heading", "field"),
    [
        ("profiles", "姓名", "name"),
        ("profiles", "手 机 号 码", "channels"),
        ("profiles", "文化程度", "education"),
        ("profiles", "户籍所在地", "home"),
        ("profiles", "Mobile number", "channels"),
        ("profiles", "Full name", "name"),
        ("openings", "招聘岗位", "title"),
        ("openings", "*企业名称", "hiringOrganization"),
        ("openings", "Job title", "title"),
        ("openings", "薪資待遇", "baseSalary"),
        ("openings", "用工单位名称", "hiringOrganization"),
        ("openings", "计划招聘人数（人）", "totalJobOpenings"),
        ("openings", "备用列", ""),
    ],
)
def test_a_heading_suggests_its_field(kind: str, heading: str, field: str) -> None:
    assert suggested(kind, {heading: []}) == {heading: field}


VALUES = {
    ValueForm.TELEPHONE: ["13800138000", "139-0013-9000", "010-65123456"],
    ValueForm.IDENTITY: ["11010519491231002X"],
    ValueForm.WAGE: ["6千-8千", "200元/天", "4500元/月"],
    ValueForm.DAY: ["2026年12月1日", "2026/12/1"],
    ValueForm.EDUCATION: ["大专", "初中及以下", "本科"],
    ValueForm.PLACE: ["太原市", "北京市朝阳区", "岭泉镇"],
    ValueForm.YES_NO: ["是", "否"],
    ValueForm.EMPLOYER: ["太原示例有限公司", "某服装厂"],
    ValueForm.NAME: ["张三", "李四", "王秀英"],
    ValueForm.LIST: ["焊接、切割", "缝纫；锁边"],
    ValueForm.OTHER: ["认真负责", "abc"],
}


@pytest.mark.parametrize("form", VALUES)
def test_the_form_of_values_is_recognised(form: ValueForm) -> None:
    assert form_of_values(VALUES[form]) is form


def test_values_suggest_a_field_without_a_known_heading() -> None:
    columns = {"列1": VALUES[ValueForm.NAME], "列2": VALUES[ValueForm.TELEPHONE],
               "列3": VALUES[ValueForm.PLACE], "列4": VALUES[ValueForm.EDUCATION],
               "列5": VALUES[ValueForm.IDENTITY]}  # fmt: skip
    assert [*suggested("profiles", columns).values()] == [
        "name", "channels", "location", "education", ""
    ]  # fmt: skip


def test_values_that_cannot_be_read_lower_the_confidence() -> None:
    good, bad = (
        suggest_columns(["学历"], [{"学历": each}], "profiles")[0] for each in ("大专", "很高")
    )
    assert good.confidence > 0.9
    assert bad.confidence <= 0.3
    assert "0%" in bad.why


def test_no_field_is_suggested_twice() -> None:
    fields = [*suggested("profiles", {"姓名": [], "人员姓名": [], "手机": [], "电话": []}).values()]
    assert sorted(filter(None, fields)) == ["channels", "name"]


def test_both_ends_of_a_wage_become_one_rule(tmp_path: Path) -> None:
    rows = [
        {
            "企业": "某厂",
            "职位": "焊工",
            "工作地址": "太原市",
            "最低工资": "40",
            "最高工资": "60",
            "计薪方式": "小时",
        }
    ]
    columns = [*rows[0]]
    mapping = suggested_mapping(suggest_columns(columns, rows, "openings"), "openings", "mine")
    path = tmp_path / "a.csv"
    path.write_text(f"{','.join(columns)}\n{','.join(rows[0].values())}\n", encoding="utf-8")
    fact = run_import(path, "openings", mapping).fact
    assert (fact["baseSalary"]["minValue"], fact["baseSalary"]["maxValue"]) == (40, 60)
    assert fact["baseSalary"]["unitText"] == "HOUR"


def test_the_shape_of_a_file_is_that_of_its_headings() -> None:
    assert shape_of(["姓名", "电 话"]) == shape_of(["*电话", "姓名"])
    assert shape_of(["姓名"]) != shape_of(["姓名", "电话"])


@pytest.mark.parametrize("kind", ["openings", "profiles", "stations"])
def test_the_fields_to_choose_from_include_the_required_ones(kind: str) -> None:
    from producers.importing.import_kinds import KINDS

    fields = suggestible_fields(kind)
    assert all(each.partition(".")[0] in fields for each in KINDS[kind].required)
