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

from matcher.ranking import Parts
from roost.events.match import (
    ActionKind,
    DeclineReason,
    HistoryEntry,
    Match,
    MatchState,
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What people made of a pair, and when; its ids go no further than to its features."""

    opening_id: str
    worker_id: str
    gain: float
    day: date


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One pair to learn from: its parts, and what came of it.

    `query` is the same for all pairs of one opening. Skills that nobody asks for are as good as
    the fit: then the fit alone decides the employer's side, as in the score.
    """

    query: str
    day: date
    gain: float
    comfort: float
    education: float
    experience: float
    fit: float
    nearness: float
    skills: float
    wage: float


def verdict_on(match: Match) -> Verdict | None:
    """What people made of a match; None when it says nothing about how the two suit each other."""
    accepted = [entry for entry in match.history if entry.stands]
    led = [entry for entry in accepted if LEADS_TO.get(entry.kind) is match.state]
    if not led:
        return None
    last = led[-1]
    if last.actor.role is Role.SYSTEM:
        return None
    gain = _gain(match, accepted)
    if gain is None:
        return None
    return Verdict(match.opening_id, match.worker_id, gain, last.at.date())


def query_of(opening_id: str) -> str:
    """What groups the rows of one opening without naming it."""
    return hashlib.blake2b(opening_id.encode(), digest_size=8).hexdigest()


def row_of(verdict: Verdict, parts: Parts) -> OutcomeRow:
    return OutcomeRow(
        query=query_of(verdict.opening_id),
        day=verdict.day,
        gain=verdict.gain,
        **parts.as_row(),
    )


def _gain(match: Match, accepted: list[HistoryEntry]) -> float | None:
    if match.state is not MatchState.DECLINED or match.cause in OF_THE_PAIR:
        return GAIN[match.state]
    if match.cause == DeclineReason.EMPLOYER_CHOSE_OTHER:
        # Losing to somebody else takes nothing from how far the pair had come.
        stages = (LEADS_TO.get(e.kind) for e in accepted if e.at >= match.proposed_at)
        return max((GAIN[stage] for stage in stages if stage), default=0.0)
    return None
