"""Use cases of drafts: keep a file, propose its columns, check its rows, import it, discard it.

The console's wizard goes through them in this order. A check is an import that publishes nothing.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from api.access.nearby_places import places_nearby
from api.access.principal import Principal
from api.guards.auditing_elastic import record_workers
from api.imports.decisions import identity_decisions
from api.imports.draft_choices import (
    check_choices,
    choosable_fields,
    mapping_of,
    with_known_orders,
)
from api.imports.draft_decisions import find_draft, unchecked
from api.imports.draft_files import (
    Draft,
    draft_gone,
    drafts_folder,
    file_of,
    keep_file,
    new_draft_id,
    preview_path,
    remove_draft,
    safe_name,
    write_draft,
)
from api.imports.draft_samples import SuggestedSample
from api.imports.employer_names import keeping, remembered_employers
from api.imports.import_work import Work
from api.imports.row_logs import ORDERS, ImportLog, PreviewLog
from api.imports.row_rules import check_kind, row_rules
from api.imports.saved_mappings import (
    fitting_mappings,
    is_of_shape,
    mappings_of,
    save_mapping,
)
from api.imports.upload import Upload, spooled
from api.imports.waiting_jobs import waiting_job
from api.ports.services import Services
from producers.importing.file_places import PlaceEvidence
from producers.importing.import_kinds import KINDS
from producers.importing.row_workers import names_no_worker, workers_of
from producers.importing.verdicts import Verdict
from producers.mappings.suggesting.column_samples import FileSample
from producers.mappings.suggesting.heading_suggestions import Suggestion
from producers.rejected_rows import ENDING, UNDO_ENDING
from producers.tables.headings import folded_heading
from producers.tables.sheets import Fault
from roost import ids
from roost.errors import Invalid, NotFound, conflicting_field
from roost.events.import_job import ImportJob, ImportState
from roost.events.import_mapping import ChosenColumn, ImportKind, SavedMapping
from roost.security.private_folders import private_folder

LONGEST_MAPPING_NAME = 60


@dataclass(frozen=True, slots=True)
class DraftColumns:
    """Columns of a draft's file: samples, suggestions, and the mappings that would fit."""

    draft: Draft
    sample: FileSample
    suggestions: list[Suggestion]
    mappings: list[SavedMapping]
    applied: SavedMapping | None
    """Mapping whose choices are proposed, because it was saved for files of this shape."""
    chosen: dict[str, ChosenColumn]
    """Choices to show, by column."""


async def upload_draft(
    given: Services,
    who: Principal,
    stream: AsyncIterator[bytes],
    kind: ImportKind,
    file_name: str,
    employer_name: str = "",
) -> Draft:
    """Store an uploaded file as a draft, and check that its columns can be read.

    `employer_name` is that of an employer's account, which every row gets.

    Raises Forbidden, TooLarge, TooManyImports, and Invalid for a file that cannot be read; then
    nothing is kept.
    """
    check_kind(who, kind)
    folder = drafts_folder(given.imports.folder)
    given.imports.pending.reserve(who.counted_as)
    try:
        upload = await spooled(stream, "", given.imports.folder, given.settings.import_bytes)
        draft = Draft(
            id=new_draft_id(),
            owner=who.id,
            counted_as=who.counted_as,
            kind=kind,
            file_name=safe_name(file_name),
            digest=upload.digest,
            employer_name=employer_name,
        )
        try:
            await asyncio.to_thread(keep_file, folder, draft, upload.path)
            given.imports.samples.drop_removed()  # of a draft that this one replaces
        except BaseException:
            upload.path.unlink(missing_ok=True)
            raise
        try:
            sample = (await _sample_of(given, draft)).sample
            _check_columns(sample)
        except BaseException:
            _remove(given, draft)
            raise
    finally:
        given.imports.pending.release(who.counted_as)
    is_json = not any(each.heading_rows for each in sample.sheets)
    draft = draft.model_copy(update={"reads": "json" if is_json else "tables"})
    write_draft(folder, draft)
    return draft


async def _sample_of(given: Services, draft: Draft) -> SuggestedSample:
    path = file_of(drafts_folder(given.imports.folder), draft)
    try:
        return await given.imports.samples.sample(draft.id, path, draft.kind)
    except FileNotFoundError as error:
        raise draft_gone() from error


async def columns_of_draft(
    given: Services, who: Principal, id: str, mapping_id: str | None = None
) -> DraftColumns:
    """Return the columns of a draft with the choices to propose: made, saved, or suggested.

    `mapping_id` names a saved mapping to propose instead. Raises NotFound, Invalid.
    """
    draft = find_draft(given, who, id)
    found = await _sample_of(given, draft)
    sample, suggestions = found.sample, found.suggestions
    mappings = fitting_mappings(mappings_of(given, who, draft.kind), sample.columns)
    applied = _mapping_to_apply(draft, mappings, sample, mapping_id)
    if applied is not None:
        source: Sequence[ChosenColumn] = applied.columns
    elif draft.columns:
        source = draft.columns
    else:
        source = [ChosenColumn(column=each.column, field=each.field) for each in suggestions]
    offered = {field.name for field in choosable_fields(who, draft)}
    by_name = {folded_heading(each.column): each for each in source if each.field in offered}
    chosen = {
        each.name: by_name.get(folded_heading(each.name), ChosenColumn(column=each.name))
        for each in sample.columns
    }
    return DraftColumns(draft, sample, suggestions, mappings, applied, chosen)


def _mapping_to_apply(
    draft: Draft, mappings: Sequence[SavedMapping], sample: FileSample, wanted: str | None
) -> SavedMapping | None:
    if wanted is not None:
        return next((each for each in mappings if each.id == wanted), None)
    if draft.columns:
        return None
    return next((each for each in mappings if is_of_shape(each, sample.columns)), None)


async def choose_columns(
    given: Services,
    who: Principal,
    id: str,
    columns: Sequence[ChosenColumn],
    *,
    save_as: str = "",
) -> Draft:
    """Keep the choices of a draft's columns, and save them as a named mapping if it has a name.

    Raises NotFound, and Invalid, which names the columns and the missing fields.
    """
    found = await columns_of_draft(given, who, id)
    columns = with_known_orders(columns, found.draft.kind, found.sample)
    draft = found.draft.model_copy(update={"columns": tuple(columns)})
    check_choices(who, draft, found.sample)
    if save_as:
        saved = await save_mapping(given, who, draft.kind, save_as, columns)
        draft = draft.model_copy(update={"mapping_id": saved.id, "mapping_name": saved.name})
    return unchecked(given, draft)


async def begin_check(given: Services, who: Principal, draft: Draft) -> Draft:
    """Queue the check of a draft's rows, which writes its preview. Raises TooManyImports."""
    folder = drafts_folder(given.imports.folder)
    job = _new_job(given, who, draft, ids.derive("i", new_draft_id()), dry_run=True)
    draft = draft.model_copy(update={"check_id": job.id})
    rules = await row_rules(given, who, draft.kind, dry_run=True)
    mapping = mapping_of(who, draft)
    work = Work(
        job,
        Upload(file_of(folder, draft), job.format, 0, draft.digest),
        rules.authorise,
        rules.complete,
        KINDS[draft.kind],
        mapping,
        rules.find_suppressed,
        await _evidence(given, who, draft),
        rules.find_people,
        identity_decisions(draft.people, draft.employers),
        PreviewLog(
            preview_path(folder, draft),
            workers_of(mapping) if draft.kind == "profiles" else names_no_worker,
        ),
        keeps_upload=True,
        ask_order=ask_in_wizard,
        find_employers=rules.find_employers,
        find_ends=rules.find_ends,
        remembered=partial(remembered_employers, given, who),
    )
    await _queue(given, who, work)
    write_draft(folder, draft)
    return draft


async def check_of_draft(
    given: Services, who: Principal, id: str
) -> tuple[Draft, ImportJob | None, dict[str, Any] | None]:
    """Return a draft, the job that checks it, and the preview once the check has ended.

    A preview of unknown orders of days holds their columns under `ORDERS`, and nothing else.
    """
    draft = find_draft(given, who, id)
    await given.imports.caught_up()
    job = None
    if draft.check_id is not None:
        job = given.imports.jobs.get(draft.check_id, given.clock.now())
    if job is None or job.state not in {ImportState.DONE, ImportState.FAILED}:
        return draft, job, None
    path = preview_path(drafts_folder(given.imports.folder), draft)
    try:
        preview = orjson.loads(await asyncio.to_thread(path.read_bytes))
    except FileNotFoundError:
        return draft, None if job.state is ImportState.DONE else job, None
    if draft.kind == "profiles" and ORDERS not in preview:
        record_workers(_shown_workers(preview))
    return draft, job, preview


def _shown_workers(preview: dict[str, Any]) -> set[str]:
    """Return the workers whose stored values a preview shows; the check did not record them."""
    listed = itertools.chain(preview["sample"], *preview["rows"].values())
    stored = {Verdict.CHANGED.value, Verdict.UNCHANGED.value}
    undecided = preview.get("undecided", {}).get("rows", ())
    return {row["id"] for row in listed if row.get("change", row["verdict"]) in stored} | {
        person["id"] for row in undecided for person in row["people"] if "row" not in person
    }


async def import_draft(given: Services, who: Principal, id: str) -> ImportJob:
    """Queue the import of a checked draft; the draft ends. A repeat returns the same job.

    Raises NotFound, Conflict without a finished check, TooManyImports.
    """
    await given.imports.caught_up()
    job_id = ids.derive("i", "draft", who.id, id)
    existing = given.imports.jobs.get(job_id, given.clock.now())
    if existing is not None:
        return existing
    draft, _, preview = await check_of_draft(given, who, id)
    if preview is None or ORDERS in preview:
        raise conflicting_field("(body)", "check the file first", "请先核对文件")
    folder, mapping = drafts_folder(given.imports.folder), mapping_of(who, draft)
    job = _new_job(given, who, draft, job_id, dry_run=False, rows=int(preview["read"]))
    rules = await row_rules(given, who, draft.kind, dry_run=False)
    path = file_of(folder, draft)
    moved = given.imports.folder / f"{draft.id}{path.suffix}"
    people = draft.kind == "profiles"
    rejects = given.settings.rejects_folder
    log = ImportLog(
        rejects / f"{job_id}{ENDING}",
        rejects / f"{job_id}{UNDO_ENDING}",
        workers_of(mapping) if people else names_no_worker,
        people=people,
    )
    work = Work(
        job,
        Upload(moved, job.format, job.rows, draft.digest),
        rules.authorise,
        rules.complete,
        KINDS[draft.kind],
        mapping,
        rules.find_suppressed,
        await _evidence(given, who, draft),
        rules.find_people,
        identity_decisions(draft.people, draft.employers),
        log,
        ask_order=ask_in_wizard,
        find_employers=rules.find_employers,
        find_ends=rules.find_ends,
        remembered=partial(remembered_employers, given, who),
        keep_decisions=keeping(given, who, draft.employers),
    )
    private_folder(given.imports.folder)
    _move(path, moved)
    try:
        job = await _queue(given, who, work)
    except BaseException:
        log.close()
        with suppress(FileNotFoundError):  # an erasure has removed the draft
            moved.replace(path)
        moved.unlink(missing_ok=True)
        raise
    _remove(given, draft)
    return job


def _move(path: Path, target: Path) -> None:
    """Move a draft's file. Raises NotFound if the draft was removed meanwhile."""
    try:
        path.replace(target)
    except FileNotFoundError as error:
        raise draft_gone() from error


async def _evidence(given: Services, who: Principal, draft: Draft) -> PlaceEvidence:
    chosen = {each.text: each.key for each in draft.places}
    return PlaceEvidence(await places_nearby(given, who), chosen)


async def _queue(given: Services, who: Principal, work: Work) -> ImportJob:
    """Reserve a place and queue the work, which releases it at its end. Raises TooManyImports."""
    with given.imports.pending.reserved(who.counted_as):
        return await given.imports.begin(work)


def _new_job(
    given: Services, who: Principal, draft: Draft, id: str, *, dry_run: bool, rows: int = 0
) -> ImportJob:
    return waiting_job(
        given,
        who,
        id,
        kind=draft.kind,
        format=draft.file_name.rpartition(".")[2][:10].lower() or "file",
        mapping=draft.mapping_name or None,
        dry_run=dry_run,
        rows=rows,
        sent=ids.derive("u", draft.digest, str(dry_run)),
    )


def ask_in_wizard(column: str) -> Fault:
    """Return how to state the order of a column of days in the wizard."""
    return Fault(
        "go back to the preview, and choose the order",
        "请返回预览，选择日、月的先后顺序",
    )


def discard_draft(given: Services, who: Principal, id: str) -> None:
    """Remove a caller's draft; one that is gone is no error."""
    try:
        draft = find_draft(given, who, id)
    except NotFound:
        return
    _remove(given, draft)


def _remove(given: Services, draft: Draft) -> None:
    """Remove a draft with its file and its sample."""
    remove_draft(drafts_folder(given.imports.folder), draft.id)
    given.imports.samples.drop_removed()


def _check_columns(sample: FileSample) -> None:
    """Raise Invalid for a file without columns."""
    if not sample.columns:
        raise Invalid("The file holds no rows.", "文件中没有数据行。")
