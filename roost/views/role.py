"""What Roost needs of Elasticsearch, as the role of a user or of an API key."""

from __future__ import annotations

from typing import Any

from roost.views.mappings import VIEWS


def role() -> dict[str, Any]:
    """Its own views and the indices behind them, and to see how the cluster is; nothing else."""
    indices = [pattern for view in VIEWS for pattern in (view, f"{view}-*")]
    return {"cluster": ["monitor"], "indices": [{"names": indices, "privileges": ["all"]}]}
