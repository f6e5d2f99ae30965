"""Answers to the question whether an employer may have a worker's name and contact details.

A signed link, or a reply with the words of the message, answers for the worker. The queue stage
decides on the answer as on every action; it is recorded in the match's history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.matches.service import decided_within
from api.ports.services import Services
from producers import facts
from roost import ids
from roost.contact.sharing_links import Question, no_question
from roost.contact.sharing_words import sharing_answer
from roost.events.match import (
    SHARED_BY_ACCEPTANCE,
    ActionKind,
    Actor,
    MatchAction,
    Role,
    Sharing,
)
from roost.topics import MATCHES, OPENINGS
from roost.views.elastic import Json

WAIT_S = 8.0
"""Time that a page waits for the decision on an answer."""
CLOSED = frozenset({"declined", "expired"})


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as its page shows it."""

    document: Json
    """Document of the match."""
    opening: Json
    sharing: Sharing

    @property
    def may_agree(self) -> bool:
        """Whether the worker can agree."""
        active: bool = self.document.get("active", False)
        return active and self.sharing is not Sharing.AGREED

    @property
    def may_refuse(self) -> bool:
        """Whether the worker can refuse, or revoke an earlier yes."""
        return self.sharing is not Sharing.REFUSED


async def find_question(given: Services, question: Question) -> AskedQuestion:
    """Return a question with its current answer. Raises ClosedQuestion if it is closed."""
    keys = [(MATCHES.name, question.match_id), (OPENINGS.name, _opening_of(question))]
    found = await given.elastic.mget(keys, ("id", "revision", "active", "fact", "erased"))
    match, opening = (found.get(key, {}) for key in keys)
    fact = match.get("fact") or {}
    asked = fact.get("sharingAskedAt")
    is_this = asked is not None and datetime.fromisoformat(asked) == question.asked_at
    if not is_this or fact["state"] in CLOSED or not opening.get("fact"):
        raise no_question()
    return AskedQuestion(match, opening["fact"], Sharing(fact["sharing"]))


async def answer_question(given: Services, question: Question, *, agrees: bool) -> bool:
    """Publish the worker's answer; return whether it is in force already. Raises ClosedQuestion."""
    asked = await find_question(given, question)
    if not (asked.may_agree if agrees else asked.may_refuse):
        return True
    action = _answer(asked.document, agrees=agrees, at=given.clock.now())
    await given.publisher.publish([facts.match_action_taken(action)])
    return await decided_within(given.elastic, action, WAIT_S) is not None


async def answer_by_reply(given: Services, worker_id: str, text: str) -> None:
    """Answer the worker's pending question with the text of a reply, if it is an answer to one.

    With several pending questions nobody knows which one is meant: then a clerk asks, who sees the
    reply as a message in any case.
    """
    agrees = sharing_answer(text)
    if agrees is None:
        return
    pending: list[Json] = [{"term": {"worker_id": worker_id}}, {"exists": {"field": "answer_by"}}]
    query: Json = {"bool": {"filter": pending}}
    body: Json = {"size": 2, "query": query, "_source": ["id", "revision"]}
    hits = (await given.elastic.search(MATCHES.name, body)).hits
    if len(hits) != 1:
        return
    action = _answer(hits[0].source, agrees=agrees, at=given.clock.now())
    await given.publisher.publish([facts.match_action_taken(action)])


def _answer(document: Json, *, agrees: bool, at: datetime) -> MatchAction:
    kind = ActionKind.SHARE if agrees else ActionKind.WITHHOLD
    id = document["id"]
    worker_id = ids.split_match_id(id)[1]
    return MatchAction(
        id=ids.derive("a", id, kind, worker_id, str(document["revision"])),
        match_id=id,
        kind=kind,
        actor=Actor(role=Role.WORKER, id=worker_id),
        at=at,
        shares=SHARED_BY_ACCEPTANCE if agrees else (),
    )


def _opening_of(question: Question) -> str:
    return ids.split_match_id(question.match_id)[0]
