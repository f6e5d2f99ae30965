"""The life cycle of a match by evaluations of its pair (pure).

    proposed ─► claimed ─► contacted ─► referred ─► interviewed ─► placed
        │          │           │            │             │
        └──────────┴───────────┴────────────┴─────────────┴──► declined
    expired: the opening or the profile no longer allows it, the score is too low, or the opening's
    headcount is reached; it can be proposed again. Only an obstacle ends a match in progress

A paused opening keeps its matches in every state, and none is proposed for it (ADR 68). Every
proposal, pause, resumption and expiry is recorded in `changes`.

People's actions are in `action_effects`. A decision is the changed match, or None when nothing
changes. Decisions are deterministic and idempotent: the same input on the same state gives the same
decision, and an input that the state already reflects changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from matcher.ranking import Evaluation
from roost import ids
from roost.events.common import STORED
from roost.events.match import (
    ERASED,
    About,
    ChangeKind,
    Match,
    MatchChange,
    MatchProgress,
    MatchState,
    Pause,
    ProposedByHand,
)

S = MatchState
CHANGES = 50
"""Newest changes that a match keeps."""
HEADCOUNT = "headcount"
"""Cause of a withdrawal because other workers fill the headcount."""
TOO_LOW = "score"
"""Cause of a withdrawal because the score is too low by now."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An evaluation of a pair, with the versions it is based on and the time of its cause."""

    evaluation: Evaluation
    opening_version: int
    profile_version: int
    station_id: str | None
    model: str
    posted_at: datetime
    evaluated_at: datetime
    least_score: float
    filled: bool = False
    """True if the opening's headcount is reached."""
    about: About | None = None
    by_hand: ProposedByHand | None = None
    """Set if staff propose, or proposed, the pair: then no least score applies."""

    @property
    def fits(self) -> bool:
        """Whether the pair is eligible and reaches the least score without the priority."""
        enough = self.by_hand is not None or self.evaluation.unboosted >= self.least_score
        return self.evaluation.eligible and enough

    @property
    def proposable(self) -> bool:
        """Whether a new match of the pair may be proposed."""
        return self.fits and not self.filled and not self.evaluation.paused


def judge(
    match: Match | None, opening_id: str, worker_id: str, judgement: Judgement
) -> Match | None:
    """Propose, update or withdraw a match by an evaluation; return None if nothing changes."""
    if match is None:
        return _propose(opening_id, worker_id, judgement) if judgement.proposable else None
    if match.state is S.EXPIRED:
        return _propose_again(match, judgement) if judgement.proposable else None
    if not match.state.active:
        return None
    if judgement.evaluation.obstacle:
        return _expired(match, judgement, judgement.evaluation.obstacle)
    if not match.in_progress and not judgement.fits:
        return _expired(match, judgement, TOO_LOW)
    if not match.in_progress and judgement.filled and match.state is S.PROPOSED:
        return _expired(match, judgement, HEADCOUNT)
    changes = _displayed(match, judgement) | _pausing(match, judgement)
    if all(getattr(match, name) == value for name, value in changes.items()):
        return None
    return _changed(match, judgement, **changes)


def without_worker(match: Match) -> Match | None:
    """Return the anonymous remainder of a placement whose worker is erased.

    It states that a station placed a worker, and when. Its id differs from the match's and is the
    same every time. Returns None for a match that is not a placement.
    """
    if match.state is not S.PLACED:
        return None
    worker_id = ids.nobody(match.id)
    return Match(
        id=ids.match_id(match.opening_id, worker_id),
        opening_id=match.opening_id,
        worker_id=worker_id,
        station_id=match.station_id,
        state=S.PLACED,
        placed_at=match.placed_at or match.changed_at,
        revision=1,
        score=0.0,
        worker_side=0.0,
        employer_side=0.0,
        opening_version=match.opening_version,
        profile_version=0,
        model=match.model,
        proposed_at=match.changed_at,
        changed_at=match.changed_at,
        caused_at=match.changed_at,
        cause=ERASED,
    )


def _pausing(match: Match, judgement: Judgement) -> dict[str, object]:
    """Return the fields that a pause of the opening changes, or its end; empty without either."""
    if judgement.evaluation.paused is match.paused:
        return {}
    if judgement.evaluation.paused:
        at = _moment(match, judgement)
        pause = Pause(at=at, opening_version=judgement.opening_version)
        changes = _with_change(match, judgement, ChangeKind.PAUSED)
        return {"pause": pause, "changes": changes, "changed_at": at}
    assert match.pause is not None
    at = _moment(match, judgement)
    ended = match.pause.model_copy(update={"resumed_at": at})
    changes = _with_change(match, judgement, ChangeKind.RESUMED)
    return {"pause": ended, "changes": changes, "changed_at": at}


def _moment(match: Match, judgement: Judgement) -> datetime:
    """Return the time of a change: never before any earlier one, so that times keep the order."""
    changed = [each.at for each in match.changes[-1:]]
    acted = [each.at for each in match.history[-1:]]
    return max(match.changed_at, judgement.evaluated_at, *changed, *acted)


def _with_change(
    match: Match, judgement: Judgement, kind: ChangeKind, cause: str = ""
) -> tuple[MatchChange, ...]:
    at = _moment(match, judgement)
    proposed = kind is ChangeKind.PROPOSED
    change = _proposal(judgement, at) if proposed else MatchChange(kind=kind, at=at, cause=cause)
    return (*match.changes, change)[-CHANGES:]


def _proposal(judgement: Judgement, at: datetime) -> MatchChange:
    """Return the change of a proposal, with its author and reason if it is by hand."""
    by_hand = judgement.by_hand
    return MatchChange(
        kind=ChangeKind.PROPOSED,
        at=at,
        actor=by_hand.actor if by_hand else None,
        why=by_hand.why if by_hand else None,
    )


def _displayed(match: Match | None, judgement: Judgement) -> dict[str, object]:
    """Return the displayed fields of an evaluation: only they decide whether a match changes."""
    evaluation = judgement.evaluation
    return {
        "score": evaluation.score,
        "worker_side": evaluation.worker_side,
        "employer_side": evaluation.employer_side,
        "reasons": evaluation.reasons,
        "missing_skills": evaluation.missing_skills,
        "station_id": judgement.station_id,
        "about": _about(match, judgement),
    }


def _about(match: Match | None, judgement: Judgement) -> About | None:
    """Return the description, with the keys of content of a first proposal before an edit."""
    if match is None or match.about is None or judgement.about is None:
        return judgement.about
    before, now = match.about, judgement.about
    changed = before.alike if before.alike != now.alike else None
    first = changed if before.first_alike is None else before.first_alike
    return now.model_copy(update={"first_alike": first})


def _provenance(judgement: Judgement) -> dict[str, object]:
    return {
        "opening_version": judgement.opening_version,
        "profile_version": judgement.profile_version,
        "model": judgement.model,
        "changed_at": judgement.evaluated_at,
        "caused_at": judgement.posted_at,
    }


def _propose(opening_id: str, worker_id: str, judgement: Judgement) -> Match:
    return Match.model_validate(
        {
            "id": ids.match_id(opening_id, worker_id),
            "opening_id": opening_id,
            "worker_id": worker_id,
            "state": S.PROPOSED,
            "revision": 1,
            "proposed_at": judgement.evaluated_at,
            "first_proposed_at": judgement.evaluated_at,
            "changes": (_proposal(judgement, judgement.evaluated_at),),
            "by_hand": judgement.by_hand,
            **_displayed(None, judgement),
            **_provenance(judgement),
        },
        context=STORED,
    )


def _propose_again(match: Match, judgement: Judgement) -> Match:
    fresh = MatchProgress(state=S.PROPOSED)
    return _changed(
        match,
        judgement,
        **_displayed(match, judgement),
        **{name: getattr(fresh, name) for name in MatchProgress.model_fields},
        round=match.round + 1,
        proposed_at=judgement.evaluated_at,
        first_proposed_at=match.first_proposed_at or match.proposed_at,
        undoable=None,
        pause=None,
        rested_s=0,
        by_hand=judgement.by_hand,
        changes=_with_change(match, judgement, ChangeKind.PROPOSED),
    )


def _expired(match: Match, judgement: Judgement, cause: str) -> Match:
    return _changed(
        match,
        judgement,
        state=S.EXPIRED,
        cause=cause,
        expired_at=judgement.evaluated_at,
        undoable=None,
        changes=_with_change(match, judgement, ChangeKind.EXPIRED, cause),
    )


def _changed(match: Match, judgement: Judgement, **changes: object) -> Match:
    return match.model_copy(
        update={**_provenance(judgement), **changes, "revision": match.revision + 1}
    )
