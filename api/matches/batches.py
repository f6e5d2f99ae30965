"""Use case of batches of actions: each is authorised, published and audited by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.access import belonging
from api.access.principal import Principal
from api.guards.auditing_elastic import collect_workers
from api.guards.conditional import ANYTHING
from api.lists.documents import not_found
from api.matches.acting import PERMISSIONS
from api.matches.schemas import BatchedAction, check_details
from api.matches.service import authorised_action, store_texts
from api.ports.services import AuditedItem, Services
from producers import facts
from roost import ids
from roost.errors import RoostError, Transient
from roost.events.account import Permission
from roost.events.audit import Touched
from roost.events.match import MatchAction
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


async def act_on_matches(
    given: Services, who: Principal, items: Sequence[BatchedAction], *, seed: str | None = None
) -> list[Taken]:
    """Publish the actions of a batch that the caller may take; return the outcome of each.

    A refused action does not affect the others. Actions with the same `seed` and place in the batch
    are one action, so a batch can be repeated. Raises Transient, with nothing decided: then the
    whole batch can be repeated.
    """
    documents = await _documents(given, items)
    outcomes = [
        _taken(given, who, item, documents.get(item.match_id), f"{seed}:{at}" if seed else None)
        for at, item in enumerate(items)
    ]
    for item, outcome in zip(items, outcomes, strict=True):
        if outcome.action is not None:
            await store_texts(given, outcome.action, item.details)
    actions = [each.action for each in outcomes if each.action is not None]
    if actions:
        await given.publisher.publish([facts.match_action_taken(each) for each in actions])
    return outcomes


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
    keys = [(MATCHES.name, id) for id in dict.fromkeys(each.match_id for each in items)]
    with collect_workers():
        found = await given.elastic.mget(keys)
    return {id: document for (_, id), document in found.items() if not document.get("erased")}


def _taken(
    given: Services,
    who: Principal,
    item: BatchedAction,
    document: Json | None,
    seed: str | None,
) -> Taken:
    try:
        check_details(item.kind, item.details, given.clock.now())
        if document is None:
            raise not_found("match", "匹配", item.match_id)
        permission = PERMISSIONS.get(item.kind, Permission.MATCHES_ACT)
        belonging.check_match(who, permission, document)
        action = authorised_action(given, who, document, item.kind, item.details, seed, ANYTHING)
    except Transient:
        raise
    except RoostError as error:
        return Taken(error=error)
    return Taken(action)
