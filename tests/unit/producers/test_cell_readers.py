"""Readers of cells that keep values, compared with reading every cell."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mappings.cell_readers import reader_of
from producers.mappings.cell_values import clean_text
from producers.mappings.mapping_model import Rule
from producers.mappings.rule_kinds import LONGEST_REST, READERS, _without_signs, read_html
from producers.tables.sheets import error_cell
from producers.values import DayOrder, NotUnderstood, parse_phones
from producers.values.remembering import LONGEST_REMEMBERED, REMEMBERED
from roost.text.normalising import nfkc

CELLS = [
    "", " ", "无", "全国", "不限", "焊接；切割", "焊接；切割 ", "太原市；大同市", "岭泉镇", "高中",
    "大专以上", "5年以上", "1-3年", "6千-8千", "3", "３", "3.0", "1.10101E+17", "是", "否",
    "包吃住", "两班倒", "2026/12/1", "1/2/2026", "随时", '="007"', "'-1", "#REF!", "=A1+1", "月",
    "USD", "全职", "x" * (LONGEST_REMEMBERED + 1),
]  # fmt: skip


def read(reader: Any, cell: Any) -> Any:
    try:
        return reader(cell)
    except NotUnderstood as error:
        return error.message, error.message_zh


@pytest.mark.parametrize("kind", sorted(READERS))
@given(cells=st.lists(st.sampled_from(CELLS), max_size=8), other=st.text(max_size=20))
def test_a_kept_value_is_the_one_that_is_read(kind: str, cells: list[str], other: str) -> None:
    rule = Rule(columns=("a",), kind=kind)
    reader = reader_of(rule)
    for cell in [*cells, other, *cells, other, error_cell("#N/A")]:
        found = read(reader, cell)
        assert found == read(lambda each: READERS[kind](clean_text(each), rule), cell)
        if isinstance(found, list | dict):
            found.clear()  # as later steps change the values of their row


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (float("nan"), ""),
        ("NaN", ""),
        (" NaN ", ""),
        ("Nan", "Nan"),
        ("nan", "nan"),
        ("NaN Li", "NaN Li"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_nan_holds_nothing_in_any_kind_of_file(cell: object, text: str) -> None:
    assert clean_text(cell) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *(("10", 10), ("10人", 10), ("10位", 10), ("十人", 10), ("两名", 2), ("二十名", 20)),
        *(("10人以上", 10), ("10余人", 10), ("10+", 10), ("约10人", 10), ("10人左右", 10)),
        *(("5-8人", 5), ("5人-8人", 5), ("10（男女不限）", 10), ("10,000", 10_000), ("1.0", 1)),
        *(("10 people", 10), ("10 openings", 10), ("若干名", None), ("大量", None)),
        *(("multiple", None), ("", None), ("人数不限", None), ("待定", None), ("长期招聘", None)),
        *(
            ("一批", None),
            ("若干人。", None),
            ("—", None),
            ("/", None),
            ("无", None),
            ("TBD", None),
        ),
        *(
            ("共10人", 10),
            ("拟招十人", 10),
            ("至少3名", 3),
            ("≥5", 5),
            (">5", 5),
            ("100名以上", 100),
        ),
    ],
)
def test_a_number_of_people_is_read_in_common_wording(text: str, count: int | None) -> None:
    assert READERS["integer"](text, Rule(kind="integer")) == count


@pytest.mark.parametrize(
    ("text", "years"), [("18", 1.5), ("6个月", 0.5), ("1年", 1.0), ("2 years", 2.0), ("", None)]
)
def test_months_of_experience_with_another_unit_are_read_in_it(
    text: str, years: float | None
) -> None:
    assert READERS["months"](text, Rule(kind="months")) == years


@pytest.mark.parametrize("text", ["男5女5", "10/20", "急招", "各10名", "4500.5"])
def test_a_text_of_several_numbers_is_no_number_of_people(text: str) -> None:
    with pytest.raises(NotUnderstood):
        READERS["integer"](text, Rule(kind="integer"))


def test_columns_with_other_rules_do_not_share_values() -> None:
    orders = {order: Rule(kind="day", order=order) for order in DayOrder}
    found = {order: read(reader_of(rule), "1/2/2026") for order, rule in orders.items()}
    assert len({str(each) for each in found.values()}) == len(orders)


def test_as_many_values_are_kept_as_the_bound_says() -> None:
    reader = reader_of(Rule(kind="list"))
    assert reader is not None
    for number in range(2 * REMEMBERED + 2):
        assert reader(f"{number}；焊接") == [str(number), "焊接"]


@given(st.from_regex(r"(\+86)?[0-9]{10,12}", fullmatch=True))
def test_a_number_without_marks_is_read_like_any_other(text: str) -> None:
    blanks_around_it = f" {text} "
    assert read(parse_phones, text) == read(parse_phones, blanks_around_it)


FORMER_SIGNS = re.compile(
    r"^(?:CNY|RMB|USD|¥|\$|€)\s*|\s*(?:元|人|名|个|件|年|岁|CNY|RMB|USD)$", re.IGNORECASE
)


@given(st.text(alphabet="CNYRMBUSD元人¥$ 45,.\n\t\u3000", max_size=12))
def test_signs_are_taken_off_as_one_pattern_did(text: str) -> None:
    """The former pattern read a run of blanks again from each of its blanks."""
    plain = nfkc(text).strip()
    assert _without_signs(plain) == FORMER_SIGNS.sub("", plain).strip()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>焊工&amp;钳工</p><p>两班倒", "焊工&钳工\n两班倒"),
        ("焊工 <a href=", "焊工<a href="),
        ("焊工 &amp; " + "<a " * 500, "焊工 &" + " ".join(["<a"] * 500)),
        ("<b>焊工</b><!--" + "x" * LONGEST_REST, "焊工<!--" + "x" * LONGEST_REST),
    ],
)
def test_a_tag_that_never_closes_is_text(html: str, text: str) -> None:
    assert read_html(html, Rule(kind="html")) == text
