"""Simulated counties with outcomes whose causes are known.

People have skills of one or two trades; the score by content shows how near these are to an
opening's trade. The true fit of a pair also depends on hidden effects of each skill in each trade,
which the content does not show. An office proposes openings day by day, with the assignment, the
limits and the newcomers' bonus of matching. A clerk acts on a part of the proposed pairs; an
outcome is the true fit and chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from matcher.assignment import Pair, assign
from matcher.exploration import add_bonuses
from matcher.learning import score_rows
from matcher.match_outcomes import OutcomeRow
from matcher.precedents import vocabulary
from matcher.weights import STATED, Weights
from roost.rules.capacity import Capacity

FIRST_DAY = date(2026, 6, 1)
TRADES, SKILLS_OF_A_TRADE = 8, 4
CANDIDATES = 40
"""Candidates of an opening: the nearest people, as a search returns them."""
EXPOSURE_DAYS = 30
ACTED = 0.75
"""Share of the proposed pairs that a clerk acts on."""
LADDER = (0.0, 0.3, 0.6, 0.8, 1.0)
RUNGS = (0.2, 0.9, 1.6, 2.2)
"""Strengths from which a pair is contacted, referred, interviewed and placed."""
SLOPE, TYPICAL = 0.06, 60.0
"""Strength of a point of score against logistic noise of scale 1, and the score of strength 0."""
AVOIDED = 0.5
"""Factor of a biased clerk's actions on the group that they avoid; a third of its outcomes are
recorded as declined."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Nature:
    """Causes of the outcomes of a county, and its size."""

    hidden: float = 3.0
    """Standard deviation of a hidden effect; 0 for a county without any."""
    share: float = 0.4
    """Share of the pairs of a skill and a trade that have one."""
    biased: bool = False
    """True if clerks avoid a group of people, common in some trades and rare in others."""
    people: int = 400
    openings_a_day: int = 10
    days: int = 80


@dataclass(slots=True)
class County:
    """People and openings with the truth about them; the same seed gives the same county."""

    nature: Nature
    seed: int
    skills: list[tuple[int, ...]] = field(init=False)
    """Numbers of the skills of each worker."""
    trades: list[int] = field(init=False)
    """Trade of each opening."""
    effects: Floats = field(init=False)
    avoided: npt.NDArray[np.bool_] = field(init=False)
    candidates: list[list[OutcomeRow]] = field(init=False)
    """Rows without an outcome of the candidates of each opening, best by content first."""

    def __post_init__(self) -> None:
        draw, nature = np.random.default_rng(self.seed), self.nature
        main = draw.integers(TRADES, size=nature.people)
        second = draw.integers(TRADES, size=nature.people)
        self.skills = [_skills(draw, int(a), int(b)) for a, b in zip(main, second, strict=True)]
        self.trades = draw.integers(TRADES, size=nature.openings_a_day * nature.days).tolist()
        shape = TRADES * SKILLS_OF_A_TRADE, TRADES
        self.effects = draw.normal(0, nature.hidden, shape) * (draw.random(shape) < nature.share)
        self.avoided = draw.random(nature.people) < (draw.random(TRADES) * 0.8)[main]
        near = np.clip(draw.normal(0.45, 0.15, (TRADES, TRADES)), 0.2, 0.8)
        np.fill_diagonal(near, 0.9)
        self.candidates = [self._candidates(draw, at, near) for at in range(len(self.trades))]

    def strengths(self, opening: int, weights: Weights = STATED) -> Floats:
        """Return the true strength of each candidate of an opening, before chance."""
        rows = self.candidates[opening]
        trade = self.trades[opening]
        hidden = [self.effects[list(self.skills[row.person]), trade].mean() for row in rows]
        return SLOPE * (score_rows(rows, weights) - TYPICAL) + np.array(hidden)

    def _candidates(self, draw: np.random.Generator, at: int, near: Floats) -> list[OutcomeRow]:
        trade = self.trades[at]
        day = FIRST_DAY + timedelta(days=at // self.nature.openings_a_day)
        of_worker = [
            max(near[skill // SKILLS_OF_A_TRADE, trade] for skill in each) for each in self.skills
        ]
        fits = np.clip(np.array(of_worker) + draw.normal(0, 0.07, len(self.skills)), 0, 1)
        others = draw.uniform(0.4, 1, (len(self.skills), 3))
        found = [
            OutcomeRow(
                query=f"{at:016x}",
                day=day,
                gain=0.0,
                comfort=0.6,
                education=1.0,
                experience=float(others[person, 0]),
                fit=float(fits[person]),
                nearness=float(others[person, 1]),
                skills=float(fits[person]),
                wage=float(others[person, 2]),
                person=person,
                skill_items=tuple(SKILL_ITEMS[skill] for skill in self.skills[person]),
                work_items=(WORK_ITEMS[trade],),
            )
            for person in np.argsort(-fits, kind="stable")[:CANDIDATES].tolist()
        ]
        order = np.argsort(-score_rows(found, STATED), kind="stable")
        return [found[place] for place in order.tolist()]


def _skills(draw: np.random.Generator, main: int, second: int) -> tuple[int, ...]:
    """Draw two to four skills of the main trade; half of the people have one or two of another."""
    own = draw.permutation(SKILLS_OF_A_TRADE)[: draw.integers(2, SKILLS_OF_A_TRADE + 1)]
    other = draw.permutation(SKILLS_OF_A_TRADE)[: draw.integers(1, 3) * (draw.random() < 0.5)]
    found = {*(main * SKILLS_OF_A_TRADE + own), *(second * SKILLS_OF_A_TRADE + other)}
    return tuple(sorted(map(int, found)))


SKILL_ITEMS = sorted(vocabulary()[0])[: TRADES * SKILLS_OF_A_TRADE]
WORK_ITEMS = sorted(vocabulary()[1])[:TRADES]


class Office:
    """A county's office: it proposes day by day, and records the outcomes of clerks' actions."""

    def __init__(self, county: County, shown: Sequence[Counter[int]] = ()) -> None:
        self.county = county
        self.shown = list(shown)
        """Times that each worker was shown, by day."""
        self.rows: list[OutcomeRow] = []

    def exposures(self, days: int) -> Counter[int]:
        """Return the times that each worker was shown in the last days."""
        return sum(self.shown[-days:], Counter())

    def work_through(self, days: range, weights: Weights) -> None:
        """Propose and act on every opening of these days, by scores with these weights."""
        a_day = self.county.nature.openings_a_day
        draw = np.random.default_rng((self.county.seed, days.start))
        for day in days:
            openings = range(day * a_day, (day + 1) * a_day)
            places = dict(zip(openings, draw.choice((1, 1, 2, 3), a_day).tolist(), strict=True))
            proposed = self._proposed(places, weights)
            self.shown.append(Counter(person for _, person in proposed))
            for opening in openings:
                # Drawn for everybody, so that two ways of ranking meet the same chance.
                luck = draw.logistic(size=self.county.nature.people)
                acts = draw.random((self.county.nature.people, 2))
                strengths = self.county.strengths(opening)
                for row, strength in zip(self.county.candidates[opening], strengths, strict=True):
                    if (opening, row.person) in proposed:
                        self._act(row, float(strength + luck[row.person]), acts[row.person])

    def _proposed(self, headcounts: dict[int, int], weights: Weights) -> set[tuple[int, int]]:
        pairs, shares, seen = [], {}, self.exposures(EXPOSURE_DAYS)
        for opening in headcounts:
            rows = self.county.candidates[opening]
            scores = score_rows(rows, weights)
            preceded = (scores - score_rows(rows, STATED)).tolist()
            shown = [seen[row.person] for row in rows]
            order = add_bonuses(scores.round(1).tolist(), shown, preceded)
            for row, value in zip(rows, order, strict=True):
                pairs.append(Pair(str(opening), str(row.person), value))
                shares[str(row.person)] = Capacity().worker_day
        places = {str(id): Capacity().places(count, 0) for id, count in headcounts.items()}
        found = assign(pairs, places, shares)
        return {(int(pair.opening_id), int(pair.worker_id)) for pair in found}

    def _act(self, row: OutcomeRow, strength: float, acts: Floats) -> None:
        avoids = self.county.nature.biased and bool(self.county.avoided[row.person])
        if acts[0] < ACTED * (AVOIDED if avoids else 1):
            gain = LADDER[int(np.searchsorted(RUNGS, strength))]
            self.rows.append(replace(row, gain=0.0 if avoids and acts[1] < 1 / 3 else gain))
