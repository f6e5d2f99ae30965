"""Audit of the pinned dependencies: `python -m deploy.dependency_audit requirements.lock`.

pip-audit asks the advisories of the package index for every pinned version. Where these are
unreachable, it reports success; this module states that nothing was audited. `AUDIT=required` makes
that a failure, for a build that must know.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?==([^\s;\\]+)", re.MULTILINE)
HOLES, NOT_AUDITED = 1, 2


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of pip-audit: vulnerabilities by package, and the packages it skipped."""

    audited: int = 0
    holes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def main(arguments: Sequence[str] = tuple(sys.argv[1:])) -> int:
    """Audit a lock file, print the result and return the exit status."""
    lock = Path(arguments[0])
    required = os.environ.get("AUDIT") == "required"
    pins = PIN.findall(lock.read_text(encoding="utf-8"))
    name, version = pins[0]
    with tempfile.TemporaryDirectory() as folder:
        # Audit a single package first: without advisories, 150 requests would all fail.
        one = Path(folder) / "one.txt"
        one.write_text(f"{name}=={version}\n", encoding="utf-8")
        first = _asked(["-r", str(one), "--no-deps"])
    found = _asked(["--require-hashes", "-r", str(lock)]) if first and first.audited else first
    print("\n".join(report_lines(found, len(pins))))
    return status(found, required=required)


def status(found: Audit | None, *, required: bool) -> int:
    """Return the exit status: 0, or the reason for a failure."""
    if found is not None and found.holes:
        return HOLES
    whole = found is not None and found.audited and not found.unknown
    return NOT_AUDITED if required and not whole else 0


def report_lines(found: Audit | None, pinned: int) -> list[str]:
    """Return the lines that report an audit of `pinned` packages."""
    if found is None or not found.audited:
        return [
            f"NOT AUDITED: advisories are unreachable; nothing is known of {pinned} pinned "
            "dependencies.",
            "Run `make check` with access to the package index; AUDIT=required makes this fail.",
        ]
    lines = [f"HOLE: {each}" for each in found.holes]
    if found.unknown:
        lines.append(f"NOT AUDITED: {', '.join(found.unknown)}")
    lines.append(f"Audited {found.audited} of {pinned} pinned: {len(found.holes)} with known holes")
    return lines


def audit_of(report: dict[str, Any]) -> Audit:
    """Convert pip-audit's JSON."""
    packages = report["dependencies"]
    return Audit(
        audited=sum("skip_reason" not in package for package in packages),
        holes=tuple(
            f"{package['name']} {package['version']}: {hole['id']}, "
            f"fixed in {', '.join(hole['fix_versions']) or 'no version yet'}"
            for package in packages
            for hole in package.get("vulns", ())
        ),
        unknown=tuple(package["name"] for package in packages if "skip_reason" in package),
    )


def _asked(arguments: Sequence[str]) -> Audit | None:
    """Run pip-audit; None when it could not reach the advisories."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--disable-pip"]
    done = subprocess.run(
        [*command, "--progress-spinner", "off", "--timeout", "10", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return audit_of(json.loads(done.stdout))
    except json.JSONDecodeError:
        print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip-audit failed")
        return None


if __name__ == "__main__":
    sys.exit(main())
