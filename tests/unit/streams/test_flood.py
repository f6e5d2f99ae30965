"""A flood by one employer does not take the market: the stages' own decisions on a whole day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.flood import FLOODER, UNLIMITED, Arrival, Copied, Loss, Market, measure
from matcher.features import OpeningFeatures
from roost import ids
from roost.events.match import Match, MatchState
from roost.rules.capacity import Capacity, HeldBackBy
from roost.settings import Settings
from roost.views.remembered import Versioned
from streams.queue.batch import Batch
from streams.queue.batch_evidence import Evidence, QueueRules
from streams.queue.match_documents import budgets_of
from streams.queue.match_projection import match_write
from streams.views.counts import MatchCounts
from tests.unit.streams.test_capacity import (
    MIDNIGHT,
    NOW,
    OPENING,
    TODAY,
    opening,
    proposals,
    worker,
)

SMALL = Market(workers=400, openings=20, employers=15, reach=(40, 202), flood=1_000)
MOST_LOST = 0.2
LIMITS = Settings().capacity


@pytest.fixture(scope="module", params=[Arrival.BEFORE, Arrival.AMONG])
def loss(request: pytest.FixtureRequest) -> Loss:
    return measure(SMALL, LIMITS, request.param)


def test_a_flood_of_a_thousand_takes_at_most_a_fifth_of_any_others_matches(loss: Loss) -> None:
    assert loss.without > 100
    assert loss.largest <= MOST_LOST
    assert 0 < loss.flooded <= LIMITS.employer_day, "the flood gets its own budget, and no more"


@pytest.mark.parametrize("ids", [5, 10])
@pytest.mark.parametrize("arrival", [Arrival.BEFORE, Arrival.AMONG])
def test_a_flood_of_one_content_under_several_ids_takes_little_more(
    ids: int, arrival: Arrival
) -> None:
    loss = measure(replace(SMALL, ids=ids), LIMITS, arrival)
    assert loss.largest <= MOST_LOST
    # The first id has its own budget, the others share one, and each may have a few.
    assert 0 < loss.flooded <= 2 * LIMITS.employer_day + (ids - 1) * LIMITS.most


@pytest.mark.parametrize("ids", [3, 10])
@pytest.mark.parametrize("copied", [Copied.NEW, Copied.KNOWN])
@pytest.mark.parametrize("arrival", list(Arrival))
def test_copies_of_an_opening_take_little_of_it(ids: int, copied: Copied, arrival: Arrival) -> None:
    loss = measure(replace(SMALL, ids=ids, copied=copied), LIMITS, arrival)
    assert loss.copied is not None
    assert loss.copied <= MOST_LOST
    assert loss.largest <= MOST_LOST


@pytest.mark.parametrize("arrival", [Arrival.BEFORE, Arrival.AMONG])
def test_copies_take_little_of_an_opening_that_was_posted_before_them(arrival: Arrival) -> None:
    """They may have the first match: the original waits for approval, or for a free worker."""
    loss = measure(replace(SMALL, ids=10, copied=Copied.POSTED), LIMITS, arrival)
    assert loss.copied is not None
    assert loss.copied <= MOST_LOST
    assert loss.largest <= MOST_LOST


@pytest.mark.parametrize("copied", [Copied.NOTHING, Copied.KNOWN])
def test_a_flood_of_few_terms_under_ten_ids_takes_little(copied: Copied) -> None:
    """Its key is weak, since unrelated openings may state the same title and place."""
    loss = measure(replace(SMALL, ids=10, weak=True, copied=copied), LIMITS, Arrival.BEFORE)
    assert loss.largest <= MOST_LOST


def test_without_the_limits_the_flood_takes_everything() -> None:
    assert measure(SMALL, UNLIMITED, Arrival.BEFORE).largest == 1.0


def of_flood(number: int = 1, *, near: bool = False) -> OpeningFeatures:
    made = opening(id=OPENING if number == 1 else ids.opening_id("t", str(number)))
    return replace(made, employer_id=FLOODER, places=["home" if near else "x:1", "x"])


def judged(
    counts: MatchCounts,
    capacity: Capacity,
    *,
    late: bool = False,
    near: bool = False,
    alike: tuple[str, ...] = (),
) -> Batch:
    """Propose one worker for one opening on these counts."""
    work, person = (
        replace(of_flood(near=near), alike=alike),
        replace(worker(1), home=["home"], willing=["x"]),
    )
    evidence = Evidence(
        openings={work.id: Versioned(7, work)},
        workers={person.id: Versioned(3, person)},
        matches={},
        counts=counts,
        since=MIDNIGHT,
        stations=(),
        model="m",
        late=late,
    )
    made = Batch(QueueRules(0.0, capacity), evidence, NOW, TODAY)
    made.propose(proposals([person]))
    return made


PERSON = worker(1).id


def test_the_queue_holds_back_what_passes_the_employers_budget() -> None:
    full = MatchCounts(by_budget={FLOODER: 200})
    made = judged(full, LIMITS)
    assert made.held_back == {HeldBackBy.BUDGET: 1}
    assert made.again == [], "the opening waits for the next day, and starts no endless round"


@pytest.mark.parametrize(
    ("own", "first", "held"),
    [
        (20, "another", {HeldBackBy.BUDGET: 1}),
        (20, FLOODER, {}),
        (19, "another", {}),  # as many as one opening may have at a time
        (200, FLOODER, {HeldBackBy.BUDGET: 1}),
    ],
)
def test_the_queue_holds_back_what_passes_the_budget_of_the_content(
    own: int, first: str, held: dict[HeldBackBy, int]
) -> None:
    full = MatchCounts(by_budget={FLOODER: own, "~content": 200}, first={"~content": {first}})
    assert judged(full, LIMITS, alike=("~content",)).held_back == held
    other = judged(MatchCounts(by_budget={"~content": 200}), LIMITS, alike=("~other",))
    assert other.held_back == {}


@pytest.mark.parametrize(("first", "held"), [("another", {HeldBackBy.EMPLOYER: 1}), (FLOODER, {})])
def test_a_worker_has_few_matches_a_day_of_one_content(
    first: str, held: dict[HeldBackBy, int]
) -> None:
    by_pair = {("~content", PERSON): 2}
    by_budget = {FLOODER: LIMITS.most}
    full = MatchCounts(
        sent={PERSON: 2}, by_budget=by_budget, by_pair=by_pair, first={"~content": {first}}
    )
    assert judged(full, LIMITS, alike=("~content",)).held_back == held


def test_a_match_counts_under_the_keys_of_its_content() -> None:
    made = judged(MatchCounts(), LIMITS, alike=("~1", "~2"))
    (match,) = made.decided
    assert budgets_of(match) == (FLOODER, "~1", "~2")
    assert match_write(match, b"{}", 1).document["budgets"] == [FLOODER, "~1", "~2"]


def test_the_queue_holds_back_what_passes_the_workers_cap_for_an_employer() -> None:
    full = MatchCounts(sent={PERSON: 2}, by_pair={(FLOODER, PERSON): 2})
    made = judged(full, LIMITS)
    assert made.held_back == {HeldBackBy.EMPLOYER: 1}
    assert [each.id for each in made.again] == [OPENING], "another worker may take the place"


@pytest.mark.parametrize(
    ("near", "late", "held"), [(False, False, True), (True, False, False), (False, True, False)]
)
def test_the_reserve_is_for_near_home_work_and_for_later(
    near: bool, late: bool, held: bool
) -> None:
    made = judged(MatchCounts(sent={PERSON: 4}), LIMITS, near=near, late=late)
    assert (made.held_back == {HeldBackBy.RESERVE: 1}) is held


def test_a_batch_counts_its_own_matches_towards_the_employers_budget() -> None:
    people = [worker(number) for number in range(6)]
    work = replace(of_flood(), headcount=10)
    evidence = Evidence(
        openings={work.id: Versioned(7, work)},
        workers={each.id: Versioned(3, each) for each in people},
        matches={},
        counts=MatchCounts(),
        since=MIDNIGHT,
        stations=(),
        model="m",
    )
    made = Batch(QueueRules(0.0, Capacity(employer_day=4)), evidence, NOW, TODAY)
    made.propose(proposals(people))
    proposed = [
        match
        for match in made.matches.values()
        if isinstance(match, Match) and match.state is MatchState.PROPOSED
    ]
    assert len(proposed) == 4
    assert made.held_back == {HeldBackBy.BUDGET: 2}
