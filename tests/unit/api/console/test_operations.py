"""The page of operations, and the metric: a stage that stopped at dead letters is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY

from api.ports.stopped_stages import StageStops
from roost.events.account import AccountRole
from roost.events.stage_stop import StageStop
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed

STOP = StageStop(
    id="index",
    topic="openings",
    partition=2,
    offset=118,
    reason="ValueError",
    failed=21,
    events=100,
    at=NOW,
)


class EmptyViews:
    """Views without documents."""

    async def count(self, view: str) -> int:
        return 0

    async def tallies(self, view: str, questions: Sequence[Any]) -> list[dict[str, int]]:
        return [{} for _ in questions]

    async def healthy(self) -> bool:
        return True


class Answering:
    """Servers that answer."""

    async def servers(self) -> dict[str, bool]:
        return {"kafka": True, "elasticsearch": True}


@pytest.mark.parametrize(("language", "title"), [("en", "has stopped"), ("zh", "已停止")])
async def test_the_page_names_the_stopped_stage_its_record_and_the_remedy(
    language: str, title: str
) -> None:
    admin = Signed(AccountRole.ADMIN, elastic=EmptyViews(), language=language)
    object.__setattr__(admin.given, "health", Answering())
    well = await admin.get("/console/admin/operations")
    assert well.status_code == 200
    assert title not in well.text
    admin.given.stage_stops.apply(b"index", STOP.model_dump_json(by_alias=True).encode(), 0)
    shown = await admin.get("/console/admin/operations")
    assert title in shown.text
    assert "openings/2/118" in shown.text
    assert "roost dead-letters list" in shown.text


def test_the_metric_is_one_while_a_stage_has_stopped() -> None:
    stops = StageStops(None)  # type: ignore[arg-type]

    def metric() -> float | None:
        return REGISTRY.get_sample_value("roost_stage_stopped", {"stage": "index"})

    stops.apply(b"index", STOP.model_dump_json(by_alias=True).encode(), 0)
    assert metric() == 1
    stops.apply(b"index", None, 1)
    assert metric() == 0
