"""Links and replies that answer whether an employer may have a worker's contact details."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import ids
from roost.contact.sharing_links import (
    EPOCH,
    ClosedQuestion,
    Question,
    question_of,
    sharing_token,
    sharing_url,
)
from roost.contact.sharing_words import sharing_answer
from roost.contact.stop_words import is_stop

KEY = b"k" * 32
MATCH = ids.match_id(ids.opening_id("t", "1"), ids.worker_id("t", "1"))
times = st.datetimes(
    datetime(2026, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.just(UTC),
)


@given(times)
def test_a_link_names_its_question(at: datetime) -> None:
    question = Question(MATCH, at)
    assert question_of(KEY, sharing_token(KEY, question)) == question


@given(times, st.data())
def test_a_link_that_differs_in_any_character_answers_nothing(
    at: datetime, data: st.DataObject
) -> None:
    token = sharing_token(KEY, Question(MATCH, at))
    where = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567.-_AZ09"))
    changed = token[:where] + other + token[where + 1 :]
    if changed != token:
        with pytest.raises(ClosedQuestion):
            question_of(KEY, changed)


@pytest.mark.parametrize(
    "token", ["", ".", "x" * 200, MATCH, f"{MATCH[2:]}.ffffffffffffffff.{'A' * 22}"]
)
def test_malformed_links_are_refused(token: str) -> None:
    with pytest.raises(ClosedQuestion):
        question_of(KEY, token)


def test_a_link_of_another_county_or_question_is_refused() -> None:
    token = sharing_token(KEY, Question(MATCH, EPOCH))
    with pytest.raises(ClosedQuestion):
        question_of(b"j" * 32, token)
    later = sharing_token(KEY, Question(MATCH, EPOCH + timedelta(microseconds=1)))
    assert later != token
    assert sharing_url("https://jobs.example/", KEY, Question(MATCH, EPOCH)).startswith(
        "https://jobs.example/v1/sharing/"
    )


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("同意", True),
        (" 同意。", True),
        ("“同意”", True),
        ("不同意", False),
        ("不同意！", False),
        ("AGREE", True),
        ("Refuse.", False),
        ("同意書在哪裡", None),
        ("不是很同意", None),
        ("好的", None),
        ("yes", None),
        ("no", None),
        ("同意 不同意", None),
        ("", None),
        ("同" * 500, None),
    ],
)
def test_only_the_words_of_the_message_answer(text: str, answer: bool | None) -> None:
    assert sharing_answer(text) is answer
    assert not is_stop(text) or answer is None
