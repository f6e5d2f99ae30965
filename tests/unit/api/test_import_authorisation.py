"""Access to imports: by the permission for their kind of records; workers' data is audited."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.access.principal import Principal
from api.guards.auditing_elastic import collect_workers
from api.imports import drafting, service, undoing
from api.imports.draft_files import Draft, drafts_folder, keep_file, preview_path
from api.imports.jobs import Jobs
from api.imports.rejected_workbooks import rejected_workbook
from api.ports.services import Services
from producers.rejected_rows import ENDING
from roost import ids
from roost.errors import NotFound
from roost.events.account import AccountRole as R
from roost.events.account import Permission
from roost.events.import_job import ImportJob, ImportReport, ImportState
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

STATION = ids.station_id("east")
JOB = ids.derive("i", "roster")
WORKER = ids.worker_id("roster", "A-1")
OWNER = "u-" + "a" * 26


def person(role: R, id: str = "u-" + "b" * 26, **confined: Any) -> Principal:
    return Principal(id=id, role=role, name="someone", **confined)


def job_of(kind: Any, **changes: Any) -> ImportJob:
    fields: dict[str, Any] = {
        "id": JOB,
        "kind": kind,
        "state": ImportState.DONE,
        "owner": OWNER,
        "group": f"station:{STATION}",
        "format": "xlsx",
        "rows": 1,
        "rejected": 1,
        "sent": "x",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return ImportJob(**fields | changes)


def services(folder: Path, kind: Any = "profiles", **changes: Any) -> Services:
    jobs = Jobs()
    jobs.take(ImportReport(job=job_of(kind, **changes)))

    async def caught_up() -> None:
        return None

    imports = SimpleNamespace(
        jobs=jobs, caught_up=caught_up, folder=folder / "imports", workbooks=asyncio.Semaphore(1)
    )
    clock = SimpleNamespace(now=lambda: NOW)
    return services_with(imports=imports, settings=Settings(data=folder), clock=clock)


@pytest.mark.parametrize(
    ("who", "roster", "openings"),
    [
        (person(R.ASSOCIATION), True, True),
        (person(R.ADMIN), True, True),
        (person(R.CLERK, station_ids=(STATION,)), True, True),
        (person(R.CLERK, OWNER, station_ids=(STATION,)), True, True),
        (person(R.CLERK, station_ids=(ids.station_id("west"),)), False, False),
        (person(R.DEPARTMENT), False, True),
        (person(R.DEPARTMENT, OWNER), False, True),
        (person(R.EMPLOYER, OWNER, employer_id="e"), False, True),
        (person(R.ADMIN, scopes=frozenset({Permission.OPENINGS_WRITE})), False, True),
        (person(R.ADMIN, OWNER, scopes=frozenset({Permission.OPENINGS_WRITE})), False, True),
        (
            person(R.CLERK, station_ids=(STATION,), scopes=frozenset({Permission.OPENINGS_WRITE})),
            False,
            True,
        ),
    ],
    ids=lambda each: f"{each.role}-{each.id[2]}" if isinstance(each, Principal) else None,
)
async def test_an_import_is_shown_to_those_who_may_import_its_kind_of_records(
    tmp_path: Path, who: Principal, roster: bool, openings: bool
) -> None:
    for kind, shown in (("profiles", roster), ("openings", openings)):
        given = services(tmp_path, kind)
        assert bool(await service.list_imports(given, who)) is shown
        if shown:
            assert (await service.find_import(given, who, JOB)).id == JOB
            continue
        for refused in (
            service.find_import(given, who, JOB),
            service.list_rejected_rows(given, who, JOB, limit=10),
            rejected_workbook(given, who, JOB, "en"),
            undoing.plan_undo(given, who, JOB),
            undoing.begin_undo(given, who, JOB),
        ):
            with pytest.raises(NotFound):
                await refused


async def test_the_workers_in_a_workbook_of_rejected_rows_are_audited(tmp_path: Path) -> None:
    given = services(tmp_path)
    folder = given.settings.rejects_folder
    folder.mkdir(parents=True)
    lines = [
        {"line": 2, "reasons": [], "row": {"编号": "A-1"}, "worker": WORKER},
        {"line": 3, "reasons": [], "row": {"编号": ""}},
    ]
    text = "".join(f"{json.dumps(each)}\n" for each in lines)
    (folder / f"{JOB}{ENDING}").write_text(text, "utf-8")
    with collect_workers() as seen:
        await rejected_workbook(given, person(R.ASSOCIATION), JOB, "zh")
    assert seen == {WORKER}


@pytest.mark.parametrize(
    ("kind", "audited"), [("profiles", ("A-1", "A-2", "A-3")), ("openings", ())]
)
async def test_the_workers_whose_stored_data_a_preview_shows_are_audited(
    tmp_path: Path, kind: Any, audited: Sequence[str]
) -> None:
    given = services(tmp_path, dry_run=True)
    folder, owner = drafts_folder(given.imports.folder), person(R.CLERK, station_ids=(STATION,))
    draft = Draft(
        id="0" * 32, owner=owner.id, kind=kind, file_name="a.csv", digest="d", check_id=JOB
    )
    uploaded = tmp_path / "uploaded"
    uploaded.write_text("x", "utf-8")
    keep_file(folder, draft, uploaded)

    def row(number: str, **verdict: str) -> dict[str, Any]:
        return {"id": ids.worker_id("roster", number), "result": {"name": "王"}, **verdict}

    rows = {
        "changed": [row("A-1", verdict="changed")],
        "unchanged": [row("A-2", verdict="unchanged")],
        "doubtful": [
            row("A-3", verdict="doubtful", change="changed"),
            row("A-4", verdict="doubtful", change="new"),
        ],
        "new": [row("A-5", verdict="new")],
        "rejected": [{"verdict": "rejected"}],
    }
    preview = {"read": 6, "rows": rows, "sample": rows["changed"]}
    preview_path(folder, draft).write_text(json.dumps(preview), "utf-8")
    with collect_workers() as seen:
        _, _, shown = await drafting.check_of_draft(given, owner, draft.id)
    assert shown == preview
    assert seen == {ids.worker_id("roster", each) for each in audited}
