"""Who may be proposed in a batch of openings and profiles, and who is: pure.

Known matches come first. What is active is judged again and keeps its place; what has been
declined or has ended in a placement is never proposed again; what was withdrawn today after its
worker had been told comes back before anybody new. The other candidates of the whole batch are
assigned together, within the places that are left and the workers' shares of the day. They are
ordered by their score with a newcomer's bonus (`matcher.exploration`), which nobody is shown.

Where the priority of registered households decided who got a place, it is said who did and who did
not: the same batch is assigned once more without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from matcher.assignment import Capacity, Pair, assign
from matcher.boost import Displacements, displacements
from matcher.exploration import add_bonuses
from matcher.features import OpeningFeatures
from roost.events.match import MatchState
from streams.views.counts import Counts

Key: TypeAlias = tuple[str, str]
"""(opening, worker)"""


@dataclass(frozen=True, slots=True)
class Assigned:
    by_subject: dict[str, dict[str, Sequence[str]]]
    """For every subject, and opening, the workers to be judged again or proposed."""
    priority: dict[str, Displacements]
    """For every opening where priority decided who got a place: whom it moved, by worker."""


class Candidates:
    """Filled with what the views say of a batch, then asked once: `assigned`."""

    def __init__(self, since: datetime, least_score: float = 0.0) -> None:
        self._since = since
        self._least_score = least_score
        self._standing: dict[str, list[Key]] = defaultdict(list)
        self._ended: set[Key] = set()
        self._told: set[Key] = set()
        self._scores: dict[Key, float] = {}
        self._unboosted: dict[Key, float] = {}
        self._found_by: dict[Key, str] = {}
        self._headcount: dict[str, int] = {}

    @property
    def openings(self) -> list[str]:
        return sorted(self._headcount)

    @property
    def workers(self) -> list[str]:
        return sorted({worker for _, worker in self._scores})

    def know(self, subject: str, match: Mapping[str, Any], *, erased: bool = False) -> None:
        """Takes in the columns of a match that there is already.

        Of a worker who is erased every match has to be judged, so that it is erased too.
        """
        key = match["opening_id"], match["worker_id"]
        state = MatchState(match["state"])
        if state.active or erased:
            self._standing[subject].append(key)
        if state is not MatchState.EXPIRED:
            self._ended.add(key)
        elif datetime.fromisoformat(match["proposed_at"]) >= self._since:
            self._told.add(key)

    def add(
        self,
        subject: str,
        opening: OpeningFeatures,
        worker_id: str,
        score: float,
        unboosted: float | None = None,
    ) -> None:
        """Takes in an eligible pair, whichever side it was found from.

        `unboosted` is its score without priority, where that is another one.
        """
        key = opening.id, worker_id
        if key not in self._scores:
            self._scores[key] = score
            self._unboosted[key] = score if unboosted is None else unboosted
            self._found_by[key] = subject
            self._headcount[opening.id] = opening.headcount

    def assigned(self, counts: Counts, capacity: Capacity) -> Assigned:
        """Who is judged again, and who is proposed."""
        keys = self._chosen(self._scores, counts, capacity)
        chosen: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, standing in self._standing.items():
            for opening_id, worker_id in standing:
                chosen[subject][opening_id].append(worker_id)
        for key in keys:
            chosen[self._found_by[key]][key[0]].append(key[1])
        return Assigned(
            {subject: dict(each) for subject, each in chosen.items()},
            self._moved(keys, counts, capacity),
        )

    def _chosen(self, scores: Mapping[Key, float], counts: Counts, capacity: Capacity) -> list[Key]:
        """Pairs that do not stand yet and get a place, by these scores."""
        open_pairs = {key: each for key, each in scores.items() if key not in self._ended}
        places = {
            id: capacity.places(headcount, counts.placed.get(id, 0)) - counts.active.get(id, 0)
            for id, headcount in self._headcount.items()
        }
        back = self._come_back(open_pairs, places)
        shares = {id: capacity.worker_day - counts.sent.get(id, 0) for id in self.workers}
        rest = [key for key in open_pairs if key not in self._told]
        shown = [counts.shown.get(worker_id, 0) for _, worker_id in rest]
        order = add_bonuses([open_pairs[key] for key in rest], shown)
        pairs = [Pair(*key, value) for key, value in zip(rest, order, strict=True)]
        new = [(pair.opening_id, pair.worker_id) for pair in assign(pairs, places, shares)]
        return [*back, *new]

    def _come_back(self, open_pairs: Mapping[Key, float], places: dict[str, int]) -> list[Key]:
        """Told today and withdrawn since: they take places first, and no share a second time."""
        told = [key for key in open_pairs if key in self._told]
        back = []
        for key in sorted(told, key=lambda key: (-open_pairs[key], key)):
            if places[key[0]] > 0:
                places[key[0]] -= 1
                back.append(key)
        return back

    def _moved(
        self, keys: Sequence[Key], counts: Counts, capacity: Capacity
    ) -> dict[str, Displacements]:
        if self._unboosted == self._scores:
            return {}
        fitting = {
            key: score for key, score in self._unboosted.items() if score >= self._least_score
        }
        ranked = _by_opening(keys, self._scores)
        without = _by_opening(self._chosen(fitting, counts, capacity), fitting)
        moved = {
            id: displacements(ranked.get(id, []), without.get(id, []))
            for id in sorted(ranked.keys() | without.keys())
        }
        return {id: each for id, each in moved.items() if each.gained or each.lost}


def _by_opening(keys: Sequence[Key], scores: Mapping[Key, float]) -> dict[str, list[str]]:
    """The workers of every opening, best first."""
    workers: dict[str, list[str]] = defaultdict(list)
    for opening_id, worker_id in sorted(keys, key=lambda key: (-scores[key], key)):
        workers[opening_id].append(worker_id)
    return workers
