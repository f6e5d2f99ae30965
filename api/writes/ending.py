"""Confirmation of writes that end the progress of people (ADR 68).

Such a write names the number of people whose progress may end. Without it, or if more are in
progress by then, it is refused with the current number, and nothing is written.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.lists.paging import bool_of
from api.ports.services import Services
from producers.ends_search import IN_PROGRESS, MayRead, ends_of_openings, ends_of_profiles
from roost.errors import Conflict
from roost.events.match import MatchState
from roost.events.opening import Opening
from roost.events.profile import Profile
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


class EndsProgress(Conflict):
    """The write would end the progress of people, and does not name their number."""

    slug = "ends-progress"
    title = "Matches are in progress; confirm their number"
    title_zh = "有匹配正在跟进，请确认数量"

    def __init__(self, number: int, *, at_most: bool = False) -> None:
        super().__init__(
            f"Matches in progress that this {'may end' if at_most else 'ends'}: {number}. Those "
            "involved will be informed. To go on, submit it again with this number confirmed.",
            f"此操作{'最多可能' if at_most else '将'}终止 {number} 项正在跟进的匹配，"
            "并通知有关人员；如需继续，请确认数量后再次提交。",
        )
        self.number = number
        self.extensions = {"inProgress": number}


async def count_in_progress(given: Services, field: str, id: str) -> int:
    """Return the number of matches in progress of an opening (`opening_id`) or a worker."""
    await given.elastic.refresh(MATCHES.name)
    return await given.elastic.count(MATCHES.name, bool_of([{"term": {field: id}}, *IN_PROGRESS]))


async def count_interviews(given: Services, worker_id: str) -> int:
    """Return the number of a worker's active matches with an interview."""
    interviewed = {"term": {"state": MatchState.INTERVIEWED.value}}
    query = bool_of([{"term": {"worker_id": worker_id}}, interviewed])
    return await given.elastic.count(MATCHES.name, query)


async def check_ends(given: Services, field: str, id: str, confirmed: int) -> None:
    """Raise EndsProgress if more matches are in progress than the caller has confirmed."""
    _compare(await count_in_progress(given, field, id), confirmed)


async def check_opening_ends(
    given: Services, before: Opening, after: Opening, confirmed: int, may_read: MayRead
) -> None:
    """Raise EndsProgress if a change of an opening ends more matches than the caller has confirmed.

    The number is an upper bound if the caller may not read every worker (`ends_of_openings`).
    """
    unread = 0

    async def counted(id: str, fact: Json) -> bool:
        nonlocal unread
        readable = await may_read(id, fact)
        unread += not readable
        return readable

    await given.elastic.refresh(MATCHES.name)
    found = await ends_of_openings(given.elastic, [(before, after)], given.today, counted)
    _compare(found[after.id], confirmed, at_most=unread > 0)


async def check_worker_ends(
    given: Services, before: Profile, after: Profile, confirmed: int
) -> None:
    """Raise EndsProgress if a change of a profile ends more matches than the caller has confirmed.

    A worker who stops looking for work ends all that are in progress.
    """
    await given.elastic.refresh(MATCHES.name)
    found = await ends_of_profiles(given.elastic, [(before, after)], given.today)
    _compare(found[after.id], confirmed)


def _compare(number: int, confirmed: int, *, at_most: bool = False) -> None:
    if number > confirmed:
        raise EndsProgress(number, at_most=at_most)
