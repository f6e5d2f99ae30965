"""A pause of an opening keeps its matches, tells those involved, and stops no clock unnoticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from matcher import ranking
from matcher.features import OpeningFeatures
from matcher.ranking import Evaluation
from roost import ids
from roost.events.match import ActionKind, ChangeKind, Match, MatchState
from roost.events.notification import Notification, NotificationKind, Recipient, RecipientKind
from streams.deliver.planning import awaited, obstacle
from streams.notify.rules import notifications_for
from streams.queue.action_effects import apply_action
from streams.queue.deadlines import with_deadlines
from streams.queue.lifecycle import Judgement, judge
from streams.queue.match_documents import moments
from tests.made import a_match
from tests.unit.roost.test_station_hours import CHINA
from tests.unit.streams.test_capacity import TODAY, batch, opening, proposals, worker
from tests.unit.streams.test_deadlines import TARGETS
from tests.unit.streams.test_lifecycle import action
from tests.unit.streams.test_planning import KNOWN

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPENING, WORKER, STATION = ids.opening_id("t", "1"), ids.worker_id("t", "1"), ids.station_id("s")
S, C, K = MatchState, ChangeKind, NotificationKind
IN_PROGRESS = (S.CLAIMED, S.CONTACTED, S.REFERRED, S.INTERVIEWED)


def judgement(minutes: int, version: int, *, paused: bool = False, obstacle: str = "") -> Judgement:
    at = NOW + timedelta(minutes=minutes)
    return Judgement(
        evaluation=Evaluation(obstacle, 80.0, 80.0, 0.8, 0.8, paused=paused),
        opening_version=version,
        profile_version=1,
        station_id=STATION,
        model="m/1",
        posted_at=at,
        evaluated_at=at,
        least_score=35.0,
    )


def match(state: MatchState = S.PROPOSED, **changes: Any) -> Match:
    held = {} if state is S.PROPOSED else {"assigned_to": "li", "claimed_at": NOW}
    at = {"station_id": STATION, "state": state}
    return a_match(OPENING, WORKER, NOW, **at | held | changes)


def judged(before: Match, *steps: Judgement) -> Match:
    for step in steps:
        after = judge(before, OPENING, WORKER, step)
        assert after is not None
        before = after
    return before


def paused(state: MatchState = S.PROPOSED, **changes: Any) -> Match:
    return judged(match(state, **changes), judgement(10, 2, paused=True))


def resumed(state: MatchState = S.PROPOSED) -> Match:
    return judged(paused(state), judgement(20, 3))


def told(match: Match) -> set[tuple[str, str]]:
    kinds = (K.OPENING_PAUSED, K.OPENING_RESUMED)
    return {
        (each.recipient.kind.value, each.kind.value)
        for each in notifications_for(match)
        if each.kind in kinds
    }


@pytest.mark.parametrize("state", [S.PROPOSED, *IN_PROGRESS])
def test_a_pause_keeps_a_match_and_its_end_continues_it(state: MatchState) -> None:
    before = match(state)
    during = judged(before, judgement(10, 2, paused=True))
    after = judged(during, judgement(20, 3))
    assert during.paused
    assert not after.paused
    assert during.progress == after.progress == before.progress
    assert after.round == before.round == 1


def test_a_repeated_evaluation_of_a_paused_match_changes_nothing() -> None:
    assert judge(paused(), OPENING, WORKER, judgement(11, 2, paused=True)) is None
    assert judge(resumed(), OPENING, WORKER, judgement(21, 3)) is None


def test_nothing_is_proposed_for_a_paused_opening() -> None:
    assert judge(None, OPENING, WORKER, judgement(0, 1, paused=True)) is None
    gone = judged(match(), judgement(1, 2, obstacle="wage"))
    assert judge(gone, OPENING, WORKER, judgement(2, 3, paused=True)) is None


def test_what_ends_a_match_ends_it_while_it_is_paused() -> None:
    gone = judged(paused(S.INTERVIEWED), judgement(20, 3, obstacle="closed"))
    assert (gone.state, gone.cause, gone.paused) == (S.EXPIRED, "closed", False)
    again = judged(gone, judgement(30, 4))
    assert (again.state, again.pause, again.rested_s) == (S.PROPOSED, None, 0)


def test_every_change_is_recorded_in_its_order() -> None:
    made = judge(None, OPENING, WORKER, judgement(0, 1))
    assert made is not None
    late = made.model_copy(update={"changed_at": NOW + timedelta(minutes=15)})  # by a person
    end = judged(
        late,
        judgement(10, 2, paused=True),
        judgement(20, 3),
        judgement(30, 4, obstacle="closed"),
        judgement(40, 5),
    )
    assert [each.kind for each in end.changes] == [
        C.PROPOSED,
        C.PAUSED,
        C.RESUMED,
        C.EXPIRED,
        C.PROPOSED,
    ]
    assert [each.cause for each in end.changes] == ["", "", "", "closed", ""]
    times = [each.at for each in end.changes]
    assert times == sorted(times)
    assert times[1] == late.changed_at


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (S.PROPOSED, {"worker"}),
        *((state, {"worker", "station"}) for state in IN_PROGRESS),
    ],
)
def test_a_pause_and_its_end_are_told_to_those_involved(
    state: MatchState, expected: set[str]
) -> None:
    assert told(paused(state)) == {(who, "opening_paused") for who in expected}
    assert told(resumed(state)) == {(who, "opening_resumed") for who in expected}


def test_later_records_of_a_paused_match_tell_nothing_again() -> None:
    claimed = apply_action(paused(), action(ActionKind.CLAIM, n=30))
    assert claimed is not None
    assert claimed.paused
    assert told(claimed) == set()
    assert told(judged(resumed(), judgement(30, 4, obstacle="closed"))) == set()


def test_a_station_is_told_once_of_all_its_matches_of_an_opening() -> None:
    other = a_match(OPENING, ids.worker_id("t", "2"), NOW, station_id=STATION, state=S.CLAIMED)
    other = other.model_copy(update={"assigned_to": "wang"})
    found = [
        each.id
        for one in (paused(S.CLAIMED), judged(other, judgement(10, 2, paused=True)))
        for each in notifications_for(one)
        if each.kind is K.OPENING_PAUSED and each.recipient.kind is RecipientKind.STATION
    ]
    assert len(found) == 2
    assert len(set(found)) == 1


def test_an_opening_paused_all_day_tells_of_two_pauses() -> None:
    found = match(S.CLAIMED)
    counts = []
    for again in range(4):
        made = judged(found, judgement(10 + again * 10, 2 + again * 2, paused=True))
        assert made.pause is not None
        made = made.model_copy(update={"pause": made.pause.model_copy(update={"again": again})})
        found = judged(made, judgement(15 + again * 10, 3 + again * 2))
        counts.append((len(told(made)), len(told(found))))
    assert counts == [(2, 2), (2, 2), (0, 0), (0, 0)]


def test_the_queue_counts_the_pauses_of_a_day() -> None:
    at = opening()
    known = decided(at, None, 0)
    found = []
    for number in range(3):
        known = decided(replace(at, active=False, paused=True), known, 2 * number + 1)
        found.append(known.pause.again if known.pause else None)
        known = decided(at, known, 2 * number + 2)
    assert found == [0, 1, 2]


def decided(at: OpeningFeatures, known: Match | None, minutes: int) -> Match:
    """Return the pair's match after a batch in which it is judged."""
    made = batch(at, [worker(1)], [known] if known else [])
    made.propose(proposals([worker(1)], at=NOW + timedelta(minutes=minutes)))
    (after,) = made.decided
    return after


def of_pause(kind: NotificationKind, version: int) -> Notification:
    return Notification(
        id=ids.notification_id(WORKER, ids.match_id(OPENING, WORKER), kind.value, version),
        recipient=Recipient(kind=RecipientKind.WORKER, id=WORKER),
        kind=kind,
        opening_id=OPENING,
        match_id=ids.match_id(OPENING, WORKER),
        version=version,
        caused_at=NOW,
    )


def seen(match: Match) -> Any:
    return replace(KNOWN, match={"active": match.state.active, "fact": match.to_dict()})


AGAIN = judgement(30, 4, paused=True)


@pytest.mark.parametrize(
    ("kind", "version", "match", "why"),
    [
        (K.OPENING_PAUSED, 2, paused(), ""),
        (K.OPENING_PAUSED, 2, resumed(), "the opening is resumed"),
        (K.OPENING_PAUSED, 2, judged(resumed(), AGAIN), "the opening is resumed"),
        (K.OPENING_RESUMED, 2, resumed(), ""),
        (K.OPENING_RESUMED, 2, judged(resumed(), AGAIN), "the opening is paused again"),
        (K.OPENING_PAUSED, 2, judged(paused(), judgement(30, 4, obstacle="closed")), "ended"),
        *(
            (kind, 2, judged(resumed(), judgement(30, 4, obstacle="closed"), judgement(40, 5)), end)
            for kind in (K.OPENING_PAUSED, K.OPENING_RESUMED)
            for end in ("the match has ended, and was proposed again",)
        ),
        (K.NEW_MATCH, 1, paused(), "the opening is paused"),
        (K.NEW_MATCH, 1, resumed(), ""),
    ],
)
def test_a_message_about_a_pause_is_sent_while_it_is_true(
    kind: NotificationKind, version: int, match: Match, why: str
) -> None:
    found = obstacle(of_pause(kind, version), seen(match))
    assert found.endswith(why) if why else found == ""


def test_a_message_about_a_pause_of_an_earlier_round_is_not_waited_for() -> None:
    """It was held overnight: the opening closed and opened again meanwhile."""
    again = judged(paused(), judgement(20, 3, obstacle="closed"), judgement(30, 4))
    for kind in (K.OPENING_PAUSED, K.OPENING_RESUMED):
        assert not awaited(of_pause(kind, 2), seen(again))


def test_a_message_about_a_pause_waits_for_the_view_of_the_match() -> None:
    assert awaited(of_pause(K.OPENING_PAUSED, 2), seen(match()))
    assert not awaited(of_pause(K.OPENING_PAUSED, 2), seen(paused()))
    assert awaited(of_pause(K.OPENING_RESUMED, 2), seen(paused()))
    assert not awaited(of_pause(K.OPENING_RESUMED, 2), seen(resumed()))


def dated(*versions: Match) -> Match:
    before = None
    for each in versions:
        before = with_deadlines(before, each, TARGETS, CHINA, None)
    assert before is not None
    return before


def carried(before: Match, step: Judgement) -> Match:
    """Return the match after an evaluation, with its deadlines."""
    return with_deadlines(before, judged(before, step), TARGETS, CHINA, None)


def test_the_targets_of_a_paused_match_rest_and_go_on_afterwards() -> None:
    # In China, 09:00 UTC is 17:00: an opening hour is left of the day.
    early = NOW - timedelta(hours=6)
    first = dated(a_match(OPENING, WORKER, early, station_id=STATION))
    rests = carried(first, replace(judgement(0, 2, paused=True), evaluated_at=early))
    assert (rests.act_by, rests.soon_at, rests.contact_due_at) == (None, None, None)
    assert "waits_from" not in moments(rests)
    back = carried(rests, replace(judgement(0, 3), evaluated_at=early + timedelta(hours=1)))
    assert back.contact_due_at is not None
    assert first.contact_due_at is not None
    assert back.rested_s > 0
    assert back.contact_due_at > first.contact_due_at
    assert moments(back)["waits_from"] == (early + timedelta(hours=1)).isoformat()


def test_an_agreed_interview_stays_due_while_the_opening_is_paused() -> None:
    at = NOW + timedelta(days=2)
    found = dated(paused(S.INTERVIEWED, interview_at=at, first_contact_at=NOW))
    assert found.act_by == at


def test_the_wait_for_a_first_contact_leaves_the_pause_out() -> None:
    early = NOW - timedelta(hours=6)
    hour = timedelta(hours=1)
    first = dated(a_match(OPENING, WORKER, early, station_id=STATION))
    rests = carried(first, replace(judgement(0, 2, paused=True), evaluated_at=early + hour / 2))
    back = carried(rests, replace(judgement(0, 3), evaluated_at=early + hour))
    contact = {"first_contact_at": early + 2 * hour, "state": S.CONTACTED}
    called = with_deadlines(back, back.model_copy(update=contact), TARGETS, CHINA, None)
    plain = with_deadlines(first, first.model_copy(update=contact), TARGETS, CHINA, None)
    assert plain.waited_s is not None
    assert called.waited_s == plain.waited_s - back.rested_s


def test_a_match_that_ends_during_a_pause_counts_the_pause_once() -> None:
    nine, hour = NOW - timedelta(hours=8), timedelta(hours=1)
    first = dated(a_match(OPENING, WORKER, nine, station_id=STATION))
    rests = carried(first, replace(judgement(0, 2, paused=True), evaluated_at=nine + hour))
    end = replace(judgement(0, 3, obstacle="closed"), evaluated_at=nine + 2 * hour)
    assert carried(first, end).waited_s == 2 * 3600
    assert carried(rests, end).waited_s == 3600


def test_an_undone_end_during_a_pause_adds_the_rest_once() -> None:
    two = NOW - timedelta(hours=3)
    first = dated(match(S.CLAIMED, proposed_at=two))
    rests = carried(first, replace(judgement(0, 2, paused=True), evaluated_at=two))
    for kind in (ActionKind.DECLINE, ActionKind.UNDO):
        acted = apply_action(rests, action(kind, n=30))
        assert acted is not None
        rests = with_deadlines(rests, acted, TARGETS, CHINA, None)
    assert rests.paused
    back = carried(rests, judgement(45, 3))
    assert back.pause is not None
    assert back.pause.resumed_at is not None
    assert back.rested_s == (back.pause.resumed_at - back.pause.at).total_seconds() > 0


def test_a_late_evaluation_dates_no_change_before_an_earlier_one() -> None:
    made = judge(None, OPENING, WORKER, judgement(30, 1))
    assert made is not None
    end = judged(made, judgement(10, 2, obstacle="wage"), judgement(20, 3))
    times = [each.at for each in end.changes]
    assert times == sorted(times)


def test_a_paused_opening_gets_no_new_workers_and_keeps_its_score() -> None:
    rests = replace(opening(), active=False, paused=True)
    assert ranking.rank(rests, [worker(1)], TODAY, 10, 0.0) == []
    found = ranking.evaluate(rests, worker(1), TODAY)
    assert (found.paused, found.eligible) == (True, True)
    assert found.score == ranking.evaluate(opening(), worker(1), TODAY).score
    ended = replace(rests, last_day=TODAY.toordinal() - 1)
    assert ranking.evaluate(ended, worker(1), TODAY).obstacle == "expired"


def test_a_batch_of_a_paused_opening_changes_the_matches_that_it_has() -> None:
    rests = replace(opening(2), active=False, paused=True)
    made = batch(rests, [worker(1), worker(2)], [decided(opening(2), None, 0)])
    made.propose(proposals([worker(1), worker(2)], at=NOW + timedelta(minutes=1)))
    assert [(each.worker_id, each.paused) for each in made.decided] == [(worker(1).id, True)]
    assert made.again == []
