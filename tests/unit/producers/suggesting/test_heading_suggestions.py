"""Suggestions of fields for columns: from headings in both languages, and from values."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mappings.suggesting.column_samples import SampledColumn
from producers.mappings.suggesting.column_values import _has_amount
from producers.mappings.suggesting.heading_suggestions import Suggestion, suggest_fields
from producers.mappings.suggesting.importable_fields import IMPORTABLE

OPENING_HEADINGS = [
    ("企业名称", "employer"), ("用人单位（全称）", "employer"), ("Company", "employer"),
    ("統一社會信用代碼", "employerCode"), ("招聘岗位", "title"), ("岗位名称*", "title"),
    ("Job Title", "title"), ("工种", "title"), ("招聘人数", "headcount"),
    ("需求人数（人）", "headcount"), ("薪资待遇", "wage"), ("月薪（元）", "wage"),
    ("Salary", "wage"), ("工资下限", "wageMin"), ("最高工资", "wageMax"),
    ("计薪方式", "wageUnit"), ("工作地点", "place"), ("工作地址", "place"), ("Location", "place"),
    ("学历要求", "education"), ("文化程度", "education"), ("工作经验", "experience"),
    ("岗位职责", "description"), ("截止日期", "validThrough"), ("用工形式", "employmentType"),
    ("住宿", "lodging"), ("福利待遇", "benefits"), ("发布日期", "datePosted"), ("班次", "shifts"),
]  # fmt: skip
PROFILE_HEADINGS = [
    ("姓名", "name"), ("姓 名", "name"), ("Name", "name"), ("身份证号码", "identifier"),
    ("编号", "identifier"), ("手机号码", "phone"), ("聯繫電話", "phone"), ("Telephone", "phone"),
    ("家庭住址", "home"), ("户籍所在地", "home"), ("现居住地", "location"),
    ("务工地点", "location"), ("求职意向", "occupations"), ("技能特长", "skills"),
    ("持证情况", "licences"), ("文化程度", "education"), ("期望月薪", "wage"),
    ("工作年限", "experience"), ("愿去地点", "places"), ("到岗日期", "availableFrom"),
    ("备注", "summary"),
]  # fmt: skip
VALUES = [
    (["13800001111", "138 0000 1112"], "phone"),
    (["110101199003074514", "11010119900307002X"], "identifier"),
    (["4000元/月", "5千-6千", "面议"], "wage"),
    (["大同市平城区", "北京市", "山西省太原市"], "home"),
    (["初中", "高中", "大专"], "education"),
    (["2027-03-01", "2027年4月1日"], "availableFrom"),
]
NOTHING = [
    ["是", "否"],
    ["1", "2", "3"],
    ["王小明", "李雷"],
    ["", ""],
    ["第一组", "第二组"],
]


def suggestion(name: str, kind: str, *values: str) -> Suggestion:
    column = SampledColumn(name)
    for each in values:
        column.take(each)
    [found] = suggest_fields([column], kind)
    return found


@pytest.mark.parametrize(("heading", "field"), OPENING_HEADINGS)
def test_headings_of_openings(heading: str, field: str) -> None:
    found = suggestion(heading, "openings")
    assert (found.field, found.level) in {(field, "sure"), (field, "likely")}


@pytest.mark.parametrize(("heading", "field"), PROFILE_HEADINGS)
def test_headings_of_rosters(heading: str, field: str) -> None:
    found = suggestion(heading, "profiles")
    assert (found.field, found.level) in {(field, "sure"), (field, "likely")}


@pytest.mark.parametrize(("values", "field"), VALUES)
def test_values_suggest_a_field_under_a_heading_that_says_nothing(
    values: list[str], field: str
) -> None:
    found = suggestion("列1", "profiles", *values)
    assert found.field == field
    assert found.level in ("sure", "likely", "guess")


@pytest.mark.parametrize("values", NOTHING)
def test_values_that_may_be_anything_suggest_nothing(values: list[str]) -> None:
    assert suggestion("甲", "profiles", *values).field == ""


def test_values_that_do_not_fit_lower_the_confidence() -> None:
    fitting = suggestion("联系电话", "profiles", "13800001111", "13800001112")
    other = suggestion("联系电话", "profiles", "见附件", "无")
    assert fitting.confidence > 0.9 > other.confidence


def test_a_field_is_suggested_once_for_the_better_column() -> None:
    columns = [SampledColumn("电话"), SampledColumn("联系电话"), SampledColumn("序号")]
    for value in ("无", "没有"):
        columns[0].take(value)
    columns[1].take("13800001111")
    found = suggest_fields(columns, "profiles")
    assert [each.field for each in found] == ["", "phone", ""]


def test_a_wage_is_one_column_or_its_two_ends() -> None:
    columns = [SampledColumn(each) for each in ("工资", "工资下限", "工资上限")]
    fields = {each.field for each in suggest_fields(columns, "openings")}
    assert fields in ({"wage", ""}, {"wageMin", "wageMax", ""})


def test_days_with_two_readings_ask_for_their_order() -> None:
    assert suggestion("截止日期", "openings", "1/5/2027", "3/4/2027").asks_order
    assert not suggestion("截止日期", "openings", "1/5/2027", "23/4/2027").asks_order
    assert not suggestion("截止日期", "openings", "2027-05-01").asks_order


@given(
    st.lists(st.text(max_size=20), max_size=12),
    st.lists(st.text(max_size=30), max_size=5),
    st.sampled_from(sorted(IMPORTABLE)),
)
def test_any_columns_get_one_suggestion_each_with_a_confidence(
    names: list[str], values: list[str], kind: str
) -> None:
    columns = [SampledColumn(each) for each in names]
    for column in columns:
        for value in values:
            column.take(value)
    found = suggest_fields(columns, kind)
    assert [each.column for each in found] == names
    assert all(0 <= each.confidence <= 1 for each in found)
    single = [each.field for each in found if each.field]
    joined = {name for name, field in IMPORTABLE[kind].items() if field.is_joined}
    assert len({each for each in single if each not in joined}) == len(
        [each for each in single if each not in joined]
    )


@given(st.text(alphabet="1a元k/ \n-面议以上", max_size=12))
def test_an_amount_is_a_digit_and_a_unit_behind_it(text: str) -> None:
    """The former pattern read the rest of a line again from each of its digits."""
    unit = "元|￥|¥|k|K|千|万|薪|/|月|天|小时|-|~|以上|以下"
    former = re.search(rf"\d.*(?:{unit})", text) is not None
    assert any(map(_has_amount, text.split("\n"))) is former
