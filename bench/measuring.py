"""Common parts of the benches: options, clock, processor time, readiness, file of results."""

from __future__ import annotations

import argparse
import json
import os
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from deploy.local.processes import Process
from roost.settings import ServerCompiler

RESULTS = Path(__file__).parent / "results"


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def add_compiler(parser: argparse.ArgumentParser) -> None:
    """Add the option of the servers' compiler; `full` is for large views."""
    parser.add_argument(
        "--compiler",
        type=ServerCompiler,
        choices=list(ServerCompiler),
        default=ServerCompiler.AUTO,
        help="just-in-time compilation of the servers (default: auto)",
    )


def load() -> float:
    """Return the load average of the last minute; other work falsifies figures."""
    return round(os.getloadavg()[0], 1)


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
