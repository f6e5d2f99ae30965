"""Signs that two records describe one person."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import ids
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.likeness.same_person import (
    PersonKeys,
    Sign,
    comparable_name,
    number_key,
    person_keys,
    signs_of,
)

AROUND = ("cn:140224", "cn:1402", "cn:14", "cn")
HOME, ELSEWHERE, COUNTY = ("cn:140224101", *AROUND), ("cn:140224102", *AROUND), AROUND
IDENTITY, OTHER_IDENTITY = "110105194912310021", "11010519491231002X"


def keys(
    number: str = "A-1",
    name: str = "张三",
    phone: str = "",
    home: Sequence[str] = HOME,
) -> PersonKeys:
    channels = [Channel(kind=ChannelKind.SMS, address=phone)] if phone else []
    return person_keys(number, name, channels, home)


def signs(wanted: PersonKeys, found: PersonKeys, *, number_alone: bool = False) -> list[Sign]:
    return list(signs_of(wanted, found, {found.number}, number_alone=number_alone))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张三", "张　三"),
        ("張三", "张三"),
        ("阿卜杜拉·买买提", "阿卜杜拉•买买提"),
        ("阿卜杜拉·买买提", "阿卜杜拉 买买提"),
        ("Li Na", "LI  NA"),
        ("Ｌi Ｎa", "li na"),
        ("龙⼤", "龍大"),
        ("张\u200b三", "张三"),
    ],
)
def test_spellings_of_a_name_are_one(one: str, other: str) -> None:
    assert comparable_name(one) == comparable_name(other)


@pytest.mark.parametrize(("one", "other"), [("张三", "张四"), ("李娜", "李那"), ("王丽", "王丽丽")])
def test_two_names_stay_two(one: str, other: str) -> None:
    assert comparable_name(one) != comparable_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A-1", "a-1"),
        ("A-1", "Ａ-1"),
        ("A-1", "'A-1"),
        ("A-1", '="A-1"'),
        ("A-1", " A-1\u200b"),
        ("11010519491231002X", "11010519491231002x"),
        ("11010519491231002X", "110105 19491231 002Ｘ"),
    ],
)
def test_spellings_of_a_number_have_one_key(one: str, other: str) -> None:
    assert number_key(one) == number_key(other)


def test_a_record_without_keyed_ids_is_indexed_all_the_same() -> None:
    """A release before keyed ids has stored the number itself."""
    with ids.installed(ids.UNKEYED):
        assert number_key(IDENTITY) == number_key(f"'{IDENTITY}")
        assert number_key(IDENTITY)[:2] != "p-"
        assert number_key("A-1") == number_key("a-1")


def test_an_identity_number_and_its_hash_have_one_key() -> None:
    assert number_key(number_key(IDENTITY)) == number_key(IDENTITY)
    assert number_key("007") != number_key("7")


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        (keys("A-2", phone="13800138000"), keys(phone="+86 138 0013 8000"), ["telephone", "name"]),
        (keys("A-2", "李四", "13800138000"), keys(phone="13800138000"), ["telephone"]),
        (keys("A-2"), keys(), ["name"]),
        (keys("A-2", "張 三"), keys(), ["name"]),
        (keys("A-2", home=ELSEWHERE), keys(), []),
        (keys("A-2", "李四"), keys(), []),
        (keys("A-1", home=ELSEWHERE), keys(), ["number", "also"]),
        (
            keys("A-2", phone="13800138000", home=ELSEWHERE),
            keys(phone="13800138000"),
            ["telephone", "also"],
        ),
        (keys("A-1", "李四", home=ELSEWHERE), keys(), []),
        (keys(IDENTITY, "李四", home=ELSEWHERE), keys(IDENTITY), ["number"]),
        (keys(IDENTITY, phone="13800138000"), keys(OTHER_IDENTITY, phone="13800138000"), []),
        (keys("A-2", home=()), keys(home=()), []),
        (keys("A-2", phone="13900139000"), keys(phone="13800138000"), ["name"]),
        (keys("A-2", home=COUNTY), keys(home=COUNTY), ["name"]),
        (keys("A-2", home=COUNTY, phone="13900139000"), keys(home=COUNTY), ["name"]),
        (
            keys("A-2", home=COUNTY, phone="13900139000"),
            keys(home=COUNTY, phone="13800138000"),
            [],
        ),
    ],
)
def test_the_signs_of_one_person(
    wanted: PersonKeys, found: PersonKeys, expected: list[str]
) -> None:
    names = {
        "telephone": Sign.TELEPHONE,
        "name": Sign.NAME_AND_HOME,
        "also": Sign.NAME,
        "number": Sign.NUMBER,
    }
    assert signs(wanted, found) == [names[each] for each in expected]


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        (keys("A-2", "章伟"), keys(name="张伟"), [Sign.SOUND_AND_HOME]),
        (keys("A-2", "張瑋"), keys(name="张伟"), [Sign.SOUND_AND_HOME]),
        (keys("A-2", "王枫"), keys(name="王峰"), [Sign.SOUND_AND_HOME]),
        (keys("A-2", "吕绿"), keys(name="鲁路"), []),
        (keys("A-2", "章伟", home=COUNTY), keys(name="张伟", home=COUNTY), []),
        (keys("A-2", "章伟", "13900139000"), keys(name="张伟"), [Sign.SOUND_AND_HOME]),
        (keys("A-2", "章伟", "13900139000"), keys(name="张伟", phone="13800138000"), []),
        (
            keys("A-2", "章伟", "13800138000", ELSEWHERE),
            keys(name="张伟", phone="13800138000"),
            [Sign.TELEPHONE, Sign.SOUND],
        ),
        (keys("A-1", "章伟", home=ELSEWHERE), keys(name="张伟"), [Sign.NUMBER, Sign.SOUND]),
        (keys(IDENTITY, "章伟"), keys(OTHER_IDENTITY, "张伟"), []),
        (keys("A-2", "Li Na"), keys(name="Lee Na"), []),
        (keys("A-2", "王"), keys(name="汪"), []),
    ],
)
def test_a_name_of_the_same_sound_is_a_sign_at_most(
    wanted: PersonKeys, found: PersonKeys, expected: list[Sign]
) -> None:
    assert signs(wanted, found) == expected
    assert signs(found, wanted) == expected


def test_a_number_alone_is_a_sign_for_somebody_who_types_it() -> None:
    wanted, found = keys("A-1", "李四", home=ELSEWHERE), keys()
    assert signs(wanted, found, number_alone=True) == [Sign.NUMBER]


PEOPLE = st.builds(
    keys,
    st.sampled_from(["A-1", "A-2", IDENTITY, OTHER_IDENTITY]),
    st.sampled_from(["张三", "張三", "李四"]),
    st.sampled_from(["", "13800138000", "13900139000"]),
    st.sampled_from([HOME, ELSEWHERE, COUNTY, ()]),
)


@given(PEOPLE, PEOPLE, st.booleans())
def test_likeness_is_mutual_and_two_identity_numbers_are_two_people(
    one: PersonKeys, other: PersonKeys, alone: bool
) -> None:
    assert signs(one, other, number_alone=alone) == signs(other, one, number_alone=alone)
    if one.is_identity and other.is_identity and one.number != other.number:
        assert signs(one, other, number_alone=alone) == []
