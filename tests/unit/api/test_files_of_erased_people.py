"""No file in the data folder keeps an erased person: erasure reaches it, or it expires soon."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.imports.draft_files import (
    KEPT,
    KEPT_AT_MOST,
    Draft,
    drafts_folder,
    keep_file,
    read_draft,
    sweep_drafts,
)
from api.imports.import_work import SOURCE
from api.imports.upload import STALE_S, sweep
from producers.draft_erasure import WORKERS, NamedWorkers
from producers.erased_files import erase_from_files
from producers.rejected_rows import ENDING, UNDO_ENDING
from producers.rejects_elsewhere import note_path
from roost import ids
from roost.errors import NotFound
from roost.settings import Settings
from tests.unit.api.console.test_import_people import ROWS, Office

ROOT = Path(__file__).parents[3]
NAME, NUMBER = "示例甲", "B-2"
PERSON, OTHER = ids.worker_id("roster", NUMBER), ids.worker_id("roster", "Z-9")
LINE = json.dumps(
    {"line": 1, "reasons": [], "row": {"姓名": NAME}, "worker": PERSON}, ensure_ascii=False
)
REPLACED = json.dumps(
    {"id": PERSON, "version": 3, "stored": {"name": NAME}, "worker": PERSON}, ensure_ascii=False
)
DRAFT = "d" * 32


def settings_in(folder: Path) -> Settings:
    return Settings(data=folder / "data")


def draft(settings: Settings, kind: Any, checked_for: tuple[str, ...] | None) -> Path:
    """Keep a roster as a draft; a check of it has found these workers."""
    uploaded = settings.data / "uploaded"
    uploaded.parent.mkdir(parents=True, exist_ok=True)
    uploaded.write_text(f"编号,姓名\n{NUMBER},{NAME}\n", "utf-8")
    folder = drafts_folder(settings.data / "imports")
    described = Draft(id=DRAFT, owner="u", kind=kind, file_name="a.csv", digest="d")
    keep_file(folder, described, uploaded)
    if checked_for is not None:
        (folder / DRAFT / "preview.json").write_text(json.dumps({"name": NAME}), "utf-8")
        named = NamedWorkers(folder / DRAFT)
        named.add(checked_for)
        named.keep()
    return folder / DRAFT


def unchecked(settings: Settings) -> Path:
    return draft(settings, "profiles", None)


def checked(settings: Settings) -> Path:
    return draft(settings, "profiles", (OTHER, PERSON))


def being_checked(settings: Settings) -> Path:
    path = draft(settings, "profiles", None)
    NamedWorkers(path).add((OTHER,))
    return path


def lines(name: str, line: str) -> Callable[[Settings], Path]:
    def planted(settings: Settings) -> Path:
        path = settings.rejects_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{line}\n", "utf-8")
        return path

    return planted


def elsewhere(settings: Settings) -> Path:
    path = settings.data.parent / "chosen.jsonl"
    path.write_text(f"{LINE}\n", "utf-8")
    settings.rejects_folder.mkdir(parents=True)
    note_path(settings.rejects_folder, path)
    return path


KINDS = {
    "draft before its check": unchecked,
    "draft with its preview": checked,
    "draft whose check runs": being_checked,
    "rejected rows": lines(f"i{ENDING}", LINE),
    "replaced facts of an import": lines(f"i{UNDO_ENDING}", REPLACED),
    "rejected rows at a chosen path": elsewhere,
}


def holding(folder: Path, text: str) -> list[Path]:
    return [
        each for each in folder.rglob("*") if each.is_file() and text.encode() in each.read_bytes()
    ]


@pytest.mark.parametrize("plant", KINDS.values(), ids=KINDS.keys())
def test_an_erasure_leaves_no_file_that_names_the_person(
    tmp_path: Path, plant: Callable[[Settings], Path]
) -> None:
    settings = settings_in(tmp_path)
    plant(settings)
    assert holding(tmp_path, NAME)
    erase_from_files(settings, PERSON)
    assert holding(tmp_path, NAME) == []
    erase_from_files(settings, PERSON)


@pytest.mark.parametrize(
    ("kind", "checked_for"), [("profiles", (OTHER,)), ("openings", None), ("openings", ())]
)
def test_a_draft_of_others_stays(tmp_path: Path, kind: Any, checked_for: Any) -> None:
    settings = settings_in(tmp_path)
    kept = draft(settings, kind, checked_for)
    erase_from_files(settings, PERSON)
    assert (kept / "file" / "a.csv").exists()


def test_a_check_that_ends_after_the_erasure_writes_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    named = NamedWorkers(draft(settings, "profiles", None))
    erase_from_files(settings, PERSON)
    with pytest.raises(FileNotFoundError):
        named.keep()
    assert not [each for each in settings.data.rglob("*") if each.is_file()]


def aged(path: Path, age: timedelta) -> None:
    then = (datetime.now(UTC) - age).timestamp()
    os.utime(path, (then, then))


def test_no_use_keeps_a_draft_for_more_than_a_day(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    folder, path = drafts_folder(settings.data / "imports"), unchecked(settings)
    aged(path / "uploaded", KEPT_AT_MOST - timedelta(minutes=1))
    sweep_drafts(folder, datetime.now(UTC))
    assert read_draft(folder, DRAFT, "u")
    aged(path / "uploaded", KEPT_AT_MOST + timedelta(minutes=1))
    sweep_drafts(folder, datetime.now(UTC))
    assert not path.exists()
    with pytest.raises(NotFound, match="erased"):
        read_draft(folder, DRAFT, "u")


def test_every_kept_file_expires_within_days(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert max(KEPT, KEPT_AT_MOST, timedelta(seconds=STALE_S)) <= timedelta(days=1)
    pending = settings.data / "imports" / "x.csv"
    pending.parent.mkdir(parents=True)
    pending.write_text(NAME, "utf-8")
    aged(pending, timedelta(seconds=STALE_S + 60))
    sweep(pending.parent)
    assert holding(tmp_path, NAME) == []


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = Office(tmp_path, "en")
    await made.wizard.start()
    yield made
    await made.wizard.imports.close()


async def test_a_check_of_the_wizard_names_every_worker_of_its_rows(office: Office) -> None:
    await office.check()
    [named] = list(office.wizard.given.settings.data.rglob(WORKERS))
    numbers = [line.split(",")[0] for line in ROWS.splitlines()]
    assert set(named.read_text().split()) >= {
        *(ids.worker_id(SOURCE, each) for each in numbers),
        office.stored,
    }, "rows, and stored people whom they may describe"


async def test_the_wizard_says_that_an_erasure_removed_the_upload(office: Office) -> None:
    await office.check()
    erase_from_files(office.wizard.given.settings, office.stored)
    assert holding(office.wizard.given.settings.data, NAME) == []
    for step in ("", "/preview"):
        answer: httpx.Response = await office.wizard.client.get(f"{office.where}{step}")
        assert answer.status_code == 404
        assert "erased" in answer.text
    sent = await office.wizard.send(f"{office.where}/import")
    assert sent.status_code == 404


def folders_in(source: str) -> Iterator[str]:
    """Yield the folders of the data folder that a module names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            text = ast.unparse(node)
            if found := re.match(
                r"(?:self|settings|given\.settings|supervisor)\.data / '([^']+)'", text
            ):
                yield found[1]


def test_every_folder_of_the_data_folder_is_judged_in_the_security_document() -> None:
    document = (ROOT / "docs" / "security.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `([a-z.-]+)/?[^`]*` \|", document, re.MULTILINE))
    used = {
        folder
        for package in ("api", "producers", "streams", "roost", "deploy")
        for path in (ROOT / package).rglob("*.py")
        for folder in folders_in(path.read_text("utf-8"))
    }
    assert {"rejects", "outbox", "logs"} <= used, "the search finds folders"
    assert used <= listed, f"docs/security.md, Files: add {sorted(used - listed)}"
