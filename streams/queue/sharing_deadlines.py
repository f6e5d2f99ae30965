"""Questions about sharing whose time for an answer has passed, as actions that end them.

The queue stage publishes them to `match-actions` and decides on them there, in one order with the
answers: an answer that comes first counts. Their ids derive from the question, so any number of
workers may publish the same one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from roost import ids
from roost.events.envelope import Record, record
from roost.events.match import ActionKind, Actor, MatchAction, Role
from roost.topics import MATCHES
from roost.views.elastic import Elastic, Hit, Json

AT_ONCE = 500
"""Most questions that one run ends; the next run ends the others."""
QUEUE = Actor(role=Role.SYSTEM, id="queue")
FACT = ("fact.id", "fact.sharingAskedAt", "fact.answerBy")


async def lapsed_questions(elastic: Elastic, now: datetime) -> tuple[Hit, ...]:
    """Return the matches whose question was not answered in time, the oldest first."""
    return (await elastic.search(MATCHES.name, _query(now))).hits


def lapses(hits: Iterable[Hit], source: str, now: datetime) -> list[Record]:
    """Return the records of the actions that end these questions (pure)."""
    return [record(each, each.match_id, source=source, at=now) for each in map(_lapse, hits)]


def _lapse(hit: Hit) -> MatchAction:
    fact = hit.source["fact"]
    return MatchAction(
        id=ids.derive("a", fact["id"], ActionKind.LAPSE, fact["sharingAskedAt"]),
        match_id=fact["id"],
        kind=ActionKind.LAPSE,
        actor=QUEUE,
        at=datetime.fromisoformat(fact["answerBy"]),
    )


def _query(now: datetime) -> Json:
    return {
        "size": AT_ONCE,
        "_source": list(FACT),
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"range": {"answer_by": {"lte": now.isoformat()}}}]}},
        "sort": [{"answer_by": "asc"}, {"id": "asc"}],
    }
