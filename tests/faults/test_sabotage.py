"""Proof that each check of the oracle fails on a build that breaks its promise: SABOTAGE=1.

The variable may also name builds. They are the real stages in real processes; the launcher patches
them from outside.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.cluster import Cluster
from tests.faults.scenario import FaultRow, Run, play

ASKED = os.environ.get("SABOTAGE", "")
pytestmark = [
    pytest.mark.stack,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not ASKED, reason="SABOTAGE=1 shows each check of the oracle red"),
]


@dataclass(frozen=True, slots=True)
class SabotagedBuild:
    """A sabotage, its stage, and the check that must notice it."""

    name: str
    stage: str
    check: str
    kill_after_s: float | None = None
    channels: tuple[str, ...] = ("sms",)
    plan: Mapping[str, Any] = field(default_factory=dict)
    """A fault that the sabotaged build has no defence against."""

    @property
    def chosen(self) -> bool:
        return ASKED == "1" or self.name in ASKED.split()


FIRST_OPENING = {"point": "elastic.write", "of": "openings", "when": "before"}
ENDS, WAITS = FIRST_OPENING | {"action": "end"}, FIRST_OPENING | {"action": "wait", "seconds": 60.0}
BUILDS = (
    SabotagedBuild("acknowledge-first", "index", "L", kill_after_s=1.0),
    SabotagedBuild("notifies-twice", "notify", "D"),
    SabotagedBuild("new-ids", "deliver", "T"),
    SabotagedBuild("notifies-strangers", "notify", "T"),
    SabotagedBuild("older-version", "index", "E"),
    SabotagedBuild("never-ends", "match", "Q"),
    SabotagedBuild("continues-after-errors", "index", "L", plan={"traps": [ENDS]}),
    SabotagedBuild("two-at-once", "index", "L", plan={"traps": [WAITS]}, kill_after_s=3.0),
)


@pytest.mark.parametrize("broken", BUILDS, ids=lambda broken: broken.name)
async def test_the_oracle_notices(broken: SabotagedBuild, running: Cluster) -> None:
    if not broken.chosen or broken.stage not in running.stages:
        pytest.skip("not selected")

    async def sabotaged(run: Run) -> None:
        run.cluster.up()
        run.cluster.stop(broken.stage)
        run.cluster.start(broken.stage, plan={**broken.plan, "sabotage": broken.name})
        # Without changes nothing supersedes the one event that the fault loses.
        load = run.load(20, changes=not broken.plan, channels=broken.channels)
        await run.publish_steadily(load.first, 60.0)
        run.injected()
        if broken.kill_after_s is not None:
            await asyncio.sleep(broken.kill_after_s)
            run.cluster.kill(broken.stage)
            run.cluster.start(broken.stage)
        await run.settle()
        await run.publish(load.changes)

    row = FaultRow(0, broken.name, sabotaged, settle_s=15.0)
    try:
        outcome = await play(row, 7, running, full=False)
    finally:
        running.stop(broken.stage)
        running.start(broken.stage)
    print(broken.name, outcome.violations[:3])
    assert any(sentence.startswith(f"{broken.check}: ") for sentence in outcome.violations), (
        f"{broken.check} did not notice {broken.name}: {outcome.violations}"
    )
