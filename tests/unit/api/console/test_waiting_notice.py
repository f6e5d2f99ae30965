"""The notice on an opening's page: the limit that holds matches back, and until when."""

from __future__ import annotations

from datetime import date

import pytest

from api.console.shell.translations import say_in
from roost.rules.capacity import HeldBackBy


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("by", HeldBackBy)
def test_every_limit_has_a_sentence(language: str, by: HeldBackBy) -> None:
    said = say_in(language)(f"employer.waiting.by.{by.value}")
    assert said
    assert "employer.waiting" not in said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_day_and_the_time_are_named(language: str) -> None:
    say = say_in(language)
    day = date(2026, 11, 24).isoformat()
    assert day in say("employer.waiting.again", day=day)
    assert "14:00" in say("employer.waiting.later", at="14:00")
