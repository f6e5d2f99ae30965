"""The new matches of a day by worker, employer and content, and what a pair is judged on (pure).

Openings draw on budgets: that of their employer, named first, and those of their content, shared
with openings of near-identical content under other employers (`roost.likeness.alike_openings`).
Two kinds of employer do not depend on what the others under a content have had, so that nobody can
use a competitor's day up by copying its advertisement: those that had a match of this content, or
posted it, first, and any with fewer matches of the day than one opening may have at a time. The
latter has a first match with a worker whatever the others had, up to the reserve of the worker's
day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from roost.rules.capacity import Capacity, Spent
from roost.text.references import common_employer_id

WEAK = "~~"
"""Prefix of the keys of openings that state few terms, so that unrelated ones often share them."""
WEAK_DAYS = 3
"""Employers' days that openings with one weak key share."""
BudgetOfWorker = tuple[str, str]
"""(budget, worker)"""


def budget_keys(employer_id: str, alike: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of an opening's budgets: its employer's first, then those of its content.

    All spellings of an employer's id are one. An opening without an employer has none.
    """
    return (common_employer_id(employer_id), *alike) if employer_id else ()


class Binding(NamedTuple):
    """The budgets that bind an opening."""

    strong: tuple[str, ...]
    """The employer's, and those of its content; the employer's comes first."""
    weak: tuple[str, ...]
    """Those of content that unrelated openings may share (`WEAK`)."""


@dataclass(slots=True)
class DailyCounts:
    """The new matches of a day so far; they grow as matches are counted."""

    workers: Counter[str] = field(default_factory=Counter)
    budgets: Counter[str] = field(default_factory=Counter)
    pairs: Counter[BudgetOfWorker] = field(default_factory=Counter)
    first: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The employers with the first match and posting of a content, by key; of contested ones."""
    _bindings: dict[tuple[str, ...], Binding] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The binding budgets of the openings that were looked at, by all of their budgets."""

    def count(self, budgets: Sequence[str], worker_id: str, step: int = 1) -> None:
        """Count one more match of a worker with an opening that draws on these budgets."""
        self.workers[worker_id] += step
        for each in budgets:
            self.budgets[each] += step
            self.pairs[each, worker_id] += step

    def spent(self, budgets: Sequence[str], worker_id: str, capacity: Capacity) -> Spent:
        """Return what one more match of a pair is judged on."""
        return Spent(
            self.workers.get(worker_id, 0),
            self.of_employer(budgets, capacity),
            self._of_pair(budgets, worker_id, capacity),
        )

    def of_employer(self, budgets: Sequence[str], capacity: Capacity) -> int:
        """Return the matches that count against the limit of an opening's employer."""
        if not budgets:
            return 0
        own = self.budgets.get(budgets[0], 0)
        if own < capacity.most:
            return own
        return self._shared(budgets, capacity)

    def _shared(self, budgets: Sequence[str], capacity: Capacity) -> int:
        """Return the largest number of matches that the binding budgets have had.

        Of a weak key only those count that pass what several employers would have: see `WEAK_DAYS`.
        """
        counts, binding = self.budgets, self._binding(budgets)
        most = max([counts.get(each, 0) for each in binding.strong])
        if not binding.weak:
            return most
        surplus = (WEAK_DAYS - 1) * capacity.employer_day
        return max(most, *(counts.get(each, 0) - surplus for each in binding.weak))

    def _of_pair(self, budgets: Sequence[str], worker_id: str, capacity: Capacity) -> int:
        """Return the matches that count against the limit of a worker with an employer.

        No content gets more of the worker's day than its ordinary part: the reserve is for other
        work. Up to there the first match with an employer of few matches is held back by no copies,
        and no match by openings with the same weak key.
        """
        if not budgets:
            return 0
        pairs, binding = self.pairs, self._binding(budgets)
        strong = [pairs.get((each, worker_id), 0) for each in binding.strong]
        most = max([*strong, *(pairs.get((each, worker_id), 0) for each in binding.weak)])
        if not most or most >= capacity.ordinary_day(late=False):
            return most
        own, few = strong[0], self.budgets[budgets[0]] < capacity.most
        return own if few and not own else max(strong)

    def room(self, budgets: Sequence[str], capacity: Capacity) -> int:
        """Return how many more matches of the day an opening's budgets allow."""
        if not budgets:
            return capacity.employer_day
        own = self.budgets[budgets[0]]
        shared = self._shared(budgets, capacity)
        left = max(capacity.employer_day - shared, capacity.most - own)
        return max(0, min(capacity.employer_day - own, left))

    def _binding(self, budgets: Sequence[str]) -> Binding:
        """Return the budgets that bind an opening: not its content's if its employer was first.

        First under any of the keys: an edit of a few words changes some of them, and the first
        copy of the edited text must not bind its author.
        """
        key = tuple(budgets)
        if (found := self._bindings.get(key)) is not None:
            return found
        employer, *content = key
        if any(employer in self.first.get(each, ()) for each in content):
            content = []
        strong = (employer, *(each for each in content if not is_weak(each)))
        binding = Binding(strong, tuple(each for each in content if is_weak(each)))
        self._bindings[key] = binding
        return binding


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
