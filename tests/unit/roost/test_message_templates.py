"""Approved templates: placeholders, bounded values, and faults named by file and place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.carriers.message_templates import read_templates, template_value, values_of
from roost.carriers.sms_segments import segments
from roost.errors import RoostError
from roost.events.notification import CODES


def written(folder: Path, content: Any) -> Path:
    path = folder / "templates.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text", ["${a}和${b}，${a}", "{a}和{b}，{a}", "{{a.DATA}}和{{b.DATA}}，{{a.DATA}}"]
)
def test_placeholders_of_all_providers_are_filled_in_order(tmp_path: Path, text: str) -> None:
    values = {"a": "opening.title", "b": "opening.place"}
    template = {"id": "1", "text": text, "values": values}
    book = read_templates(written(tmp_path, {"new_match": {"zh": template}}))
    filled = book.fill("new_match", {"opening.title": "甲", "opening.place": "乙"})
    assert filled is not None
    assert (dict(filled.values), filled.text) == ({"a": "甲", "b": "乙"}, "甲和乙，甲")


def test_a_language_without_a_template_gets_the_other_one(tmp_path: Path) -> None:
    book = read_templates(written(tmp_path, {"digest": {"en": {"id": "E", "text": "news"}}}))
    found = book.fill("digest", {}, chinese=True)
    assert found is not None
    assert found.id == "E"
    assert book.fill("new_match", {}) is None


@given(st.text(max_size=200), st.integers(1, 60))
def test_a_value_is_one_short_line_without_links_and_brackets(text: str, most: int) -> None:
    value = template_value(text, most)
    assert 1 <= len(value) <= most
    assert not set(value) & set("【】[]{}$\n\r")
    assert "://" not in value


@pytest.mark.parametrize(
    ("length", "number"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_segments_are_billed_by_70_and_67_characters(length: int, number: int) -> None:
    assert segments("字" * length) == number


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([], "the file"),
        ({"no_such_kind": {"zh": {"id": "1", "text": "x"}}}, "no_such_kind"),
        ({"digest": {}}, "digest"),
        ({"digest": {"fr": {"id": "1", "text": "x"}}}, "zh, en or both"),
        ({"digest": {"zh": {"id": "1", "text": "${totl}"}}}, "totl"),
        ({"other": {"zh": {"id": "1", "text": "{1}", "values": {"1": "code"}}}}, "title"),
        ({"digest": {"zh": {"id": "a b", "text": "x"}}}, "digest.zh.id"),
        ({"digest": {"zh": {"id": "1", "text": "x" * 501}}}, "digest.zh.text"),
    ],
)
def test_a_faulty_file_is_named_with_the_place(tmp_path: Path, content: Any, says: str) -> None:
    with pytest.raises(RoostError, match=says):
        read_templates(written(tmp_path, content))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_message_has_a_title_and_its_own_values(language: str) -> None:
    assert values_of("other", language) == {"title", "kind", "recipient"}
    assert {"opening.title", "opening.employer"} <= values_of("new_match", language)
    assert "total" in values_of("digest", language)
    assert "code" in values_of("address_code", language)


@pytest.mark.parametrize("kind", sorted(CODES))
def test_a_code_is_never_sent_by_the_template_for_other_kinds(tmp_path: Path, kind: str) -> None:
    other = {"other": {"zh": {"id": "1", "text": "您有新的消息。"}}}
    assert read_templates(written(tmp_path, other)).fill(kind, {"code": "482913"}) is None
    own = {kind: {"zh": {"id": "2", "text": "验证码${code}"}}}
    found = read_templates(written(tmp_path, other | own)).fill(kind, {"code": "482913"})
    assert found is not None
    assert found.text == "验证码482913"
