"""Role of Roost's user or API key in Elasticsearch, with the permissions it needs."""

from __future__ import annotations

from typing import Any

from roost.views.mappings import VIEWS


def role() -> dict[str, Any]:
    """Return the role: its own views and their indices, and the cluster's health; nothing else."""
    indices = [pattern for view in VIEWS for pattern in (view, f"{view}-*")]
    return {"cluster": ["monitor"], "indices": [{"names": indices, "privileges": ["all"]}]}
