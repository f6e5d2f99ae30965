"""Common parts of the benches: the clock, processor time, readiness and the file of results."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from deploy.local.processes import Process

RESULTS = Path(__file__).parent / "results"


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def processor_ms(processes: Sequence[Process]) -> dict[str, float]:
    """Return the processor time used so far by each part and its children, in milliseconds."""
    used = {}
    for process in processes:
        top = psutil.Process(process.pid)
        times = [each.cpu_times() for each in (top, *top.children(recursive=True))]
        used[process.part.name] = 1000 * sum(each.user + each.system for each in times)
    return used


def answers(url: str) -> bool:
    """Return whether a GET of the URL succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def write_results(name: str, results: object) -> None:
    """Print the results and write them to `bench/results/<name>.json`."""
    text = json.dumps(results, indent=2)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    print(text)
