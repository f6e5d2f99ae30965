"""Values in all forms of the tables in this folder, and what holds for every text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producers.values.currencies import parse_currency
from producers.values.days import AmbiguousDay, DayOrder, day_order, is_ambiguous_day, parse_day
from producers.values.lexicon import Lexicon
from producers.values.lists import split_list
from producers.values.not_understood import NotUnderstood
from producers.values.numerals import chinese_number
from producers.values.person_numbers import (
    IdentityKind,
    identity_key,
    identity_kind,
    is_destroyed_number,
    masked,
    parse_person_number,
)
from producers.values.phones import parse_phones
from producers.values.vocabularies import vocabulary_file
from producers.values.words import (
    Board,
    Experience,
    parse_board,
    parse_education,
    parse_experience,
    parse_lodging,
    parse_meals,
    parse_shifts,
    parse_yes_no,
)
from roost import ids
from roost.contact.addresses import accepted_address, address_key
from roost.contact.telephones import Telephone
from roost.events.preferences import ChannelKind
from tests.unit.producers.values.tables import outcome, table

PARSERS: dict[str, Callable[[str], Any]] = {
    "day": parse_day,
    "education": parse_education,
    "experience": parse_experience,
    "yes_no": parse_yes_no,
    "board": parse_board,
    "shift": parse_shifts,
    "list": split_list,
    "phone": parse_phones,
    "person_number": parse_person_number,
}
ROWS = [(name, *row) for name in PARSERS for row in table(f"{name}_table")]
WORDS = sorted(
    {
        word
        for name in ("days", "education", "experience", "answers", "shifts")
        for part in vocabulary_file(name).values()
        for line in (part.values() if isinstance(part, dict) else [part])
        for word in str(line).split()
    }
)
PIECES = st.sampled_from(
    [*WORDS, "3", "2026", "-", "/", "年", "月", " ", ":", "(", "'", "1E+9", "，"]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=6).map("".join))


def written(value: Any) -> str:
    match value:
        case None:
            return "unstated"
        case bool():
            return "yes" if value else "no"
        case Experience():
            return f"{value.minimum} {value.maximum if value.maximum is not None else '-'}"
        case Board():
            parts = (value.lodging, value.meals)
            return " ".join("-" if each is None else written(each) for each in parts)
        case list():
            return " | ".join(map(written, value)) or "nothing"
        case tuple():
            return " ".join(value) or "nothing"
        case Telephone():
            extension = f"x{value.extension}" if value.extension else ""
            return f"{value.number}{extension}{'' if value.textable else '!'}"
        case date():
            return value.isoformat()
        case _:
            return str(value) or "nothing"


def reading(parser: Callable[[str], Any], form: str) -> str:
    value, refused = outcome(parser, form)
    if refused is not None:
        return "ambiguous" if isinstance(refused, AmbiguousDay) else "refused"
    return written(value)


@pytest.mark.parametrize(("name", "form", "expected"), ROWS)
def test_a_form_is_read_as_it_says(name: str, form: str, expected: str) -> None:
    assert reading(PARSERS[name], form) == expected


@given(st.sampled_from([*PARSERS.values(), parse_lodging, parse_meals, parse_currency]), TEXTS)
@example(parse_day, "二〇二六年〇月〇日")
@example(parse_experience, "半半")
def test_every_text_is_read_or_refused_in_both_languages(
    parser: Callable[[str], Any], text: str
) -> None:
    _, refused = outcome(parser, text)
    assert refused is None or (refused.message and refused.message_zh)


@pytest.mark.parametrize(
    "unit", ["9", "一", "/", "(", "[", "包", "a ", "-", "年", "'", "1、", "x "]
)
@pytest.mark.parametrize("name", PARSERS)
def test_a_long_text_is_read_or_refused(name: str, unit: str) -> None:
    outcome(PARSERS[name], unit * 30_000)


# --- days

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
FORMATS = (
    "{0.year}-{0.month}-{0.day}",
    "{0:%Y%m%d}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%d %b %Y}",
)


@given(
    DAYS, st.sampled_from((*FORMATS, "{0:%B %d, %Y}", "{0:%Y/%m/%d} 0:00", "{0:%Y-%m-%d}T00:00Z"))
)
def test_every_day_is_read_in_every_form(day: date, form: str) -> None:
    assert parse_day(form.format(day)) == day


@given(DAYS.filter(lambda day: day.year >= 2000))
def test_serial_numbers_are_those_of_spreadsheets(day: date) -> None:
    assert parse_day(str((day - date(1899, 12, 30)).days)) == day


@given(DAYS, st.sampled_from(DayOrder))
def test_the_order_of_the_column_decides(day: date, order: DayOrder) -> None:
    form = (
        "{0.day}/{0.month}/{0.year}"
        if order is DayOrder.DAY_FIRST
        else "{0.month}/{0.day}/{0.year}"
    )
    text = form.format(day)
    assert parse_day(text, order) == day
    ambiguous = day.day <= 12 and day.day != day.month
    assert is_ambiguous_day(text) is ambiguous
    assert day_order([text]) in {order, None}


def test_a_column_has_one_order() -> None:
    assert day_order(["1/5/2026", "", "随时", "13/5/2026"]) is DayOrder.DAY_FIRST
    assert day_order(["1/5/2026", "5/13/2026"]) is DayOrder.MONTH_FIRST
    assert day_order(["1/5/2026", "2026-05-13"]) is None
    with pytest.raises(NotUnderstood):
        day_order(["13/5/2026", "5/13/2026"])


def test_a_moment_counts_in_the_zone_that_is_asked_for() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    assert parse_day("2026-11-30T16:00:00Z", zone=shanghai) == date(2026, 12, 1)
    assert parse_day("2026-11-30T16:00:00Z") == date(2026, 11, 30)
    assert parse_day("2026-12-01T00:00:00+08:00", zone=UTC) == date(2026, 11, 30)
    assert parse_day("2026-12-01 00:00", zone=shanghai) == date(2026, 12, 1)


# --- numbers


@given(st.integers(0, 99_999_999))
def test_chinese_numerals_are_read(number: int) -> None:
    assert chinese_number(in_chinese(number)) == Decimal(number)


def in_chinese(number: int) -> str:
    """Return a number below 100,000,000 as it is said."""
    if number >= 10_000:
        rest = number % 10_000
        zero = "零" if 0 < rest < 1_000 else ""
        return f"{in_chinese(number // 10_000)}万{zero}{in_chinese(rest) if rest else ''}"
    text = ""
    for power, unit in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += "零一二三四五六七八九"[digit] + unit
        elif text and not text.endswith("零") and number % power:
            text += "零"
    return text or "零"


@given(st.text(max_size=60))
def test_a_person_number_is_its_own_spelling_and_has_the_same_id(text: str) -> None:
    number, refused = outcome(parse_person_number, text)
    if refused is None:
        assert parse_person_number(number) == number
        with ids.installed(ids.IdKey(b"k" * ids.KEY_BYTES)):
            assert ids.worker_id("a", number) == ids.worker_id("a", text)


@pytest.mark.parametrize(
    ("value", "destroyed"),
    [
        (110105194912310021.0, True),
        (1.5e15, True),
        (123456789012345.0, False),
        (13800138000.0, False),
        (110105194912310021, False),
        (float("nan"), True),
        (2.5, False),
        ("1.1E+17", True),
        ("110105194912310000", True),
        ("110105194912310021", False),
    ],
)
def test_a_number_that_lost_digits_is_known(value: str | float, destroyed: bool) -> None:
    assert is_destroyed_number(value) is destroyed


def test_identity_numbers_are_validated_masked_and_hashed() -> None:
    resident, company = "11010519491231002X", "91110000600037341L"
    assert identity_kind(resident) is identity_kind("'11010519491231002x") is IdentityKind.RESIDENT
    assert identity_kind(company) is IdentityKind.ORGANISATION
    for other in ("110105194912310021", "13800138000", "A-1", "", "1.1E+17", "焊工"):
        assert identity_kind(other) is None
    assert masked(resident) == "*" * 14 + "002X"
    assert masked("A-1") == "**"
    key = identity_key(resident, b"k" * 32)
    assert key == identity_key(" 11010519491231002Ｘ", b"k" * 32)
    assert key != identity_key(resident, b"l" * 32)
    assert key != identity_key("110105194912310011", b"k" * 32)
    assert resident not in key


# --- telephones

MOBILES = st.integers(0, 99_999_999).map(lambda rest: f"138{rest:08}")


@given(
    MOBILES, st.sampled_from(["{0}", "+86 {0}", "0086{0}", "0{0}", "{1}-{2}-{3}", "{1} {2} {3}"])
)
def test_all_spellings_of_a_mobile_number_are_one(number: str, form: str) -> None:
    text = form.format(number, number[:3], number[3:7], number[7:])
    [found] = parse_phones(text)
    assert (found.number, found.textable) == (f"+86{number}", True)
    assert accepted_address(ChannelKind.SMS, text) == found.number
    assert address_key(ChannelKind.SMS, text) == address_key(ChannelKind.SMS, found.number)


def test_a_landline_has_one_key() -> None:
    spellings = ("010-65123456", "+861065123456", "（010）65123456", "010-65123456转8012")
    assert len({address_key(ChannelKind.SMS, each) for each in spellings}) == 1
    assert len({parse_phones(each)[0].key for each in spellings}) == 1
    assert parse_phones("(212) 736-5000", "US")[0].number == "+12127365000"


# --- lists and words


@given(
    st.lists(st.text("焊切割钳工木电", min_size=2, max_size=5), min_size=2, unique=True),
    st.sampled_from(["，", ",", "、", ";", "；", "/", "／", "|", "\n", "\t", " · ", "•", "，\n"]),
)
def test_a_separator_divides_and_brackets_keep(entries: list[str], mark: str) -> None:
    assert split_list(mark.join(entries)) == entries
    kept = [f"{each}（{mark.strip() or '、'}甲）" for each in entries]
    assert split_list("；".join(kept)) == kept


@given(st.text(max_size=80))
def test_entries_are_not_empty_and_not_repeated(text: str) -> None:
    entries = split_list(text)
    assert len(set(entries)) == len(entries)
    assert all(each == each.strip() and each for each in entries)


def test_currencies_have_codes() -> None:
    for name in ("RMB", "人民币", "元", "￥", "¥", "CNY", "yuan", "人民幣"):
        assert parse_currency(name) == "CNY"
    assert parse_currency("$") == parse_currency("美元") == "USD"
    assert parse_currency("HK$") == parse_currency("港幣") == "HKD"
    assert parse_currency(" ") is None
    for other in ("kr", "XYZ", "钱", "CNY USD"):
        with pytest.raises(NotUnderstood):
            parse_currency(other)


def test_a_lexicon_takes_the_longest_word_and_whole_english_ones() -> None:
    words = Lexicon({"本科": 1, "大学本科": 2, "ma": 3})
    assert words.meanings_in("大学本科 本科 ma") == [2, 1, 3]
    assert words.meanings_in("大学本科master") is None
    assert words.meanings_in("本科" * 200) is None


def test_the_last_day_of_a_serial_is_in_range() -> None:
    assert parse_day("73415") == date(1899, 12, 30) + timedelta(days=73_415) == date(2100, 12, 31)
