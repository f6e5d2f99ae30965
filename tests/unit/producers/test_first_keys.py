"""The keys of an opening's content as it was first posted: no edit changes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from producers import facts, opening_decisions
from roost.events.opening import Opening, OpeningContent
from roost.likeness.alike_openings import alike_keys
from tests.unit.api.builders import NOW
from tests.unit.api.two_stations import HERE, opening

OWN = "住宅楼主体砌筑，包工期三个月，工资按月结算，提供宿舍和三餐。" * 4
ANOTHERS = "家政服务人员，负责做饭、保洁和照看老人，周末休息，可住家，待遇面议。" * 4


def content(description: str, **changes: Any) -> OpeningContent:
    return OpeningContent.model_validate(opening(HERE, description=description, **changes))


def edited(stored: Opening, description: str, **changes: Any) -> Opening:
    at = NOW + timedelta(days=1)
    made, record = facts.opening_edited(content(description, **changes), stored, at=at)
    assert Opening.from_stored(orjson.loads(record.value or b"")) == made
    return made


def test_an_edit_into_anothers_text_keeps_the_keys_of_the_first_one() -> None:
    posted, record = facts.opening_posted(content(OWN), at=NOW, today=NOW.date())
    first = tuple(alike_keys(posted))
    assert "firstAlike" not in orjson.loads(record.value or b""), "the content has them"
    taken = edited(posted, ANOTHERS)
    assert alike_keys(taken) != list(first)
    assert taken.first_alike == first
    assert edited(taken, OWN).first_alike == first
    assert edited(taken, ANOTHERS, totalJobOpenings=3).first_alike == first
    for changed, _ in (
        facts.opening_status_set(taken, taken.status, at=NOW),
        opening_decisions.opening_approved(taken, at=NOW),
    ):
        assert changed.first_alike == first


def test_an_edit_that_keeps_the_text_stores_no_keys() -> None:
    """So the repeat of an unchanged posting of an earlier release publishes nothing."""
    posted, _ = facts.opening_posted(content(OWN), at=NOW, today=NOW.date())
    assert edited(posted, OWN, totalJobOpenings=3).first_alike is None
    again, _ = facts.opening_posted(content(OWN), at=NOW, today=NOW.date(), stored=posted)
    assert again == posted
