"""Files with broken texts: a bad row is rejected alone, and a broken file is named as such."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from producers import reading
from producers.importing import write_rejects
from producers.reading import HALF_CHARACTER, ImportRow, read_rows
from roost.errors import Invalid

GOOD = json.dumps({"title": "焊工"})


@pytest.mark.parametrize(
    "line",
    [
        r'{"title": "\ud83d"}',
        r'{"\uDC00": "焊工"}',
        r'{"skills": [["\udfff"]]}',
        r'"\ud800"',
        r'{"title": "\ude00\ud83d"}',
        '{"title": ' + "[" * 900 + r'"\ud800"' + "]" * 900 + "}",
    ],
)
def test_a_row_with_half_a_character_is_rejected_alone(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{line}\n{GOOD}\n", encoding="utf-8")
    bad, good = read_rows(path)
    assert bad == ImportRow(1, {}, HALF_CHARACTER)
    assert (good.problem, good.values) == ("", {"title": "焊工"})
    write_rejects(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))(bad, Invalid("x"))


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\\ud800", "焊工"])
def test_whole_characters_are_read_whatever_their_spelling(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"title": "{text}"}}\n', encoding="utf-8")
    [row] = read_rows(path)
    assert (row.problem, row.values) == ("", {"title": json.loads(f'"{text}"')})


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@pytest.mark.parametrize("rest", [b"\x01", b"\x00\xd8\x00\xd8"])
def test_a_broken_file_in_utf_16_is_named_before_a_row_is_read(
    tmp_path: Path, order: str, ending: str, rest: bytes
) -> None:
    path = tmp_path / f"a{ending}"
    mark = b"\xff\xfe" if order == "utf-16-le" else b"\xfe\xff"
    broken = rest if order == "utf-16-le" else rest[1:] + rest[:1]
    path.write_bytes(mark + "title\n焊工\n".encode(order) + broken)
    with pytest.raises(Invalid, match="UTF-16"):
        next(read_rows(path))


def test_a_workbook_that_unpacks_to_too_much_is_never_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGEST_WORKBOOK", 1_000_000)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for number in range(3):
            bomb.writestr(f"xl/worksheets/sheet{number}.xml", b" " * 400_000)
    assert path.stat().st_size < 3_000
    with pytest.raises(Invalid, match="unpacks to over 1 MB"):
        next(read_rows(path))


def test_a_damaged_workbook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.xml", b"<workbook/>")
    packed = path.read_bytes()
    path.write_bytes(packed[:20] + packed[-60:])
    with pytest.raises(Invalid, match="cannot be read"):
        next(read_rows(path))
