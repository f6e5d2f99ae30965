"""Who may be proposed in a batch of openings and profiles, and who is: pure.

Known matches come first. What is active is judged again and keeps its place; what has been
declined or has ended in a placement is never proposed again; what was withdrawn today after its
worker had been told comes back before anybody new. The other candidates of the whole batch are
assigned together, within the places that are left and the workers' shares of the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from matcher.assignment import Capacity, Pair, assign
from matcher.features import OpeningFeatures
from roost.events.match import MatchState
from streams.counts import Counts

Key: TypeAlias = tuple[str, str]
"""(opening, worker)"""


class Candidates:
    """Filled with what the views say of a batch, then asked once: `assigned`."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._standing: dict[str, list[Key]] = defaultdict(list)
        self._ended: set[Key] = set()
        self._told: set[Key] = set()
        self._pairs: dict[Key, Pair] = {}
        self._found_by: dict[Key, str] = {}
        self._headcount: dict[str, int] = {}

    @property
    def openings(self) -> list[str]:
        return sorted(self._headcount)

    @property
    def workers(self) -> list[str]:
        return sorted({worker for _, worker in self._pairs})

    def know(self, subject: str, match: Mapping[str, Any]) -> None:
        """Takes in the columns of a match that there is already."""
        key = match["opening_id"], match["worker_id"]
        state = MatchState(match["state"])
        if state.active:
            self._standing[subject].append(key)
        if state is not MatchState.EXPIRED:
            self._ended.add(key)
        elif datetime.fromisoformat(match["proposed_at"]) >= self._since:
            self._told.add(key)

    def add(self, subject: str, opening: OpeningFeatures, worker_id: str, score: float) -> None:
        """Takes in an eligible pair, whichever side it was found from."""
        key = opening.id, worker_id
        if key not in self._pairs:
            self._pairs[key] = Pair(opening.id, worker_id, score)
            self._found_by[key] = subject
            self._headcount[opening.id] = opening.headcount

    def assigned(self, counts: Counts, capacity: Capacity) -> dict[str, dict[str, Sequence[str]]]:
        """For every subject, and opening, the workers to be judged again or proposed."""
        open_pairs = {key: each for key, each in self._pairs.items() if key not in self._ended}
        places = {
            id: capacity.places(headcount, counts.placed.get(id, 0)) - counts.active.get(id, 0)
            for id, headcount in self._headcount.items()
        }
        back = self._come_back(open_pairs, places)
        shares = {id: capacity.worker_day - counts.sent.get(id, 0) for id in self.workers}
        rest = [each for key, each in open_pairs.items() if key not in self._told]
        new = [(pair.opening_id, pair.worker_id) for pair in assign(rest, places, shares)]
        chosen: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for subject, keys in self._standing.items():
            for opening_id, worker_id in keys:
                chosen[subject][opening_id].append(worker_id)
        for key in [*back, *new]:
            chosen[self._found_by[key]][key[0]].append(key[1])
        return {subject: dict(each) for subject, each in chosen.items()}

    def _come_back(self, open_pairs: Mapping[Key, Pair], places: dict[str, int]) -> list[Key]:
        """Told today and withdrawn since: they take places first, and no share a second time."""
        told = [each for key, each in open_pairs.items() if key in self._told]
        back = []
        for pair in sorted(told, key=lambda each: (-each.score, each.opening_id, each.worker_id)):
            if places[pair.opening_id] > 0:
                places[pair.opening_id] -= 1
                back.append((pair.opening_id, pair.worker_id))
        return back
