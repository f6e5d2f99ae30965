"""Sheets with different headings for one field: each has a column of it."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from openpyxl import Workbook

from producers.importing.import_kinds import KINDS
from producers.importing.importer import Importer
from producers.mappings.suggesting.chosen_mapping import check_alternatives, chosen_mapping
from producers.mappings.suggesting.column_samples import sample_file
from producers.mappings.suggesting.heading_suggestions import suggest_fields
from roost.errors import Invalid
from roost.events.import_mapping import ChosenColumn
from roost.time.clock import FixedClock
from tests.unit.producers.import_runs import NOW, Memory

CODE, OTHER = "91110000100000000R", "91110108551385082Q"
SHEETS = {
    "东区": [
        ["企业", "信用代码", "岗位", "地点", "工资"],
        ["甲厂", CODE, "焊工", "大同市", "5000元/月"],
    ],
    "西区": [
        ["单位名称", "统一社会信用代码", "招聘岗位", "工作地点", "薪资"],
        ["乙厂", OTHER, "电工", "太原市", "200元/天"],
    ],
}
FIELDS = ["employer", "employerCode", "title", "place", "wage"]


def test_each_sheet_is_read_by_its_own_headings(tmp_path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "fair.xlsx"
    book.save(path)
    sample = sample_file(path, "openings")
    suggested = suggest_fields(sample.columns, "openings")
    assert [each.field for each in suggested] == 2 * FIELDS
    chosen = [ChosenColumn(column=each.column, field=each.field) for each in suggested]
    check_alternatives(chosen, "openings", {each.name: each.sheets for each in sample.columns})
    memory = Memory()
    mapping = chosen_mapping(chosen, "openings", "api")
    importer = Importer(KINDS["openings"], mapping, FixedClock(NOW), UTC, memory, memory.hold)
    assert importer.run(path, lambda outcome: None).rejected == 0
    found = {
        fact["title"]: (fact["hiringOrganization"]["id"], fact["baseSalary"]["unitText"])
        for fact in memory.facts.values()
    }
    assert found == {"焊工": (f"uscc:{CODE}", "MONTH"), "电工": (f"uscc:{OTHER}", "DAY")}


def test_two_columns_of_one_sheet_are_not_read_into_one_field() -> None:
    chosen = [ChosenColumn(column=each, field="title") for each in ("岗位", "工种")]
    check_alternatives(chosen, "openings", {"岗位": ["东区"], "工种": ["西区"]})
    with pytest.raises(Invalid) as refused:
        check_alternatives(chosen, "openings", {"岗位": ["东区"], "工种": ["西区", "东区"]})
    assert [each.field for each in refused.value.fields] == ["工种"]
