"""What Prometheus is told of a stage."""

from __future__ import annotations

import re
import time

import httpx
import pytest

from deploy.local.ports import Ports
from deploy.up import STAGES
from roost.settings import Settings
from tests.stack.stages import running

pytestmark = pytest.mark.stack


def test_a_stage_tells_its_lag_on_a_port_of_its_own(settings: Settings) -> None:
    port = Ports.free().api
    apart = settings.model_copy(update={"metrics_port": port - STAGES.index("deliver")})
    with running(apart, "deliver"):
        said = asked(f"http://127.0.0.1:{port}/metrics", 'roost_stage_lag{topic="notifications"}')
    assert float(said) >= 0


def asked(url: str, metric: str) -> str:
    """Its value, as soon as it is told."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := re.search(re.escape(metric) + r" (\S+)", httpx.get(url).text):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(f"{metric} is not told")
