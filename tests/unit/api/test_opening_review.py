"""Passages of an opening that a person must review."""

from __future__ import annotations

from api.openings.review import passages_to_review
from producers import facts, opening_decisions
from tests.unit.producers.test_review import NOW, TODAY, content


def test_a_passage_shows_the_words_with_the_text_around_them() -> None:
    text = "工" * 100 + "，限女性，" + "作" * 100
    waiting, _ = facts.opening_posted(
        content(text, skills=("包装", "焊接（35岁以下）")), at=NOW, today=TODAY, for_review=True
    )
    first, second = passages_to_review(waiting.to_dict(), "zh")
    assert (first.field, first.words, first.demand) == ("description", "限女性", "性别")
    assert first.before == "…" + "工" * 59 + "，"
    assert first.after == "，" + "作" * 59 + "…"
    assert (second.field, second.before, second.words, second.after) == (
        "skills",
        "焊接（",
        "35岁以下",
        "）",
    )
    assert passages_to_review(waiting.to_dict(), "en")[1].demand == "age"


def test_an_approved_passage_needs_no_review() -> None:
    waiting, _ = facts.opening_posted(content("限女性"), at=NOW, today=TODAY, for_review=True)
    approved, _ = opening_decisions.opening_approved(waiting, at=NOW)
    assert passages_to_review(approved.to_dict(), "zh") == []
