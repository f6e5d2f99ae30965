"""A flood by one poster in a day's market: the matches that other openings lose to it.

    python -m bench.flood

The market is a day in memory, with the stages' own decisions: batches of the match stage's size,
the best candidates of each opening (as many as a search recalls), `Candidates.assign`, and the
counts of what was proposed so far. It is played twice with the same openings and scores, with and
without a flood, for several times of the flood's arrival. The loss of an opening is the share of
its matches that it has without the flood only. The flood's openings have one content, under one or
several employers' ids. They may copy the content of one of the other openings: then they fit its
workers, better than it does, and `copied` is its loss.

`unlimited` plays the rule before the limits of a day: places, and five new matches a worker;
`employer` the limits by employer alone, and `content` those that openings of one content share too.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product
from pathlib import Path
from random import Random

from matcher.features import OpeningFeatures
from roost.constraints.needs import ANY_CURRENCY, LATER
from roost.rules.capacity import Capacity
from roost.settings import Settings
from streams.match.candidates import Candidates
from streams.stages import BATCH_LIMITS
from streams.views.counts import MatchCounts

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
RECALLED = 60
"""Candidates that one search of the match stage brings."""
RESULTS = Path(__file__).parent / "results" / "flood.json"
FLOODER = "flooder"
CONTENT, WEAK = ("~content",), ("~~content",)
IDS = (1, 3, 5, 10, 30)
UNLIMITED = Capacity()


class Arrival(StrEnum):
    """The time of a flood: before, among or after all others of the day."""

    BEFORE = "before"
    AMONG = "among"
    AFTER = "after"


class Copied(StrEnum):
    """Opening that the flood copies, and what it has had before: nothing, its posting, a match."""

    NOTHING = "nothing"
    NEW = "a new opening"
    POSTED = "an opening that was posted before its copies"
    KNOWN = "an opening with a match of an earlier day"


@dataclass(frozen=True, slots=True)
class Market:
    """One day: workers, other employers' openings with their reach, and the flood."""

    workers: int = 1_320
    openings: int = 60
    employers: int = 40
    reach: tuple[int, int] = (60, 400)
    """Workers who fit an opening, at least and at most."""
    flood: int = 1_000
    ids: int = 1
    """Employers' ids that the flood comes under."""
    alike: bool = True
    """True if the flood's openings are known to have one content."""
    weak: bool = False
    """True if the content states few terms, so that unrelated openings may share its key."""
    copied: Copied = Copied.NOTHING
    seed: int = 7

    @property
    def content(self) -> tuple[str, ...]:
        """Keys of the flood's content."""
        return (WEAK if self.weak else CONTENT) if self.alike else ()


@dataclass(frozen=True, slots=True)
class Work:
    """An opening, and the workers who fit it with their scores."""

    opening: OpeningFeatures
    fitting: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Loss:
    """Losses of the other openings: the largest of one opening, and of all together."""

    arrival: Arrival
    largest: float
    total: float
    flooded: int
    """Matches of the flood."""
    without: int
    """Matches of the other openings without the flood."""
    copied: float | None = None
    """Loss of the opening whose content the flood copies."""


def measure(market: Market, capacity: Capacity, arrival: Arrival) -> Loss:
    """Play a market with and without its flood; return the losses."""
    others = list(_others(market))
    flood = list(_flood(market, others[0].fitting))
    owner = others[0].opening.employer_id
    posted = market.copied in (Copied.POSTED, Copied.KNOWN)
    first = dict.fromkeys(market.content, (owner,)) if posted else {}
    matched = frozenset(market.content if market.copied is Copied.KNOWN else ())
    alone = play(others, capacity, first, matched)
    flooded = play(_in_order(others, flood, arrival, market.seed), capacity, first, matched)
    losses = [
        1 - flooded[each.opening.id] / alone[each.opening.id]
        for each in others
        if alone[each.opening.id]
    ]
    before = sum(alone[each.opening.id] for each in others)
    after = sum(flooded[each.opening.id] for each in others)
    return Loss(
        arrival,
        round(max(losses), 3),
        round(1 - after / before, 3),
        sum(flooded[each.opening.id] for each in flood),
        before,
        None if market.copied is Copied.NOTHING else round(losses[0], 3),
    )


def _in_order(
    others: Sequence[Work], flood: Sequence[Work], arrival: Arrival, seed: int
) -> list[Work]:
    if arrival is Arrival.AMONG:
        return _shuffled([*flood, *others], seed)
    return [*flood, *others] if arrival is Arrival.BEFORE else [*others, *flood]


def play(
    day: Sequence[Work],
    capacity: Capacity,
    first: Mapping[str, tuple[str, ...]],
    matched: frozenset[str] = frozenset(),
) -> Counter[str]:
    """Match the openings of a day in their order; return the number of matches of each.

    `first` names the employers that posted a content before all others, and `matched` the contents
    that had a match on an earlier day: others belong to the employer of their first match, too.
    When the reserve opens, openings with free places are matched again, as the match stage does.
    """
    counts = _Counts(first=dict(first), matched=set(matched))
    for work in _batches(day):
        counts.match(work, capacity, late=False)
    vacant = [
        work
        for work in day
        if counts.active[work.opening.id] < capacity.places(work.opening.headcount, 0)
    ]
    for work in _batches(vacant):
        counts.match(work, capacity, late=True)
    return counts.active


def _batches(day: Sequence[Work]) -> Iterator[Sequence[Work]]:
    size = BATCH_LIMITS["match"]
    return (day[start : start + size] for start in range(0, len(day), size))


@dataclass(slots=True)
class _Counts:
    """The counts that the view of matches would give."""

    active: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    budgets: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The employers with the first posting and match of a content, by its key."""
    matched: set[str] = field(default_factory=set)
    ended: set[tuple[str, str]] = field(default_factory=set)

    def match(self, batch: Sequence[Work], capacity: Capacity, *, late: bool) -> None:
        """Assign a batch, and count its new matches."""
        found = Candidates(MIDNIGHT)
        budgets_of = {work.opening.id: work.opening.budgets for work in batch}
        for work in batch:
            best = heapq.nlargest(RECALLED, work.fitting.items(), key=lambda each: each[1])
            for worker, score in best:
                if (work.opening.id, worker) not in self.ended:
                    found.add(work.opening.id, work.opening, worker, score)
        counts = MatchCounts(self.active, {}, self.sent, {}, self.budgets, self.pairs, self.first)
        for chosen in found.assign(counts, capacity, late=late).by_subject.values():
            for opening, workers in chosen.items():
                self.active[opening] += len(workers)
                self.sent.update(workers)
                employer, *content = budgets_of[opening]
                for key in {*content} - self.matched:
                    self.matched.add(key)
                    self.first[key] = (*self.first.get(key, ()), employer)
                for budget in budgets_of[opening]:
                    self.budgets[budget] += len(workers)
                    self.pairs.update((budget, worker) for worker in workers)
                self.ended.update((opening, worker) for worker in workers)


def _others(market: Market) -> Iterator[Work]:
    dice = Random(market.seed)
    people = [f"w{number}" for number in range(market.workers)]
    for number in range(market.openings):
        reached = dice.sample(people, dice.randint(*market.reach))
        fitting = {worker: dice.uniform(36, 90) for worker in reached}
        employer = f"e{number % market.employers}"
        made = _opening(f"o{number}", employer, dice.choice((1, 2, 5, 10)))
        copied = number == 0 and market.copied is not Copied.NOTHING
        yield Work(replace(made, alike=market.content if copied else ()), fitting)


def _flood(market: Market, copied: Mapping[str, float]) -> Iterator[Work]:
    """Yield openings that everybody fits, or those who fit the copied one, best of all."""
    dice = Random(market.seed + 1)
    for number in range(market.flood):
        people = [f"w{worker}" for worker in range(market.workers)]
        if market.copied is not Copied.NOTHING:
            people = list(copied)
        reached = dice.sample(people, min(len(people), 200))
        fitting = {worker: dice.uniform(90, 99) for worker in reached}
        made = _opening(f"f{number}", f"{FLOODER}{number % market.ids or ''}", 10)
        yield Work(replace(made, alike=market.content), fitting)


def _shuffled(day: list[Work], seed: int) -> list[Work]:
    Random(seed).shuffle(day)
    return day


def _opening(id: str, employer: str, headcount: int) -> OpeningFeatures:
    return replace(ANY_OPENING, id=id, employer_id=employer, headcount=headcount)


ANY_OPENING = OpeningFeatures(
    id="",
    version=1,
    active=True,
    paused=False,
    vector="",
    title={},
    title_words="",
    skills=[],
    preferred_skills=[],
    licences=[],
    currency=ANY_CURRENCY,
    wage_low=None,
    wage_high=None,
    places=[],
    point=None,
    starts_by=LATER,
    last_day=LATER,
    shifts=[],
    lodging=True,
    meals=True,
    experience=0,
    education=0,
    workplace="enterprise",
    headcount=1,
)
SCENES = [
    (Copied.NOTHING, Arrival.BEFORE),
    (Copied.NOTHING, Arrival.AMONG),
    (Copied.KNOWN, Arrival.BEFORE),
    (Copied.KNOWN, Arrival.AMONG),
    (Copied.POSTED, Arrival.BEFORE),
    (Copied.POSTED, Arrival.AMONG),
    (Copied.NEW, Arrival.AFTER),
    (Copied.NEW, Arrival.BEFORE),
]
MARKETS = {"free": Market(), "full": Market(openings=500, employers=120)}
"""`full` asks for about as many matches as the workers' days hold."""


def main() -> None:
    """Print and keep the losses in every market, with and without the limits."""
    figures = []
    limits = Settings().capacity
    rules = [("unlimited", UNLIMITED, False, IDS[:1]), ("employer", limits, False, IDS)]
    rules += [("content", limits, True, IDS)]
    for name, market in MARKETS.items():
        for rule, capacity, alike, ids in rules:
            for number, (copied, arrival) in product(ids, SCENES):
                flooded = replace(market, ids=number, alike=alike, copied=copied)
                loss = asdict(measure(flooded, capacity, arrival))
                scene = {"market": name, "rule": rule, "ids": number, "copies": copied}
                figures.append(scene | loss)
                print(figures[-1], flush=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
