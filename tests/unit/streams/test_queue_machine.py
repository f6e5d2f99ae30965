"""Random sequences of proposals, actions, repeats and erasures through the queue's batches.

The view is what the batches have written; every batch is decided on it as the queue stage does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from roost import ids
from roost.events.match import (
    ActionKind,
    Actor,
    DeclineReason,
    Match,
    MatchAction,
    MatchState,
    Outcome,
    Proposals,
    Role,
    WhyNot,
)
from roost.rules.allowed_actions import REASSIGNMENTS, UNDO_WITHIN
from roost.rules.capacity import Capacity
from roost.views.remembered import Versioned
from streams.queue.action_effects import apply_action
from streams.queue.batch import Batch
from streams.queue.batch_evidence import Evidence, QueueRules
from streams.views.counts import MatchCounts
from tests.unit.streams.test_capacity import MIDNIGHT, NOW, OPENING, TODAY, opening, worker

S = MatchState
CAPACITY = Capacity(per_place=2, least=1, most=3, worker_day=4)
RULES = QueueRules(35.0, CAPACITY)
FITS = (1.0, 0.8, 0.1)
ENDED = frozenset({S.PLACED, S.DECLINED})
ACTORS = (
    Actor(role=Role.CLERK, id="li"),
    Actor(role=Role.CLERK, id="wang"),
    Actor(role=Role.CHIEF, id="zhao"),
    Actor(role=Role.WORKER, id="somebody"),
    Actor(role=Role.EMPLOYER, id="works"),
)
numbers = st.integers(0, 4)
DOES_NOT_TAKE = {ActionKind.DECLINE, ActionKind.ACCEPT, ActionKind.UNDO}


class Queue(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.view: dict[str, Match] = {}
        self.work = opening(headcount=2)
        self.people = {each.id: each for each in (worker(number) for number in range(5))}
        self.erased: set[str] = set()
        self.done: list[Proposals | MatchAction] = []
        self.holders: dict[str, str] = {}
        """Current holder of each claimed match."""
        self.befores: dict[str, tuple[MatchAction, Match]] = {}
        """The last accepted action on a match, and the match before it."""
        self.tick = 0

    def now(self) -> datetime:
        self.tick += 1
        return NOW + timedelta(seconds=self.tick)

    def active(self) -> int:
        return sum(match.state.active for match in self.view.values())

    def placed(self) -> int:
        return sum(match.state is S.PLACED for match in self.view.values())

    def batch(self, events: Sequence[Proposals | MatchAction]) -> Batch:
        """Decide on the current view, and write the result to it."""
        sent = Counter(each.worker_id for each in self.view.values() if not each.nameless)
        evidence = Evidence(
            openings={OPENING: Versioned(1, self.work)},
            workers={
                **{id: Versioned(1, each) for id, each in self.people.items()},
                **{id: Versioned(2, None) for id in self.erased},
            },
            matches=dict(self.view),
            counts=MatchCounts({OPENING: self.active()}, {OPENING: self.placed()}, sent),
            since=MIDNIGHT,
            stations=(),
            model="m",
        )
        made = Batch(RULES, evidence, NOW, TODAY)
        for event in events:
            made.propose(event) if isinstance(event, Proposals) else made.act(event)
        before, self.view = self.view, {id: each for id, each in made.matches.items() if each}
        self._went_on(before)
        return made

    def _went_on(self, before: dict[str, Match]) -> None:
        for id, match in before.items():
            after = self.view.get(id)
            if after is None:
                assert match.worker_id in self.erased, "nothing else removes a match"
                continue
            assert after.revision >= match.revision
            assert (after.revision == match.revision) == (after == match)
            undone = self._undone(match, after)
            if match.state in ENDED and not undone:
                assert after.state is match.state
            if match.state is S.EXPIRED:
                assert after.state in {S.EXPIRED, S.PROPOSED}
                assert after.round == match.round + (after.state is S.PROPOSED)
            before_it = after.history[: len(match.history)]
            assert [each.action_id for each in before_it] == [
                each.action_id for each in match.history
            ]
            if not undone:
                assert before_it == match.history

    def _undone(self, before: Match, after: Match) -> bool:
        return any(
            each.kind is ActionKind.UNDO and each.outcome is Outcome.ACCEPTED
            for each in after.history[len(before.history) :]
        )

    def proposals(self, chosen: Sequence[int]) -> Proposals:
        at = self.now()
        who = tuple(dict.fromkeys(worker(number).id for number in chosen))
        return Proposals(
            opening_id=OPENING, worker_ids=who, subject=OPENING, posted_at=at, evaluated_at=at
        )

    def match_of(self, number: int) -> str:
        return ids.match_id(OPENING, worker(number).id)

    def action(self, number: int, kind: ActionKind, actor: Actor) -> MatchAction:
        at = self.now()
        reason = DeclineReason.WAGE if kind is ActionKind.DECLINE else None
        id = ids.derive("a", str(self.tick))
        match_id = self.match_of(number)
        assignee = "wang" if kind is ActionKind.ASSIGN else None
        slot_id = ids.slot_id(OPENING, "works", "cancelled") if kind is ActionKind.BOOK else None
        return MatchAction(
            id=id,
            match_id=match_id,
            kind=kind,
            actor=actor,
            at=at,
            reason=reason,
            assignee=assignee,
            slot_id=slot_id,
        )

    @initialize(headcount=st.integers(1, 3))
    def begin(self, headcount: int) -> None:
        self.work = opening(headcount=headcount)

    @rule(chosen=st.lists(numbers, min_size=1, max_size=5))
    def propose(self, chosen: list[int]) -> None:
        places, active = CAPACITY.places(self.work.headcount, self.placed()), self.active()
        event = self.proposals(chosen)
        self.done.append(event)
        self.batch([event])
        assert self.active() <= max(places, active), (
            "more proposals take no place that is not there"
        )

    @rule(
        number=numbers,
        kind=st.sampled_from([*ActionKind, ActionKind.CLAIM, ActionKind.CONTACT]),
        actor=st.sampled_from([*ACTORS, *ACTORS[:2]]),
    )
    def act(self, number: int, kind: ActionKind, actor: Actor) -> None:
        number = self._of_those_that_stand(number)
        event, id = self.action(number, kind, actor), self.match_of(number)
        before = self.view.get(id)
        self.done.append(event)
        made = self.batch([event])
        self._judge_what_was_revived(made)
        after = made.matches.get(id)
        if before is None:
            assert after is None
            assert made.refused == [event]
            return
        assert after is not None
        if after.refusals != before.refusals:
            assert after.history == before.history
            assert after.refusals[-1].action_id == event.id
            assert made.refused == [event]
            assert made.decided == []
            assert self._but_for_its_history(after) == self._but_for_its_history(before)
            return
        assert len(after.history) == min(len(before.history) + 1, 50)
        assert made.decided == [after]
        if kind is ActionKind.UNDO:
            self._is_as_it_was_before_the_actors_last(before, after, actor)
            return
        holder = self.holders.get(id)
        if actor.role is Role.CLERK or (actor.role is Role.CHIEF and kind not in REASSIGNMENTS):
            assert holder in (None, actor.id), "somebody else has it"
        if kind is ActionKind.CLAIM:
            assert holder is None
        self.befores[id] = (event, before)
        self._takes(id, event)

    def _takes(self, id: str, action: MatchAction) -> None:
        if action.kind is ActionKind.RELEASE:
            self.holders.pop(id, None)
        elif action.kind is ActionKind.ASSIGN:
            self.holders[id] = "wang"
        elif action.actor.role.staff and action.kind not in DOES_NOT_TAKE:
            self.holders[id] = action.actor.id

    def _is_as_it_was_before_the_actors_last(
        self, match: Match, after: Match, actor: Actor
    ) -> None:
        action, before = self.befores.pop(match.id)
        assert action.actor == actor
        assert after.history[-1].at - action.at <= UNDO_WITHIN
        assert after.progress == before.progress
        assert after.undoable is None, "an undo is not undone"
        self._holds(match.id, before.assigned_to)

    def _holds(self, id: str, who: str | None) -> None:
        self.holders.pop(id, None)
        if who is not None:
            self.holders[id] = who

    def _judge_what_was_revived(self, made: Batch) -> None:
        """Judge revived pairs as the queue stage does: nothing judged them while they had ended."""
        for each in made.revived:
            self.batch([each])

    @rule(number=numbers)
    def the_last_actor_takes_it_back(self, number: int) -> None:
        """An undo restores places, shares and holders; only another actor's change forbids it."""
        number = self._of_those_that_stand(number)
        match = self.view.get(self.match_of(number))
        if match is None or match.undoable is None:
            return
        action, _ = self.befores[match.id]
        undo = self.action(number, ActionKind.UNDO, action.actor)
        made = self.batch([undo])
        after = made.matches[match.id]
        assert after is not None
        if undo.at - action.at > UNDO_WITHIN:
            assert after.history[-1].why == WhyNot.TOO_LATE
        else:
            self._is_as_it_was_before_the_actors_last(match, after, action.actor)
        self._judge_what_was_revived(made)

    def _of_those_that_stand(self, number: int) -> int:
        """Return mostly a worker with an active match: actions on others are refused at once."""
        standing = [each for each in range(5) if self.match_of(each) in self.view]
        return standing[number % len(standing)] if standing else number

    def _but_for_its_history(self, match: Match) -> dict[str, object]:
        apart = {"history", "refusals", "revision", "changed_at", "caused_at"}
        return match.model_dump(exclude=apart)

    @rule(number=numbers, kind=st.sampled_from(ActionKind))
    def two_clerks_at_once(self, number: int, kind: ActionKind) -> None:
        """Of two clerks who claim in the same batch, one holds the match."""
        number = self._of_those_that_stand(number)
        id = self.match_of(number)
        first, second = (self.action(number, kind, ACTORS[who]) for who in (0, 1))
        self.done += [first, second]
        before = self.view.get(id)
        made = self.batch([first, second])
        if (match := self.view.get(id)) is None:
            return
        assert before is not None
        self._judge_what_was_revived(made)
        taken = [
            each.actor.id
            for each in match.history
            if each.action_id in {first.id, second.id} and each.outcome is Outcome.ACCEPTED
        ]
        if kind in {ActionKind.CLAIM, ActionKind.CONTACT, ActionKind.REFER, ActionKind.PLACE}:
            assert len(taken) <= 1
        if not taken:
            return
        if kind is ActionKind.UNDO:
            self._holds(id, self.befores.pop(id)[1].assigned_to)
            return
        last = first if taken[-1] == first.actor.id else second
        between = apply_action(before, first) if len(taken) == 2 else before
        assert between is not None
        self.befores[id] = (last, between)
        self._takes(id, last)

    @precondition(lambda self: self.done)
    @rule(which=st.integers(0, 30))
    def an_action_again(self, which: int) -> None:
        event = self.done[which % len(self.done)]
        if isinstance(event, MatchAction) and self._known(event):
            before = dict(self.view)
            assert self.batch([event]).records == []
            assert self.view == before

    def _known(self, action: MatchAction) -> bool:
        match = self.view.get(action.match_id)
        return match is not None and any(each.action_id == action.id for each in match.history)

    @precondition(lambda self: self.done and isinstance(self.done[-1], Proposals))
    @rule()
    def the_last_proposals_again(self) -> None:
        """A pair that was held back for lack of a place stays held back."""
        self.batch([self.done[-1]])
        before = dict(self.view)
        assert self.batch([self.done[-1]]).records == []
        assert self.view == before

    @rule(number=numbers, fit=st.sampled_from(FITS))
    def another_judgement(self, number: int, fit: float) -> None:
        one = worker(number, fit)
        if one.id in self.people:
            self.people[one.id] = one
            self.batch([self.proposals([number])])

    @rule(active=st.booleans())
    def the_opening_closes_or_opens(self, active: bool) -> None:
        self.work = opening(headcount=self.work.headcount, active=active)
        self.batch([self.proposals(range(5))])
        if not active:
            assert self.active() == 0

    @rule(number=numbers)
    def erase(self, number: int) -> None:
        id, placed = worker(number).id, self.placed()
        self.people.pop(id, None)
        self.erased.add(id)
        event = self.proposals([number])
        self.batch([event])
        self.holders.pop(self.match_of(number), None)
        assert all(id not in match.model_dump_json() for match in self.view.values())
        assert self.placed() == placed, "a place that was taken stays taken"
        again = self.batch([event])
        assert again.records == []

    @invariant()
    def at_most_one_holds_a_match_and_it_is_who_claimed_it(self) -> None:
        for id, match in self.view.items():
            if match.state in {S.CLAIMED, S.REFERRED, S.CONTACTED}:
                assert match.assigned_to is not None
            if match.state is S.PROPOSED:
                self.holders.pop(id, None)
                assert match.assigned_to is None
            if not match.nameless:
                assert match.assigned_to == self.holders.get(id) or match.state is S.EXPIRED

    @invariant()
    def who_is_erased_is_in_nothing(self) -> None:
        assert not self.erased & {match.worker_id for match in self.view.values()}


Queue.TestCase.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
TestQueue = Queue.TestCase
