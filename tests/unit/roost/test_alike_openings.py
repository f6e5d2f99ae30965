"""Copies of an advertisement under other names share a key; other advertisements do not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import simulator
from roost.events.opening import OpeningContent
from roost.likeness.alike_openings import BANDS, alike_keys
from roost.rules.daily_counts import is_weak

TEXT = (
    "太原甲公司因业务发展需要，现面向社会诚聘普工二十名，主要负责流水线上的装配、检验与包装工作，要求吃苦耐劳，"
    "服从管理，有工作经验者优先考虑。公司提供免费食宿，每月十五日准时发放工资，缴纳五险一金，节假日三倍工资，"
    "每年组织体检与旅游。联系人王经理，电话13800000000，欢迎来电咨询或直接到厂面试。"
)
OTHERS = (
    "本店招聘中餐厨师一名，熟悉晋菜与川菜，能独立安排厨房的采购、配菜与出品，工作时间为上午十点至晚上九点，中间休息两小时，"
    "月休四天，提供员工宿舍与工作餐，试用期一个月，转正后按营业额提成，收入面议，有意者请带健康证到店详谈。",
    "建筑工地招砌筑工、抹灰工、钢筋工若干，工期约八个月，按平方米计价，每月支付生活费，完工结清，工地统一安排住宿，"
    "自带小型工具，须持高处作业证上岗，进场前参加三级安全教育，工地位于开发区三号线地铁口附近，夫妻可安排同住。",
    "养老院招护理员六名，负责老人的起居照料、喂饭、翻身与陪同散步，两班倒，每班十二小时，上二休一，包吃住，"
    "持养老护理员证者每月补贴三百元，无证可免费培训后上岗，工资按时发放，缴纳社会保险，节日有慰问品。",
)


def advertised(text: str = TEXT, employer: str = "甲公司", **changes: Any) -> OpeningContent:
    content = {
        "hiringOrganization": {"id": "a", "name": employer},
        "title": "普工",
        "description": text,
        "jobLocation": {"name": "太原市"},
        "baseSalary": {"minValue": 4_000, "maxValue": 6_000},
    }
    return OpeningContent.model_validate(content | changes)


def are_alike(one: OpeningContent, other: OpeningContent) -> bool:
    return bool(set(alike_keys(one)) & set(alike_keys(other)))


@pytest.mark.parametrize(
    "copy",
    [
        advertised(TEXT.replace("甲公司", "乙工厂"), "乙工厂"),
        advertised(TEXT.replace("13800000000", "0351-7654321"), "丙"),
        advertised(TEXT.replace("，", ", ").replace("。", "！"), "丁"),
        advertised(TEXT.replace("王经理", "李主任").replace("二十名", "三十名"), "戊"),
        advertised(TEXT + "名额有限，先到先得。", "己"),
        advertised(TEXT.replace("诚聘", "誠聘").replace("缴纳", "繳納"), "庚"),
        advertised(TEXT, "辛", baseSalary={"minValue": 4_100}, title="普工001", skills=["装配"]),
    ],
    ids=lambda copy: copy.hiring_organization.name,
)
def test_a_copy_shares_a_key(copy: OpeningContent) -> None:
    assert are_alike(advertised(), copy)


@pytest.mark.parametrize("text", OTHERS)
def test_another_advertisement_shares_none(text: str) -> None:
    assert not are_alike(advertised(), advertised(text))
    assert not are_alike(advertised(), advertised(text, title="厨师"))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "电焊工"},
        {"jobLocation": {"name": "大同市"}},
        {"baseSalary": {"minValue": 4_500}},
        {"skills": ["装配"]},
        {"totalJobOpenings": 3},
        {"lodging": True},
    ],
)
def test_one_without_a_text_shares_its_key_with_an_equal_one_only(changes: dict[str, Any]) -> None:
    assert are_alike(advertised(""), advertised("", "乙工厂"))
    assert not are_alike(advertised(""), advertised("", **changes))


def test_the_key_of_few_terms_is_weak() -> None:
    """Of simulated openings with title and place only, 99.7 % share their key with another's."""
    few = advertised("")
    more = advertised("", skills=["装配"], lodging=True)
    assert [is_weak(key) for key in alike_keys(few)] == [True]
    assert not any(is_weak(key) for each in (more, advertised()) for key in alike_keys(each))
    weak = [is_weak(key) for each in simulator.openings(500) for key in alike_keys(each)]
    assert sum(weak) < 0.05 * len(weak), "most openings state enough"


def test_of_a_days_postings_few_share_a_key() -> None:
    """They have few titles and no text, so that only equal ones share a key."""
    keys = Counter(key for each in simulator.openings(500) for key in alike_keys(each))
    assert max(keys.values()) <= 2


@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_has_keys_and_the_same_ones_each_time(text: str, name: str) -> None:
    one = advertised().model_copy(update={"description": text, "title": name})
    keys = alike_keys(one)
    assert len(keys) in {1, BANDS}
    assert keys == alike_keys(one)
    assert all(key.startswith("~") and len(key) <= 15 for key in keys)
