"""Reads of manual matching: features of one edition of the views, and the pairs' matches.

Openings and profiles are compared by vectors, so both are read from the indices of one model
(`streams.views.editions`). Features that are read to rank disclose nothing: the audit names the
workers whom the answer shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.access import belonging
from api.access.principal import Principal
from api.finding.finding_query import F, features_in
from api.finding.schemas import PairMatch
from api.guards.auditing_elastic import collect_workers
from api.ports.services import Services
from roost import ids
from roost.errors import NotFound, Transient
from roost.events.account import Permission
from roost.events.match import MatchState
from roost.time.clock import start_of_day
from roost.topics import MATCHES
from roost.views.elastic import Json
from roost.views.mappings import VECTORED

OF_STATE = ("id", "state", "station_id", "employer_id", "worker_id", "erased")
"""Fields of a match that its state and its reach are known by."""
SEARCH_TIME = "800ms"
"""Time after which a search returns what it has found so far."""


@dataclass(frozen=True, slots=True)
class PairState:
    """The stored match of a pair."""

    state: MatchState | None
    match: PairMatch | None
    """Set if the match is within the caller's reach."""

    @property
    def elsewhere(self) -> bool:
        """Whether the match is in the queue of another station."""
        return self.state is not None and self.match is None


NO_MATCH = PairState(None, None)


async def indices(given: Services) -> dict[str, str]:
    """Return the indices of the vectored views. Raises Transient while a model is replaced."""
    behind = await given.elastic.behind(*VECTORED)
    models = {behind[view].model for view in VECTORED if view in behind}
    if len(behind) < len(VECTORED) or len(models) != 1:
        raise Transient("The views are being rebuilt; try again.", "数据视图正在重建，请稍后重试。")
    return {view: behind[view].name for view in VECTORED}


async def features_of(given: Services, index: str, id: str, kind: type[F]) -> F:
    """Return the features of one entity. Raises NotFound if the index does not hold it."""
    found = await given.elastic.mget([(index, id)], ("features", "erased"))
    document = found.get((index, id), {})
    if document.get("erased") or "features" not in document:
        raise NotFound("It was erased.", "该记录已删除。")
    return kind.unpacked(document["features"])


async def searched(
    given: Services, index: str, bodies: Sequence[Json], kind: type[F]
) -> list[list[F]]:
    """Return the features that bounded searches find, in the order of the searches."""
    with collect_workers():  # those who are only ranked are not shown
        pages = await given.elastic.msearch(
            [(index, each | {"timeout": SEARCH_TIME}) for each in bodies]
        )
    return [features_in(page.hits, kind) for page in pages]


async def facts_of(given: Services, view: str, found: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the stored facts by id, without erased ones; the audit names their workers."""
    keys = [(view, id) for id in found]
    documents = await given.elastic.mget(keys, ("fact", "erased"))
    return {
        id: document["fact"]
        for (_, id), document in documents.items()
        if not document.get("erased") and not given.latest.is_erased(view, id)
    }


async def pair_states(
    given: Services, who: Principal, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], PairState]:
    """Return the states of the pairs (opening, worker) that have a match."""
    keys = {(MATCHES.name, ids.match_id(*pair)): pair for pair in pairs}
    documents = await given.elastic.mget(list(keys), OF_STATE)
    return {
        keys[key]: _state(who, document)
        for key, document in documents.items()
        if not document.get("erased")
    }


def _state(who: Principal, document: Json) -> PairState:
    state = MatchState(document["state"])
    within = belonging.reaches_match(who, Permission.MATCHES_ASSIGN, document)
    return PairState(state, PairMatch(id=document["id"], state=state) if within else None)


async def new_today(given: Services, workers: Sequence[str]) -> Counter[str]:
    """Return the new matches of today, by worker."""
    since = start_of_day(given.clock.now(), given.settings.zone)
    condition = {"range": {"proposed_at": {"gte": since.isoformat()}}}
    [found] = await given.elastic.tallies(MATCHES.name, [("worker_id", workers, condition)])
    return Counter(found)


async def open_offers(given: Services, openings: Sequence[str]) -> Counter[str]:
    """Return the active matches, by opening."""
    condition: Json = {"term": {"active": True}}
    [found] = await given.elastic.tallies(MATCHES.name, [("opening_id", openings, condition)])
    return Counter(found)


async def placed(given: Services, opening_id: str) -> int:
    """Return the number of workers placed in an opening."""
    condition = {"term": {"state": MatchState.PLACED.value}}
    [found] = await given.elastic.tallies(MATCHES.name, [("opening_id", [opening_id], condition)])
    return found.get(opening_id, 0)
