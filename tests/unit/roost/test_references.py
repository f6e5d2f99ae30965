"""All spellings of a roster number are one worker; two numbers stay two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from producers import facts, simulator
from producers.rejected_rows import worker_of
from roost import ids
from roost.events.profile import ProfileContent
from roost.text.references import (
    common_number,
    common_reference,
    same_number,
    shown_reference,
)
from tests.unit.roost.test_ids import COUNTY

HIDDEN = "\u200b\u200e\u2060\ufeff\u00ad\u180e\u202e\x00\x7f\ufe0f\u3164\U000e0041"
SPELLINGS = {
    "A-1": [
        "A-1",
        "a-1",
        "Ａ-1",
        "ａ－１",
        " A-1 ",
        "\u3000A-1\u00a0",
        "A-1\u200b",
        "\ufeffA-1",
        "A\u2060-1",
        "'A-1",
        "’A-1",
        "＇A-1",
        '="A-1"',
        "＝＂A-1＂",
        '="\'a-1"',
        "=“A-1”",
        '= "A-1" ',
        "A‐1",
        "A‑1",
        "A–1",
        "A−1",
        "A\x00-1",
        "A-1\r\n",
        "\tA-1",
        "A-①",
    ],
    "11010519491231002X": [
        "11010519491231002x",
        "11010519491231002Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
        '="11010519491231002x"',
        "110105 19491231 002X",
        "110105\u200b19491231002x",
    ],
    "A 1": ["A 1", "A  1", "a\u30001", "A\t1"],
    "张三-1": ["张三－1", "'张三-1"],
    "STRASSE": ["straße", "STRAẞE"],
}
NUMBERS = st.text(st.sampled_from("abAZ09-ＡｚØßı 王'=\"“\u200b\u0301\ufb01　"), max_size=12)


@pytest.mark.parametrize(
    ("number", "spelling"),
    [(number, each) for number, spellings in SPELLINGS.items() for each in spellings],
)
def test_every_spelling_of_a_number_is_one_worker(number: str, spelling: str) -> None:
    assert common_number(spelling) == number
    with ids.installed(COUNTY):
        assert ids.worker_id("roster", spelling) == ids.worker_id("roster", number)
        assert worker_of("roster", spelling) == ids.worker_id("roster", number)


@pytest.mark.parametrize(
    ("one", "other"),
    [("007", "7"), ("A-1", "A1"), ("A-1", "A-11"), ("A 1", "A1"), ("1.0", "1"), ("O1", "01")],
)
def test_other_numbers_are_other_workers(one: str, other: str) -> None:
    assert not same_number(one, other)
    with ids.installed(COUNTY):
        assert ids.worker_id("roster", one) != ids.worker_id("roster", other)


@given(st.text(st.sampled_from("ABCXYZ0123456789-_/.#王李号"), min_size=1, max_size=20))
def test_a_number_in_the_common_spelling_keeps_its_id(number: str) -> None:
    with ids.installed(COUNTY):
        assert ids.worker_id("roster", number) == ids.derive("w", "roster", number)


@given(st.text() | NUMBERS)
def test_the_common_spelling_is_its_own_common_spelling(text: str) -> None:
    for common in (common_number, common_reference, shown_reference):
        assert common(common(text)) == common(text)
    common_number(text).encode()


@given(NUMBERS, st.lists(st.tuples(st.integers(0, 20), st.sampled_from(HIDDEN)), max_size=5))
def test_case_wrapping_and_invisible_characters_never_make_another_worker(
    number: str, hidden: list[tuple[int, str]]
) -> None:
    number = common_number(number)
    disguised = number.lower()
    for at, each in hidden:
        disguised = disguised[:at] + each + disguised[at:]
    for spelling in (disguised, f" {disguised}\u3000", f"'{disguised}", f'="{disguised}"'):
        assert common_number(spelling) == common_number(number.lower())


@pytest.mark.parametrize(
    "number",
    [
        "a" * 100_000,
        "'" * 100_000,
        '="' * 50_000,
        "\u200b" * 100_000,
        "\u0301" * 20_000,
        '="' * 9_000 + '"' * 9_000,
    ],
)
@pytest.mark.timeout(2)
def test_a_hostile_number_takes_linear_time(number: str) -> None:
    common_number(number)


@pytest.mark.parametrize("spelling", ["a-1", "Ａ-1", "A-2"])
def test_an_opening_keeps_the_case_of_its_reference(spelling: str) -> None:
    with ids.installed(COUNTY):
        expected = ids.opening_id("api/e", "A-1") == ids.opening_id("api/e", spelling)
    assert expected is (spelling == "Ａ-1")


@pytest.mark.parametrize("spelling", ["2026-1", " 2026-1\u200b", '="2026-1"', "２０２６-1"])
def test_an_openings_reference_has_one_id_in_other_spellings(spelling: str) -> None:
    with ids.installed(COUNTY):
        assert facts.referenced_opening("e", spelling) == facts.referenced_opening("e", "2026-1")


@pytest.mark.parametrize(
    ("written", "shown"),
    [("a-1\u200b", "a-1"), ("'Ａ-1", "Ａ-1"), ('="11010519491231002x"', "11010519491231002x")],
)
def test_a_number_is_shown_as_written_without_its_wrapping(written: str, shown: str) -> None:
    content = next(simulator.profiles(1)).to_dict() | {"identifier": written}
    assert ProfileContent.model_validate(content).identifier == shown


@pytest.mark.parametrize("empty", ["", "\u200b", "'", '=""', "\u3000"])
def test_a_number_without_a_visible_character_is_refused(empty: str) -> None:
    content = next(simulator.profiles(1)).to_dict() | {"identifier": empty}
    with pytest.raises(ValidationError, match="identifier"):
        ProfileContent.model_validate(content)
