"""What becomes of a match: pure decisions on its state, an evaluation or an action.

    proposed ─► claimed ─► contacted ─► referred ─► interviewed ─► placed
        │          │           │            │             │
        └──────────┴───────────┴────────────┴─────────────┴──► declined
    expired: the opening or the profile no longer allows it, or the opening's headcount is reached
    (what a clerk works on stays); it can be proposed again

What people do about it is in `actions`. A decision is the changed match, or None when nothing
changes. The same input on the same state gives the same decision, and an input that the state
already shows changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from matcher.ranking import Evaluation
from roost import ids
from roost.events.match import ERASED, About, Match, MatchProgress, MatchState

S = MatchState
HEADCOUNT = "headcount"
"""The cause of a withdrawal because others have been placed."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An evaluation of a pair, with what it was made on and when its cause was posted."""

    evaluation: Evaluation
    opening_version: int
    profile_version: int
    station_id: str | None
    model: str
    posted_at: datetime
    evaluated_at: datetime
    least_score: float
    filled: bool = False
    """The opening's headcount is reached."""
    about: About | None = None

    @property
    def true(self) -> bool:
        return self.evaluation.eligible and self.evaluation.score >= self.least_score

    @property
    def proposable(self) -> bool:
        return self.true and not self.filled

    @property
    def cause(self) -> str:
        return self.evaluation.obstacle or "score"


def judge(
    match: Match | None, opening_id: str, worker_id: str, judgement: Judgement
) -> Match | None:
    """Proposes, renews or withdraws a match on an evaluation of its pair."""
    if match is None:
        return _propose(opening_id, worker_id, judgement) if judgement.proposable else None
    if match.state is S.EXPIRED:
        return _propose_again(match, judgement) if judgement.proposable else None
    if not match.state.active:
        return None
    if not judgement.true:
        return _expired(match, judgement, judgement.cause)
    if judgement.filled and match.state is S.PROPOSED and match.assigned_to is None:
        return _expired(match, judgement, HEADCOUNT)
    seen = _seen(judgement)
    if all(getattr(match, name) == value for name, value in seen.items()):
        return None
    return _changed(match, judgement, **seen)


def without_worker(match: Match) -> Match | None:
    """What is left of a match when its worker is erased: that a station placed somebody, and when.

    None for one that is no placement. Its id is another one, and the same every time.
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


def _seen(judgement: Judgement) -> dict[str, object]:
    """What people see of an evaluation: only a change of these is a change of the match."""
    evaluation = judgement.evaluation
    return {
        "score": evaluation.score,
        "worker_side": evaluation.worker_side,
        "employer_side": evaluation.employer_side,
        "reasons": evaluation.reasons,
        "missing_skills": evaluation.missing_skills,
        "station_id": judgement.station_id,
        "about": judgement.about,
    }


def _made_on(judgement: Judgement) -> dict[str, object]:
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
            **_seen(judgement),
            **_made_on(judgement),
        }
    )


def _propose_again(match: Match, judgement: Judgement) -> Match:
    anew = MatchProgress(state=S.PROPOSED)
    return _changed(
        match,
        judgement,
        **_seen(judgement),
        **{name: getattr(anew, name) for name in MatchProgress.model_fields},
        round=match.round + 1,
        proposed_at=judgement.evaluated_at,
        undoable=None,
    )


def _expired(match: Match, judgement: Judgement, cause: str) -> Match:
    return _changed(
        match,
        judgement,
        state=S.EXPIRED,
        cause=cause,
        expired_at=judgement.evaluated_at,
        undoable=None,
    )


def _changed(match: Match, judgement: Judgement, **changes: object) -> Match:
    return match.model_copy(
        update={**_made_on(judgement), **changes, "revision": match.revision + 1}
    )
