"""Requests for candidates that were fulfilled or have expired, and the news to their employers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

from roost.events.candidate_request import CandidateRequest, RequestDecision
from roost.events.notification import Notification
from roost.rules.request_states import TOLD_FOR, RequestState, request_state, state_news
from roost.topics import CANDIDATE_REQUESTS, MATCHES
from roost.views.elastic import Elastic, Json
from roost.views.search_pages import search_pages

PAGE = 100
"""Requests of one page: each costs a count."""
ENDS = frozenset({RequestState.FULFILLED, RequestState.EXPIRED})


async def ended_requests(
    elastic: Elastic, now: datetime, today: date
) -> AsyncIterator[list[tuple[str, Notification]]]:
    """Yield the news of ended requests with their employers, a page at a time; also former news."""
    view = CANDIDATE_REQUESTS.name
    async for page in search_pages(elastic, view, _query(today), page_size=PAGE):
        requests = [CandidateRequest.from_stored(hit.source["fact"]) for hit in page.hits]
        counts = await referrals_since(elastic, requests)
        states = [
            (each, request_state(each, count, today))
            for each, count in zip(requests, counts, strict=True)
        ]
        yield [
            (each.employer_id, state_news(each, state, now).model_copy(update={"caused_at": now}))
            for each, state in states
            if state in ENDS
        ]


async def referrals_since(elastic: Elastic, requests: Sequence[CandidateRequest]) -> list[int]:
    """Return the number of people who were referred since each request."""
    questions = [
        ("opening_id", [each.opening_id], _referred_since(each.asked_at)) for each in requests
    ]
    found = await elastic.tallies(MATCHES.name, questions)
    return [tally.get(each.opening_id, 0) for each, tally in zip(requests, found, strict=True)]


def _referred_since(at: datetime) -> Json:
    return {"range": {"referrals": {"gte": at.isoformat()}}}


def _query(today: date) -> Json:
    undecided = [RequestDecision.OPEN.value, RequestDecision.ACCEPTED.value]
    return {
        "sort": [{"id": "asc"}],
        "track_total_hits": False,
        "_source": ["fact"],
        "query": {
            "bool": {
                "filter": [
                    {"terms": {"decision": undecided}},
                    {"range": {"needed_by": {"gte": (today - TOLD_FOR).isoformat()}}},
                ]
            }
        },
    }
