"""The table of the fault suite in the documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.tables import BEGINS, ENDS, between_marks, table_of

ROOT = Path(__file__).parents[3]
LINE = {
    "row": 4,
    "fault": "a kill",
    "seed": 7,
    "injections": 3,
    "lost": 0,
    "repeats": 0,
    "parked": 2,
    "recover_s": None,
    "passed": False,
    "notes": {"length": "short"},
}


def test_a_row_that_did_not_pass_says_so() -> None:
    *_, line = table_of([LINE]).splitlines()
    assert line == "| 4 | a kill (**not passed**: 7) | short | 7 | 3 | 0 | 0 | 2 | – |"
    assert "not passed" not in table_of([{**LINE, "passed": True}])


def test_a_row_is_a_line_with_sums_over_its_seeds_and_the_longest_recovery() -> None:
    good = {**LINE, "passed": True, "recover_s": 2.5}
    results = [good, {**good, "seed": 8, "recover_s": 11}, {**good, "row": 2}]
    *_, before, line = table_of(results).splitlines()
    assert before.startswith("| 2 |")
    assert line == "| 4 | a kill | short | 7 8 | 6 | 0 | 0 | 4 | 11 |"


def test_a_run_at_full_length_is_a_separate_line() -> None:
    full = {**LINE, "passed": True, "notes": {"length": "full"}}
    *_, before, line = table_of([full, {**LINE, "passed": True}]).splitlines()
    assert before.startswith("| 4 | a kill | short | 7 |")
    assert line.startswith("| 4 | a kill | full | 7 |")


def test_the_table_replaces_the_one_before_and_nothing_else() -> None:
    page = f"above\n{BEGINS}\nold\n{ENDS}\nbelow\n"
    assert between_marks(page, "new") == f"above\n{BEGINS}\nnew\n{ENDS}\nbelow\n"
    with pytest.raises(ValueError, match="unpack"):
        between_marks("no marks", "new")


def test_the_page_shows_the_results_as_they_are() -> None:
    results = json.loads((ROOT / "bench" / "results" / "faults.json").read_text("utf-8"))
    page = (ROOT / "docs" / "delivery.md").read_text("utf-8")
    assert between_marks(page, table_of(results)) == page
