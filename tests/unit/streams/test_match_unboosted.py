"""The score without priority in the view, by which employers' lists are ordered."""

from __future__ import annotations

from datetime import UTC, datetime

from roost import ids
from roost.events.match import PRIORITY, Reason
from streams.queue.match_projection import match_write
from tests.made import a_match

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_view_holds_the_score_without_the_points_of_the_priority() -> None:
    reasons = (
        Reason(part="skills", points=82.5, en="welds", zh="会焊接"),
        Reason(part=PRIORITY, points=5.0, en="registered household", zh="建档立卡户优先"),
    )
    opening, worker = ids.opening_id("t", "1"), ids.worker_id("t", "1")
    boosted = a_match(opening, worker, NOW, score=87.5, reasons=reasons)
    plain = a_match(opening, worker, NOW, score=87.5)
    assert match_write(boosted, b"{}", 1).document["unboosted"] == 82.5
    assert match_write(plain, b"{}", 1).document["unboosted"] == 87.5
