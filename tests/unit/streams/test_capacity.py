"""Places and daily shares in the stages' pure parts: proposed, held back, matched again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bench.flood import ANY_OPENING
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.ranking import evaluate
from roost import ids
from roost.constraints.needs import ANY_CURRENCY
from roost.events.match import (
    ActionKind,
    Actor,
    DeclineReason,
    Match,
    MatchAction,
    MatchState,
    Proposals,
)
from roost.events.searchable import EntityKind
from roost.rules.capacity import Capacity
from roost.time.clock import start_of_day
from roost.views.remembered import Versioned
from streams.match.candidates import Candidates
from streams.notify.rules import notifications_for
from streams.queue.batch import Batch
from streams.queue.batch_evidence import Evidence, QueueRules
from streams.views.counts import MatchCounts

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
RULES = QueueRules(35.0, Capacity())
OPENING = ids.opening_id("t", "1")


def opening(headcount: int = 1, active: bool = True, id: str = OPENING) -> OpeningFeatures:
    return replace(
        ANY_OPENING,
        id=id,
        version=7,
        active=active,
        title={"焊工": 1.0},
        title_words="焊工",
        places=["x:1", "x"],
        point=(30.0, 110.0),
        headcount=headcount,
    )


def worker(number: int, fit: float = 1.0) -> WorkerFeatures:
    return WorkerFeatures(
        id=ids.worker_id("t", str(number)),
        version=3,
        active=True,
        vector="",
        wanted=[{"焊工": fit}],
        wanted_words=["焊工"],
        skills=[],
        licences=[],
        currency=ANY_CURRENCY,
        wage_floor=0.0,
        places=["x:1", "x"],
        point=(30.0, 110.0),
        home=[],
        home_point=None,
        willing=["x:1"],
        radius_km=None,
        near_home_only=False,
        available_from=0,
        shifts=[],
        needs_lodging=False,
        experience=0,
        education=0,
        boost=False,
    )


def batch(
    work: OpeningFeatures,
    people: Sequence[WorkerFeatures],
    matches: Sequence[Match] = (),
    sent: dict[str, int] | None = None,
    rules: QueueRules = RULES,
) -> Batch:
    """Return a batch on a view that holds these matches."""
    active = sum(match.state.active for match in matches)
    placed = sum(match.state is MatchState.PLACED for match in matches)
    evidence = Evidence(
        openings={work.id: Versioned(7, work)},
        workers={each.id: Versioned(3, each) for each in people},
        matches={match.id: match for match in matches},
        counts=MatchCounts({work.id: active}, {work.id: placed}, sent or {}),
        since=MIDNIGHT,
        stations=(),
        model="m",
    )
    return Batch(rules, evidence, NOW, TODAY)


def proposals(
    people: Sequence[WorkerFeatures], subject: str = OPENING, at: datetime = NOW
) -> Proposals:
    return Proposals(
        opening_id=OPENING,
        worker_ids=tuple(each.id for each in people),
        subject=subject,
        posted_at=at,
        evaluated_at=at,
    )


def standing(made: Batch, state: MatchState = MatchState.PROPOSED) -> list[str]:
    return [match.worker_id for match in made.matches.values() if match and match.state is state]


def told_of_opening(
    people: Sequence[WorkerFeatures], work: OpeningFeatures | None = None
) -> list[Match]:
    made = batch(work or opening(), people)
    made.propose(proposals(people))
    return [match for match in made.matches.values() if match]


def action(match: Match, kind: ActionKind) -> MatchAction:
    return MatchAction(
        id=ids.derive("a", match.id, kind),
        match_id=match.id,
        kind=kind,
        actor=Actor(id="li"),
        at=NOW + timedelta(minutes=5),
        reason=DeclineReason.OTHER if kind is ActionKind.DECLINE else None,
    )


def in_state(match: Match, state: MatchState, **changes: object) -> Match:
    return match.model_copy(update={"state": state, **changes})


def test_an_opening_for_one_is_offered_to_the_best_three_of_many() -> None:
    people = [worker(number, fit=1 - number / 50) for number in range(20)]
    made = batch(opening(), people)
    made.propose(proposals(list(reversed(people))))
    assert set(standing(made)) == {each.id for each in people[:3]}
    assert made.held_back == {"opening": 17}
    assert made.again == [], "it is full: nothing to look for"


def test_new_matches_are_published_by_id_so_that_versions_show_no_order_of_scores() -> None:
    people = [worker(number, fit=1 - number / 50) for number in range(12)]
    made = batch(opening(headcount=4), people)
    made.propose(proposals(people))
    keys = [each.key for each in made.records]
    assert len(keys) == 12
    assert keys == sorted(keys)


def test_the_priority_alone_makes_no_match_of_a_pair_below_the_least_score() -> None:
    shop = replace(opening(), workplace="workshop")
    registered = replace(worker(1, fit=0.34), boost=True)
    found = evaluate(shop, registered, TODAY)
    assert found.unboosted < RULES.least_score <= found.score
    made = batch(shop, [registered])
    made.propose(proposals([registered]))
    assert made.records == []


def test_a_worker_whose_share_is_used_up_is_held_back_and_the_opening_matched_again() -> None:
    people = [worker(1), worker(2)]
    made = batch(opening(), people, sent={people[0].id: 5})
    made.propose(proposals(people))
    assert standing(made) == [people[1].id]
    assert [(each.kind, each.id, each.version) for each in made.again] == [
        (EntityKind.OPENING, OPENING, 7)
    ]


def test_a_worker_too_late_for_a_place_is_matched_again_to_find_another() -> None:
    there, late = [worker(number) for number in range(3)], worker(4)
    matches = told_of_opening(there)
    made = batch(opening(), [*there, late], matches)
    made.propose(proposals([late], subject=late.id))
    assert made.records == [], "who has been told keeps the place, even before a better one"
    assert [(each.kind, each.id) for each in made.again] == [(EntityKind.PROFILE, late.id)]


def test_a_decline_frees_a_place_and_says_so_every_time_it_is_delivered() -> None:
    people = [worker(number) for number in range(3)]
    matches = told_of_opening(people)
    decline = action(matches[0], ActionKind.DECLINE)
    first = batch(opening(), people, matches)
    first.act(decline)
    assert standing(first, MatchState.DECLINED) == [matches[0].worker_id]
    assert [each.id for each in first.again] == [OPENING]
    repeated = batch(opening(), people, [each for each in first.matches.values() if each])
    repeated.act(decline)
    assert repeated.records == []
    assert [each.id for each in repeated.again] == [OPENING]


def erase(*matches: Match) -> Batch:
    """Erase the worker of the first of these matches of one opening."""
    work, gone = opening(), matches[0].worker_id
    evidence = Evidence(
        openings={work.id: Versioned(7, work)},
        workers={gone: Versioned(4, None)},
        matches={match.id: match for match in matches},
        counts=MatchCounts(
            placed={work.id: sum(each.state is MatchState.PLACED for each in matches)}
        ),
        since=MIDNIGHT,
        stations=(),
        model="m",
    )
    made = Batch(RULES, evidence, NOW, TODAY)
    made.propose(proposals([worker(1)]))
    return made


@pytest.mark.parametrize("state", MatchState)
def test_of_an_erased_worker_no_match_is_left_whatever_its_state(state: MatchState) -> None:
    (match,) = told_of_opening([worker(1)])
    made = erase(in_state(match, state, station_id=ids.station_id("1"), assigned_to="li"))
    assert made.matches[match.id] is None
    assert made.records[-1].key == match.id
    assert made.records[-1].value is None
    left = [each for each in made.matches.values() if each]
    assert len(left) == (state is MatchState.PLACED)
    assert all(match.worker_id not in each.model_dump_json() for each in left)


def test_a_place_taken_by_somebody_who_is_erased_stays_taken_and_nobody_is_told() -> None:
    (match,) = told_of_opening([worker(1)])
    made = erase(in_state(match, MatchState.PLACED))
    (left,) = [each for each in made.matches.values() if each]
    assert (left.state, left.reasons, left.history, left.station_id) == ("placed", (), (), None)
    assert list(notifications_for(left)) == []
    assert made.again == [], "no place to fill"
    # Repeated after a kill it is the same match: the place is not taken twice.
    repeated = erase(in_state(match, MatchState.PLACED), left)
    assert {each.id for each in repeated.matches.values() if each} == {left.id}


def test_of_a_worker_who_is_erased_every_match_is_judged_again() -> None:
    found = Candidates(MIDNIGHT)
    columns = {"worker_id": worker(1).id, "proposed_at": "2026-11-23T08:00:00.000Z"}
    openings = {ids.opening_id("t", state): state for state in MatchState}
    for id, state in openings.items():
        found.add_existing(worker(1).id, columns | {"opening_id": id, "state": state}, erased=True)
    chosen = found.assign(MatchCounts(), Capacity()).by_subject[worker(1).id]
    assert chosen == {id: [worker(1).id] for id in openings}


def test_a_declined_pair_is_never_proposed_again() -> None:
    people = [worker(1)]
    (match,) = told_of_opening(people)
    made = batch(opening(), people, [in_state(match, MatchState.DECLINED)])
    made.propose(proposals(people))
    assert made.records == []


def test_when_the_headcount_is_reached_what_nobody_works_on_is_withdrawn_and_nobody_is_new() -> (
    None
):
    people = [worker(number) for number in range(4)]
    first, second, third = told_of_opening(people[:3])
    matches = [
        in_state(first, MatchState.PLACED),
        in_state(second, MatchState.CONTACTED, assigned_to="li"),
        third,
    ]
    made = batch(opening(), people, matches)
    made.propose(proposals(people))
    assert standing(made, MatchState.CONTACTED) == [second.worker_id]
    gone = made.matches[third.id]
    assert gone is not None
    assert (gone.state, gone.cause) == (MatchState.EXPIRED, "headcount")
    assert ids.match_id(OPENING, people[3].id) not in made.matches


def test_a_placement_matches_again_so_that_the_rest_is_withdrawn() -> None:
    people = [worker(1), worker(2)]
    first, second = told_of_opening(people)
    contacted = in_state(first, MatchState.CONTACTED, assigned_to="li")
    made = batch(opening(), people, [contacted, second])
    made.act(action(contacted, ActionKind.PLACE))
    assert [each.id for each in made.again] == [OPENING]


def test_of_a_closed_opening_withdrawals_are_no_reason_to_match_again() -> None:
    people = [worker(1), worker(2)]
    matches = told_of_opening(people)
    made = batch(opening(active=False), people, matches)
    made.propose(proposals(people))
    assert len(standing(made, MatchState.EXPIRED)) == 2
    assert made.again == []


def test_a_withdrawal_whose_news_a_kill_swallowed_is_told_by_the_repeat() -> None:
    gone = worker(1, fit=0.1)
    (match,) = told_of_opening([worker(1)])
    later = proposals([gone], at=NOW + timedelta(hours=1))
    first = batch(opening(), [gone], [match])
    first.propose(later)
    withdrawn = [each for each in first.matches.values() if each]
    repeated = batch(opening(), [gone], withdrawn)
    repeated.propose(later)
    assert [each.id for each in first.again] == [each.id for each in repeated.again] == [OPENING]
    # Another event about the same pair is no repeat: otherwise the stages would loop for ever.
    another = batch(opening(), [gone], withdrawn)
    another.propose(proposals([gone], at=NOW + timedelta(hours=2)))
    assert another.again == []


def test_who_was_told_today_and_withdrawn_comes_back_first_and_needs_no_second_share() -> None:
    people = [worker(1, fit=0.8), *(worker(number) for number in range(2, 6))]
    (match,) = told_of_opening(people[:1])
    made = batch(opening(), people, [in_state(match, MatchState.EXPIRED)], {people[0].id: 5})
    made.propose(proposals(people))
    assert people[0].id in standing(made)
    assert len(standing(made)) == 3


def found(work: OpeningFeatures, people: Sequence[WorkerFeatures], **known: str) -> Candidates:
    """Return the candidates of one opening; `known` holds states of matches with `w<number>`."""
    made = Candidates(MIDNIGHT)
    for name, state in known.items():
        columns = {
            "opening_id": work.id,
            "worker_id": ids.worker_id("t", name[1:]),
            "state": state,
            "proposed_at": "2026-11-23T08:00:00.000Z",
        }
        made.add_existing(work.id, columns)
    for each in people:
        made.add(work.id, work, each.id, 50.0)
    return made


def test_standing_matches_take_places_and_ended_ones_are_not_proposed() -> None:
    people = [worker(number) for number in range(1, 8)]
    made = found(opening(), people, w1="proposed", w2="declined")
    chosen = made.assign(MatchCounts(active={OPENING: 1}), Capacity()).by_subject[OPENING][OPENING]
    assert people[0].id in chosen, "judged again"
    assert people[1].id not in chosen
    assert len(chosen) == 3


def test_who_was_told_today_is_chosen_before_anybody_new() -> None:
    people = [worker(number) for number in range(1, 8)]
    spent = MatchCounts(sent={people[4].id: 5})
    chosen = (
        found(opening(), people, w5="expired")
        .assign(spent, Capacity())
        .by_subject[OPENING][OPENING]
    )
    assert people[4].id in chosen
    assert len(chosen) == 3


def test_nobody_is_looked_for_when_the_headcount_is_reached() -> None:
    made = found(opening(headcount=2), [worker(1), worker(2), worker(3)], w1="placed", w2="placed")
    assert made.assign(MatchCounts(placed={OPENING: 2}), Capacity()).by_subject == {}


def test_a_batch_of_workers_shares_the_places_of_an_opening() -> None:
    made = Candidates(MIDNIGHT)
    for number in range(10):
        made.add(worker(number).id, opening(), worker(number).id, 50.0 + number)
    chosen = made.assign(MatchCounts(), Capacity()).by_subject
    assert set(chosen) == {worker(number).id for number in (7, 8, 9)}


def test_the_day_begins_where_the_people_are() -> None:
    evening = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    began = start_of_day(evening, ZoneInfo("Asia/Shanghai"))
    assert began.astimezone(UTC) == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
