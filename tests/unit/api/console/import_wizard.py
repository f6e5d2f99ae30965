"""The import wizard in memory: a signed-in person, a queue that runs, and files of every kind."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook

from api.imports.pending import PendingImports
from api.imports.running import Imports, RejectedRows
from api.ports.latest_writes import LatestWrites
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.kafka.ports import Position
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import EMPLOYER_NAMES, IMPORT_MAPPINGS, IMPORTS
from roost.views.elastic import Json
from tests.unit.api.console.pages import Signed
from tests.unit.api.reading import InMemoryReader
from tests.unit.api.services import EmptyViews

HEADINGS = ["企业名称", "招聘岗位", "招聘人数", "工资待遇", "工作地点", "截止日期"]
ROWS = [
    ["大同市恒岳纺织有限公司", "缝纫工", "5人", "4000-6000元/月", "大同市平城区", "2027-03-01"],
    ["岚岭食品厂", "包装工", "10", "200元/天", "大同市云冈区", "2027-03-01"],
    ["岚岭食品厂", "搬运工", "2", "面包", "大同市云冈区", "2027-03-01"],
]


class Views(EmptyViews):
    """Views with the given documents, which count none."""

    def __init__(self, documents: Mapping[tuple[str, str], Json] | None = None) -> None:
        self._documents = dict(documents or {})

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {key: self._documents[key] for key in keys if key in self._documents}

    async def count(self, view: str, query: Any) -> int:
        return 0


class Kafka:
    """Broker in memory: offsets by topic, and everything that was published."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.tables: dict[str, Any] = {}

    def publish_now(self, records: Sequence[Record]) -> list[Position]:
        positions = []
        for each in records:
            self.records.append(each)
            positions.append(Position(each.topic.name, 0, len(self.records)))
            if each.topic.name in self.tables:
                table = self.tables[each.topic.name]
                table.apply(each.key.encode(), each.value, len(self.records))
        return positions

    def of(self, topic: str) -> list[Record]:
        return [each for each in self.records if each.topic.name == topic]


class Blocking:
    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka

    def publish(self, records: Sequence[Record]) -> list[Position]:
        return self._kafka.publish_now(records)


class Others:
    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        return self._kafka.publish_now(records)


class Wizard(Signed):
    """A person at the import wizard; `start` before use, `close` after it."""

    def __init__(
        self,
        folder: Path,
        role: AccountRole,
        language: str = "en",
        views: Views | None = None,
        **confined: Any,
    ):
        self.kafka = Kafka()
        views = views or Views()
        super().__init__(
            role, elastic=views, others=Others(self.kafka), language=language, **confined
        )
        self._reader = InMemoryReader([IMPORTS])
        settings = Settings(data=folder, second_factor_roles=[])
        latest, elastic = LatestWrites(), cast(Any, views)
        self.imports = Imports(
            cast(Any, self._reader),
            Others(self.kafka),
            cast(Any, Blocking(self.kafka)),
            elastic,
            SystemClock(),  # reports of a standing clock would count as repeats
            settings.zone,
            folder / "imports",
            latest,
            PendingImports(2, 3),
            RejectedRows(settings.rejects_folder, timedelta(days=30)),
        )
        app = cast(Any, self.client)._transport.app
        self.given = dataclasses.replace(
            self.given, imports=self.imports, settings=settings, latest=latest
        )
        app.state.services = self.given
        self.kafka.tables[IMPORT_MAPPINGS.name] = self.given.import_mappings
        self.kafka.tables[EMPLOYER_NAMES.name] = self.given.employer_names

    async def start(self) -> None:
        """Run the queue, which knows every earlier report."""
        self.imports.start()
        await self._reader.deliver()

    async def upload(self, name: str, body: bytes, kind: str = "openings") -> Any:
        """Send a file as the script does."""
        return await self.client.post(
            "/console/imports/file",
            params={"kind": kind, "name": name},
            content=body,
            headers={"x-csrf-token": self._csrf, "content-type": "application/octet-stream"},
        )

    def files(self) -> list[Path]:
        """Return the files that are kept of uploads and imports."""
        return [each for each in self.given.settings.data.rglob("*") if each.is_file()]

    async def followed(self, path: str) -> str:
        """Return the page once its job has ended."""
        for _ in range(200):
            text = (await self.get(path)).text
            # The menu before the page's own content loads a number, whatever the job does.
            if 'hx-trigger="load' not in text.partition("<main")[2]:
                return text
            await asyncio.sleep(0.02)
        raise AssertionError(f"{path} never ended")


def workbook(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook with a title line above the headings."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "岗位表"
    sheet.append(["2026年春季招聘会"])
    sheet.append([])
    for row in (headings, *rows):
        sheet.append(list(row))
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def fields_of(chosen: dict[str, str]) -> dict[str, str]:
    """Return the form of the choices of columns."""
    form = {}
    for number, (column, field) in enumerate(chosen.items()):
        form |= {f"name-{number}": column, f"field-{number}": field}
    return form
