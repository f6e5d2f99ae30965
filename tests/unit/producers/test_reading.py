from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from producers.reading import read_rows
from roost.errors import Invalid

TEXT = "工种,人数\r\n电焊工,3\r\n\r\n砌筑工,2\r\n"
EXPECTED = [(2, {"工种": "电焊工", "人数": "3"}), (4, {"工种": "砌筑工", "人数": "2"})]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(path: Path, table: list[list[str | int]]) -> Path:
    """Return the smallest file that is a valid workbook (ECMA-376)."""

    def cell(value: str | int) -> str:
        if isinstance(value, int):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    lines = "".join(f"<row>{''.join(map(cell, line))}</row>" for line in table)
    with ZipFile(path, "w") as parts:
        parts.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        parts.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="岗位" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        parts.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
            f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        parts.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>',
        )
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encodings_that_people_send_read_the_same(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "岗位.csv"
    file.write_bytes(TEXT.encode(encoding))
    assert [(row.line, row.values) for row in read_rows(file)] == EXPECTED


def test_a_spreadsheet_reads_like_the_text_that_was_saved_from_it(tmp_path: Path) -> None:
    file = workbook(tmp_path / "岗位.xlsx", [["工种", "人数"], ["电焊工", 3], ["砌筑工", 2]])
    found = [(row.line, row.values["工种"], int(row.values["人数"])) for row in read_rows(file)]
    assert found == [(2, "电焊工", 3), (3, "砌筑工", 2)]


def test_what_is_no_spreadsheet_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "broken.xlsx"
    file.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(Invalid, match=r"broken\.xlsx"):
        list(read_rows(file))
    with pytest.raises(Invalid, match="CSV, XLSX or JSON lines"):
        list(read_rows(tmp_path / "scan.pdf"))
