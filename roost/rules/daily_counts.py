"""The new matches of a day by worker, employer and content, and what a pair is judged on (pure).

Openings draw on budgets: that of their employer, named first, and those of their content, shared
with openings of near-identical content under other employers (`roost.likeness.alike_openings`).
Two kinds of employer do not depend on what the others under a content have had, so that nobody can
use a competitor's day up by copying its advertisement: the one that had a match of this content
first, and any with fewer matches of the day than one opening may have at a time. The latter has
a first match with a worker whatever the others had, up to the reserve of the worker's day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from roost.rules.capacity import Capacity, Spent

WEAK = "~~"
"""Prefix of the keys of openings that state few terms, so that unrelated ones often share them."""
WEAK_DAYS = 3
"""Employers' days that openings with one weak key share."""
BudgetOfWorker = tuple[str, str]
"""(budget, worker)"""


@dataclass(slots=True)
class DailyCounts:
    """The new matches of a day so far; they grow as matches are counted."""

    workers: Counter[str] = field(default_factory=Counter)
    budgets: Counter[str] = field(default_factory=Counter)
    pairs: Counter[BudgetOfWorker] = field(default_factory=Counter)
    first: Mapping[str, str] = field(default_factory=dict)
    """The employer with the first match of a content, by its key; only of contested ones."""

    def count(self, budgets: Sequence[str], worker_id: str, step: int = 1) -> None:
        """Count one more match of a worker with an opening that draws on these budgets."""
        self.workers[worker_id] += step
        for each in budgets:
            self.budgets[each] += step
            self.pairs[each, worker_id] += step

    def spent(self, budgets: Sequence[str], worker_id: str, capacity: Capacity) -> Spent:
        """Return what one more match of a pair is judged on."""
        return Spent(
            self.workers[worker_id],
            self.of_employer(budgets, capacity),
            self._of_pair(budgets, worker_id, capacity),
        )

    def of_employer(self, budgets: Sequence[str], capacity: Capacity) -> int:
        """Return the matches that count against the limit of an opening's employer."""
        if not budgets:
            return 0
        own = self.budgets[budgets[0]]
        if own < capacity.most:
            return own
        return self._shared(budgets, capacity)

    def _shared(self, budgets: Sequence[str], capacity: Capacity) -> int:
        """Return the largest number of matches that the binding budgets have had.

        Of a weak key only those count that pass what several employers would have: see `WEAK_DAYS`.
        """
        surplus = (WEAK_DAYS - 1) * capacity.employer_day
        return max(self.budgets[each] - surplus * is_weak(each) for each in self._binding(budgets))

    def _of_pair(self, budgets: Sequence[str], worker_id: str, capacity: Capacity) -> int:
        """Return the matches that count against the limit of a worker with an employer.

        No content gets more of the worker's day than its ordinary part: the reserve is for other
        work. Up to there the first match with an employer of few matches is held back by no copies,
        and no match by openings with the same weak key.
        """
        if not budgets:
            return 0
        had = {each: self.pairs[each, worker_id] for each in self._binding(budgets)}
        if (most := max(had.values())) >= capacity.ordinary_day(late=False):
            return most
        own, few = had[budgets[0]], self.budgets[budgets[0]] < capacity.most
        if few and not own:
            return own
        return max(number for each, number in had.items() if not is_weak(each))

    def room(self, budgets: Sequence[str], capacity: Capacity) -> int:
        """Return how many more matches of the day an opening's budgets allow."""
        if not budgets:
            return capacity.employer_day
        own = self.budgets[budgets[0]]
        shared = self._shared(budgets, capacity)
        left = max(capacity.employer_day - shared, capacity.most - own)
        return max(0, min(capacity.employer_day - own, left))

    def _binding(self, budgets: Sequence[str]) -> Iterator[str]:
        """Yield the budgets that bind an opening: not its content's if its employer was first.

        First under any of the keys: an edit of a few words changes some of them, and the first
        copy of the edited text must not bind its author.
        """
        yield budgets[0]
        if budgets[0] not in (self.first.get(each) for each in budgets[1:]):
            yield from budgets[1:]


def is_weak(key: str) -> bool:
    """Return whether unrelated openings may often share a key: it stands for few terms."""
    return key.startswith(WEAK)


def contested(
    openings: Iterable[Sequence[str]],
    by_budget: Mapping[str, int],
    by_pair: Mapping[BudgetOfWorker, int],
) -> list[str]:
    """Return the keys of content that other employers have had matches of today, in order.

    `openings` are budgets. A content that has more matches of the day than the employer, in all or
    with one worker, is another employer's as well. For any other one the employer's own budget is
    the narrower.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    for employer, *content in filter(None, openings):
        for key in content:
            owners[key].add(employer)
    found = {
        key
        for key, employers in owners.items()
        if any(by_budget.get(key, 0) > by_budget.get(each, 0) for each in employers)
    }
    for (key, worker), number in by_pair.items():
        if any(number > by_pair.get((each, worker), 0) for each in owners.get(key, ())):
            found.add(key)
    return sorted(found)
