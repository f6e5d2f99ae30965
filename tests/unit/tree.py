"""The repository's root and packages, for tests of its names and prose."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "api",
    "bench",
    "deploy",
    "matcher",
    "producers",
    "roost",
    "roost_client",
    "streams",
)
