"""Outcomes of matches as rows to learn from.

A pair becomes a row only when a person has acted on it: it was shown, and the outcome is theirs. A
pair that nobody looked at carries no information; counting it as a failure would teach the order in
which pairs were shown. The same holds for a match that expired.

A row holds the parts of the pair's score, the gain, the day, a hash that groups the rows of one
opening, items of shipped vocabularies (`precedents`), and a number that tells people apart during
one training. It holds no id, no text, and nothing that the law keeps out of a score, not even the
consented priority of a registered household.
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
"""Value of the reached state, from 0 to 1."""
GOOD = GAIN[MatchState.REFERRED]
"""Least gain that counts as a success."""
LEADS_TO: dict[ActionKind, MatchState] = {
    ActionKind.CONTACT: MatchState.CONTACTED,
    ActionKind.REFER: MatchState.REFERRED,
    ActionKind.INTERVIEW: MatchState.INTERVIEWED,
    ActionKind.PLACE: MatchState.PLACED,
    ActionKind.DECLINE: MatchState.DECLINED,
}
"""State that each action leads to."""
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
"""Reasons to decline that concern the fit of the pair.

The other reasons (unreachable, already has work, other) do not and give no row.
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a pair and its day; the ids serve only to find its features."""

    opening_id: str
    worker_id: str
    gain: float
    day: date


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One pair to learn from: its parts and its outcome.

    `query` is the same for all pairs of one opening. When an opening asks for no skills, `skills`
    equals the fit: the fit alone then decides the employer's side, as in the score.
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
    person: int = 0
    """Number of the worker within one training; it is stored nowhere."""
    skill_items: tuple[str, ...] = ()
    work_items: tuple[str, ...] = ()


def verdict_on(match: Match) -> Verdict | None:
    """Return the outcome of a match; None when it carries no information about the fit."""
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
    """Return an anonymous key that groups the rows of one opening."""
    return hashlib.blake2b(opening_id.encode(), digest_size=8).hexdigest()


def row_of(
    verdict: Verdict,
    parts: Parts,
    person: int = 0,
    skill_items: tuple[str, ...] = (),
    work_items: tuple[str, ...] = (),
) -> OutcomeRow:
    """Combine a verdict with the parts and the items of its pair."""
    return OutcomeRow(
        query=query_of(verdict.opening_id),
        day=verdict.day,
        gain=verdict.gain,
        person=person,
        skill_items=skill_items,
        work_items=work_items,
        **parts.as_row(),
    )


def _gain(match: Match, accepted: list[HistoryEntry]) -> float | None:
    if match.state is not MatchState.DECLINED or match.cause in OF_THE_PAIR:
        return GAIN[match.state]
    if match.cause == DeclineReason.EMPLOYER_CHOSE_OTHER:
        # Another candidate's success does not reduce the progress of this pair.
        stages = (LEADS_TO.get(e.kind) for e in accepted if e.at >= match.proposed_at)
        return max((GAIN[stage] for stage in stages if stage), default=0.0)
    return None
