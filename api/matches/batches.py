"""Use case of batches of actions: each is authorised, published and audited by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.access import belonging
from api.access.principal import Principal
from api.guards.auditing_elastic import collect_workers
from api.guards.conditional import ANYTHING
from api.lists.documents import not_found
from api.matches.acting import PERMISSIONS
from api.matches.asking import check_askable
from api.matches.schemas import BatchedAction, check_details
from api.matches.service import authorised_action, has_decided, refusal_in, store_texts
from api.ports.services import AuditedItem, Services
from api.writes.publishing import waited_for
from producers import facts
from roost import ids
from roost.errors import Refused, RoostError, Transient
from roost.events.account import Permission
from roost.events.audit import Touched
from roost.events.match import ActionKind, MatchAction
from roost.topics import MATCHES
from roost.views.elastic import Json

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Taken:
    """Outcome of one action of a batch: the action, or the error that refused it."""

    action: MatchAction | None = None
    error: RoostError | None = None

    @property
    def status(self) -> int:
        """HTTP status of the outcome."""
        return self.error.status if self.error is not None else ACCEPTED


@dataclass(frozen=True, slots=True)
class Decided:
    """Outcome of one action of a batch after the queue stage's decision."""

    item: BatchedAction
    error: RoostError | None = None
    """The reason why the action was not taken, or was refused by the queue stage."""
    is_pending: bool = False
    """The queue stage had not decided in time."""


async def act_on_matches(
    given: Services, who: Principal, items: Sequence[BatchedAction], *, seed: str | None = None
) -> list[Taken]:
    """Publish the actions of a batch that the caller may take; return the outcome of each.

    A refused action does not affect the others. Actions with the same `seed` and place in the batch
    are one action, so a batch can be repeated. A contact and the answer given in it (accept,
    decline) are one step, which one undo takes back. Raises Transient, with nothing decided: then
    the whole batch can be repeated.
    """
    seeds = [f"{seed}:{at}" if seed else None for at in range(len(items))]
    return await _act(given, who, items, seeds)


async def act_and_wait(
    given: Services, who: Principal, items: Sequence[BatchedAction], *, seed: str, wait_s: float
) -> tuple[list[Taken], list[Decided]]:
    """Publish a batch as `act_on_matches` does, and wait for the decisions of the queue stage.

    A match has at most one action of each kind; the same one with the same `seed` is one action,
    wherever it is in the batch.
    """
    outcomes = await _act(given, who, items, [seed] * len(items))
    actions = {each.action.match_id: each.action for each in outcomes if each.action is not None}
    documents = await _decisions(given, list(actions.values()), wait_s)
    return outcomes, [
        _decided(given, item, outcome, documents.get(item.match_id))
        for item, outcome in zip(items, outcomes, strict=True)
    ]


async def _act(
    given: Services,
    who: Principal,
    items: Sequence[BatchedAction],
    seeds: Sequence[str | None],
) -> list[Taken]:
    documents = await _documents(given, items)
    at = given.clock.now()
    outcomes = [
        _taken(given, who, item, documents.get(item.match_id), seed, at)
        for item, seed in zip(items, seeds, strict=True)
    ]
    outcomes = [await _askable(given, each, documents) for each in outcomes]
    for item, outcome in zip(items, outcomes, strict=True):
        if outcome.action is not None:
            await store_texts(given, outcome.action, item.details)
    actions = [each.action for each in outcomes if each.action is not None]
    if actions:
        await given.publisher.publish([facts.match_action_taken(each) for each in actions])
    return outcomes


async def _askable(given: Services, taken: Taken, documents: dict[str, Json]) -> Taken:
    """Return a question about sharing as refused if the worker shares everything already."""
    action = taken.action
    if action is None or action.kind is not ActionKind.ASK_SHARING:
        return taken
    try:
        await check_askable(given, documents[action.match_id])
    except Refused as error:
        return Taken(error=error)
    return taken


async def _decisions(
    given: Services, actions: Sequence[MatchAction], wait_s: float
) -> dict[str, Json]:
    """Return the matches by id once the last action on each is decided, or after the wait."""
    last = {each.match_id: each.id for each in actions}
    ids_of_matches = list(last)

    def is_decided(document: Json | None) -> bool:
        return document is not None and has_decided(document, last[document["id"]])

    found = await waited_for(given.elastic, MATCHES.name, ids_of_matches, is_decided, wait_s)
    if found is None:
        return await _by_id(given, ids_of_matches)
    return {each["id"]: each for each in found if each is not None}


def _decided(
    given: Services, item: BatchedAction, outcome: Taken, document: Json | None
) -> Decided:
    if outcome.action is None:
        return Decided(item, outcome.error)
    if document is None or not has_decided(document, outcome.action.id):
        return Decided(item, is_pending=True)
    return Decided(item, refusal_in(given, document, outcome.action.id))


def audited_items(items: Sequence[BatchedAction], outcomes: Sequence[Taken]) -> list[AuditedItem]:
    """Return the match, the worker and the status of each action, for the audit trail."""
    return [
        AuditedItem(
            Touched(kind="matches", id=item.match_id),
            ids.split_match_id(item.match_id)[1],
            outcome.status,
        )
        for item, outcome in zip(items, outcomes, strict=True)
    ]


async def _documents(given: Services, items: Sequence[BatchedAction]) -> dict[str, Json]:
    """Return the matches by id; the audit entry of each item names its worker."""
    return await _by_id(given, [each.match_id for each in items])


async def _by_id(given: Services, ids_of_matches: Sequence[str]) -> dict[str, Json]:
    keys = [(MATCHES.name, id) for id in dict.fromkeys(ids_of_matches)]
    with collect_workers():
        found = await given.elastic.mget(keys)
    return {id: document for (_, id), document in found.items() if not document.get("erased")}


def _taken(
    given: Services,
    who: Principal,
    item: BatchedAction,
    document: Json | None,
    seed: str | None,
    at: datetime,
) -> Taken:
    try:
        check_details(item.kind, item.details, at)
        if document is None:
            raise not_found("match", "匹配", item.match_id)
        permission = PERMISSIONS.get(item.kind, Permission.MATCHES_ACT)
        belonging.check_match(who, permission, document)
        action = authorised_action(
            given, who, document, item.kind, item.details, seed, ANYTHING, at
        )
    except Transient:
        raise
    except RoostError as error:
        return Taken(error=error)
    return Taken(action)
