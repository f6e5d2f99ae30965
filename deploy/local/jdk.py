"""Search for a JDK that runs Elasticsearch: version 21 or later, with `jdk.incubator.vector`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from deploy.local.stack_errors import CannotStart

LEAST = 21
PLACES = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/*jdk*",
    "/opt/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
)
VECTOR_MODULE = "jdk.incubator.vector"


def find_jdk() -> Path:
    """Return the home of the newest fitting JDK; JAVA_HOME first, then PATH, then usual places.

    Raises CannotStart when none fits.
    """
    others: list[str] = []
    fitting: list[tuple[int, Path]] = []
    for rank, home in enumerate(dict.fromkeys(_candidates())):
        version, has_vector = describe(home)
        if version is None:
            continue
        if version >= LEAST and has_vector:
            if rank == 0 and os.environ.get("JAVA_HOME"):
                return home
            fitting.append((version, home))
        others.append(f"{version} in {home}")
    if fitting:
        return max(fitting)[1]
    found = f" (found: {', '.join(others)})" if others else ""
    raise CannotStart(
        f"No JDK {LEAST} or later with the module {VECTOR_MODULE} was found{found}; "
        "install one, e.g. Temurin 25, or let JAVA_HOME point to it."
    )


def describe(home: Path) -> tuple[int | None, bool]:
    """Return (major version, has the vector module) of a JDK; (None, False) if it is none."""
    release = home / "release"
    if not (home / "bin" / "java").exists() or not release.exists():
        return None, False
    text = release.read_text(encoding="utf-8", errors="replace")
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    modules = re.search(r'^MODULES="([^"]*)"', text, re.MULTILINE)
    has_vector = (home / "jmods" / f"{VECTOR_MODULE}.jmod").exists() or (
        modules is not None and VECTOR_MODULE in modules.group(1).split()
    )
    return (int(found.group(1)) if found else None), has_vector


def _candidates() -> Iterator[Path]:
    if java_home := os.environ.get("JAVA_HOME"):
        yield Path(java_home)
    if java := shutil.which("java"):
        yield Path(java).resolve().parent.parent
    for pattern in PLACES:
        expanded = Path(pattern).expanduser()
        yield from sorted(Path(expanded.anchor).glob(str(expanded.relative_to(expanded.anchor))))
