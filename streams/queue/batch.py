"""Decisions on a batch of proposals and actions, event by event on evidence read before (pure).

An opening has `Capacity.places` for active matches; a worker's and an employer's day has limits of
new ones (`roost.rules.capacity`). Active matches keep their places, and those that end free theirs
first. Then new pairs are proposed, best first, while places are free. A pair proposed and withdrawn
earlier that day was counted then, and is proposed again before all others.

Staff propose single pairs (`Proposals.by_hand`). They are judged like all others, but neither the
least score nor a limit holds them back: the match names the limit it exceeds, and counts for it.

A batch names the openings and workers to be matched again (`again`): those with freed places and
those that were held back. The same events name the same ones when they are delivered again, so a
kill between the write and the publication loses nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from matcher import ranking
from matcher.eligibility import near_home
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.ranking import Evaluation
from matcher.serving import serving_station
from roost.events.envelope import Record, record, tombstone
from roost.events.match import (
    ActionKind,
    ByHand,
    Match,
    MatchAction,
    MatchState,
    Outcome,
    Proposals,
    ProposedByHand,
)
from roost.events.searchable import EntityKind, Searchable
from roost.ids import derive, match_id, split_match_id
from roost.rules.capacity import HeldBackBy
from roost.topics import MATCHES
from roost.views.remembered import Versioned
from streams.queue import action_effects, lifecycle
from streams.queue.batch_evidence import Evidence, Offer, QueueRules
from streams.queue.deadlines import with_deadlines
from streams.queue.lifecycle import Judgement
from streams.queue.match_about import build_about
from streams.queue.match_documents import budgets_of
from streams.queue.slot_bookings import SlotBook, SlotChange, follow_slot
from streams.views.counts import daily_counts

SOURCE = "/streams/queue"
ABSENT: Versioned[Any] = Versioned(0, None)
FREEING = {ActionKind.PLACE, ActionKind.DECLINE, ActionKind.RELEASE, ActionKind.UNDO}
"""Actions after which an opening is matched again: they free a place or reach the headcount."""


class Batch:
    """The decisions of a batch: `records` to send, and `matches` as they are after them."""

    def __init__(self, rules: QueueRules, evidence: Evidence, now: datetime, today: date) -> None:
        self.matches: dict[str, Match | None] = dict(evidence.matches)
        self.records: list[Record] = []
        self.decided: list[Match] = []
        self.refused: list[MatchAction] = []
        self.held_back: Counter[str] = Counter()
        self._rules = rules
        self._evidence = evidence
        self._now = now
        self._today = today
        self._active = Counter(evidence.counts.active)
        self._placed = Counter(evidence.counts.placed)
        self._day = daily_counts(evidence.counts)
        self._stations = {each.id: each for each in evidence.stations}
        self._slots = SlotBook(evidence.slots, evidence.matches.values())
        self._again: dict[str, datetime] = {}
        self._revived: dict[str, datetime] = {}

    def propose(self, proposals: Proposals) -> None:
        """Judge the pairs of one opening: the existing matches first, then the offers in order."""
        opening = self._evidence.openings.get(proposals.opening_id, ABSENT)
        judgements = self._judgements(proposals, opening)
        offers = []
        for worker_id in sorted(proposals.worker_ids):
            match = self.matches.get(match_id(proposals.opening_id, worker_id))
            judgement = judgements.get(worker_id)
            if judgement is None:
                self._erase(match)
                self._again[proposals.opening_id] = proposals.posted_at
                continue
            if match is not None and match.state is not MatchState.EXPIRED:
                self._judge_existing(proposals, match, judgement)
            else:
                today = match is not None and match.proposed_at >= self._evidence.since
                offers.append(Offer(worker_id, match, judgement, today))
        before = len(self.records)
        if proposals.by_hand is not None:
            offers = [
                each for each in offers if not _was_proposed_by(each.match, proposals.by_hand)
            ]
        for offer in sorted(offers, key=lambda each: each.order):
            self._offer(proposals, offer)
        # Published by id: versions and change feeds show employers the order of publication, and
        # with it the priority of registered households.
        self.records[before:] = sorted(self.records[before:], key=lambda each: each.key)
        if proposals.by_hand is not None and proposals.by_hand.refer:
            for worker_id in proposals.worker_ids:
                self._refer(match_id(proposals.opening_id, worker_id), proposals.by_hand)

    def act(self, action: MatchAction) -> None:
        """Apply an action; refuse one on a match that does not exist."""
        match = self.matches.get(action.match_id)
        changed = None
        if match is not None:
            changed = action_effects.apply_action(match, action, self._slots)
        if match is None:
            self.refused.append(action)
        elif changed is not None:
            changed = self._put(match, changed)
            if any(each.action_id == action.id for each in changed.refusals):
                self.refused.append(action)
            else:
                self.decided.append(changed)
        if action.kind in FREEING and _accepted(changed or match, action):
            self._again[split_match_id(action.match_id)[0]] = action.at
            if action.kind is ActionKind.UNDO:
                self._revived[action.match_id] = action.at

    def follow(self, change: SlotChange) -> None:
        """Move or end the interviews of the matches with a place at a changed slot."""
        slot = self._slots.slot(change.slot_id)
        for id in self._slots.holders(change.slot_id):
            match = self.matches[id]
            changed = follow_slot(match, slot, change.at) if match is not None else None
            if changed is not None:
                self.decided.append(self._put(match, changed))

    @property
    def revived(self) -> list[Proposals]:
        """Proposals of pairs whose end was undone: they were not judged while they had ended."""
        return [
            Proposals(
                opening_id=opening_id,
                worker_ids=(worker_id,),
                subject=opening_id,
                posted_at=at,
                evaluated_at=at,
            )
            for id, at in self._revived.items()
            for opening_id, worker_id in (split_match_id(id),)
        ]

    @property
    def again(self) -> list[Searchable]:
        """Events that have openings and workers matched again, at their versions as read."""
        return [
            Searchable(kind=kind, id=id, version=version, posted_at=posted_at)
            for id, posted_at in self._again.items()
            for kind, version in (self._subject(id),)
            if version
        ]

    def _judgements(
        self, proposals: Proposals, opening: Versioned[OpeningFeatures]
    ) -> dict[str, Judgement]:
        """Judge the pairs of one opening together; return them by worker, without erased ones."""
        found = {id: self._evidence.workers.get(id, ABSENT) for id in proposals.worker_ids}
        people = {id: (each.version, each.value) for id, each in found.items() if each.value}
        by_hand = {id: self._by_hand(proposals, id) for id in people}
        evaluations = ranking.evaluate_all(
            opening.value,
            [worker for _, worker in people.values()],
            self._today,
            self._rules.weights,
            {id: each.waives for id, each in by_hand.items() if each is not None},
        )
        return {
            id: self._judgement(proposals, opening, worker, version, evaluation, by_hand[id])
            for (id, (version, worker)), evaluation in zip(people.items(), evaluations, strict=True)
        }

    def _judgement(
        self,
        proposals: Proposals,
        opening: Versioned[OpeningFeatures],
        worker: WorkerFeatures,
        profile_version: int,
        evaluation: Evaluation,
        by_hand: ProposedByHand | None,
    ) -> Judgement:
        return Judgement(
            evaluation=evaluation,
            opening_version=opening.version,
            profile_version=profile_version,
            station_id=serving_station(worker, self._evidence.stations),
            model=f"{self._evidence.model}/{self._rules.weights.scored_by}",
            posted_at=proposals.posted_at,
            evaluated_at=proposals.evaluated_at,
            least_score=self._rules.least_score,
            filled=opening.value is not None and not self._places(opening.value),
            about=build_about(opening.value, worker, evaluation),
            by_hand=by_hand,
        )

    def _by_hand(self, proposals: Proposals, worker_id: str) -> ProposedByHand | None:
        """Return the proposal by hand that a pair is judged on: its match's own, or this one."""
        match = self.matches.get(match_id(proposals.opening_id, worker_id))
        if match is not None and match.state is not MatchState.EXPIRED:
            return match.by_hand
        if proposals.by_hand is None:
            return None
        return ProposedByHand.from_content(proposals.by_hand)

    def _judge_existing(self, proposals: Proposals, match: Match, judgement: Judgement) -> None:
        changed = lifecycle.judge(match, match.opening_id, match.worker_id, judgement)
        if changed is not None:
            changed = self._put(match, self._with_earlier_pauses(match, changed))
            self.decided.append(changed)
            if not changed.state.active:
                self._again[match.opening_id] = proposals.posted_at

    def _with_earlier_pauses(self, before: Match, changed: Match) -> Match:
        """Return a match that is paused now with the number of its earlier pauses today."""
        earlier, pause = before.pause, changed.pause
        if earlier is None or pause is None or not pause.lasts or earlier.lasts:
            return changed
        again = earlier.again + 1 if earlier.at >= self._evidence.since else 0
        return changed.model_copy(update={"pause": pause.model_copy(update={"again": again})})

    def _offer(self, proposals: Proposals, offer: Offer) -> None:
        """Propose a pair if a place and a share are left; otherwise hold it back."""
        opening_id, worker_id = proposals.opening_id, offer.worker_id
        if not offer.judgement.proposable:
            match = offer.match
            if offer.judgement.by_hand is not None:
                self.held_back["by_hand"] += 1
            if match is not None and match.changed_at == proposals.evaluated_at:
                # An earlier delivery of this event withdrew it, and may not have named the opening.
                self._again[opening_id] = proposals.posted_at
            return
        opening = self._evidence.openings[opening_id].value
        assert opening is not None
        by, judgement = self._held_back_by(opening, offer), offer.judgement
        if by is not None and judgement.by_hand is None:
            self._hold_back(by, proposals)
        else:
            if by is not None and judgement.by_hand is not None:
                exceeding = judgement.by_hand.model_copy(update={"over": by.value})
                judgement = replace(judgement, by_hand=exceeding)
            proposed = lifecycle.judge(offer.match, opening_id, worker_id, judgement)
            assert proposed is not None
            if offer.match is not None:
                renewed = offer.match.renewed + 1 if offer.proposed_today else 0
                proposed = proposed.model_copy(update={"renewed": renewed})
            self.decided.append(self._put(offer.match, proposed))

    def _refer(self, id: str, by_hand: ByHand) -> None:
        """Claim a pair for the author of its proposal, and refer the worker to the employer."""
        match = self.matches.get(id)
        kinds = [ActionKind.REFER]
        if match is not None and match.state is MatchState.PROPOSED:
            kinds = [ActionKind.CLAIM, ActionKind.REFER]
        for kind in kinds:
            self.act(
                MatchAction(
                    id=derive("a", by_hand.id, kind),
                    match_id=id,
                    kind=kind,
                    actor=by_hand.actor,
                    at=by_hand.at,
                )
            )

    def _held_back_by(self, opening: OpeningFeatures, offer: Offer) -> HeldBackBy | None:
        """Return the limit that holds an offer back; a pair of earlier that day has no other."""
        if self._active[opening.id] >= self._places(opening):
            return HeldBackBy.OPENING
        if offer.proposed_today:
            return None
        worker = self._evidence.workers[offer.worker_id].value
        assert worker is not None
        capacity = self._rules.capacity
        return capacity.held_back_by(
            self._day.spent(opening.budgets, worker.id, capacity),
            employed=bool(opening.budgets),
            near_home=near_home(opening, worker),
            late=self._evidence.late,
        )

    def _hold_back(self, by: HeldBackBy, proposals: Proposals) -> None:
        """Count a held-back pair; match the subject again if it may find another partner.

        It may unless the limit is its own: then it waits for a place, or for the next day.
        """
        self.held_back[by] += 1
        of_opening = proposals.subject == proposals.opening_id
        own = {HeldBackBy.OPENING, HeldBackBy.BUDGET} if of_opening else {HeldBackBy.WORKER}
        if by not in own:
            self._again[proposals.subject] = proposals.posted_at

    def _places(self, opening: OpeningFeatures) -> int:
        return self._rules.capacity.places(opening.headcount, self._placed[opening.id])

    def _spent(self, worker_id: str) -> bool:
        return self._day.workers[worker_id] >= self._rules.capacity.worker_day

    def _subject(self, id: str) -> tuple[EntityKind, int]:
        """Return the kind and version of an entity; version 0 if matching it again is useless."""
        if id in self._evidence.workers:
            worker = self._evidence.workers[id]
            useful = worker.value is not None and worker.value.active and not self._spent(id)
            return EntityKind.PROFILE, worker.version if useful else 0
        opening = self._evidence.openings.get(id, ABSENT)
        useful = self._can_change(opening.value) if opening.value is not None else False
        return EntityKind.OPENING, opening.version if useful else 0

    def _can_change(self, opening: OpeningFeatures) -> bool:
        places, active = self._places(opening), self._active[opening.id]
        still_open = opening.active and opening.last_day >= self._today.toordinal()
        left = self._day.room(opening.budgets, self._rules.capacity) > 0
        return still_open and ((active < places and left) or (not places and active > 0))

    def _put(self, before: Match | None, changed: Match) -> Match:
        """Store a changed match with its new deadlines, and record it for sending.

        It names the station that it has left, so that the open pages of that station remove it.
        """
        left = before.station_id if before and before.station_id != changed.station_id else None
        match = with_deadlines(
            before,
            changed.model_copy(update={"former_station_id": left}),
            self._rules.targets,
            self._rules.hours,
            self._stations.get(changed.station_id or ""),
        )
        self._count(before, match)
        self.matches[match.id] = match
        self.records.append(record(match, match.id, source=SOURCE, at=self._now))
        return match

    def _erase(self, match: Match | None) -> None:
        """Erase a match of an erased worker.

        A placement keeps its place: its anonymous remainder is recorded before the tombstone.
        """
        if match is None:
            return
        remainder = lifecycle.without_worker(match)
        if remainder is not None:
            self._put(self.matches.get(remainder.id), remainder)
        self._count(match, None)
        self.matches[match.id] = None
        self.records.append(tombstone(MATCHES, match.id, source=SOURCE, at=self._now))

    def _count(self, before: Match | None, after: Match | None) -> None:
        self._slots.note(before, after)
        for match, step in ((before, -1), (after, 1)):
            if match is not None:
                self._active[match.opening_id] += step * match.state.active
                self._placed[match.opening_id] += step * (match.state is MatchState.PLACED)
                if match.proposed_at >= self._evidence.since:
                    self._day.count(budgets_of(match), match.worker_id, step)


def _was_proposed_by(match: Match | None, by_hand: ByHand) -> bool:
    """Return whether a match that has expired since was this proposal's: it was delivered again."""
    return match is not None and match.by_hand is not None and match.by_hand.id == by_hand.id


def _accepted(match: Match | None, action: MatchAction) -> bool:
    """Return whether an action was accepted, now or when it was delivered before."""
    return match is not None and any(
        entry.action_id == action.id and entry.outcome is Outcome.ACCEPTED
        for entry in match.history
    )
