"""Assignment of the candidates of a batch of openings and profiles to places (pure).

Existing matches come first. Active ones are judged again and keep their places. Pairs that were
declined or placed are never proposed again. Pairs that were proposed and withdrawn today are
proposed again before any new pair. All other candidates of the batch are assigned together, within
the free places and the limits of the day (`matcher.fair_days`). They are ordered by their score
plus a newcomer's bonus (`matcher.exploration`), which is never displayed.

To audit the priority of registered households, the same batch is assigned a second time without it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from matcher.assignment import Pair
from matcher.boost import Displacements, displacements
from matcher.exploration import add_bonuses
from matcher.fair_days import Day, FairPair, assign_fairly
from matcher.features import OpeningFeatures
from roost.events.match import MatchState
from roost.rules.capacity import Capacity
from streams.views.counts import MatchCounts, daily_counts

PairKey: TypeAlias = tuple[str, str]
"""(opening, worker)"""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The pairs to send to the queue stage, and the effect of priority on them."""

    by_subject: dict[str, dict[str, Sequence[str]]]
    """Workers to be judged again or proposed, by subject and by opening."""
    priority: dict[str, Displacements]
    """Workers who gained or lost a place by priority, by opening; absent if there are none."""


class Candidates:
    """The existing matches and the eligible pairs of a batch; call `assign` once, at the end."""

    def __init__(self, since: datetime, least_score: float = 0.0) -> None:
        self._since = since
        self._least_score = least_score
        self._active: dict[str, list[PairKey]] = defaultdict(list)
        self._ended: set[PairKey] = set()
        self._proposed_today: set[PairKey] = set()
        self._scores: dict[PairKey, float] = {}
        self._unboosted: dict[PairKey, float] = {}
        self._found_by: dict[PairKey, str] = {}
        self._headcount: dict[str, int] = {}
        self._budgets: dict[str, tuple[str, ...]] = {}
        self._near_home: set[PairKey] = set()
        self._left_out: dict[str, frozenset[str]] = {}
        self._preceded: dict[PairKey, float] = {}

    @property
    def budgets(self) -> list[tuple[str, ...]]:
        """The budgets of every opening, without repeats."""
        return sorted(set(self._budgets.values()))

    @property
    def openings(self) -> list[str]:
        return sorted(self._headcount)

    @property
    def workers(self) -> list[str]:
        return sorted({worker for _, worker in self._scores})

    def leave_out(self, opening: OpeningFeatures, workers: frozenset[str]) -> None:
        """Note an opening whose search leaves out these workers, since their day is full."""
        self._add_opening(opening)
        self._left_out[opening.id] = workers

    def left_out(self, opening_id: str) -> frozenset[str]:
        """Return the workers whom the search for an opening leaves out."""
        return self._left_out.get(opening_id, frozenset())

    def overlooked(self) -> dict[str, list[str]]:
        """Return left-out workers by opening whose match was withdrawn today.

        To restore it costs no second share, so it is judged although their day is full.
        """
        found: dict[str, list[str]] = defaultdict(list)
        for opening_id, worker_id in sorted(self._proposed_today - self._scores.keys()):
            if worker_id in self.left_out(opening_id):
                found[opening_id].append(worker_id)
        return found

    def full_workers(self, counts: MatchCounts, capacity: Capacity) -> dict[str, list[str]]:
        """Return the found workers by opening whose day is full."""
        full: dict[str, list[str]] = defaultdict(list)
        for opening_id, worker_id in self._scores:
            if counts.sent.get(worker_id, 0) >= capacity.worker_day:
                full[opening_id].append(worker_id)
        return full

    def add_existing(self, subject: str, match: Mapping[str, Any], *, erased: bool = False) -> None:
        """Add an existing match by its columns.

        With `erased`, the match of an erased worker is judged whatever its state, so that it is
        erased as well.
        """
        key = match["opening_id"], match["worker_id"]
        state = MatchState(match["state"])
        if state.active or erased:
            self._active[subject].append(key)
        if state is not MatchState.EXPIRED:
            self._ended.add(key)
        elif datetime.fromisoformat(match["proposed_at"]) >= self._since:
            self._proposed_today.add(key)

    def add(
        self,
        subject: str,
        opening: OpeningFeatures,
        worker_id: str,
        score: float,
        unboosted: float | None = None,
        *,
        near_home: bool = False,
        preceded: float = 0.0,
    ) -> None:
        """Add an eligible pair, found from either side.

        `unboosted` is the score without priority, if it differs. `near_home` pairs may use the
        reserve of the worker's day. `preceded` are the points of the score from precedents.
        """
        key = opening.id, worker_id
        if key not in self._scores:
            self._scores[key] = score
            self._unboosted[key] = score if unboosted is None else unboosted
            self._found_by[key] = subject
            self._add_opening(opening)
            if near_home:
                self._near_home.add(key)
            if preceded:
                self._preceded[key] = preceded

    def _add_opening(self, opening: OpeningFeatures) -> None:
        self._headcount[opening.id] = opening.headcount
        self._budgets[opening.id] = opening.budgets

    def assign(self, counts: MatchCounts, capacity: Capacity, *, late: bool = False) -> Assignment:
        """Return the pairs to judge again or to propose; `late`: the day's reserve is open."""
        keys = self._chosen(self._scores, counts, _day(counts, capacity, late=late))
        chosen: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, pairs in self._active.items():
            for opening_id, worker_id in pairs:
                chosen[subject][opening_id].append(worker_id)
        for key in keys:
            chosen[self._found_by[key]][key[0]].append(key[1])
        return Assignment(
            {subject: dict(each) for subject, each in chosen.items()},
            self._moved(keys, counts, _day(counts, capacity, late=late)),
        )

    def short_of_workers(
        self, counts: MatchCounts, capacity: Capacity, *, late: bool = False
    ) -> dict[str, frozenset[str]]:
        """Return the openings with more room than found workers whose day has room for them.

        Each comes with the workers found so far, and those that its search leaves out. No opening
        is returned if no limit of a day holds one of them back: a further search would bring less
        suitable workers only.
        """
        day, fitting, full = _day(counts, capacity, late=late), Counter[str](), Counter[str]()
        found: dict[str, list[str]] = defaultdict(list)
        for opening, worker in self._scores:
            near_home = (opening, worker) in self._near_home
            allowed = day.allows(self._budgets[opening], worker, near_home=near_home)
            (fitting if allowed else full)[opening] += 1
            found[opening].append(worker)
        return {
            id: self.left_out(id).union(workers)
            for id, workers in found.items()
            if (full[id] or self.left_out(id)) and fitting[id] < self._room(id, counts, day)
        }

    def _room(self, id: str, counts: MatchCounts, day: Day) -> int:
        """Return the new matches that an opening may still have today."""
        places = day.capacity.places(self._headcount[id], counts.placed.get(id, 0))
        free = places - counts.active.get(id, 0)
        return min(free, day.counts.room(self._budgets[id], day.capacity))

    def _chosen(
        self, scores: Mapping[PairKey, float], counts: MatchCounts, day: Day
    ) -> list[PairKey]:
        """Return the new pairs that get a place, by these scores; `day` counts them."""
        open_pairs = {key: each for key, each in scores.items() if key not in self._ended}
        places = {
            id: day.capacity.places(headcount, counts.placed.get(id, 0)) - counts.active.get(id, 0)
            for id, headcount in self._headcount.items()
        }
        restored = self._restore_withdrawn(open_pairs, places)
        rest = [key for key in open_pairs if key not in self._proposed_today]
        shown = [counts.shown.get(worker_id, 0) for _, worker_id in rest]
        preceded = [self._preceded.get(key, 0.0) for key in rest]
        order = add_bonuses([open_pairs[key] for key in rest], shown, preceded)
        pairs = [
            FairPair(Pair(*key, value), self._budgets[key[0]], key in self._near_home)
            for key, value in zip(rest, order, strict=True)
        ]
        new = [(pair.opening_id, pair.worker_id) for pair in assign_fairly(pairs, places, day)]
        return [*restored, *new]

    def _restore_withdrawn(
        self, open_pairs: Mapping[PairKey, float], places: dict[str, int]
    ) -> list[PairKey]:
        """Give places to the pairs proposed and withdrawn today, which cost no second share.

        Takes these places from `places`; returns the restored pairs, best first.
        """
        withdrawn = [key for key in open_pairs if key in self._proposed_today]
        restored = []
        for key in sorted(withdrawn, key=lambda key: (-open_pairs[key], key)):
            if places[key[0]] > 0:
                places[key[0]] -= 1
                restored.append(key)
        return restored

    def _moved(
        self, keys: Sequence[PairKey], counts: MatchCounts, day: Day
    ) -> dict[str, Displacements]:
        """Return the workers whom priority moved, by opening."""
        if self._unboosted == self._scores:
            return {}
        fitting = {
            key: score for key, score in self._unboosted.items() if score >= self._least_score
        }
        ranked = _by_opening(keys, self._scores)
        without = _by_opening(self._chosen(fitting, counts, day), fitting)
        moved = {
            id: displacements(ranked.get(id, []), without.get(id, []))
            for id in sorted(ranked.keys() | without.keys())
        }
        return {id: each for id, each in moved.items() if each.gained or each.lost}


def _day(counts: MatchCounts, capacity: Capacity, *, late: bool) -> Day:
    """Return the day as it is counted in the view."""
    return Day(capacity, late, daily_counts(counts))


def _by_opening(keys: Sequence[PairKey], scores: Mapping[PairKey, float]) -> dict[str, list[str]]:
    """Return the workers of every opening, best first."""
    workers: dict[str, list[str]] = defaultdict(list)
    for opening_id, worker_id in sorted(keys, key=lambda key: (-scores[key], key)):
        workers[opening_id].append(worker_id)
    return workers
