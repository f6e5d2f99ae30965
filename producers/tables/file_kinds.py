"""Kind of a file by its content; its ending decides only between kinds of text."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path

from producers.tables.text_encodings import encoding_of, without_marks
from producers.tables.workbook_archive import unreadable
from roost.errors import Invalid

HEAD = 4_096


class FileKind(StrEnum):
    """Kind of a file that can be read."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    JSON = "json"
    TEXT = "text"


JSON_ENDINGS = {".json", ".jsonl", ".ndjson", ".jsonld", ".geojson"}
TABLE_ENDINGS = {".csv", ".tsv", ".txt", ".tab"}
_OTHERS = (
    (b"%PDF", "PDF", "PDF"),
    (b"Rar!", "RAR", "RAR"),
    (b"7z\xbc\xaf", "7z", "7z"),
    (b"\x1f\x8b", "gzip", "gzip"),
    (b"\x89PNG", "PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG", "JPEG"),
    (b"GIF8", "GIF", "GIF"),
    (b"{\\rtf", "RTF", "RTF"),
    (b"SQLite format", "SQLite", "SQLite"),
)
_MARKUP = ("<!doctype", "<html", "<?xml", "<table", "<meta", "<head", "<body")


def file_kind(path: Path, encoding: str | None = None) -> tuple[FileKind, str]:
    """Return the kind of a file and the encoding of a text; `encoding` is the chosen one.

    Raises Invalid for an empty file, and for a kind that is not read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise Invalid(f"{path.name}: the file is empty.", f"{path.name}：文件为空。")
    if head.startswith(b"PK\x03\x04"):
        return _zipped_kind(path), ""
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return FileKind.XLS, ""
    for mark, name, name_zh in _OTHERS:
        if head.startswith(mark):
            raise _not_read(path, name, name_zh)
    found = encoding_of(path, encoding)
    return _text_kind(path, found), found


def _text_kind(path: Path, encoding: str) -> FileKind:
    """Return the kind of a text: JSON by its beginning or its ending, else a table."""
    with path.open(encoding=encoding) as text:
        start = without_marks(text.read(HEAD)).lstrip()
    if start[:20].lower().startswith(_MARKUP):
        raise _markup(path)
    ending = path.suffix.lower()
    looks_like_json = start.startswith(("{", "["))
    if looks_like_json and ending in TABLE_ENDINGS:
        looks_like_json = start.startswith(('{"', "[{", "{\n", "[\n"))
    return FileKind.JSON if looks_like_json or ending in JSON_ENDINGS else FileKind.TEXT


def _zipped_kind(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as parts:
            names = {each.lstrip("/") for each in parts.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise unreadable(path) from error
    if "xl/workbook.xml" in names:
        return FileKind.XLSX
    if "content.xml" in names:
        return FileKind.ODS
    if "xl/workbook.bin" in names:
        raise _not_read(path, "XLSB", "XLSB")
    if any(each.startswith("word/") for each in names):
        raise _not_read(path, "Word", "Word 文档")
    if any(each.startswith("xl/") for each in names):
        raise unreadable(path)
    raise _not_read(path, "ZIP", "ZIP 压缩包")


def _not_read(path: Path, name: str, name_zh: str) -> Invalid:
    return Invalid(
        f"{path.name}: files of the kind {name} are not read; send XLSX, XLS, ODS, CSV, TSV, JSON "
        "or JSON lines.",
        f"{path.name}：不支持{name_zh}文件；请上传 XLSX、XLS、ODS、CSV、TSV、JSON 或 JSON 行文件。",
    )


def _markup(path: Path) -> Invalid:
    return Invalid(
        f"{path.name}: this is a web page (HTML or XML), whatever its name ends in; open it in a "
        "spreadsheet, and save it as XLSX.",
        f"{path.name}：文件内容为网页（HTML 或 XML），与扩展名不符；"
        "请用电子表格软件打开后另存为 XLSX。",
    )
