"""Environment variables that child processes inherit: listed ones only.

A server needs no secret of Roost, so it receives no `ROOST_*` variable. Roost's own processes
receive those, in any case as the settings read them, and the variables that channel URLs refer to
(`env:NAME`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Inherit = Callable[[Mapping[str, str]], dict[str, str]]
"""Selects what a child process inherits from its parent's environment."""

ANY_PROCESS = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|JAVA_HOME|LD_LIBRARY_PATH"
)
DOWNLOADS = re.compile(
    r"MAVEN_\w+|M2_HOME|(?i:https?_proxy|no_proxy|all_proxy)|SSL_CERT_FILE|SSL_CERT_DIR"
)
ROOST_PROCESS = re.compile(
    r"(?i:ROOST_\w+)|PYTHON\w+|VIRTUAL_ENV|COVERAGE_\w+|FORWARDED_ALLOW_IPS|OMP_\w+|OPENBLAS_\w+"
    r"|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
)
_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


def server_environment(parent: Mapping[str, str]) -> dict[str, str]:
    """Return what Kafka and Elasticsearch inherit."""
    return _selected(parent, ANY_PROCESS)


def download_environment(parent: Mapping[str, str]) -> dict[str, str]:
    """Return what Maven inherits: its own settings, proxies and certificates as well."""
    return _selected(parent, ANY_PROCESS, DOWNLOADS)


def roost_environment(parent: Mapping[str, str]) -> dict[str, str]:
    """Return what Roost's processes inherit: the settings and what they refer to as well."""
    urls = [value for name, value in parent.items() if name.upper() == "ROOST_CHANNEL_URLS"]
    referred = _REFERENCE.findall(" ".join(urls))
    named = {name: parent[name] for name in referred if name in parent}
    return _selected(parent, ANY_PROCESS, DOWNLOADS, ROOST_PROCESS) | named


def _selected(parent: Mapping[str, str], *allowed: re.Pattern[str]) -> dict[str, str]:
    return {
        name: value
        for name, value in parent.items()
        if any(pattern.fullmatch(name) for pattern in allowed)
    }
