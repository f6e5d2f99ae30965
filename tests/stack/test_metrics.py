"""Metrics of a stage, as Prometheus reads them."""

from __future__ import annotations

import re

import httpx
import pytest

from deploy.local.stack_ports import Ports
from deploy.up import STAGES
from roost.events.notification import RecipientKind
from roost.metrics import NO_RECIPIENT
from roost.settings import Settings
from tests.stack.stages import running
from tests.stack.waiting import until

pytestmark = pytest.mark.stack
KINDS = {NO_RECIPIENT, *(kind.value for kind in RecipientKind)}


async def test_a_stage_tells_its_lag_and_its_oldest_pending_item_on_a_port_of_its_own(
    settings: Settings,
) -> None:
    port = Ports.free().api
    apart = settings.model_copy(update={"metrics_port": port - STAGES.index("deliver")})
    lag = re.compile(r'roost_stage_lag\{group="roost-deliver",topic="notifications"\} (\S+)')
    oldest = re.compile(r'roost_oldest_pending_seconds\{recipient="(\w+)",stage="deliver"\} (\S+)')
    async with httpx.AsyncClient() as prometheus:

        async def measured() -> tuple[str, dict[str, str]] | None:
            text = (await prometheus.get(f"http://127.0.0.1:{port}/metrics")).text
            events, ages = lag.search(text), dict(oldest.findall(text))
            return (events[1], ages) if events and len(ages) == len(KINDS) else None

        with running(apart, "deliver"):
            found = await until("the metrics of the stage", measured)
    assert found is not None
    events, ages = found
    assert float(events) >= 0
    assert ages.keys() == KINDS
    assert all(float(age) >= 0 for age in ages.values())
