"""Greedy ranking, our assignment and the optimum on the same seeded cases.

Cases are like those of the match stage: simulated openings and workers that are eligible and reach
the least score (`market`), and drawn ones in which everybody looks at the same few (`crowded`).
Printed and written to `bench/results/assignment.json`: total score, its share of the optimum, the
Gini coefficient of exposure (0: all workers are sent equally much), workers reached, and
milliseconds of processor time.
`topped` is what ranking without limits on workers does: it is no rival in total, since it breaks
the limit, but it shows what exposure looks like without one.

    python -m bench.assignment --seeds 5
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.optimum import optimum
from deploy.model_setup import ensure_model
from matcher import features, ranking
from matcher.assignment import Capacity, Pair, assign, greedy, total
from matcher.similarity import SimilarityModel, hexadecimal
from producers import facts, simulator
from roost.places.gazetteer import gazetteer

RESULTS = Path(__file__).parent / "results" / "assignment_gap.json"
LEAST_SCORE = 35.0
CANDIDATES = 60
"""As the match stage recalls for an opening."""
SOLVABLE = 6_000
"""Pairs up to which the optimum is computed: some seconds."""


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
    """Simulated people and work, judged as the matcher judges them."""
    at = datetime(2026, 11, 23, tzinfo=UTC)
    people = []
    for content in simulator.profiles(workers, seed=seed):
        profile, _ = facts.profile_put(content, at=at, source="bench")
        (vector,) = hexadecimal(model.embed([features.worker_text(profile)]))
        people.append(features.of_worker(profile, 1, vector, model, gazetteer()))
    pairs, places = [], {}
    for posted in simulator.openings(openings, seed=seed):
        opening, _ = facts.opening_posted(posted, at=at, today=at.date(), source="bench")
        (vector,) = hexadecimal(model.embed([features.opening_text(opening)]))
        work = features.of_opening(opening, 1, vector, model, gazetteer())
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
    """Some workers look good to everybody, so that most openings want the same ones."""
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
    """0 when all have the same, near 1 when one has everything."""
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
    return Outcome(total(found), len(found), gini(counts), len(sent), max(counts, default=0), ms)


def compared(case: Case) -> dict[str, Outcome]:
    limits = case.places, case.shares
    unlimited = dict.fromkeys(case.shares, len(case.places))
    found = {
        "topped": outcome(case, lambda: greedy(case.pairs, case.places, unlimited)),
        "greedy": outcome(case, lambda: greedy(case.pairs, *limits)),
        "ours": outcome(case, lambda: assign(case.pairs, *limits)),
    }
    if len(case.pairs) <= SOLVABLE:
        found["optimum"] = outcome(case, lambda: optimum(case.pairs, *limits))
    return found


def summary(runs: Sequence[dict[str, Outcome]]) -> dict[str, dict[str, float]]:
    """The median of every figure over the seeds; the least share of the optimum beside it."""
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
    model = ensure_model(RESULTS.parents[2] / "build" / "similarity")
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
    found = measure(parser.parse_args().seeds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
