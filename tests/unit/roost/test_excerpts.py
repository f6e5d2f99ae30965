"""Excerpts of webhooks' answers: technical words only, whatever the receiver sends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.webhooks.excerpts import LONGEST_EXCERPT, PHRASES, WORDS, excerpt_of

WORD = re.compile(
    rf"{'|'.join(sorted(PHRASES, key=len, reverse=True))}|[A-Za-z]+(?:-[A-Za-z]+)*|[^\W_]"
)


@pytest.mark.parametrize(
    ("body", "excerpt"),
    [
        ('{"error": "invalid signature"}', '{"error": "invalid signature"}'),
        ('{"message":"签名验证失败"}', '{"message":"签名验证失败"}'),
        ("Zhang Wei, 13800138000, li@example.cn, 410105199001011234", "… …, …, ….…, …"),
        ("王小明已存在", "…"),
        ("<html><body>Bad Gateway</body></html>", "<html><body>Bad Gateway</body></html>"),
        ("", ""),
    ],
)
def test_an_excerpt_keeps_technical_words(body: str, excerpt: str) -> None:
    assert excerpt_of(body.encode()) == excerpt


@given(st.one_of(st.binary(max_size=3_000), st.text(max_size=400).map(str.encode)))
def test_no_other_word_and_no_number_is_in_an_excerpt(body: bytes) -> None:
    found = excerpt_of(body)
    assert len(found) <= LONGEST_EXCERPT
    if len(found) < LONGEST_EXCERPT:  # the last word of a longer one is cut
        assert all(each in PHRASES or each.lower() in WORDS for each in WORD.findall(found))
    assert not re.search(r"\d", found)
