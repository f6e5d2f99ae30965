"""Limit of the messages that one worker can send in a day, by reply and on their own page."""

from __future__ import annotations

from datetime import datetime, time

from api.ports.services import Services
from api.writes.quotas import Quota, QuotaReached, reserve
from roost.events.conversation import Author
from roost.topics import CONVERSATIONS
from roost.views.elastic import Json

MOST_A_DAY = 30
"""Messages of one worker that are kept in a day; more than a conversation needs."""


class DailyLimitReached(QuotaReached):
    """The worker has sent as many messages today as are kept."""

    status = 429
    slug = "daily-limit-reached"
    title = "No more messages today"
    title_zh = "今日消息数量已达上限"


async def check_daily_limit(given: Services, worker_id: str, message_id: str) -> None:
    """Count a new message against the worker's day in the county. Raises DailyLimitReached.

    One message at a time is counted for each worker: of many that arrive together exactly as many
    are kept as of those that come one by one.
    """
    begins = datetime.combine(given.today, time.min, given.settings.zone)
    filters: list[Json] = [
        {"term": {"worker_id": worker_id}},
        {"term": {"author": Author.WORKER.value}},
        {"range": {"sent_at": {"gte": begins.isoformat()}}},
    ]
    refusal = DailyLimitReached(
        f"Today's {MOST_A_DAY} messages have been sent; call your station, or write tomorrow.",
        f"今日已发送 {MOST_A_DAY} 条消息，请致电服务站或明日再写。",
    )
    owner = f"{worker_id} {given.today.isoformat()}"
    view = CONVERSATIONS.name
    async with given.latest.alone(view, owner):
        await reserve(given, Quota(view, owner, filters, MOST_A_DAY), message_id, refusal)
