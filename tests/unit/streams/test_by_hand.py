"""Pairs that staff propose by hand: judged, counted and recorded as others, by their decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.features import OpeningFeatures, WorkerFeatures
from roost import ids
from roost.events.match import (
    ActionKind,
    Actor,
    ByHand,
    ByHandReason,
    Match,
    MatchState,
    Outcome,
    Proposals,
    Role,
    Wish,
)
from streams.queue.batch import Batch
from tests.unit.streams.test_capacity import NOW, OPENING, RULES, batch, opening, worker

LI = Actor(role=Role.CLERK, id="li")
FAR = replace(opening(), places=["y:2", "y"], point=(40.0, 120.0))
LATER = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def by_hand(*waives: Wish, refer: bool = False, number: str = "1") -> ByHand:
    return ByHand(
        id=ids.derive("a", "by hand", number),
        actor=LI,
        at=NOW,
        why=ByHandReason.AT_COUNTER,
        waives=waives,
        refer=refer,
    )


def proposal(person: WorkerFeatures, how: ByHand) -> Proposals:
    return Proposals(
        opening_id=OPENING,
        worker_ids=(person.id,),
        subject=person.id,
        posted_at=how.at,
        evaluated_at=how.at,
        by_hand=how,
    )


def only(made: Batch) -> Match:
    (found,) = [each for each in made.matches.values() if each is not None]
    return found


def propose(made: Batch, person: WorkerFeatures, how: ByHand) -> Batch:
    made.propose(proposal(person, how))
    return made


def test_it_names_its_author_and_reason_and_the_worker_is_to_be_told_as_of_any_other() -> None:
    found = only(propose(batch(opening(), [worker(1)]), worker(1), by_hand()))
    assert (found.state, found.assigned_to, found.round) == (MatchState.PROPOSED, None, 1)
    assert found.by_hand is not None
    assert (found.by_hand.actor, found.by_hand.why, found.by_hand.over) == (
        LI,
        ByHandReason.AT_COUNTER,
        "",
    )
    (change,) = found.changes
    assert (change.actor, change.why) == (LI, ByHandReason.AT_COUNTER)


def test_a_poor_score_is_the_clerks_decision_and_stays_when_the_pair_is_judged_again() -> None:
    poor = worker(1, fit=0.05)
    made = propose(batch(opening(), [poor]), poor, by_hand())
    found = only(made)
    assert found.score < RULES.least_score
    again = batch(opening(), [poor], [found])
    again.propose(proposal(poor, by_hand()).model_copy(update={"by_hand": None}))
    assert again.records == []


def test_a_wish_that_the_worker_sets_aside_stays_aside_for_this_pair() -> None:
    person = worker(1)
    assert not propose(batch(FAR, [person]), person, by_hand()).records
    found = only(propose(batch(FAR, [person]), person, by_hand(Wish.PLACE)))
    assert found.state is MatchState.PROPOSED
    again = batch(FAR, [person], [found])
    again.propose(proposal(person, by_hand()).model_copy(update={"by_hand": None}))
    assert again.records == []
    asking = replace(person, currency="CNY", wage_floor=9_000.0)
    poorer = batch(replace(FAR, currency="CNY", wage_high=5_000.0), [asking], [found])
    poorer.propose(proposal(asking, by_hand()).model_copy(update={"by_hand": None}))
    assert only(poorer).cause == "wage", "another wish was not set aside"


@pytest.mark.parametrize(
    "work",
    [
        replace(opening(), active=False),
        replace(opening(), active=False, paused=True),
        replace(opening(), last_day=1),
        replace(opening(), licences=["电工证"]),
    ],
    ids=["closed", "paused", "expired", "licence"],
)
def test_nothing_is_proposed_for_an_opening_that_is_not_open_or_a_missing_licence(
    work: OpeningFeatures,
) -> None:
    person = worker(1)
    made = propose(batch(work, [person]), person, by_hand(*Wish, refer=True))
    assert (made.records, made.held_back) == ([], {"by_hand": 1})


def test_nor_for_a_worker_who_looks_for_no_work_or_was_erased_or_a_reached_headcount() -> None:
    resting = replace(worker(1), active=False)
    assert not propose(batch(opening(), [resting]), resting, by_hand(*Wish)).records
    assert not propose(batch(opening(), []), worker(1), by_hand(*Wish)).records
    full = batch(opening(), [worker(1)])
    full._placed[OPENING] = 1
    assert not propose(full, worker(1), by_hand()).records


def test_it_may_exceed_a_limit_of_the_day_which_it_names_and_counts_for() -> None:
    person = worker(1)
    made = batch(opening(), [person], sent={person.id: 5})
    found = only(propose(made, person, by_hand()))
    assert found.by_hand is not None
    assert found.by_hand.over == "worker"
    assert made._day.workers[person.id] == 6


def test_to_refer_at_once_claims_and_refers_in_the_authors_name() -> None:
    found = only(propose(batch(opening(), [worker(1)]), worker(1), by_hand(refer=True)))
    assert (found.state, found.assigned_to, found.referred_at) == (MatchState.REFERRED, "li", NOW)
    assert [(each.kind, each.actor, each.outcome) for each in found.history] == [
        (ActionKind.CLAIM, LI, Outcome.ACCEPTED),
        (ActionKind.REFER, LI, Outcome.ACCEPTED),
    ]


def test_every_record_of_it_is_published_so_that_nobody_misses_the_proposal() -> None:
    made = propose(batch(opening(), [worker(1)]), worker(1), by_hand(refer=True))
    assert [orjson.loads(each.value or b"{}")["state"] for each in made.records] == [
        MatchState.PROPOSED,
        MatchState.CLAIMED,
        MatchState.REFERRED,
    ]


@given(refer=st.booleans(), times=st.integers(2, 4))
def test_however_often_it_is_delivered_it_happens_once(refer: bool, times: int) -> None:
    """A kill between any two steps repeats the event on the state that was written."""
    person, how = worker(1), by_hand(refer=refer)
    once = only(propose(batch(opening(), [person]), person, how))
    made = batch(opening(), [person], [once])
    for _ in range(times):
        propose(made, person, how)
    assert (made.records, only(made)) == ([], once)


def test_one_delivered_again_after_its_pair_expired_does_not_propose_it_again() -> None:
    person, how = worker(1), by_hand()
    made = propose(batch(opening(), [person]), person, how)
    closed = batch(replace(opening(), active=False), [person], [only(made)])
    propose(closed, person, how)
    assert only(closed).state is MatchState.EXPIRED
    reopened = batch(opening(), [person], [only(closed)])
    assert not propose(reopened, person, how).records
    assert only(propose(reopened, person, by_hand(number="2"))).round == 2


def test_a_later_round_of_the_match_stage_is_no_longer_by_hand() -> None:
    person = worker(1)
    made = propose(batch(opening(), [person]), person, by_hand())
    closed = batch(replace(opening(), active=False), [person], [only(made)])
    ordinary = proposal(person, by_hand()).model_copy(update={"by_hand": None})
    closed.propose(ordinary)
    reopened = batch(opening(), [person], [only(closed)])
    reopened.propose(ordinary.model_copy(update={"evaluated_at": LATER}))
    found = only(reopened)
    assert (found.round, found.by_hand) == (2, None)
    assert [each.actor for each in found.changes] == [LI, None, None]


def test_a_pair_that_was_declined_is_not_proposed_again() -> None:
    person = worker(1)
    declined = only(propose(batch(opening(), [person]), person, by_hand())).model_copy(
        update={"state": MatchState.DECLINED, "declined_at": NOW}
    )
    made = propose(batch(opening(), [person], [declined]), person, by_hand(number="2"))
    assert only(made) == declined


def test_a_colleagues_hold_refuses_the_referral_and_says_so() -> None:
    person = worker(1)
    held = only(propose(batch(opening(), [person]), person, by_hand())).model_copy(
        update={"state": MatchState.CLAIMED, "assigned_to": "wang"}
    )
    made = propose(batch(opening(), [person], [held]), person, by_hand(refer=True, number="2"))
    found = only(made)
    assert (found.assigned_to, found.state) == ("wang", MatchState.CLAIMED)
    assert [each.why for each in found.refusals] == ["held"]


def test_an_older_stage_reads_the_event_as_an_ordinary_proposal() -> None:
    stored = proposal(worker(1), by_hand()).to_dict()
    del stored["byHand"]
    assert Proposals.from_stored(stored).by_hand is None
