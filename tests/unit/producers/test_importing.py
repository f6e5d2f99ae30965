from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from producers import simulator
from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer, Stored
from producers.importing.verdicts import Summary
from producers.mappings.cell_values import repair_text
from producers.mappings.direct_mapping import direct_mapping
from producers.mappings.mapping_files import load_mapping
from producers.mappings.mapping_model import Mapping as MappingFile
from roost.errors import Conflict, Invalid
from roost.events.opening import Opening
from roost.time.clock import FixedClock
from tests.unit.producers.import_runs import Memory
from tests.unit.producers.rejected import write_rejects

NOW = FixedClock(datetime(2026, 11, 23, tzinfo=UTC))
ROW = "编号,姓名,技能,求职意向,学历,期望月薪,家乡,现居住地\n"
ROW += "7,张三,焊接;切割,电焊工,初中,6500,岭泉镇,北京市朝阳区\n"


def direct(kind: str) -> MappingFile:
    return direct_mapping(KINDS[kind].content, "test")


@contextmanager
def nothing_stored(view: str, ids: Sequence[str]) -> Iterator[Stored]:
    yield {}


def imported(kind: str, path: Path, mapping: str | None) -> tuple[Summary, list[dict[str, object]]]:
    rejects = io.StringIO()
    chosen = load_mapping(mapping) if mapping else direct(kind)
    summary = Importer(KINDS[kind], chosen, NOW, UTC, None, nothing_stored).run(
        path, write_rejects(rejects)
    )
    return summary, [json.loads(line) for line in rejects.getvalue().splitlines()]


def test_new_yorks_postings_are_imported_whole() -> None:
    with as_file(files("roost") / "data" / "nyc_jobs" / "NYC_Jobs.csv") as path:
        summary, rejects = imported("openings", path, "nyc_jobs")
    assert (summary.read, summary.published, summary.repeated) == (3977, 2188, 1789)
    assert rejects == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_files_come_in_the_encodings_that_people_send(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(ROW.encode(encoding))
    summary, rejects = imported("profiles", path, "zh_profiles")
    assert (summary.published, rejects) == (1, [])


def test_a_refused_row_keeps_its_line_its_reason_and_its_words(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(ROW + "8,李四,,,,-5,岭泉镇,无此地方\n", encoding="utf-8")
    summary, rejects = imported("profiles", path, "zh_profiles")
    assert (summary.published, summary.rejected) == (1, 1)
    assert rejects[0]["line"] == 3
    assert [each["field"] for each in rejects[0]["reasons"]] == ["期望月薪", "现居住地"]  # type: ignore[index,attr-defined]
    assert rejects[0]["row"]["姓名"] == "李四"  # type: ignore[index]


def test_the_sample_county_can_be_imported() -> None:
    folder = files("roost") / "data" / "sample"
    for kind, name, mapping, rows in (
        ("stations", "stations.csv", None, 27),
        ("stations", "nyc_stations.csv", None, 6),
        ("openings", "workshops.csv", "sample_workshops", 21),
    ):
        with as_file(folder / name) as path:
            summary, rejects = imported(kind, path, mapping)
        assert (summary.published, rejects) == (rows, []), name


def test_text_that_was_decoded_wrongly_is_mended() -> None:
    assert repair_text("Compliance â€“ Downstate") == "Compliance – Downstate"
    assert repair_text("château 砌筑工") == "château 砌筑工"


def test_an_unknown_mapping_names_the_known_ones() -> None:
    with pytest.raises(Invalid, match="nyc_jobs"):
        load_mapping("nyc")


@pytest.mark.parametrize(("zone", "rejected"), [("UTC", 0), ("Asia/Shanghai", 1)])
def test_an_openings_last_day_is_judged_where_the_county_is(
    tmp_path: Path, zone: str, rejected: int
) -> None:
    path = tmp_path / "openings.jsonl"
    last_day = next(simulator.openings(1)).to_dict() | {"validThrough": "2026-11-23"}
    path.write_text(json.dumps(last_day), encoding="utf-8")
    evening = FixedClock(datetime(2026, 11, 23, 17, tzinfo=UTC))
    chosen = direct("openings")
    importer = Importer(KINDS["openings"], chosen, evening, ZoneInfo(zone), None, nothing_stored)
    refused = io.StringIO()
    assert importer.run(path, write_rejects(refused)).rejected == rejected
    assert refused.getvalue().count("validThrough") >= rejected


def test_a_row_is_authorised_against_the_stored_fact_and_its_own(tmp_path: Path) -> None:
    first, second = (each.to_dict() for each in simulator.openings(2))
    path = tmp_path / "openings.jsonl"
    path.write_text("\n".join(map(json.dumps, (first, second, second))), encoding="utf-8")
    asked: list[tuple[object, str]] = []

    @contextmanager
    def stored(view: str, ids: Sequence[str]) -> Iterator[Stored]:
        assert len(ids) == 2  # one read for the chunk, each id once
        yield {ids[1]: {"title": "of somebody else"}}

    def authorise(fact: Mapping[str, object] | None, opening: Opening) -> None:
        asked.append((fact and fact["title"], opening.title))
        if fact is not None:
            raise Conflict("identifier: taken", "编号已使用")

    chosen = direct("openings")
    importer = Importer(KINDS["openings"], chosen, NOW, UTC, None, stored, authorise)
    rejects = io.StringIO()
    summary = importer.run(path, write_rejects(rejects))
    assert asked == [(None, first["title"]), *[("of somebody else", second["title"])] * 2]
    assert (summary.published, summary.rejected, summary.repeated) == (1, 2, 0)
    assert [json.loads(each)["line"] for each in rejects.getvalue().splitlines()] == [2, 3]


def imported_into(memory: Memory, kind: str, path: Path, at: datetime) -> Summary:
    chosen = direct(kind)
    clock = FixedClock(at)
    importer = Importer(KINDS[kind], chosen, clock, UTC, memory, memory.hold)
    return importer.run(path, write_rejects(io.StringIO()))


LATER = datetime(2027, 1, 9, tzinfo=UTC)


def rows(path: Path, *contents: object) -> Path:
    path.write_text("\n".join(map(json.dumps, contents)), encoding="utf-8")
    return path


@pytest.mark.parametrize("status", ["closed", "filled", "paused", "open"])
def test_an_import_of_a_stored_opening_keeps_its_status(tmp_path: Path, status: str) -> None:
    memory = Memory()
    first = next(simulator.openings(1)).to_dict() | {
        "identifier": "1",
        "validThrough": "2026-12-31",
    }
    path = rows(tmp_path / "o.jsonl", first)
    assert imported_into(memory, "openings", path, NOW.now()).published == 1
    (id,) = memory.facts
    memory.facts[id]["status"] = status
    created = memory.facts[id]["createdAt"]
    again = imported_into(memory, "openings", path, LATER)
    assert (again.published, again.unchanged, again.rejected) == (0, 1, 0)
    changed = rows(path, first | {"title": "砌筑工"})
    assert imported_into(memory, "openings", changed, LATER).published == 1
    fact = memory.facts[id]
    assert (fact["status"], fact["createdAt"], fact["title"]) == (status, created, "砌筑工")


def test_an_import_of_a_stored_worker_keeps_the_pause_and_the_choices(tmp_path: Path) -> None:
    memory = Memory()
    first = next(simulator.profiles(1)).to_dict() | {"identifier": "1"}
    path = rows(tmp_path / "p.jsonl", first)
    imported_into(memory, "profiles", path, NOW.now())
    (id,) = memory.facts
    chosen = {"status": "paused", "shownToEmployers": {"name": True, "contact": False,
              "experience": False}}  # fmt: skip
    memory.facts[id] |= chosen
    assert imported_into(memory, "profiles", path, LATER).unchanged == 1
    changed = rows(path, {**first, "skills": ["焊接"]})
    assert imported_into(memory, "profiles", changed, LATER).published == 1
    fact = memory.facts[id]
    assert {name: fact[name] for name in chosen} == chosen
    assert fact["skills"] == ["焊接"]


@pytest.mark.parametrize("spelling", ["a-1", "Ａ-1", " A-1\u200b", "'A-1", '="A-1"'])
def test_a_row_with_another_spelling_of_the_number_is_the_same_worker(
    tmp_path: Path, spelling: str
) -> None:
    memory = Memory()
    first = next(simulator.profiles(1)).to_dict() | {"identifier": "A-1"}
    path = rows(tmp_path / "p.jsonl", first)
    imported_into(memory, "profiles", path, NOW.now())
    again = rows(path, first | {"identifier": spelling})
    assert imported_into(memory, "profiles", again, LATER).unchanged == 1
    both = rows(path, first | {"skills": ["焊接"]}, first | {"identifier": spelling})
    assert imported_into(memory, "profiles", both, LATER).repeated == 1
    assert len(memory.facts) == 1


def test_an_import_keeps_the_fields_of_a_newer_release(tmp_path: Path) -> None:
    memory = Memory()
    first = next(simulator.openings(1)).to_dict() | {"identifier": "1"}
    path = rows(tmp_path / "o.jsonl", first)
    imported_into(memory, "openings", path, NOW.now())
    (id,) = memory.facts
    memory.facts[id]["newField"] = 7
    imported_into(memory, "openings", rows(path, first | {"title": "砌筑工"}), NOW.now())
    assert memory.facts[id]["newField"] == 7
