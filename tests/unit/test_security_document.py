"""Every test that the threat model names exists, and no risk is without one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT)


def test_every_test_that_the_document_names_exists() -> None:
    assert len(NAMED) > 20
    missing = [
        f"{file}::{name}"
        for file, name in NAMED
        if not re.search(rf"def {name}\(", (ROOT / file).read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_every_risk_of_the_top_ten_has_a_defence_and_a_test() -> None:
    rows = re.findall(r"^\| API(\d+) [^|]+\| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 11))
    for number, defence, shown in rows:
        assert len(defence) > 40, number
        assert "::test_" in shown, number


def test_every_closed_hole_names_its_tests() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \| ([^|]*) \|$", TEXT, re.MULTILINE)
    assert len({number for number, _, _ in rows}) == 35
    assert [defence for _, defence, shown in rows if "::test_" not in shown] == []
