"""Columns of days such as 1/5/2026: stated, told by the values, or asked about once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from producers.import_commands import imports
from producers.importing.import_kinds import KINDS
from producers.importing.local_import import ask_with_option
from producers.mappings.day_order_survey import (
    FIRST_ROWS,
    REMEMBERED,
    ColumnDays,
    OrderUnknown,
)
from producers.mappings.day_orders import (
    MOST_ORDERS,
    stated_orders,
    with_day_orders,
)
from producers.mappings.direct_mapping import direct_mapping
from producers.mappings.mapping_files import load_mapping
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.values import DayOrder
from roost import ids
from roost.errors import Invalid
from tests.unit.producers.import_runs import WORKER, Imported, Memory, P, run_import, table_of

ROSTER = load_mapping("zh_profiles")
DAY, MONTH = DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST


def roster(
    folder: Path, *days: str, mapping: MappingFile = ROSTER, memory: Memory | None = None
) -> Imported:
    rows = [WORKER | {"编号": f"A-{n}", "到岗日期": day} for n, day in enumerate(days)]
    path = folder / "roster.csv"
    path.write_text(table_of(P, *rows), "utf-8")
    return run_import(path, "profiles", mapping, memory, ask_order=ask_with_option)


def days_of(found: Imported) -> list[str | None]:
    return [each.get("availableFrom") for each in found.facts]


def test_a_column_with_two_readings_is_asked_about_once(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        roster(tmp_path, "1/5/2027", "2/6/2027", "2027-01-05", "")
    [asked] = refused.value.fields
    assert asked.field == "到岗日期"
    assert "--day-order '到岗日期=day-first'" in asked.message
    assert "'到岗日期=month-first'" in asked.message
    assert "--day-order '到岗日期=month-first'（月在前）" in asked.message_zh
    assert "2027" not in refused.value.message, "a message repeats no value"


def test_a_value_of_the_column_tells_the_order_of_the_others(tmp_path: Path) -> None:
    assert days_of(roster(tmp_path, "1/5/2027", "25/5/2027")) == ["2027-05-01", "2027-05-25"]
    assert days_of(roster(tmp_path, "1/5/2027", "5/25/2027")) == ["2027-01-05", "2027-05-25"]


def test_values_that_contradict_each_other_tell_nothing(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        roster(tmp_path, "1/5/2027", "5/25/2027", "25/5/2027")
    unambiguous = roster(tmp_path, "5/25/2027", "25/5/2027")
    assert days_of(unambiguous) == ["2027-05-25", "2027-05-25"]


@pytest.mark.parametrize(("order", "day"), [(DAY, "2027-05-01"), (MONTH, "2027-01-05")])
def test_a_stated_order_reads_the_column(tmp_path: Path, order: DayOrder, day: str) -> None:
    mapping = with_day_orders(ROSTER, {" 到岗日期*": order})
    assert days_of(roster(tmp_path, "1/5/2027", mapping=mapping)) == [day]


def test_rows_against_the_stated_order_are_rejected_alone(tmp_path: Path) -> None:
    found = roster(
        tmp_path, "1/5/2027", "25/5/2027", mapping=with_day_orders(ROSTER, {"到岗日期": MONTH})
    )
    assert found.counts == (2, 1, 1)
    assert [column for _, column, _, _ in found.refusals()] == ["到岗日期"]


def test_every_row_is_read_after_the_days_were_looked_at(tmp_path: Path) -> None:
    days = ["2027-01-05"] * (2 * FIRST_ROWS + 1)
    assert roster(tmp_path, *days).counts[:2] == (len(days), len(days))


@pytest.mark.parametrize("before", [FIRST_ROWS - 1, FIRST_ROWS, 3 * FIRST_ROWS])
def test_an_ambiguous_row_far_below_is_asked_about_before_any_row(
    tmp_path: Path, before: int
) -> None:
    memory = Memory()
    with pytest.raises(OrderUnknown, match="到岗日期"):
        roster(tmp_path, *["2027-01-05"] * before, "1/5/2027", memory=memory)
    assert memory.published == [], "nothing is imported before the answer"


def test_a_value_far_below_tells_the_order_of_the_rows_above(tmp_path: Path) -> None:
    found = roster(tmp_path, "1/5/2027", *["2027-01-05"] * 3 * FIRST_ROWS, "25/5/2027")
    assert found.summary.rejected == 0
    assert days_of(found)[0] == "2027-05-01"
    with pytest.raises(OrderUnknown):
        roster(tmp_path, "1/5/2027", "25/5/2027", *[""] * 3 * FIRST_ROWS, "5/25/2027")


def test_the_days_of_a_long_sheet_are_all_looked_at(tmp_path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, last in enumerate(["1/5/2027", "2027-01-05"]):
        sheet = book.create_sheet(f"S{number}")
        sheet.append(["某县花名册"])
        sheet.append(P.split(","))
        for row in range(2 * FIRST_ROWS):
            cells = WORKER | {"编号": f"A-{number}-{row}", "到岗日期": "2027-01-05"}
            sheet.append([cells.get(name, "") for name in P.split(",")])
        cells = WORKER | {"编号": f"B-{number}", "到岗日期": last}
        sheet.append([cells.get(name, "") for name in P.split(",")])
        sheet.append(["合计", 1, *[""] * 9, "3/4/2027"])
    path = tmp_path / "long.xlsx"
    book.save(path)
    with pytest.raises(OrderUnknown, match="到岗日期"):
        run_import(path, "profiles", ROSTER, ask_order=ask_with_option)
    chosen = with_day_orders(ROSTER, {"到岗日期": DAY})
    found = run_import(path, "profiles", chosen, ask_order=ask_with_option)
    assert "2027-05-01" in days_of(found)


def test_the_survey_of_a_column_keeps_a_bounded_number_of_texts() -> None:
    days = ColumnDays()
    for number in range(3 * REMEMBERED):
        days.take(f"2027-01-05 {number // 60:02}:{number % 60:02}")
    days.take("1/5/2027")
    assert days.is_ambiguous
    assert sum(len(getattr(days, each)) for each in ("orders", "_seen")) <= REMEMBERED


def test_without_a_way_to_ask_only_the_rows_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(table_of(P, WORKER | {"到岗日期": "1/5/2027"}), "utf-8")
    assert run_import(path, "profiles", ROSTER).counts == (1, 0, 1)


def test_one_sheet_tells_the_order_of_the_same_column_in_another(tmp_path: Path) -> None:
    book = Workbook()
    for number, day in enumerate(["1/5/2027", "25/5/2027"]):
        sheet = book.create_sheet(f"S{number}")
        sheet.append(P.split(","))
        row = WORKER | {"编号": f"A-{number}", "到岗日期": day}
        sheet.append([row.get(name, "") for name in P.split(",")])
    book.save(tmp_path / "roster.xlsx")
    found = run_import(tmp_path / "roster.xlsx", "profiles", ROSTER, ask_order=ask_with_option)
    assert days_of(found) == ["2027-05-01", "2027-05-25"]


def test_columns_named_like_fields_are_asked_about_as_well(tmp_path: Path) -> None:
    path = tmp_path / "openings.csv"
    path.write_text(
        "identifier,title,hiringOrganization,jobLocation,jobStartDate\n"
        "1,焊工,某厂,太原市,1/5/2027\n",
        "utf-8",
    )
    with pytest.raises(Invalid, match="jobStartDate"):
        run_import(path, "openings", ask_order=ask_with_option)
    mapping = with_day_orders(
        direct_mapping(KINDS["openings"].content, "test"), {"jobStartDate": DAY}
    )
    found = run_import(path, "openings", mapping, ask_order=ask_with_option)
    assert found.fact["jobStartDate"] == "2027-05-01"


def test_a_path_into_json_is_asked_about(tmp_path: Path) -> None:
    rules = {
        "name": {"from": "who"},
        "identifier": {"from": "n"},
        "home": {"from": "home", "as": "place"},
        "location": {"from": "home", "as": "place"},
        "availableFrom": {"from": "when.start", "as": "day"},
    }
    mapping = MappingFile.model_validate({"source": "x", "reads": "json", "fields": rules})
    path = tmp_path / "roster.json"
    record = {"who": "李丽", "n": "1", "home": "太原市", "when": {"start": "1/5/2027"}}
    path.write_text(json.dumps([record]), "utf-8")
    with pytest.raises(Invalid, match=r"when\.start"):
        run_import(path, "profiles", mapping, ask_order=ask_with_option)
    chosen = with_day_orders(mapping, {"when.start": MONTH})
    assert run_import(path, "profiles", chosen).fact["availableFrom"] == "2027-01-05"


def test_a_column_that_holds_no_days_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        with_day_orders(ROSTER, {"姓名": DAY}, "--day-order")
    [fault] = refused.value.fields
    assert fault.field == "--day-order"
    assert "姓名" in fault.message
    assert "到岗日期" in fault.message_zh


def test_orders_are_stated_by_column() -> None:
    assert stated_orders(["a=day-first", " b = c =month-first"]) == {"a": DAY, "b = c": MONTH}


@pytest.mark.parametrize(
    "texts",
    [["day-first"], ["=day-first"], ["a=first"], ["a="], ["a=day-first"] * (MOST_ORDERS + 1)],
)
def test_an_order_that_cannot_be_read_is_refused(texts: list[str]) -> None:
    with pytest.raises(Invalid, match="COLUMN=day-first"):
        stated_orders(texts)


def test_the_command_takes_the_order_of_a_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOST_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ROOST_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("ROOST_ELASTICSEARCH_URL", "http://127.0.0.1:9")
    path = tmp_path / "roster.csv"
    path.write_text(table_of(P, WORKER | {"到岗日期": "1/5/2027"}), "utf-8")
    command = ["profiles", str(path), "--mapping", "zh_profiles", "--dry-run", "--json"]
    with ids.installed(None):
        asked = CliRunner().invoke(imports, command)
    assert isinstance(asked.exception, Invalid)
    assert "--day-order '到岗日期=day-first'" in asked.exception.message
    with ids.installed(None):
        done = CliRunner().invoke(imports, [*command, "--day-order", "到岗日期=day-first"])
    assert done.exit_code == 0, done.output
    line: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
    assert line["event"]["availableFrom"] == "2027-05-01"
