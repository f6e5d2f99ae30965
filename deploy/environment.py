"""The settings of a local stack, as values and as the environment of its processes."""

from __future__ import annotations

from pathlib import Path

from deploy.local import folders
from deploy.local.ports import Ports
from roost.settings import Settings

AT_ANY_HOUR: dict[str, object] = {"quiet_hours": "", "message_gap_minutes": 0.0}
"""For demonstrations, benches and tests: they run by night too, and look at every message."""


def settings_for(data: Path, ports: Ports) -> Settings:
    """The settings of a local stack."""
    return Settings().model_copy(
        update={
            "bootstrap_servers": f"127.0.0.1:{ports.kafka}",
            "elasticsearch_url": f"http://127.0.0.1:{ports.elasticsearch}",
            "api_port": ports.api,
            "data": data,
            "public_url": f"http://127.0.0.1:{ports.api}",
        }
    )


def in_usual_folder(settings: Settings) -> Settings:
    """Settings that name no data folder, with the usual one; others as they are."""
    if "data" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"data": folders.default_data()})


def environment_of(settings: Settings) -> dict[str, str]:
    """The same for child processes."""
    return {
        "ROOST_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "ROOST_ELASTICSEARCH_URL": settings.elasticsearch_url,
        "ROOST_API_HOST": settings.api_host,
        "ROOST_API_PORT": str(settings.api_port),
        "ROOST_DATA": str(settings.data),
        "ROOST_PUBLIC_URL": settings.public_url,
        "ROOST_QUIET_HOURS": settings.quiet_hours,
        "ROOST_MESSAGE_GAP_MINUTES": str(settings.message_gap_minutes),
        # Five processes share two cores: one thread each for arithmetic is the quickest.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
