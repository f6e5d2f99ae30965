"""The page of operations, and the metric: a stage that stopped at dead letters is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import REGISTRY

from api.ports.stopped_stages import StageStops
from roost.events.account import AccountRole
from roost.events.stage_stop import StageStop
from roost.ids import derive_public
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.console.pages import Signed

STATION = derive_public("s", "costs")
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


class CostViews(EmptyViews):
    """Views whose aggregations hold the costs of a month."""

    async def count(self, view: str, query: Any = None) -> int:
        return 3 if query else 0

    async def aggregate(self, view: str, query: Any, aggregations: Any) -> tuple[int, Any]:
        def costs(milli_yuan: int) -> Any:
            station = {"key": STATION, "cost": {"value": milli_yuan / 2}, "doc_count": 1}
            return {"cost": {"value": milli_yuan}, "stations": {"buckets": [station]}}

        channel = {"key": "sms", "doc_count": 7, "cost": {"value": 315.0}}
        day = {"key_as_string": "2026-11-24", "channels": {"buckets": [channel]}}
        return 7, {"today": costs(315), "month": costs(90_000), "days": {"buckets": [day]}}

    async def mget(self, keys: Sequence[Any], fields: Any = None) -> Any:
        return {key: {"fact": {"name": "李家镇服务站"}} for key in keys}


@pytest.mark.parametrize(
    ("language", "shown"), [("en", ["CNY 0.32", "CNY 90.00"]), ("zh", ["0.32 元", "90.00 元"])]
)
async def test_the_page_shows_the_cost_of_messages_by_day_channel_and_station(
    language: str, shown: list[str]
) -> None:
    prices, caps = {"sms": 4.5}, {"day": 200}
    settings = Settings(second_factor_roles=[], message_prices_fen=prices, message_caps_yuan=caps)
    admin = Signed(AccountRole.ADMIN, elastic=CostViews(), language=language)
    object.__setattr__(admin.given, "health", Answering())
    without = await admin.get("/console/admin/operations")
    assert "李家镇服务站" not in without.text
    object.__setattr__(admin.given, "settings", settings)
    text = (await admin.get("/console/admin/operations")).text
    for each in (*shown, "李家镇服务站", "200.00", "2026-11-24"):
        assert each in text, each
