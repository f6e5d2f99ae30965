"""Match and queue on a view in memory: every round ends, and at rest no pair is missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import ranking
from matcher.features import OpeningFeatures, WorkerFeatures
from roost import ids
from roost.events.match import ActionKind, Match, MatchAction, MatchState, Proposals
from roost.rules.capacity import Capacity
from roost.views.remembered import Versioned
from streams.match.candidates import Candidates
from streams.queue.batch import Batch
from streams.queue.batch_evidence import Evidence, QueueRules
from streams.views.counts import MatchCounts
from tests.unit.streams.test_capacity import MIDNIGHT, NOW, TODAY, action, opening, worker

CAPACITY = Capacity(per_place=1, least=1, most=3, worker_day=2)
RULES = QueueRules(35.0, CAPACITY)
ROUNDS = 60


class Flow:
    """The two stages; the second lags, so the first decides before its writes are visible."""

    def __init__(self, work: Sequence[OpeningFeatures], people: Sequence[WorkerFeatures]) -> None:
        self.work = {each.id: each for each in work}
        self.people = {each.id: each for each in people}
        self.view: dict[str, Match] = {}
        self.rounds = 0

    def counts(self) -> MatchCounts:
        every = self.view.values()
        return MatchCounts(
            Counter(each.opening_id for each in every if each.state.active),
            Counter(each.opening_id for each in every if each.state is MatchState.PLACED),
            Counter(each.worker_id for each in every),
            Counter(each.worker_id for each in every),
        )

    def match(self, subjects: Sequence[str]) -> list[Proposals]:
        found = Candidates(MIDNIGHT)
        for subject in subjects:
            for known in self.view.values():
                if subject in (known.opening_id, known.worker_id):
                    columns = known.model_dump(mode="json")
                    found.add_existing(subject, columns)
            for work in self.work.values():
                for one in ranking.rank(work, list(self.people.values()), TODAY, 99, 35.0):
                    if subject in (work.id, one.candidate.id):
                        found.add(subject, work, one.candidate.id, one.score)
        self.rounds += 1
        at = NOW + timedelta(seconds=self.rounds)
        return [
            Proposals(
                opening_id=opening_id,
                worker_ids=tuple(workers),
                subject=subject,
                posted_at=at,
                evaluated_at=at,
            )
            for subject, chosen in found.assign(self.counts(), CAPACITY).by_subject.items()
            for opening_id, workers in chosen.items()
        ]

    def queue(self, events: Sequence[Proposals | MatchAction]) -> list[str]:
        evidence = Evidence(
            openings={id: Versioned(1, each) for id, each in self.work.items()},
            workers={id: Versioned(1, each) for id, each in self.people.items()},
            matches=dict(self.view),
            counts=self.counts(),
            since=MIDNIGHT,
            stations=(),
            model="m",
        )
        batch = Batch(RULES, evidence, NOW, TODAY)
        for event in events:
            batch.propose(event) if isinstance(event, Proposals) else batch.act(event)
        self.view = {id: match for id, match in batch.matches.items() if match}
        return [each.id for each in batch.again]

    def settle(self, subjects: Sequence[str]) -> None:
        """Match every subject alone, before the queue has written any of its matches."""
        while subjects:
            assert self.rounds < ROUNDS, "the stages call each other for ever"
            subjects = self.queue([made for each in subjects for made in self.match([each])])


@settings(max_examples=80)
@given(
    st.lists(st.integers(1, 2), min_size=1, max_size=3),
    st.lists(st.sampled_from([1.0, 0.9, 0.8, 0.7]), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=4),
    st.booleans(),
)
def test_at_rest_a_pair_that_does_not_stand_has_a_side_at_its_limit(
    headcounts: list[int], fits: list[float], answers: list[tuple[int, bool]], people_first: bool
) -> None:
    work = [
        replace(opening(headcount), id=ids.opening_id("flow", str(number)))
        for number, headcount in enumerate(headcounts)
    ]
    people = [worker(number, fit) for number, fit in enumerate(fits)]
    flow = Flow(work, people)
    flow.settle([each.id for each in (people if people_first else work)])
    for number, placed in answers:
        standing = [each for _, each in sorted(flow.view.items()) if each.state.active]
        if standing:
            match = standing[number % len(standing)]
            kinds = (ActionKind.CONTACT, ActionKind.PLACE) if placed else (ActionKind.DECLINE,)
            flow.settle(flow.queue([action(match, kind) for kind in kinds]))
    counts = flow.counts()
    for each in people:
        assert counts.sent.get(each.id, 0) <= CAPACITY.worker_day
    for each in work:
        places = CAPACITY.places(each.headcount, counts.placed.get(each.id, 0))
        standing = counts.active.get(each.id, 0)
        assert standing <= CAPACITY.places(each.headcount, 0)
        assert places or not standing, "when the headcount is reached nobody is left waiting"
        for one in people:
            stands = ids.match_id(each.id, one.id) in flow.view
            spent = counts.sent.get(one.id, 0) >= CAPACITY.worker_day
            assert stands or spent or standing >= places
