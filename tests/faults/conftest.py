"""One cluster for the session; the environment selects the rows, seeds and stages."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from streams.stages import READS
from tests.faults.cluster import Cluster, cluster
from tests.faults.rows import QUICK, ROWS
from tests.faults.scenario import Outcome
from tests.faults.tables import between_marks, length_of, table_of

RESULTS = Path(__file__).parents[2] / "bench" / "results" / "faults.json"
PAGE = Path(__file__).parents[2] / "docs" / "delivery.md"
STAGES = tuple(os.environ.get("STAGES", " ".join(READS)).split())
SEEDS = tuple(int(each) for each in os.environ.get("SEEDS", "7").split())
DATA = Path(os.environ["FAULTS_DATA"]) if "FAULTS_DATA" in os.environ else None
"""Folder that keeps data and logs for inspection after a failure."""
CHOSEN = os.environ.get("ROWS", "")
FULL = bool(CHOSEN) and os.environ.get("FULL", "1") == "1"
"""Rows selected by name run at full length, unless FULL=0."""


def rows() -> tuple[int, ...]:
    if CHOSEN == "all":
        return tuple(ROWS)
    return tuple(int(each) for each in CHOSEN.split()) or QUICK


@pytest.fixture(scope="session")
def running() -> Iterator[Cluster]:
    with cluster(STAGES, DATA) as made:
        yield made


@pytest.fixture(scope="session")
def table() -> Iterator[list[Outcome]]:
    """Collect the outcomes and merge them into the results.

    An outcome replaces the earlier one of the same row, seed and length.
    """
    lines: list[Outcome] = []
    yield lines
    if not lines or not CHOSEN:
        return
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    kept = {_which(each): each for each in (*known, *map(asdict, lines))}
    results = [kept[key] for key in sorted(kept)]
    text = json.dumps(results, indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(between_marks(page, table_of(results)), encoding="utf-8")


def _which(result: Mapping[str, Any]) -> tuple[int, int, str]:
    return (result["row"], result["seed"], length_of(result))
