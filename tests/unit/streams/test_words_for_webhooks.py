"""The fields of a match in a message depend on its reader."""

from __future__ import annotations

from typing import Any

import pytest

from roost.events.notification import RecipientKind
from streams.deliver.message_texts import visible_match

MATCH: dict[str, Any] = {
    "score": 80,
    "missingSkills": ["氩弧焊"],
    "reasons": [{"part": "priority", "points": 5, "en": "registered", "zh": "建档立卡户优先"}],
}


@pytest.mark.parametrize("kind", [RecipientKind.WORKER, RecipientKind.STATION])
def test_workers_and_stations_are_told_the_reasons(kind: RecipientKind) -> None:
    assert visible_match(kind, MATCH) == MATCH


def test_a_webhook_behind_which_may_be_an_employer_is_told_none() -> None:
    told = visible_match(RecipientKind.WEBHOOK, MATCH)
    assert told is not None
    assert "建档立卡" not in str(told)
    assert (told["reasons"], told["missingSkills"]) == ([], [])


def test_without_a_match_there_is_nothing_to_leave_out() -> None:
    assert visible_match(RecipientKind.WEBHOOK, None) is None
