"""Places at interview slots: no slot is overbooked, whatever happens in whatever order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from roost import ids
from roost.events.interview_slot import InterviewSlot
from roost.events.match import (
    ActionKind,
    Actor,
    ContactOutcome,
    DeclineReason,
    InterviewBy,
    Match,
    MatchAction,
    MatchState,
    Outcome,
    Role,
    WhyNot,
)
from roost.topics import MATCH_ACTIONS, MATCHES, SLOTS
from streams.queue.action_effects import apply_action
from streams.queue.slot_bookings import SlotBook, follow_slot
from streams.queue.slot_evidence import slots_of, uses_slots
from tests.made import a_match
from tests.unit.streams.test_actions import LI, NOW

A, S = ActionKind, MatchState
OPENING = ids.opening_id("t", "1")
DAY = timedelta(days=1)
BOSS = Actor(role=Role.EMPLOYER, id="works-hr")


def slot(
    name: str = "1", places: int = 1, at: datetime = NOW + DAY, **changes: Any
) -> InterviewSlot:
    return InterviewSlot(
        id=ids.slot_id(OPENING, "works", name),
        opening_id=OPENING,
        at=at,
        by=InterviewBy.IN_PERSON,
        places=places,
        arranged_at=changes.pop("arranged_at", NOW),
        changed_by=BOSS,
        **changes,
    )


def worker(number: int) -> str:
    return ids.worker_id("t", str(number))


def referred(number: int) -> Match:
    return a_match(OPENING, worker(number), NOW, state=S.REFERRED, referred_at=NOW)


def action(
    number: int, kind: ActionKind, after_s: float, by: Actor = LI, **more: Any
) -> MatchAction:
    return MatchAction(
        id=ids.derive("a", str(number), kind, str(after_s)),
        match_id=ids.match_id(OPENING, worker(number)),
        kind=kind,
        actor=by,
        at=NOW + timedelta(seconds=after_s),
        **more,
    )


def booked(match: Match, chosen: InterviewSlot, book: SlotBook, after_s: float = 1) -> Match:
    number = next(each for each in range(9) if worker(each) == match.worker_id)
    changed = apply_action(match, action(number, A.BOOK, after_s, slot_id=chosen.id), book)
    assert changed is not None
    book.note(match, changed)
    return changed


def test_the_second_of_two_at_one_place_is_refused_and_a_free_one_is_taken() -> None:
    one, two = slot("1"), slot("2", places=2)
    book = SlotBook({one.id: one, two.id: two})
    first, second = booked(referred(1), one, book), booked(referred(2), one, book)
    assert (first.state, first.slot_id, first.interview_at) == (S.INTERVIEWED, one.id, one.at)
    assert (second.state, second.refusals[-1].why) == (S.REFERRED, WhyNot.SLOT_FULL)
    moved = booked(first, two, book, 2)
    assert (moved.slot_id, moved.interviews) == (two.id, 2)
    assert booked(second, one, book, 3).slot_id == one.id, "the first has given its place up"


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        (slot("gone"), WhyNot.SLOT_GONE),
        (slot("over", at=NOW), WhyNot.SLOT_GONE),
        (slot("other").model_copy(update={"opening_id": ids.opening_id("t", "2")}), "slot_gone"),
    ],
)
def test_a_slot_that_is_not_offered_cannot_be_chosen(chosen: InterviewSlot, why: str) -> None:
    book = SlotBook({} if chosen == slot("gone") else {chosen.id: chosen})
    assert booked(referred(1), chosen, book).refusals[-1].why == why


def test_a_repeat_is_the_same_booking_and_the_same_slot_is_not_chosen_twice() -> None:
    one = slot()
    book = SlotBook({one.id: one})
    first = booked(referred(1), one, book)
    assert apply_action(first, action(1, A.BOOK, 1, slot_id=one.id), book) is None
    assert booked(first, one, book, 5).refusals[-1].why == WhyNot.ALREADY


@pytest.mark.parametrize("kind", [A.DECLINE, A.PLACE, A.INTERVIEW, A.UNDO])
def test_the_place_is_free_again_when_the_interview_by_it_ends(kind: ActionKind) -> None:
    one = slot()
    book = SlotBook({one.id: one})
    first = booked(referred(1), one, book)
    reason = {"reason": DeclineReason.WAGE} if kind is A.DECLINE else {}
    ended = apply_action(first, action(1, kind, 9, **reason), book)
    assert ended is not None
    book.note(first, ended)
    assert book.holders(one.id) == []
    assert booked(referred(2), one, book, 10).slot_id == one.id


def test_an_undone_end_gets_its_place_back_only_while_it_is_free() -> None:
    one = slot()
    for taken in (False, True):
        book = SlotBook({one.id: one})
        first = booked(referred(1), one, book)
        ended = apply_action(first, action(1, A.DECLINE, 5, reason=DeclineReason.WAGE), book)
        assert ended is not None
        book.note(first, ended)
        if taken:
            booked(referred(2), one, book, 6)
        back = apply_action(ended, action(1, A.UNDO, 8), book)
        assert back is not None
        expected = (S.REFERRED, None, None) if taken else (S.INTERVIEWED, one.id, one.at)
        assert (back.state, back.slot_id, back.interview_at) == expected


def test_a_moved_slot_moves_everybody_once_and_other_places_move_nobody() -> None:
    one = slot(places=2)
    book = SlotBook({one.id: one})
    first = booked(referred(1), one, book)
    more = one.model_copy(update={"places": 5})
    assert follow_slot(first, more, NOW) is None
    later = one.model_copy(update={"at": NOW + 2 * DAY, "arranged_at": NOW + timedelta(minutes=1)})
    moved = follow_slot(first, later, NOW + timedelta(minutes=1))
    assert moved is not None
    assert (moved.interview_at, moved.interviews, moved.slot_id) == (later.at, 2, one.id)
    assert moved.changes[-1].kind == "slot_moved"
    assert follow_slot(moved, later, NOW + timedelta(minutes=2)) is None, "a repeat changes nothing"


def test_a_cancelled_slot_ends_the_interviews_ahead_and_none_that_took_place() -> None:
    one = slot()
    first = booked(referred(1), one, SlotBook({one.id: one}))
    ended = follow_slot(first, None, NOW + timedelta(hours=1))
    assert ended is not None
    assert (ended.state, ended.slot_id, ended.booking) == (S.REFERRED, None, None)
    assert follow_slot(ended, None, NOW + timedelta(hours=2)) is None
    assert follow_slot(first, None, one.at + timedelta(minutes=1)) is None
    assert follow_slot(referred(2), None, NOW) is None


def test_a_slot_has_the_partition_of_its_opening_and_matches() -> None:
    match = ids.match_id(OPENING, worker(1))
    assert SLOTS.partition_of(slot().id) == MATCHES.partition_of(match)
    assert SLOTS.partition_of(slot().id) == MATCH_ACTIONS.partition_of(match)
    assert ids.opening_of_slot(slot().id) == OPENING
    with pytest.raises(ValueError, match="not the id of an interview slot"):
        ids.opening_of_slot(match)


def test_the_slots_of_a_batch_are_those_chosen_and_those_that_an_undo_restores() -> None:
    one = slot()
    held = booked(referred(1), one, SlotBook({one.id: one}))
    ended = apply_action(held, action(1, A.DECLINE, 5, reason=DeclineReason.WAGE))
    assert ended is not None
    choice = action(2, A.BOOK, 7, slot_id=slot("2").id)
    undo = action(1, A.UNDO, 6)
    assert slots_of([choice, undo], [ended]) == sorted([one.id, slot("2").id])
    assert uses_slots([undo])
    assert not uses_slots([action(1, A.CONTACT, 1, contact=ContactOutcome.REACHED)])


class Slots(RuleBasedStateMachine):
    """Five people, three slots; every decision as the queue stage takes it, one after another."""

    def __init__(self) -> None:
        super().__init__()
        self.tick = 0
        self.slots = {each.id: each for each in (slot("1"), slot("2"), slot("3", places=2))}
        self.matches = {number: referred(number) for number in range(5)}
        self.done: list[tuple[int, MatchAction]] = []

    def book(self) -> SlotBook:
        return SlotBook(self.slots, self.matches.values())

    def decide(self, number: int, taken: MatchAction) -> None:
        before = self.matches[number]
        self.matches[number] = apply_action(before, taken, self.book()) or before
        self.done.append((number, taken))

    @rule(
        number=st.integers(0, 4),
        kind=st.sampled_from([A.BOOK, A.BOOK, A.DECLINE, A.UNDO, A.INTERVIEW, A.PLACE]),
        which=st.integers(0, 3),
    )
    def act(self, number: int, kind: ActionKind, which: int) -> None:
        self.tick += 1
        ids_ = [*sorted(self.slots), slot("unknown").id]
        more: dict[str, Any] = {"reason": DeclineReason.WAGE} if kind is A.DECLINE else {}
        if kind is A.BOOK:
            more = {"slot_id": ids_[which % len(ids_)]}
        self.decide(number, action(number, kind, self.tick, **more))

    @rule(which=st.integers(0, 50))
    def an_action_again(self, which: int) -> None:
        if self.done:
            before = dict(self.matches)
            number, taken = self.done[which % len(self.done)]
            self.decide(number, taken)
            assert self.matches == before

    @rule(which=st.integers(0, 2), cancel=st.booleans())
    def change_a_slot(self, which: int, cancel: bool) -> None:
        if len(self.slots) <= which:
            return
        self.tick += 1
        at, id = NOW + timedelta(seconds=self.tick), sorted(self.slots)[which]
        if cancel:
            del self.slots[id]
        else:
            moved = {"at": NOW + DAY + timedelta(minutes=self.tick), "arranged_at": at}
            self.slots[id] = self.slots[id].model_copy(update=moved)
        for number, match in self.matches.items():
            if match.slot_id == id:
                self.matches[number] = follow_slot(match, self.slots.get(id), at) or match
                assert follow_slot(self.matches[number], self.slots.get(id), at) is None

    @invariant()
    def no_slot_is_overbooked(self) -> None:
        for id, each in self.slots.items():
            assert sum(match.slot_id == id for match in self.matches.values()) <= each.places

    @invariant()
    def every_booking_is_at_a_slot_and_at_its_time(self) -> None:
        for match in self.matches.values():
            if match.slot_id is not None:
                assert match.interview_at == self.slots[match.slot_id].at
            accepted = [each for each in match.history if each.outcome is Outcome.ACCEPTED]
            assert len(accepted) == len(match.history)


Slots.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestSlots = Slots.TestCase
