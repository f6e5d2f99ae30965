"""What people made of a match, as a row that weights can be learned from.

Only a pair on which a person has acted becomes a row: it was shown, and the outcome is theirs. A
pair that nobody looked at says nothing; calling it a failure would teach the order that it was
shown in. A match that expired was cut off, and says nothing either.

A row holds the parts of the pair's score, the gain, the day and a hash that groups the rows of
one opening; no id, no text, and nothing that the law keeps out of a score (not even the consented
priority of a registered household).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from roost.events.match import (
    ActionKind,
    DeclineReason,
    HistoryEntry,
    Match,
    MatchState,
    Outcome,
    Role,
)

GAIN: dict[MatchState, float] = {
    MatchState.PLACED: 1.0,
    MatchState.INTERVIEWED: 0.8,
    MatchState.REFERRED: 0.6,
    MatchState.CONTACTED: 0.3,
    MatchState.DECLINED: 0.0,
}
"""What reaching a state is worth, 0 to 1."""
GOOD = GAIN[MatchState.REFERRED]
"""From here on an outcome counts as a success."""
LEADS_TO: dict[ActionKind, MatchState] = {
    ActionKind.CONTACT: MatchState.CONTACTED,
    ActionKind.REFER: MatchState.REFERRED,
    ActionKind.INTERVIEW: MatchState.INTERVIEWED,
    ActionKind.PLACE: MatchState.PLACED,
    ActionKind.DECLINE: MatchState.DECLINED,
}
OF_THE_PAIR = frozenset(
    reason.value
    for reason in (
        DeclineReason.WAGE,
        DeclineReason.PLACE,
        DeclineReason.SHIFTS,
        DeclineReason.SKILLS,
        DeclineReason.NOT_INTERESTED,
    )
)
"""Declined because the two do not suit each other. The other reasons (unreachable, has work
already, other) are nobody's fit and give no row."""


class Measured(Protocol):
    """The parts of a pair's score, each between 0 and 1 (`ranking.Parts`)."""

    @property
    def fit(self) -> float: ...
    @property
    def skills(self) -> float | None: ...
    @property
    def wage(self) -> float: ...
    @property
    def nearness(self) -> float: ...
    @property
    def comfort(self) -> float: ...
    @property
    def experience(self) -> float: ...
    @property
    def education(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What people made of a pair, and when; its ids go no further than to its features."""

    opening_id: str
    worker_id: str
    gain: float
    day: date


@dataclass(frozen=True, slots=True)
class Row:
    """One pair to learn from. `query` is the same for all pairs of one opening."""

    query: str
    day: date
    gain: float
    fit: float
    skills: float | None
    """None when the opening asks for none."""
    wage: float
    nearness: float
    comfort: float
    experience: float
    education: float


def verdict_on(match: Match) -> Verdict | None:
    """What people made of a match; None when it says nothing about how the two suit each other."""
    accepted = [entry for entry in match.history if entry.outcome is Outcome.ACCEPTED]
    if not accepted:
        return None
    last = accepted[-1]
    if last.actor.role is Role.SYSTEM or LEADS_TO.get(last.kind) is not match.state:
        return None
    gain = _gain(match, accepted)
    if gain is None:
        return None
    return Verdict(match.opening_id, match.worker_id, gain, last.at.date())


def query_of(opening_id: str) -> str:
    """What groups the rows of one opening without naming it."""
    return hashlib.blake2b(opening_id.encode(), digest_size=8).hexdigest()


def row_of(verdict: Verdict, parts: Measured) -> Row:
    return Row(
        query=query_of(verdict.opening_id),
        day=verdict.day,
        gain=verdict.gain,
        fit=parts.fit,
        skills=parts.skills,
        wage=parts.wage,
        nearness=parts.nearness,
        comfort=parts.comfort,
        experience=parts.experience,
        education=parts.education,
    )


def _gain(match: Match, accepted: list[HistoryEntry]) -> float | None:
    if match.state is not MatchState.DECLINED or match.cause in OF_THE_PAIR:
        return GAIN[match.state]
    if match.cause == DeclineReason.EMPLOYER_CHOSE_OTHER:
        # Losing to somebody else takes nothing from how far the pair had come.
        return max(
            GAIN[LEADS_TO[entry.kind]]
            for entry in accepted
            if entry.kind in LEADS_TO and entry.at >= match.proposed_at
        )
    return None
