"""The report of vulnerable dependencies, and of those that were not audited."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from deploy.dependency_audit import HOLES, NOT_AUDITED, PIN, Audit, audit_of, report_lines, status

LOCK = Path(__file__).parents[3] / "requirements.lock"
SAFE = {"name": "safe", "version": "1", "vulns": []}
SKIPPED = {"name": "odd", "skip_reason": "not found"}
HOLED = {
    "name": "holed",
    "version": "1",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"], "aliases": [], "description": ""}],
}


def found(*packages: dict[str, Any]) -> Audit:
    return audit_of({"dependencies": list(packages)})


def test_a_known_hole_fails_and_is_named_with_its_remedy() -> None:
    audit = found(SAFE, HOLED)
    assert status(audit, required=False) == HOLES
    assert report_lines(audit, 2)[0] == "HOLE: holed 1: PYSEC-1, fixed in 2"


def test_a_missing_audit_is_reported_and_fails_where_it_is_required() -> None:
    for audit in (None, found(SKIPPED)):
        assert report_lines(audit, 150)[0].startswith("NOT AUDITED")
        assert status(audit, required=False) == 0
        assert status(audit, required=True) == NOT_AUDITED


def test_what_was_skipped_is_named() -> None:
    audit = found(SAFE, SKIPPED)
    assert "NOT AUDITED: odd" in report_lines(audit, 2)
    assert status(audit, required=True) == NOT_AUDITED
    assert status(found(SAFE), required=True) == 0


def test_every_dependency_is_pinned_with_hashes() -> None:
    text = LOCK.read_text(encoding="utf-8")
    entries = [each for each in re.split(r"\n(?=\S)", text) if not each.startswith("#")]
    assert len(entries) > 100
    for entry in entries:
        assert PIN.match(entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]
