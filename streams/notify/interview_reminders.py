"""Interviews of the next day whose workers are to be reminded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from roost.events.match import Match, MatchState
from roost.rules.interview_news import is_reminder_due
from roost.topics import MATCHES
from roost.views.elastic import Json
from roost.views.search_pages import Searches, search_pages


async def matches_to_remind(elastic: Searches, now: datetime) -> AsyncIterator[list[Match]]:
    """Yield the matches whose reminder is due, a page at a time; also those reminded before."""
    async for page in search_pages(elastic, MATCHES.name, _query(now)):
        found = (Match.from_stored(hit.source["fact"]) for hit in page.hits)
        yield [match for match in found if is_reminder_due(match, now)]


def _query(now: datetime) -> Json:
    span = {"gt": now.isoformat(), "lte": (now + timedelta(days=1)).isoformat()}
    return {
        "_source": ["fact"],
        "sort": [{"interview_at": "asc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": [
                    {"term": {"state": MatchState.INTERVIEWED.value}},
                    {"range": {"interview_at": span}},
                ]
            }
        },
    }
