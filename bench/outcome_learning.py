"""Benchmark of precedents: simulated counties, by content alone and with what outcomes taught.

In every county an office works for some weeks by content alone; then precedents are learned, and
the gate of `roost train` decides. For the following weeks two offices go on with the same luck: by
content alone, and with the precedents, accepted or not. The measures of these weeks are nDCG@10 of
the true fit among an opening's candidates, the Gini coefficient of exposure, placements, and the
exposure of the group that biased clerks avoid, relative to everybody else's.

For comparison, the same gate and weeks with lifts by shrunk cosine of placements, without
regression. The results are written to `bench/results/outcomes.json`.

    python -m bench.outcome_learning --seeds 5
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from sklearn.metrics import ndcg_score

from bench.assignment_gap import gini
from bench.measuring import write_results
from bench.outcome_counties import County, Nature, Office
from matcher.comparison import accepts_candidate, compare_weights, split_by_day
from matcher.learning import score_rows
from matcher.lessons import Decision, learn_precedents
from matcher.match_outcomes import OutcomeRow
from matcher.precedent_learning import count_people, fit_precedents
from matcher.precedents import LEAST_PEOPLE, Lift, Precedents, versioned_precedents
from matcher.weights import STATED, Weights
from roost.rules.rounded_counts import bucket

LATER_DAYS = 30
COUNTIES: dict[str, tuple[Nature, int]] = {
    "hidden effects": (Nature(), 120),
    "weak hidden effects": (Nature(hidden=1.5), 120),
    "no hidden effects": (Nature(hidden=0.0), 120),
    "hidden effects, biased clerks": (Nature(biased=True), 120),
    "no hidden effects, biased clerks": (Nature(hidden=0.0, biased=True), 120),
    "cold start, 20 days": (Nature(), 20),
    "cold start, 3 days": (Nature(), 3),
}
"""Counties, and the days of outcomes before precedents are learned."""
SHRINKAGE, COSINE_POINTS = 10.0, 40.0


@dataclass(frozen=True, slots=True)
class LaterWeeks:
    """Measures of the weeks after the training."""

    ndcg: float
    gini: float
    placed: float
    avoided: float
    """Mean exposure of the avoided group, divided by that of everybody else."""


def measure(office: Office, days: range, weights: Weights) -> LaterWeeks:
    """Let an office work through these days, and measure them."""
    later = Office(office.county, office.shown)
    later.work_through(days, weights)
    county, a_day = office.county, office.county.nature.openings_a_day
    found = []
    for opening in range(days.start * a_day, days.stop * a_day):
        fits = 1 / (1 + np.exp(-county.strengths(opening)))
        scores = score_rows(county.candidates[opening], weights).round(1)
        found.append(ndcg_score(fits[None], scores[None], k=10))
    counted = later.exposures(len(days))
    shown = np.array([counted[person] for person in range(county.nature.people)])
    return LaterWeeks(
        float(np.mean(found)),
        gini(shown.tolist()),
        sum(row.gain == 1 for row in later.rows),
        float(shown[county.avoided].mean() / shown[~county.avoided].mean()),
    )


def cosine_lifts(rows: Sequence[OutcomeRow], _: Weights) -> Precedents:
    """Return lifts by shrunk cosine: people placed of a pair of items, by the sizes of both."""
    counted = count_people(rows)
    skills, work = Counter[str](), Counter[str]()
    for (skill, kind), count in counted.placed.items():
        skills[skill] += count
        work[kind] += count
    lifts = {}
    for (skill, kind), count in counted.placed.items():
        if count >= LEAST_PEOPLE:
            cosine = count / (math.sqrt(skills[skill] * work[kind]) + SHRINKAGE)
            lifts[skill, kind] = Lift(round(COSINE_POINTS * cosine, 2), bucket(count))
    return versioned_precedents(lifts)


def compare_county(nature: Nature, days: int, seed: int) -> dict[str, LaterWeeks | bool]:
    """Learn in one county, and measure the later weeks of every way of ranking."""
    office = Office(County(nature, seed))
    office.work_through(range(days), STATED)
    later = range(days, days + LATER_DAYS)
    training, held_out = split_by_day(office.rows)
    lesson = learn_precedents(STATED, office.rows, in_force=False)
    found: dict[str, LaterWeeks | bool] = {"content": measure(office, later, STATED)}
    ways: dict[str, Callable[[Sequence[OutcomeRow], Weights], Precedents]] = {
        "precedents": fit_precedents,
        "shrunk cosine": cosine_lifts,
    }
    for way, fit in ways.items():
        weights = replace(STATED, precedents=fit(training, STATED))
        found[way] = measure(office, later, weights)
        compared = compare_weights(STATED, weights, held_out)
        found[f"{way} accepted"] = accepts_candidate(compared)
    found["precedents accepted"] = lesson.decision is Decision.ACCEPTED
    return found


def summary(runs: Sequence[dict[str, LaterWeeks | bool]]) -> dict[str, dict[str, float]]:
    """Return means over the seeds, and differences from content alone."""
    lines: dict[str, dict[str, float]] = {}
    for way in ("content", "precedents", "shrunk cosine"):
        own = [(run["content"], run[way], run.get(f"{way} accepted", True)) for run in runs]
        pairs = [
            (a, b) for a, b, _ in own if isinstance(a, LaterWeeks) and isinstance(b, LaterWeeks)
        ]
        means = {
            name: round(statistics.mean(getattr(now, name) for _, now in pairs), 4)
            for name in LaterWeeks.__slots__
        }
        if way != "content":
            means["accepted"] = sum(bool(accepted) for *_, accepted in own)
            for name in ("ndcg", "gini"):
                change = [getattr(now, name) - getattr(base, name) for base, now in pairs]
                means[f"{name}_change"] = round(statistics.mean(change), 4)
                means[f"{name}_change_{'least' if name == 'ndcg' else 'most'}"] = round(
                    min(change) if name == "ndcg" else max(change), 4
                )
        lines[way] = means
    return lines


def main() -> None:
    """Measure all counties and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    results: dict[str, object] = {"seeds": options.seeds}
    tasks = [
        (replace(nature, days=days + LATER_DAYS), days, seed)
        for nature, days in COUNTIES.values()
        for seed in range(1, options.seeds + 1)
    ]
    with ProcessPoolExecutor(options.processes) as pool:
        runs = list(pool.map(compare_county, *zip(*tasks, strict=True)))
    for at, name in enumerate(COUNTIES):
        results[name] = summary(runs[at * options.seeds : (at + 1) * options.seeds])
    write_results("outcomes", results)


if __name__ == "__main__":
    main()
