"""Confirmation of writes that end the progress of other people (ADR 68).

Such a write names the number of people whose progress may end. Without it, or if more are in
progress by then, it is refused with the current number, and nothing is written.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.lists.paging import bool_of
from api.ports.services import Services
from roost.errors import Conflict
from roost.topics import MATCHES
from roost.views.elastic import Json

Confirmed = Annotated[
    int,
    Query(
        alias="confirmEnds",
        ge=0,
        le=100_000,
        description="number of people in progress whose progress may end; a refusal names it",
        examples=[3],
    ),
]
IN_PROGRESS: list[Json] = [
    {"term": {"active": True}},
    {
        "bool": {
            "should": [{"exists": {"field": name}} for name in ("assigned_to", "accepted_at")],
            "minimum_should_match": 1,
        }
    },
]
"""Matches that somebody works on, or that the worker has accepted."""


class EndsProgress(Conflict):
    """The write would end the progress of people, and does not name their number."""

    slug = "ends-progress"
    title = "Matches are in progress; confirm their number"
    title_zh = "有匹配正在跟进，请确认数量"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Matches in progress that this ends: {number}. Those involved will be informed. "
            "To go on, submit it again with this number confirmed.",
            f"此操作将终止 {number} 项正在跟进的匹配，并通知有关人员；"
            "如需继续，请确认数量后再次提交。",
        )
        self.number = number
        self.extensions = {"inProgress": number}


async def count_in_progress(given: Services, field: str, id: str) -> int:
    """Return the number of matches in progress of an opening (`opening_id`) or a worker."""
    await given.elastic.refresh(MATCHES.name)
    return await given.elastic.count(MATCHES.name, bool_of([{"term": {field: id}}, *IN_PROGRESS]))


async def check_ends(given: Services, field: str, id: str, confirmed: int) -> None:
    """Raise EndsProgress if more matches are in progress than the caller has confirmed."""
    number = await count_in_progress(given, field, id)
    if number > confirmed:
        raise EndsProgress(number)
