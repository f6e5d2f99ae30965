"""The everyday values of files, each with its right answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from producers.values.days import AmbiguousDay, DayOrder, parse_day
from producers.values.lists import split_list
from producers.values.not_understood import NotUnderstood
from producers.values.person_numbers import is_destroyed_number, parse_person_number
from producers.values.phones import parse_phones
from producers.values.stated_wages import parse_wage
from producers.values.words import parse_education, parse_lodging
from roost.events.common import Education, WageUnit


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("6千-8千",), (6000, 8000, None)),
        (("8千-1.3万",), (8000, 13000, None)),
        (("1.5-2万/月",), (15000, 20000, WageUnit.MONTH)),
        (("200元/天",), (200, 200, WageUnit.DAY)),
        (("25-38万/年",), (250000, 380000, WageUnit.YEAR)),
        (("4千以下",), (None, 4000, None)),
        (("1.2万+",), (12000, None, None)),
        (("￥4500",), (4500, 4500, None)),
        (("4500元",), (4500, 4500, None)),
        (("4,500.00",), (4500, 4500, None)),
        (("120", "150", "日"), (120, 150, WageUnit.DAY)),
        (("18", "20", "小时"), (18, 20, WageUnit.HOUR)),
        (("0.8", "1.2", "计件"), (Decimal("0.8"), Decimal("1.2"), WageUnit.PIECE)),
        (("22", "24", "hourly"), (22, 24, WageUnit.HOUR)),
    ],
)
def test_a_wage_is_read_as_stated(
    cells: tuple[str, ...], expected: tuple[object, object, object]
) -> None:
    wage = parse_wage(*cells)
    assert wage is not None
    assert (wage.minimum, wage.maximum, wage.unit) == expected


def test_months_of_pay_are_kept_as_a_note() -> None:
    wage = parse_wage("15k-25k·14薪")
    assert wage is not None
    assert (wage.minimum, wage.maximum, wage.note) == (15000, 25000, "14薪")


@pytest.mark.parametrize("cells", [("面议",), ("0", "0"), ("-1",), ("",), ("-1", "-1")])
def test_no_wage_is_stated(cells: tuple[str, ...]) -> None:
    assert parse_wage(*cells) is None


@pytest.mark.parametrize("cells", [("900", "1100", "Bi-Weekly"), ("4.500,00",), ("1.38E+10",)])
def test_a_wage_that_is_not_understood_is_refused(cells: tuple[str, ...]) -> None:
    with pytest.raises(NotUnderstood) as refused:
        parse_wage(*cells)
    assert refused.value.message_zh != refused.value.message


@pytest.mark.parametrize("name", ["RMB", "人民币", "元", "￥", "cny"])
def test_the_yuan_has_many_names(name: str) -> None:
    wage = parse_wage("5000", currency=name)
    assert wage is not None
    assert wage.currency == "CNY"


@pytest.mark.parametrize(
    "text",
    [
        "2026/12/1",
        "2026年12月1日",
        "2026-12-1",
        "2026/12/1 0:00",
        "20261201",
        "46357",
        "1 Dec 2026",
    ],
)
def test_a_day_has_many_spellings(text: str) -> None:
    assert parse_day(text) == date(2026, 12, 1)


def test_a_day_with_two_readings_is_asked() -> None:
    with pytest.raises(AmbiguousDay):
        parse_day("1/5/2026")
    assert parse_day("11/05/2026", DayOrder.MONTH_FIRST) == date(2026, 11, 5)
    assert parse_day("随时") is None
    with pytest.raises(NotUnderstood):
        parse_day("1796083200")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("大学本科", Education.BACHELOR),
        ("专科", Education.COLLEGE),
        ("高职", Education.COLLEGE),
        ("中专/中技", Education.VOCATIONAL),
        ("初中及以下", Education.JUNIOR),
        ("博士研究生", Education.DOCTOR),
        ("学历不限", Education.NONE),
        ("未填", None),
    ],
)
def test_levels_of_education(text: str, level: Education | None) -> None:
    assert parse_education(text) is level


def test_lodging_is_offered_or_not() -> None:
    assert all(parse_lodging(each) is True for each in ("提供", "包住", "Y ", "✓"))
    assert all(parse_lodging(each) is False for each in ("无", "自理"))
    with pytest.raises(NotUnderstood):
        parse_lodging("看情况")


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("焊接，切割、打磨/钳工", ["焊接", "切割", "打磨", "钳工"]),
        ("焊接\n切割", ["焊接", "切割"]),
        ("['SQL', 'BI']", ["SQL", "BI"]),
        ("焊接（氩弧、电弧）；钳工", ["焊接（氩弧、电弧）", "钳工"]),
        ("C/C++;PL/SQL", ["C/C++", "PL/SQL"]),
    ],
)
def test_lists_have_many_separators(text: str, entries: list[str]) -> None:
    assert split_list(text) == entries


def test_a_person_number_has_one_spelling_and_no_lost_digits() -> None:
    spellings = ("11010519491231002X", "11010519491231002x", "11010519491231002Ｘ")
    assert {parse_person_number(each) for each in spellings} == {"11010519491231002X"}
    assert parse_person_number('="110105194912310021"') == "110105194912310021"
    assert is_destroyed_number(110105194912310021.0)
    with pytest.raises(NotUnderstood):
        parse_person_number("1.10101E+17")


def test_telephones_have_one_stored_form() -> None:
    found = parse_phones("138-0013-8000/(010) 65123456转8012")
    assert [(each.number, each.extension) for each in found] == [
        ("+8613800138000", ""),
        ("+861065123456", "8012"),
    ]
    with pytest.raises(NotUnderstood):
        parse_phones("1.38E+10")
