"""Changes that end matches in progress are counted together, and files say so row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from producers.ends_search import (
    Changes,
    ends_of_rows,
    read_everybody,
    read_nobody,
)
from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer
from producers.importing.verdicts import RowOutcome, Verdict
from producers.mappings.mapping_files import load_mapping
from roost.time.clock import FixedClock
from roost.views.answers import Hit, Json, Page
from tests.unit.api.clause_evaluation import meets
from tests.unit.api.two_stations import HERE, stored_opening, stored_worker
from tests.unit.producers.import_runs import NOW, UTC, WORKER, Memory, P, table_of

WAGE = {"unitText": "MONTH", "currency": "CNY"}
EASY = {"willing": {"places": ["cn"]}, "needsLodging": False, "shifts": [], "availableFrom": None}
OFFERS = {"licencesRequired": [], "shifts": [], "lodging": True, "jobStartDate": None}


def paid(most: int) -> dict[str, Any]:
    return {"baseSalary": {**WAGE, "minValue": 1, "maxValue": most}}


def wants(least: int) -> dict[str, Any]:
    return {"wageWanted": {**WAGE, "minValue": least}}


class Views:
    """Stored openings and workers, with a match in progress of each pair."""

    def __init__(self, openings: Sequence[Json], workers: Sequence[Json]) -> None:
        self._facts = {("openings", each["id"]): each for each in openings} | {
            ("profiles", each["id"]): each for each in workers
        }
        self._matches = [
            {
                "opening_id": opening["id"],
                "worker_id": worker["id"],
                "active": True,
                "assigned_to": "li",
            }
            for opening in openings
            for worker in workers
        ]
        self.requests = 0

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        self.requests += 1
        return [self._answer(body) for _, body in searches]

    def _answer(self, body: Json) -> Page:
        found = [each for each in self._matches if meets(each, body["query"])]
        return Page(tuple(Hit("m", None, each) for each in found), len(found))

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        self.requests += 1
        return {key: {"fact": self._facts[key]} for key in keys if key in self._facts}


def fact_of(record: Any) -> Json:
    fact: Json = orjson.loads(record.value)
    return fact


OPENINGS = [
    fact_of(stored_opening(HERE, **OFFERS, **paid(6_000), identifier=f"O-{n}")) for n in range(40)
]
WORKERS = [
    fact_of(stored_worker(HERE, **EASY, **wants(least), identifier=f"W-{least}"))
    for least in (1_000, 4_000, 6_000)
]
TODAY = NOW.date()


async def test_changes_of_many_openings_are_judged_in_two_requests() -> None:
    views = Views(OPENINGS, WORKERS)
    changes = {each["id"]: (each, each | paid(5_000)) for each in OPENINGS[:30]}
    changes |= {each["id"]: (each, each | paid(9_000)) for each in OPENINGS[30:35]}
    changes |= {each["id"]: (each, each | {"status": "closed"}) for each in OPENINGS[35:]}
    found = await ends_of_rows(views, "openings", changes, TODAY, read_everybody)
    numbers = [found.get(each["id"], 0) for each in OPENINGS]
    assert numbers == [1] * 30 + [0] * 5 + [3] * 5
    assert views.requests == 2


async def test_whom_the_caller_may_not_read_counts_as_excluded() -> None:
    views, first = Views(OPENINGS, WORKERS), OPENINGS[0]
    for most in (5_999, 2):
        changes = {first["id"]: (first, first | paid(most))}
        found = await ends_of_rows(views, "openings", changes, TODAY, read_nobody)
        assert found == {first["id"]: 3}


async def test_a_wish_that_a_worker_has_set_aside_for_a_match_ends_it_on_neither_side() -> None:
    views, first = Views(OPENINGS[:1], WORKERS), OPENINGS[0]
    for match in views._matches:
        match["fact"] = {"byHand": {"waives": ["wage"]}}
    lower = {first["id"]: (first, first | paid(3_000))}
    assert not await ends_of_rows(views, "openings", lower, TODAY, read_everybody)
    higher = {each["id"]: (each, each | wants(9_000)) for each in WORKERS}
    assert not await ends_of_rows(views, "profiles", higher, TODAY, read_everybody)
    closed = {first["id"]: (first, first | {"status": "closed"})}
    found = await ends_of_rows(views, "openings", closed, TODAY, read_everybody)
    assert found == {first["id"]: 3}


async def test_changes_of_profiles_are_counted_by_worker() -> None:
    views = Views(OPENINGS, WORKERS)
    first, second, third = WORKERS
    changes = {
        first["id"]: (first, first | {"status": "paused"}),
        second["id"]: (second, second | wants(7_000)),
        third["id"]: (third, third | {"skills": ["砌墙"]}),
    }
    found = await ends_of_rows(views, "profiles", changes, TODAY, read_everybody)
    assert found == {first["id"]: 40, second["id"]: 40}
    assert await ends_of_rows(views, "stations", changes, TODAY, read_everybody) == {}


def test_a_row_that_ends_progress_says_so_in_a_check_and_in_the_import(tmp_path: Path) -> None:
    memory, asked = Memory(), list[list[str]]()

    def find_ends(view: str, changes: Changes, today: date) -> Mapping[str, int]:
        assert (view, today) == ("profiles", TODAY)
        asked.append([new["name"] for _, new in changes.values()])
        return dict.fromkeys(changes, 2)

    def run(*rows: Mapping[str, str]) -> list[RowOutcome]:
        path, outcomes = tmp_path / "roster.csv", list[RowOutcome]()
        path.write_text(table_of(P, *map(dict, rows)), encoding="utf-8")
        importer = Importer(
            KINDS["profiles"],
            load_mapping("zh_profiles"),
            FixedClock(NOW),
            UTC,
            memory,
            memory.hold,
            find_ends=find_ends,
        )
        importer.run(path, outcomes.append)
        return outcomes

    new = run(WORKER)
    assert new[0].verdict is Verdict.NEW
    [changed, other] = run(
        WORKER | {"技能": "砌筑"}, WORKER | {"编号": "8", "姓名": "李四", "技能": "焊接"}
    )
    assert (changed.verdict, changed.change) == (Verdict.DOUBTFUL, Verdict.CHANGED)
    assert "ends matches in progress: 2" in changed.reasons[0].message
    assert "2 项正在跟进的匹配" in changed.reasons[0].message_zh
    assert other.verdict is Verdict.NEW
    assert asked == [[], ["张三"]]
