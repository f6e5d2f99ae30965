"""Import of a roster, compared with a bare loop that reads, validates and produces.

The bare loop is the least an expert would write for one clean file: it knows the columns, takes the
cells as they are, validates them with the model of requests, and publishes. The import finds the
sheets and headings, reads values as people write them, resolves addresses, and compares every row
with the stored facts. Each run is a process; producing is encoding a record and taking it over.

    python -m bench.import_rows [ROWS]
"""

from __future__ import annotations

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from bench.measuring import write_results
from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer, Stored
from producers.importing.verdicts import RowOutcome
from producers.mappings.mapping_files import load_mapping
from roost import ids
from roost.events.envelope import Record, record
from roost.events.profile import Profile, ProfileContent
from roost.kafka.ports import Position
from roost.places.gazetteer import gazetteer
from roost.servers.heap import freeze_heap
from roost.time.clock import FixedClock

ROWS = 100_000
CHUNK = 500
AT = datetime(2026, 11, 23, tzinfo=UTC)
HEADINGS = ["编号", "姓名", "技能", "证书", "求职意向", "工作年限", "学历", "期望月薪", "家乡",
            "现居住地", "愿去地点", "到岗日期", "联系电话"]  # fmt: skip


def roster_rows(count: int) -> Iterator[list[str]]:
    """Yield made rows of a roster in the spellings of counties."""
    dice = random.Random(1)
    for number in range(count):
        yield [
            f"ZH-{number:06d}",
            dice.choice("王李张刘陈") + dice.choice(["秀英", "建国", "丽", "强"]),
            dice.choice(["焊接；切割", "砌墙、抹灰", "缝纫", "养老护理，保洁"]),
            dice.choice(["", "焊工证", "电工证"]),
            dice.choice(["电焊工", "砌筑工", "缝纫工"]),
            dice.choice(["3", "5年以上", "1-3年", ""]),
            dice.choice(["高中", "大专", "初中及以下", "本科"]),
            dice.choice(["5000", "6千-8千", "4500元/月", ""]),
            dice.choice(["岭泉镇", "凤台镇"]),
            dice.choice(["太原市", "北京市朝阳区", f"山西省太原市小店区龙城大街{number % 500}号"]),
            dice.choice(["", "全国", "太原市；大同市"]),
            dice.choice(["", "2026/12/1", "随时"]),
            f"138{number:08d}",
        ]


class CountingProducer:
    """Producer port that takes records over and counts them."""

    def __init__(self) -> None:
        self.bytes = 0
        self.records = 0

    def publish(self, records: Sequence[Record]) -> list[Position]:
        """Take records over; return their positions."""
        self.bytes += sum(len(each.value or b"") for each in records)
        self.records += len(records)
        return [Position(each.topic.name, 0, number) for number, each in enumerate(records)]


@contextmanager
def nothing_stored(view: str, ids: Sequence[str]) -> Iterator[Stored]:
    """Hold nothing: all rows are new."""
    yield {}


def import_roster(path: Path) -> int:
    """Import the roster as `roost import` does; return the number of published rows."""
    producer = CountingProducer()
    importer = Importer(
        KINDS["profiles"],
        load_mapping("zh_profiles"),
        FixedClock(AT),
        UTC,
        producer,
        nothing_stored,
    )

    def refuse(outcome: RowOutcome) -> None:
        if outcome.verdict == "rejected":
            raise SystemExit(f"rejected: {outcome.reasons}")

    importer.run(path, refuse)
    return producer.records


def import_bare(path: Path) -> int:
    """Read, validate and produce in a bare loop; return the number of published rows."""
    producer = CountingProducer()
    batch: list[Record] = []
    for row in _bare_rows(path):
        content = ProfileContent.model_validate(_bare_content(row))
        fields = {name: getattr(content, name) for name in ProfileContent.model_fields}
        id = ids.worker_id("zh-roster", row["编号"])
        profile = Profile.model_construct(id=id, source="zh-roster", created_at=AT, **fields)
        batch.append(record(profile, id, source="/zh-roster", at=AT))
        if len(batch) == CHUNK:
            producer.publish(batch)
            batch = []
    producer.publish(batch)
    return producer.records


def _bare_rows(path: Path) -> Iterator[dict[str, str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
        return
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows()
    heading = [str(each) for each in next(rows)]
    for row in rows:
        yield dict(zip(heading, map(str, row), strict=True))


def _bare_content(row: dict[str, str]) -> dict[str, Any]:
    return {
        "identifier": row["编号"],
        "name": row["姓名"],
        "skills": row["技能"].split("；"),
        "licences": [row["证书"]] if row["证书"] else [],
        "occupationsWanted": [row["求职意向"]],
        "experienceYears": 3,
        "education": "senior",
        "wageWanted": {"minValue": 5000},
        "home": {"name": row["家乡"]},
        "location": {"name": row["现居住地"]},
        "channels": [{"kind": "inbox"}, {"kind": "sms", "address": row["联系电话"]}],
    }


RUNS = {"import": import_roster, "bare": import_bare}


def measure(way: str, path: Path) -> dict[str, float]:
    """Import a file in this process; return rows a second of processor time, and peak memory."""
    ids.install(ids.IdKey(b"bench" + b"0" * 27))
    gazetteer()
    freeze_heap()
    began, used = time.perf_counter(), time.process_time()
    rows = RUNS[way](path)
    return {
        "rows": rows,
        "rows_per_cpu_s": round(rows / (time.process_time() - used)),
        "rows_per_s": round(rows / (time.perf_counter() - began)),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def write_files(folder: Path, count: int) -> list[Path]:
    """Write the roster as CSV and XLSX; return the paths."""
    table, book = folder / "roster.csv", folder / "roster.xlsx"
    written = Workbook(write_only=True)
    sheet = written.create_sheet()
    sheet.append(HEADINGS)
    with table.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(HEADINGS)
        for row in roster_rows(count):
            lines.writerow(row)
            sheet.append(row)
    written.save(book)
    return [table, book]


def main(count: int = ROWS) -> None:
    """Measure both ways on both formats, one process each, and write the results."""
    results: dict[str, Any] = {"rows": count}
    with tempfile.TemporaryDirectory() as folder:
        for path in write_files(Path(folder), count):
            found = {}
            for way in RUNS:
                command = [sys.executable, "-m", "bench.import_rows", way, str(path)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                found[way] = json.loads(done.stdout)
            ratio = found["import"]["rows_per_cpu_s"] / found["bare"]["rows_per_cpu_s"]
            results[path.suffix[1:]] = found | {"ratio": round(ratio, 2)}
    write_results("import_rows", results)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
