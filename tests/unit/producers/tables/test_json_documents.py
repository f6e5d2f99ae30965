"""Records of JSON files, however partners hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from producers.mappings.cell_values import clean_text
from producers.tables.json_documents import (
    HALF_CHARACTER,
    LONG_ROW,
    MANY_FIELDS,
    NO_JSON,
    NO_OBJECT,
    TOO_DEEP,
    json_records,
)
from producers.tables.sheets import MOST_COLUMNS
from roost.errors import Invalid
from tests.unit.producers.tables.table_files import text_file

ONE, TWO = {"title": "焊工", "n": 1}, {"title": "木工", "n": 2}
GOOD = json.dumps(ONE)


def records(path: Path, text: str) -> list[tuple[int, Any]]:
    return [
        (line, value if fault is None else fault)
        for line, value, fault in json_records(text_file(path, text), "utf-8")
    ]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ONE, TWO]),
        json.dumps([ONE, TWO], indent=2),
        "\ufeff\ufeff" + json.dumps([ONE, TWO], ensure_ascii=False, indent=1),
        f"\n[\n{json.dumps(ONE)},\n{json.dumps(TWO)}\n]\n",
        json.dumps({"items": [ONE, TWO]}, indent=2),
        json.dumps({"total": 2, "hits": {"hits": [{"_source": ONE}, {"_source": TWO}]}}),
        json.dumps({"@context": "https://schema.org", "@graph": [ONE, TWO]}, indent=2),
    ],
)
def test_a_list_is_read_record_by_record(tmp_path: Path, name: str, text: str) -> None:
    assert records(tmp_path / name, text) == [(1, ONE), (2, TWO)]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("indent", [None, 2])
def test_one_object_is_one_record(tmp_path: Path, name: str, indent: int | None) -> None:
    assert records(tmp_path / name, json.dumps(ONE, indent=indent)) == [(1, ONE)]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_lines_are_numbered_by_the_file(tmp_path: Path, name: str) -> None:
    text = f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n"
    assert records(tmp_path / name, text) == [(1, ONE), (3, TWO)]


@pytest.mark.parametrize("cut", [1, 5, 20, 40])
def test_a_damaged_array_is_refused_before_its_first_record(tmp_path: Path, cut: int) -> None:
    text = json.dumps([ONE, TWO])[:-cut]
    with pytest.raises(Invalid, match="damaged near line 1"):
        next(json_records(text_file(tmp_path / "a.json", text), "utf-8"))


def test_a_graph_yields_its_postings_with_their_references(tmp_path: Path) -> None:
    graph = [
        {"@type": "Organization", "@id": "#o", "name": "某厂"},
        {"@type": ["JobPosting"], "title": "焊工", "hiringOrganization": {"@id": "#o"}},
    ]
    [(_, posting)] = records(tmp_path / "a.json", json.dumps({"@graph": graph}))
    assert posting["hiringOrganization"]["name"] == "某厂"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("[" * 100_000, TOO_DEEP),
        ('{"a":' * 100_000, TOO_DEEP),
        (json.dumps(dict.fromkeys(map(str, range(MOST_COLUMNS + 1)), 1)), MANY_FIELDS),
        ("[1]", NO_OBJECT),
        ("{", NO_JSON),
        (json.dumps({"title": "x" * 1_000_000}), LONG_ROW),
        (r'{"title": "\ud83d"}', HALF_CHARACTER),
        (r'{"\uDC00": "焊工"}', HALF_CHARACTER),
        (r'{"skills": [["\udfff"]]}', HALF_CHARACTER),
        (r'{"title": "\ude00\ud83d"}', HALF_CHARACTER),
        ('{"title": ' + "[" * 900 + r'"\ud800"' + "]" * 900 + "}", HALF_CHARACTER),
    ],
)
def test_a_hostile_line_is_refused_alone(tmp_path: Path, line: str, fault: Any) -> None:
    assert records(tmp_path / "a.jsonl", f"{line}\n{GOOD}\n") == [(1, fault), (2, ONE)]


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\\ud800", "焊工"])
def test_whole_characters_are_read_whatever_their_spelling(tmp_path: Path, text: str) -> None:
    [(_, record)] = records(tmp_path / "a.jsonl", f'{{"title": "{text}"}}\n{GOOD}\n')[:1]
    assert record == {"title": json.loads(f'"{text}"')}


def test_a_large_array_is_read_in_a_window(tmp_path: Path) -> None:
    many = [{"n": n, "text": "焊接" * 50} for n in range(5_000)]
    found = records(tmp_path / "a.json", json.dumps(many, ensure_ascii=False, indent=1))
    assert [value["n"] for _, value in found] == list(range(5_000))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_number_that_is_too_large_for_any_use_is_its_text(tmp_path: Path, name: str) -> None:
    """Before, one number of 4,301 digits ended the whole import with an internal error."""
    digits = "9" * 5_000
    rows = [f'{{"n": {number}}}' for number in (digits, "1e999", "NaN", "-Infinity", 12)]
    text = f"[{', '.join(rows)}]" if name == "a.json" else "\n".join(rows)
    values = [value["n"] for _, value in records(tmp_path / name, text)]
    assert values == [digits, "1e999", None, "-Infinity", 12]
    assert [clean_text(each) for each in values] == [digits, "1e999", "", "-Infinity", "12"]
