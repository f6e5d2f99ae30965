"""Metrics of a stage, as Prometheus reads them."""

from __future__ import annotations

import re

import httpx
import pytest

from deploy.local.ports import Ports
from deploy.up import STAGES
from roost.settings import Settings
from tests.stack.stages import running
from tests.stack.waiting import until

pytestmark = pytest.mark.stack


async def test_a_stage_tells_its_lag_on_a_port_of_its_own(settings: Settings) -> None:
    port = Ports.free().api
    apart = settings.model_copy(update={"metrics_port": port - STAGES.index("deliver")})
    metric = re.compile(r'roost_stage_lag\{topic="notifications"\} (\S+)')
    async with httpx.AsyncClient() as prometheus:

        async def told() -> re.Match[str] | None:
            return metric.search((await prometheus.get(f"http://127.0.0.1:{port}/metrics")).text)

        with running(apart, "deliver"):
            said = await until("the lag told", told)
    assert said is not None
    assert float(said[1]) >= 0
