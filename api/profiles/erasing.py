"""What is erased with a worker, beside the profile itself."""

from __future__ import annotations

from datetime import datetime

from api.paging import every
from producers import facts
from roost.events.envelope import Record
from roost.events.notice import NoticeKind
from roost.topics import NOTICES
from roost.views.elastic import Elastic, Json


async def erased_with(elastic: Elastic, worker_id: str, at: datetime) -> list[Record]:
    """Tombstones of their own preferences, their stop, and the answers to what they asked."""
    wanted: list[Json] = [
        {"term": {"kind": NoticeKind.REQUEST_ANSWERED.value}},
        {"term": {"worker_ids": worker_id}},
    ]
    answers = [
        facts.notice_erased(each["id"], at=at)
        async for each in every(elastic, NOTICES.name, wanted)
    ]
    return [
        facts.preferences_erased(worker_id, at=at),
        facts.stop_erased(worker_id, at=at),
        *answers,
    ]
