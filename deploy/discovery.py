"""The stack that commands talk to: the one in the settings, else the one that runs here."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from deploy.environment import environment_of, settings_for
from deploy.local import folders
from deploy.local.supervisor import status

NAMED_BY = ("ROOST_BOOTSTRAP_SERVERS", "ROOST_ELASTICSEARCH_URL")


def adopt_running_stack(environment: MutableMapping[str, str]) -> Path | None:
    """Point the environment to a stack that runs on this machine; return its data folder.

    Existing settings stay. Nothing changes when they already name servers, or when no stack runs in
    `ROOST_DATA`, in the usual folder or as a demo.
    """
    if any(name in environment for name in NAMED_BY):
        return None
    usual = folders.default_data()
    own = [Path(environment["ROOST_DATA"])] if "ROOST_DATA" in environment else []
    for data in (*own, usual, usual / "demo"):
        found = status(data)
        if found is not None:
            for name, value in environment_of(settings_for(data, found.ports)).items():
                environment.setdefault(name, value)
            return data
    return None
