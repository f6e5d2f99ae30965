"""The settings of a local stack, as values and as the environment of its processes."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from deploy.local import folders
from deploy.local.security import security_of
from deploy.local.stack_ports import Ports
from roost.settings import Settings

AT_ANY_HOUR: dict[str, object] = {
    "quiet_hours": "",
    "message_gap_minutes": 0.0,
    "rate_per_principal_per_minute": 0,
    "rate_per_address_per_minute": 0,
    "rate_open_per_minute": 0,
    "rate_sign_in_per_minute": 0,
    "second_factor_roles": [],
    "matches_per_worker_employer_day": 500,
    "matches_reserved_per_worker_day": 0,
    "matches_per_employer_day": 1_000_000,
}
"""Settings for demos, benches and tests.

They also run at night, look at every message, send requests without a limit, post in bulk for one
employer, and hold sample data, so that an administrator needs no second factor.
"""


def settings_for(data: Path, ports: Ports) -> Settings:
    """Return the settings of a local stack: the operator's, but with its own servers and folder."""
    scheme = "http" if security_of(data) is None else "https"
    chosen = Settings()
    own_url = "public_url" in chosen.model_fields_set
    return chosen.model_copy(
        update=_with_security(data, ports)
        | {
            "bootstrap_servers": f"127.0.0.1:{ports.kafka}",
            "elasticsearch_url": f"{scheme}://127.0.0.1:{ports.elasticsearch}",
            "api_port": ports.api,
            "data": data,
            "public_url": chosen.public_url if own_url else f"http://127.0.0.1:{ports.api}",
        }
    )


def _with_security(data: Path, ports: Ports) -> dict[str, object]:
    """Return Roost's credentials for a folder whose servers are secured."""
    security = security_of(data)
    if security is None:
        return {}
    brokers = security.brokers(ports)
    return {
        "kafka_security_protocol": brokers.protocol,
        "kafka_ca": brokers.ca,
        "kafka_sasl_mechanism": brokers.mechanism,
        "kafka_sasl_username": brokers.username,
        "kafka_sasl_password": brokers.password,
        "elasticsearch_ca": security.ca,
        "elasticsearch_api_key": SecretStr(security.api_key()),
    }


def in_usual_folder(settings: Settings) -> Settings:
    """Set the usual data folder in settings that name none; leave others unchanged."""
    if "data" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"data": folders.default_data()})


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the settings as environment variables for child processes.

    Settings that have their default are left out, except those that a child's inherited
    environment could contradict.
    """
    return {
        **_differing(settings),
        "ROOST_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "ROOST_ELASTICSEARCH_URL": settings.elasticsearch_url,
        "ROOST_API_HOST": settings.api_host,
        "ROOST_API_PORT": str(settings.api_port),
        "ROOST_DATA": str(settings.data),
        "ROOST_PUBLIC_URL": settings.public_url,
        "ROOST_QUIET_HOURS": settings.quiet_hours,
        "ROOST_SECOND_FACTOR_ROLES": json.dumps(settings.second_factor_roles),
        "ROOST_MESSAGE_GAP_MINUTES": str(settings.message_gap_minutes),
        # Five processes share two cores: one arithmetic thread each is fastest.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _differing(settings: Settings) -> dict[str, str]:
    """Return the settings that differ from their default, as the settings read them."""
    return {
        f"ROOST_{name.upper()}": _as_variable(value)
        for name, field in Settings.model_fields.items()
        if (value := getattr(settings, name)) is not None
        and value != field.get_default(call_default_factory=True)
    }


def _as_variable(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict | list | tuple | bool):
        return json.dumps(value, default=_as_variable)
    return str(value)
