"""Workbooks that allocate as they please end their own process only."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from producers.tables import workbook_child, workbook_process
from producers.tables.workbook_process import WorkbookProcess
from roost.errors import Invalid, RoostError
from tests.unit.producers.tables.table_files import WORKSHOP_ROW, W, workbook_file

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHARED = (
    '<Relationship Id="texts" Target="sharedStrings.xml" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/sharedStrings"/></Relationships>'
)
MOST_BYTES = 600_000_000


def with_data(path: Path, rows: str, text: str = "") -> Path:
    """Replace the rows of a workbook's only sheet, and its shared text."""
    with zipfile.ZipFile(path) as book:
        parts = {each: book.read(each).decode() for each in book.namelist()}
    before, _, rest = parts[SHEET].partition("<sheetData>")
    parts[SHEET] = f"{before}<sheetData>{rows}</sheetData>{rest.partition('</sheetData>')[2]}"
    if text:
        parts[STRINGS] = f'<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>'
        parts[RELATIONS] = parts[RELATIONS].replace("</Relationships>", SHARED)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for each, data in parts.items():
            book.writestr(each, data)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return workbook_file(tmp_path / "a.xlsx", ("S", [W, WORKSHOP_ROW]), ("T", [["t"]] * 1_200))


def test_cells_that_lie_far_apart_take_no_memory_here(path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD1048576"><v>1</v></c></row>'
    book = WorkbookProcess(with_data(path, rows), MOST_BYTES)
    with pytest.raises(Invalid, match="takes too much memory; save the sheet as CSV"):
        list(book.rows("S"))


def test_a_long_text_that_every_cell_shares_takes_no_memory_here(path: Path) -> None:
    rows = "".join(
        f'<row r="{line}"><c r="A{line}" t="s"><v>0</v></c></row>' for line in range(1, 5_000)
    )
    book = WorkbookProcess(with_data(path, rows, "x" * 1_000_000), MOST_BYTES)
    with pytest.raises(Invalid, match="takes too much memory"):
        list(book.rows("S"))


def test_a_row_of_long_shared_texts_is_refused(path: Path) -> None:
    cells = "".join(f'<c r="{letter}2" t="s"><v>0</v></c>' for letter in "ABCDEFGHIJ")
    first = '<row r="1"><c r="A1"><v>1</v></c></row>'
    book = WorkbookProcess(
        with_data(path, f'{first}<row r="2">{cells}</row>', "x" * 1_000_000), MOST_BYTES
    )
    rows = book.rows("S")
    assert next(rows)[0] == "1"
    with pytest.raises(Invalid, match="a row of the sheet S has over 8 MB"):
        next(rows)


def test_nan_is_an_empty_cell_and_infinity_has_the_name_that_json_gives_it(path: Path) -> None:
    cells = "".join(
        f'<c r="{at}"><v>{text}</v></c>' for at, text in (("A1", "NaN"), ("B1", "1e999"))
    )
    book = WorkbookProcess(with_data(path, f'<row r="1">{cells}</row>'), MOST_BYTES)
    assert list(book.rows("S")) == [["", "Infinity"]]


def test_readings_of_several_sheets_alternate(path: Path) -> None:
    book = WorkbookProcess(path, MOST_BYTES)
    first, second, again = book.rows("T"), book.rows("S"), book.rows("T")
    assert [next(first), next(second)[:2], next(again)] == [["t"], W[:2], ["t"]]
    assert book.merges("S") == []
    assert [len(list(each)) for each in (again, first, second)] == [1_199, 1_199, 1]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_inherits_no_secret_and_ends_with_its_book(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOST_WEBHOOK_KEY", "secret-of-the-county")
    book = WorkbookProcess(path, MOST_BYTES)
    process = book._process
    assert b"secret" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    del book
    assert process.returncode is not None


@pytest.mark.skipif(sys.platform != "linux", reason="macOS bounds no address space")
def test_a_lower_limit_of_the_host_stays_and_workbooks_are_read(path: Path) -> None:
    """As under `ulimit -v`: a process may lower its limits, and never raise them."""
    before = resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU)
    own = 400_000_000
    command = (
        "import resource, sys; sys.path[:0] = sys.argv[2:]; "
        f"resource.setrlimit(resource.RLIMIT_AS, ({own}, {own})); "
        "resource.setrlimit(resource.RLIMIT_CPU, (60, 60)); "
        "from pathlib import Path; from producers.tables.workbook_process import WorkbookProcess; "
        "print(len(list(WorkbookProcess(Path(sys.argv[1])).rows('T'))))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", command, str(path), *sys.path], capture_output=True, text=True
    )
    assert ended.stdout.strip() == "1200", ended.stderr
    assert before == (
        resource.getrlimit(resource.RLIMIT_AS),
        resource.getrlimit(resource.RLIMIT_CPU),
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (signal.SIGKILL, "too much memory"),
        (signal.SIGABRT, "too much memory"),
        (signal.SIGXCPU, "too long to read"),
        (signal.SIGTERM, "cannot be read"),
    ],
)
def test_the_text_says_why_the_process_ended(path: Path, number: signal.Signals, text: str) -> None:
    book = WorkbookProcess(path, MOST_BYTES)
    book._process.send_signal(number)
    with capture_logs() as logs, pytest.raises(Invalid, match=text):
        list(book.rows("T"))
    assert [(each["event"], each["code"]) for each in logs] == [("workbook_reader_ended", -number)]


def test_a_process_without_processor_time_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.py"
    source = Path(workbook_child.__file__).read_text()
    slow.write_text(source.replace("loaded: dict[str, Any] = {}", "while True: pass"))
    monkeypatch.setattr(workbook_process.workbook_child, "__file__", str(slow))
    with pytest.raises(Invalid, match="takes too long to read; save the sheet as CSV"):
        list(WorkbookProcess(path, MOST_BYTES, 1).rows("T"))


def test_a_program_that_does_not_start_is_no_fault_of_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_process.workbook_child, "__file__", str(path.parent / "none.py"))
    with capture_logs() as logs, pytest.raises(RoostError, match="does not start") as raised:
        WorkbookProcess(path, MOST_BYTES)
    assert not isinstance(raised.value, Invalid)
    assert raised.value.status == 500
    assert logs[0]["started"] is False


def test_answers_for_an_abandoned_reading_are_dropped(path: Path) -> None:
    book = WorkbookProcess(path, MOST_BYTES)
    first, second = book.rows("T"), book.rows("T")
    assert next(first) == next(second)
    first.close()
    assert len(list(second)) == 1_199
    assert book._ready == {}
