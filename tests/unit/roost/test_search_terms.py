"""Search terms: any part of a name, its reading and initials, and of a telephone is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.contact.telephone_terms import FEWEST_DIGITS, sought_telephone, terms_of_telephone
from roost.text.search_terms import (
    LONGEST,
    MOST_SPELLINGS,
    MOST_STARTS,
    FoundBy,
    Sought,
    Subject,
    compact,
    readings_typed_as,
    sought_in_text,
    sought_reference,
    term_of_reference,
    terms_of_text,
)

NAMES = st.text(alphabet="张王李赵单曾解欧阳小明伟芳娜敏静吕", min_size=1, max_size=8)


def found_by(sought: list[Sought], terms: list[str]) -> FoundBy | None:
    """Return the best reason of a search, as the view decides it."""
    ways = [
        each.found_by
        for each in sought
        if any(term == each.term if each.exact else term.startswith(each.term) for term in terms)
    ]
    return min(ways, key=list(FoundBy).index, default=None)


def by_name(typed: str, name: str) -> FoundBy | None:
    return found_by(sought_in_text(Subject.NAME, typed), terms_of_text(Subject.NAME, name))


@pytest.mark.parametrize(
    ("typed", "name", "way"),
    [
        ("张小明", "张小明", FoundBy.NAME),
        ("張小明", "张小明", FoundBy.NAME),
        (" 张 小明 ", "张小明", FoundBy.NAME),
        ("张小", "张小明", FoundBy.NAME_START),
        ("小明", "张小明", FoundBy.NAME_PART),
        ("zhangxm", "张小明", None),
        ("Zhang Xiao", "张小明", FoundBy.SOUND),
        ("zhang xiaoming", "张小明", FoundBy.SOUND),
        ("zxm", "张小明", FoundBy.INITIALS),
        ("xiaom", "张小明", FoundBy.SOUND_PART),
        ("xm", "张小明", FoundBy.INITIALS_PART),
        ("z", "张小明", None),
        ("lv wei", "吕伟", FoundBy.SOUND),
        ("lü wei", "吕伟", FoundBy.SOUND),
        ("shan xiong", "单雄", FoundBy.SOUND),
        ("dan xiong", "单雄", FoundBy.SOUND),
        ("古丽", "阿依古丽·买买提", FoundBy.NAME_PART),
        ("古丽买", "阿依古丽·买买提", FoundBy.NAME_PART),
        ("maria", "Maria López", FoundBy.NAME_START),
        ("李", "张小明", None),
    ],
)
def test_a_name_is_found_by_its_parts_its_reading_and_its_initials(
    typed: str, name: str, way: FoundBy | None
) -> None:
    assert by_name(typed, name) is way


UMLAUTS = {"吕": "l{}", "律": "l{}", "女": "n{}", "略": "l{}e", "虐": "n{}e"}


@pytest.mark.parametrize("umlaut", ["u", "v", "ü", "yu", "u\u0308", "ǚ"])
@pytest.mark.parametrize("character", UMLAUTS)
def test_an_umlaut_is_typed_as_keyboards_and_passports_write_it(
    character: str, umlaut: str
) -> None:
    typed = UMLAUTS[character].format(umlaut)
    for name, text in (
        (f"{character}布", f"{typed} bu"),
        (f"{character}布", typed.upper()),
        (f"林{character}雨", f"lin {typed} yu"),
        (f"{character}{character}", typed * 2),
    ):
        assert by_name(text, name) is FoundBy.SOUND, text
    assert by_name(typed, f"林{character}") is FoundBy.SOUND_PART


@pytest.mark.parametrize(
    ("typed", "name", "way"),
    [
        ("lin yu", "林雨", FoundBy.SOUND),
        ("linyu", "林雨", FoundBy.SOUND),
        ("lin nv", "林女", FoundBy.SOUND),
        ("lv", "卢伟", None),
        ("lu", "卢伟", FoundBy.SOUND),
        ("xv", "徐静", FoundBy.SOUND),
        ("jü wei", "鞠伟", FoundBy.SOUND),
        ("zhāng wěi", "张伟", FoundBy.SOUND),
    ],
)
def test_other_readings_stay_apart(typed: str, name: str, way: FoundBy | None) -> None:
    assert by_name(typed, name) is way


@given(st.text(alphabet="lnyuvü", max_size=LONGEST))
def test_the_spellings_of_one_text_are_few(letters: str) -> None:
    assert letters == "" or 1 <= len(readings_typed_as(letters)) <= MOST_SPELLINGS


@given(name=NAMES, data=st.data())
def test_every_part_of_a_name_is_found(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    way = by_name(name[start:end], name)
    assert way in {FoundBy.NAME, FoundBy.NAME_START, FoundBy.NAME_PART}
    assert (way is FoundBy.NAME) == (name[start:end] == name)


@given(digits=st.text(alphabet="0123456789", min_size=10, max_size=10), data=st.data())
def test_four_digits_of_a_telephone_are_enough_and_three_are_not(
    digits: str, data: st.DataObject
) -> None:
    number = f"1{digits}"
    start = data.draw(st.integers(0, 7))
    end = data.draw(st.integers(start + FEWEST_DIGITS, 11))
    terms = terms_of_telephone(f"+86{number}")
    assert found_by(sought_telephone(number[start:end]), terms) is not None
    assert sought_telephone(number[:3]) == []
    assert found_by(sought_telephone(f"+86 {number}"), terms) is FoundBy.TELEPHONE
    assert not any("8" in each or "9" in each for each in terms), "keys in base 32, no numbers"


@given(st.text(max_size=300))
def test_terms_are_bounded_and_searches_never_fail(text: str) -> None:
    terms = terms_of_text(Subject.TITLE, text)
    assert all(len(each) <= LONGEST + 3 for each in terms)
    assert len(terms) <= 7 * MOST_STARTS
    sought = [
        *sought_in_text(Subject.TITLE, text),
        *sought_telephone(text),
        *sought_reference(text),
    ]
    assert all(len(each.term) <= LONGEST + 3 for each in sought)


@given(st.text(max_size=60))
def test_the_compact_form_has_one_spelling(text: str) -> None:
    assert compact(compact(text)) == compact(text)


@given(st.text(min_size=1, max_size=LONGEST))
def test_a_text_finds_itself(text: str) -> None:
    terms = terms_of_text(Subject.TITLE, text)
    if sought := sought_in_text(Subject.TITLE, text):
        assert found_by(sought, terms) is FoundBy.NAME


def test_a_reference_is_found_by_its_beginning_in_any_case() -> None:
    terms = [term_of_reference("Ａ-117")]
    assert found_by(sought_reference("a-117"), terms) is FoundBy.NUMBER
    assert found_by(sought_reference("a-1"), terms) is FoundBy.NUMBER_START
    assert found_by(sought_reference("117"), terms) is None
    assert sought_reference("  ") == []
