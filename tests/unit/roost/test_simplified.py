from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.text.simplified import simplified


@pytest.mark.parametrize(
    ("traditional", "plain"),
    [
        ("35歲以下，女士優先", "35岁以下，女士优先"),
        ("電焊工（廣州市）", "电焊工（广州市）"),
        ("限漢族、本地戶口", "限汉族、本地户口"),
        ("已经是简体", "已经是简体"),
        ("café 35 歲", "café 35 岁"),
        ("𠮷野家臺灣店", "𠮷野家台湾店"),
    ],
)
def test_traditional_characters_become_simplified_ones(traditional: str, plain: str) -> None:
    assert simplified(traditional) == plain


@given(st.text(st.characters(exclude_characters="薴"), max_size=60))
def test_every_text_keeps_its_length_and_converts_once(text: str) -> None:
    once = simplified(text)
    assert len(once) == len(text)
    assert simplified(once) == once
