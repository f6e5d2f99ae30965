"""Benchmark of assignment: greedy ranking, our assignment and the optimum on the same cases.

Some cases resemble those of the match stage: simulated openings and workers that are eligible and
reach the least score (`market`). In others everybody looks at the same few workers (`crowded`). The
results are the total score and its share of the optimum, the Gini coefficient of exposure (0: all
workers receive equally many), the workers reached, and milliseconds of processor time. `topped` is
ranking without limits on workers. It breaks the limit, so its total is not comparable; it shows the
exposure without a limit.

The results are written to `bench/results/assignment_gap.json`.

    python -m bench.assignment_gap --seeds 5
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.measuring import write_results
from bench.optimum import optimum
from deploy.model_setup import ensure_model
from matcher import features, ranking
from matcher.assignment import Pair, assign, assign_greedily, total_score
from matcher.similarity import SimilarityModel
from producers import facts, simulator
from roost.ids import UNKEYED, install
from roost.places.gazetteer import gazetteer
from roost.rules.capacity import Capacity

LEAST_SCORE = 35.0
CANDIDATES = 60
"""Candidates of an opening, as in the match stage."""
SOLVABLE = 6_000
"""Most pairs for which the optimum is computed; it takes some seconds."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    workers: Sequence[str]
    pairs: Sequence[Pair]
    places: Mapping[str, int]
    shares: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    total: float
    pairs: int
    gini: float
    reached: int
    most: int
    ms: float


def market(openings: int, workers: int, seed: int, model: SimilarityModel) -> Case:
    """Simulate people and openings, scored by the matcher."""
    at = datetime(2026, 11, 23, tzinfo=UTC)
    people = []
    for content in simulator.profiles(workers, seed=seed):
        profile, _ = facts.profile_put(content, at=at, source="bench")
        people.append(features.of_worker(profile, 1, model, gazetteer()))
    pairs, places = [], {}
    for posted in simulator.openings(openings, seed=seed):
        opening, _ = facts.opening_posted(posted, at=at, today=at.date(), source="bench")
        work = features.of_opening(opening, 1, model, gazetteer())
        places[work.id] = Capacity().places(work.headcount, 0)
        pairs += [
            Pair(work.id, each.candidate.id, each.score)
            for each in ranking.rank(work, people, at.date(), CANDIDATES, LEAST_SCORE)
        ]
    ids = [each.id for each in people]
    return Case(
        f"market {openings}x{workers}",
        ids,
        pairs,
        places,
        dict.fromkeys(ids, Capacity().worker_day),
    )


def crowded(openings: int, workers: int, seed: int) -> Case:
    """Draw a case where some workers look good to all openings, so that most want the same ones."""
    dice = random.Random(seed)
    looks = {f"w{number:04}": dice.uniform(0, 40) for number in range(workers)}
    pairs, places = [], {}
    for number in range(openings):
        id = f"o{number:04}"
        places[id] = Capacity().places(dice.choice((1, 1, 2, 3)), 0)
        scored = [(35 + look + dice.uniform(0, 25), worker) for worker, look in looks.items()]
        best = sorted(scored, reverse=True)[:CANDIDATES]
        pairs += [Pair(id, worker, round(score, 1)) for score, worker in best]
    return Case(
        f"crowded {openings}x{workers}", list(looks), pairs, places, dict.fromkeys(looks, 2)
    )


def gini(counts: Sequence[int]) -> float:
    """Return the Gini coefficient: 0 for equal counts, near 1 when one has everything.

    Source: Gini, "Variabilità e mutabilità" (1912).
    """
    whole, count = sum(counts), len(counts)
    if not whole:
        return 0.0
    weighed = sum(rank * each for rank, each in enumerate(sorted(counts), start=1))
    return 2 * weighed / (count * whole) - (count + 1) / count


def outcome(case: Case, decide: Callable[[], list[Pair]]) -> Outcome:
    began = time.process_time()
    found = decide()
    ms = 1000 * (time.process_time() - began)
    sent = Counter(pair.worker_id for pair in found)
    counts = [sent[worker] for worker in case.workers]
    return Outcome(
        total_score(found), len(found), gini(counts), len(sent), max(counts, default=0), ms
    )


def compared(case: Case) -> dict[str, Outcome]:
    limits = case.places, case.shares
    unlimited = dict.fromkeys(case.shares, len(case.places))
    found = {
        "topped": outcome(case, lambda: assign_greedily(case.pairs, case.places, unlimited)),
        "greedy": outcome(case, lambda: assign_greedily(case.pairs, *limits)),
        "ours": outcome(case, lambda: assign(case.pairs, *limits)),
    }
    if len(case.pairs) <= SOLVABLE:
        found["optimum"] = outcome(case, lambda: optimum(case.pairs, *limits))
    return found


def summary(runs: Sequence[dict[str, Outcome]]) -> dict[str, dict[str, float]]:
    """Return the median of every measure over the seeds, and the least share of the optimum."""
    lines = {}
    for method in runs[0]:
        each = [run[method] for run in runs]
        figures: dict[str, float] = {
            "total": round(statistics.median(one.total for one in each), 1),
            "pairs": statistics.median(one.pairs for one in each),
            "gini": round(statistics.median(one.gini for one in each), 3),
            "workers_reached": statistics.median(one.reached for one in each),
            "most_to_one_worker": max(one.most for one in each),
            "cpu_ms": round(statistics.median(one.ms for one in each), 2),
        }
        if "optimum" in runs[0] and method not in ("optimum", "topped"):
            shares = [run[method].total / run["optimum"].total for run in runs]
            figures["of_optimum"] = round(statistics.median(shares), 5)
            figures["of_optimum_least"] = round(min(shares), 5)
        lines[method] = figures
    return lines


def measure(seeds: int) -> dict[str, object]:
    model = ensure_model(Path(__file__).parents[1] / "build" / "similarity")
    markets = ((8, 100), (32, 300), (80, 400), (300, 2_000))
    crowds = ((8, 20), (32, 80), (80, 200), (300, 600))
    makers: list[Callable[[int], Case]] = [
        *(partial(_market, size, model) for size in markets),
        *(partial(_crowd, size) for size in crowds),
    ]
    found: dict[str, object] = {"seeds": seeds}
    for maker in makers:
        made = [maker(seed) for seed in range(1, seeds + 1)]
        lines = summary([compared(case) for case in made])
        found[made[0].name] = {
            "candidate_pairs": statistics.median(len(case.pairs) for case in made),
            **lines,
        }
        _show(made[0].name, lines)
    return found


def _market(size: tuple[int, int], model: SimilarityModel, seed: int) -> Case:
    return market(*size, seed, model)


def _crowd(size: tuple[int, int], seed: int) -> Case:
    return crowded(*size, seed)


def _show(name: str, lines: Mapping[str, Mapping[str, float]]) -> None:
    print(name)
    for method, figures in lines.items():
        print(
            "  " + method.ljust(8), "  ".join(f"{key} {value:g}" for key, value in figures.items())
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    install(UNKEYED)
    found = measure(parser.parse_args().seeds)
    write_results("assignment_gap", found)


if __name__ == "__main__":
    main()
