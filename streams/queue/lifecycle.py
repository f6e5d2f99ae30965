"""What becomes of a match: pure decisions on its state, an evaluation or an action.

    proposed ─► claimed ─► contacted ─► referred ─► interviewed ─► placed
        │          │           │            │             │
        └──────────┴───────────┴────────────┴─────────────┴──► declined
    expired: the opening or the profile no longer allows it, or the opening's headcount is reached
    (what a clerk works on stays); it can be proposed again

A decision is the changed match, or None when nothing changes. The same input on the same state
gives the same decision, and an input that the state already shows changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from matcher.ranking import Evaluation
from roost import ids
from roost.events.match import (
    ERASED,
    ActionKind,
    HistoryEntry,
    Match,
    MatchAction,
    MatchState,
    Outcome,
    Role,
)

S, A = MatchState, ActionKind
HISTORY = 50
HEADCOUNT = "headcount"
"""The cause of a withdrawal because others have been placed."""

ALLOWED: dict[ActionKind, dict[MatchState, MatchState]] = {
    A.CLAIM: {S.PROPOSED: S.CLAIMED},
    A.RELEASE: {S.CLAIMED: S.PROPOSED, S.CONTACTED: S.PROPOSED},
    A.CONTACT: {S.PROPOSED: S.CONTACTED, S.CLAIMED: S.CONTACTED, S.CONTACTED: S.CONTACTED},
    A.REFER: {S.CLAIMED: S.REFERRED, S.CONTACTED: S.REFERRED},
    A.INTERVIEW: {S.REFERRED: S.INTERVIEWED, S.CONTACTED: S.INTERVIEWED},
    A.PLACE: {
        S.CONTACTED: S.PLACED,
        S.REFERRED: S.PLACED,
        S.INTERVIEWED: S.PLACED,
    },
    A.DECLINE: {state: S.DECLINED for state in S if state.active},
}
"""For every action: from which state it leads to which."""

BY: dict[ActionKind, frozenset[Role]] = {
    A.CLAIM: frozenset({Role.CLERK}),
    A.RELEASE: frozenset({Role.CLERK}),
    A.CONTACT: frozenset({Role.CLERK}),
    A.REFER: frozenset({Role.CLERK}),
    A.INTERVIEW: frozenset({Role.CLERK, Role.EMPLOYER}),
    A.PLACE: frozenset({Role.CLERK, Role.EMPLOYER}),
    A.DECLINE: frozenset(Role),
}
"""For every action: who may take it."""


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
        return _changed(match, judgement, state=S.EXPIRED, cause=judgement.cause)
    if judgement.filled and match.state is S.PROPOSED and match.assigned_to is None:
        return _changed(match, judgement, state=S.EXPIRED, cause=HEADCOUNT)
    seen = _seen(judgement)
    if all(getattr(match, name) == value for name, value in seen.items()):
        return None
    return _changed(match, judgement, **seen)


def act(match: Match, action: MatchAction) -> Match | None:
    """Applies what somebody did. A refused action is kept in the history with the reason."""
    if any(entry.action_id == action.id for entry in match.history):
        return None
    target = ALLOWED[action.kind].get(match.state)
    why = _refusal(match, action, target)
    entry = HistoryEntry(
        action_id=action.id,
        kind=action.kind,
        actor=action.actor,
        at=action.at,
        outcome=Outcome.REFUSED if why else Outcome.ACCEPTED,
        why=why,
    )
    changes: dict[str, object] = {"history": (*match.history, entry)[-HISTORY:]}
    if not why:
        changes |= {"state": target, "assigned_to": _assignee(match, action)}
        if action.kind is A.DECLINE:
            changes["cause"] = action.reason.value if action.reason else "other"
    return match.model_copy(
        update={
            **changes,
            "revision": match.revision + 1,
            "changed_at": action.at,
            "caused_at": action.at,
        }
    )


def without_worker(match: Match) -> Match | None:
    """What is left of a match when its worker is erased: that somebody was placed, and when.

    None for one that is no placement. Its id is another one, and the same every time.
    """
    if match.state is not S.PLACED:
        return None
    worker_id = ids.nobody(match.id)
    return Match(
        id=ids.match_id(match.opening_id, worker_id),
        opening_id=match.opening_id,
        worker_id=worker_id,
        state=S.PLACED,
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


def _refusal(match: Match, action: MatchAction, target: MatchState | None) -> str:
    """Why an action may not be taken now; empty when it may."""
    if action.actor.role not in BY[action.kind]:
        return f"a {action.actor.role} may not {action.kind}"
    if (
        match.assigned_to is not None
        and action.actor.role is Role.CLERK
        and action.actor.id != match.assigned_to
    ):
        return f"claimed by {match.assigned_to}"
    if target is None:
        return f"the match is {match.state}"
    return ""


def _assignee(match: Match, action: MatchAction) -> str | None:
    if action.kind is A.RELEASE:
        return None
    if action.actor.role is Role.CLERK and action.kind is not A.DECLINE:
        return action.actor.id
    return match.assigned_to


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
    return _changed(
        match,
        judgement,
        **_seen(judgement),
        state=S.PROPOSED,
        round=match.round + 1,
        proposed_at=judgement.evaluated_at,
        assigned_to=None,
        cause="",
    )


def _changed(match: Match, judgement: Judgement, **changes: object) -> Match:
    return match.model_copy(
        update={**_made_on(judgement), **changes, "revision": match.revision + 1}
    )
