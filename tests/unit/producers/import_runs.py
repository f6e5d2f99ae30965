"""Imports in memory: the outcomes of a file's rows, and facts that a publisher changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer, Stored
from producers.importing.verdicts import RowOutcome, Summary, Verdict
from producers.mappings.day_order_survey import AskOrder
from producers.mappings.direct_mapping import direct_mapping
from producers.mappings.mapping_files import load_mapping
from producers.mappings.mapping_model import Mapping as MappingFile
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.time.clock import FixedClock

NOW = datetime(2026, 11, 23, tzinfo=UTC)
W = ("编号,车间名称,岗位,岗位说明,技能要求,地点,工资下限,工资上限,计薪方式,日均件数,招工人数,住宿,"
     "工作餐,福利")  # fmt: skip
P = "编号,姓名,技能,证书,求职意向,工作年限,学历,期望月薪,家乡,现居住地,愿去地点,到岗日期"
D = "identifier,title,hiringOrganization.id,hiringOrganization.name,jobLocation,description"
N = ("Job ID,Business Title,Agency,Work Location,Salary Range From,Salary Range To,"
     "Salary Frequency,Posting Date")  # fmt: skip
WORKER = {"编号": "7", "姓名": "张三", "家乡": "岭泉镇", "现居住地": "太原市"}
WORKSHOP = {"编号": "A1", "车间名称": "某厂", "岗位": "装配工", "地点": "太原市"}
POSTING = {"Job ID": "1", "Business Title": "Clerk", "Agency": "PARKS", "Work Location": "Brooklyn"}
OPENING = {
    "identifier": "1",
    "title": "焊工",
    "hiringOrganization.id": "x",
    "hiringOrganization.name": "某厂",
    "jobLocation": "太原市",
}


@dataclass
class Memory:
    """Stored facts of one view, which a publisher changes."""

    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    held: bool = False

    @contextmanager
    def hold(self, view: str, ids: Sequence[str]) -> Iterator[Stored]:
        self.held = True
        yield {id: self.facts[id] for id in ids if id in self.facts}
        self.held = False

    def publish(self, records: Sequence[Record]) -> list[Position]:
        assert self.held, "nobody else may write between the read and the publication"
        for each in records:
            self.facts[each.key] = json.loads(each.value or b"null")
            self.published.append(each.key)
        return [Position(each.topic.name, 0, n) for n, each in enumerate(records)]


@dataclass
class Imported:
    """Result of an import."""

    outcomes: list[RowOutcome]
    summary: Summary
    memory: Memory

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The resulting facts of the accepted rows, in the order of the file."""
        return [event for each in self.outcomes if (event := each.event()) is not None]

    @property
    def fact(self) -> dict[str, Any]:
        """The only row's fact."""
        [outcome] = self.outcomes
        event = outcome.event()
        assert event is not None, outcome.reasons
        return event

    @property
    def verdicts(self) -> list[Verdict]:
        return [each.verdict for each in self.outcomes]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows read, published and rejected."""
        return self.summary.read, self.summary.published, self.summary.rejected

    def refusals(self) -> list[tuple[int, str, str, str]]:
        """Return line, column and both messages of each reason of the rejected rows."""
        return [
            (each.row.line, reason.field, reason.message, reason.message_zh)
            for each in self.outcomes
            if each.verdict is Verdict.REJECTED
            for reason in each.reasons
        ]

    def doubts(self) -> list[tuple[str, str]]:
        return [
            (reason.field, reason.message)
            for each in self.outcomes
            if each.verdict is Verdict.DOUBTFUL
            for reason in each.reasons
        ]


def run_import(
    path: Path,
    kind: str,
    mapping: str | MappingFile | None = None,
    memory: Memory | None = None,
    at: datetime = NOW,
    ask_order: AskOrder | None = None,
    **options: Any,
) -> Imported:
    chosen = load_mapping(mapping) if isinstance(mapping, str) else mapping
    chosen = chosen or direct_mapping(KINDS[kind].content, "test")
    memory = memory or Memory()
    outcomes: list[RowOutcome] = []
    importer = Importer(
        KINDS[kind], chosen, FixedClock(at), UTC, memory, memory.hold, ask_order=ask_order
    )
    summary = importer.run(path, outcomes.append, **options)
    return Imported(outcomes, summary, memory)


def table_of(headings: str, *rows: dict[str, str] | str) -> str:
    """Return a CSV with the headings; a row is a text, or its cells by heading."""
    names = headings.split(",")
    lines = [headings]
    for row in rows:
        cells = (
            row if isinstance(row, str) else ",".join(_quoted(row.get(name, "")) for name in names)
        )
        lines.append(cells)
    return "\n".join(lines) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\n') else cell


def imported_table(
    folder: Path,
    kind: str,
    headings: str,
    *rows: dict[str, str] | str,
    mapping: str | MappingFile | None = None,
    memory: Memory | None = None,
    encoding: str = "utf-8",
) -> Imported:
    path = folder / "table.csv"
    path.write_bytes(table_of(headings, *rows).encode(encoding))
    return run_import(path, kind, mapping, memory)
