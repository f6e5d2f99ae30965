"""Text is searched in linear time: counted work, never a clock."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.law import attributes, findings
from roost.law.attributes import MOST_ROUNDS, without_attributes
from roost.law.findings import NEAR, all_demanded, demands
from roost.law.forbidden import CRITERIA
from roost.text.normalising import LONGEST_PIECE, nfkc
from roost.text.scanning import MARGIN, WINDOW, matches, short_blanks, without_spans
from tests.unit.roost.phrases import PERSONAL, TRADES

HOSTILE = ("不招男均可", "男不限", "年龄 20 ", "1 1 ", "一一年内", "已婚、", "没有", "HIV ", "，")


class CountingPattern:
    """A pattern that counts the characters it is given to search."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.read = 0
        self.longest = 0
        self._pattern = pattern

    def finditer(self, text: str, start: int = 0, end: int | None = None):  # type: ignore[no-untyped-def]
        length = min(len(text) if end is None else end, len(text)) - start
        self.read += length
        self.longest = max(self.longest, length)
        return self._pattern.finditer(text, start, len(text) if end is None else end)

    def search(self, text: str):  # type: ignore[no-untyped-def]
        self.read += len(text)
        self.longest = max(self.longest, len(text))
        return self._pattern.search(text)


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_pattern_never_reads_more_than_a_window_at_once(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    for criterion in CRITERIA:
        for pattern in criterion.patterns:
            counting = CountingPattern(pattern)
            list(matches(counting, text))  # type: ignore[arg-type]
            assert counting.longest <= WINDOW + MARGIN
            assert counting.read <= 2 * len(text)


@pytest.mark.parametrize("unit", HOSTILE)
def test_the_exemption_of_a_demand_reads_only_its_surroundings(unit: str) -> None:
    text = (unit * 4_000)[:4_000]
    for criterion in CRITERIA:
        before = CountingPattern(criterion.exempt_before)
        after = CountingPattern(criterion.exempt_after)
        counting = replace(criterion, exempt_before=before, exempt_after=after)  # type: ignore[arg-type]
        list(demands(counting, text))
        assert max(before.longest, after.longest) <= NEAR


@given(
    st.lists(
        st.sampled_from([*PERSONAL, *TRADES, "，", "。", " ", ". ", "\n", "电焊工", "均可"]),
        min_size=40,
        max_size=120,
    )
)
def test_windows_find_what_one_search_of_the_whole_text_finds(parts: list[str]) -> None:
    text = short_blanks("".join(parts))
    for criterion in CRITERIA:
        for pattern in criterion.patterns:
            whole = [found.span() for found in pattern.finditer(text)]
            assert [found.span() for found in matches(pattern, text)] == whole


def test_attributes_nested_in_each_other_end_after_a_few_rounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = 0
    cut = attributes._cut

    def counted(text: str) -> str:
        nonlocal rounds
        rounds += 1
        return cut(text)

    monkeypatch.setattr(attributes, "_cut", counted)
    assert without_attributes("已" * 200 + "婚" * 200) == ""
    assert rounds == MOST_ROUNDS


def test_a_demand_at_the_end_of_a_long_text_is_found() -> None:
    filler = "本厂长期招聘缝纫工，包吃住。" * 1_400
    for at in range(0, 20, 3):
        text = filler + "x" * at + "，只招男性"
        assert ("sex", "只招男") in {
            (each.criterion.name, each.words) for each in all_demanded(text)
        }


def test_a_sentence_that_forbids_discrimination_stays_lawful_at_any_length() -> None:
    text = "We do not discriminate " + "in any way whatever " * 40 + "for men only"
    assert not all_demanded(text)


def test_a_repeated_demand_of_a_long_word_is_not_exponential() -> None:
    """`患有` had two readings in a repeated group, so that 30 of them never ended."""
    assert without_attributes("患有" * 60 + "肝") == "患有" * 60 + "肝"


@given(
    st.text(alphabet=st.sampled_from("aé\u0301中ｶﾞ㍿ﬁ가\u1100\u1161 。"), max_size=60),
    st.integers(0, 40),
)
def test_long_texts_are_normalised_as_short_ones(text: str, copies: int) -> None:
    long = (text + "中") * copies
    assert nfkc(long) == unicodedata.normalize("NFKC", long)


def test_combining_marks_are_ordered_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = 0

    class Counting:
        @staticmethod
        def normalize(form: str, text: str) -> str:
            nonlocal longest
            longest = max(longest, len(text))
            return unicodedata.normalize(form, text)  # type: ignore[arg-type]

    monkeypatch.setattr("roost.text.normalising.unicodedata", Counting)
    nfkc("a" + "\u0315\u0300\u0327" * 5_000)
    nfkc("ﾞ\u0327" * 5_000)
    assert longest <= LONGEST_PIECE


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)), max_size=6))
def test_overlapping_spans_are_removed_once(starts: list[tuple[int, int]]) -> None:
    text = "0123456789" * 4
    spans = [(start, start + length) for start, length in starts if length]
    covered = {at for start, end in spans for at in range(start, end)}
    kept = "".join(each for at, each in enumerate(text) if at not in covered)
    assert without_spans(text, spans, "") == kept


def test_short_texts_are_judged_like_the_same_text_in_a_long_one() -> None:
    for phrase in PERSONAL:
        short = {each.criterion.name for each in findings.all_demanded(phrase)}
        long = {
            each.criterion.name for each in findings.all_demanded("工作轻松。\n" * 100 + phrase)
        }
        assert short <= long
