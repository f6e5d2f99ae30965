"""Processes that decide nothing about matches do not load the similarity model's libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL_LIBRARIES = {"numpy", "onnxruntime", "scipy", "sklearn"}
OF_SPREADSHEETS = {"numpy"}
"""Loaded by openpyxl, which the API reads and writes spreadsheets with, and by comparisons."""


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("api.app", OF_SPREADSHEETS),
        ("matcher.ranking", OF_SPREADSHEETS),
        ("roost_client", set()),
        ("streams.deliver.delivery_admin", set()),
        ("streams.deliver.ledger", set()),
        ("streams.stage_commands", set()),
    ],
)
def test_an_import_loads_no_model_library(module: str, allowed: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert MODEL_LIBRARIES & set(done.stdout.split()) <= allowed
