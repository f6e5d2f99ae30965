"""Opaque tokens: what they hide, whom they serve, and how a wrong one is refused."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.security.sealed_tokens import LONGEST_TOKEN, TokenRefused, open_token, seal_token

KEY = b"k" * 32
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


def sealed(value: Any, *bound_to: str, purpose: str = "list") -> str:
    return seal_token(KEY, purpose, value, bound_to=bound_to, now=NOW, lifetime=DAY)


def opened(token: str, *bound_to: str, purpose: str = "list", at: datetime = NOW) -> Any:
    return open_token(KEY, purpose, token, bound_to=bound_to, now=at)


@given(VALUES, st.lists(st.text(max_size=10), max_size=3))
def test_a_token_returns_its_value_to_whom_it_was_issued(value: Any, bound_to: list[str]) -> None:
    assert opened(sealed(value, *bound_to), *bound_to) == value


def test_a_token_shows_nothing_of_its_value_not_even_its_length() -> None:
    tokens = [sealed([score, "m-1"], "u-1") for score in (7.5, 87.5, 100.0)]
    assert len({len(each) for each in tokens}) == 1
    raw = urlsafe_b64decode(tokens[1] + "==")
    assert b"87.5" not in raw
    assert sealed([87.5], "u-1") != sealed([87.5], "u-1")


@pytest.mark.parametrize(
    ("bound_to", "purpose"),
    [
        (("u-2", "q"), "list"),
        (("u-1", "r"), "list"),
        (("u-1q", ""), "list"),
        (("u-1", "q"), "feed"),
    ],
)
def test_a_foreign_token_is_refused(bound_to: tuple[str, ...], purpose: str) -> None:
    with pytest.raises(TokenRefused, match="cursor: was not issued to you"):
        opened(sealed([1], "u-1", "q"), *bound_to, purpose=purpose)


def test_an_expired_token_is_refused_with_the_remedy() -> None:
    token = sealed([1], "u-1")
    assert opened(token, "u-1", at=NOW + DAY - timedelta(seconds=1)) == [1]
    with pytest.raises(TokenRefused, match="has expired; leave it out") as caught:
        opened(token, "u-1", at=NOW + DAY)
    assert (caught.value.status, caught.value.fields[0].field) == (400, "cursor")


@given(st.text(max_size=200))
def test_no_text_of_another_origin_is_a_token(text: str) -> None:
    with pytest.raises(TokenRefused):
        opened(text, "u-1")


@given(st.data())
def test_a_changed_character_makes_a_token_invalid(data: st.DataObject) -> None:
    token = sealed([87.5, "m-1"], "u-1")
    at = data.draw(st.integers(0, len(token) - 3))
    other = "A" if token[at] != "A" else "B"
    with pytest.raises(TokenRefused):
        opened(token[:at] + other + token[at + 1 :], "u-1")
    with pytest.raises(TokenRefused):
        opened("A" * (LONGEST_TOKEN + 1), "u-1")
