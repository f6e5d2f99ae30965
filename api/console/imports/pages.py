"""Pages of the import wizard: a file, its columns, a preview of its rows, the import, its undo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.datastructures import UploadFile

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.employer.opening_pages import employer_of
from api.console.imports.column_form import (
    chosen_columns,
    chosen_employers,
    chosen_orders,
    chosen_people,
    chosen_places,
    column_faults,
    column_rows,
    field_choices,
)
from api.console.imports.field_labels import column_label
from api.console.imports.preview_words import preview_words
from api.console.shell.forms import Form, blank, catch_refusal
from api.console.shell.refusal_words import refusal_text
from api.console.shell.rendering import page, spoken, wants_part
from api.console.shell.translations import say_in
from api.imports import draft_decisions, drafting, employer_names, undoing
from api.imports import service as imports
from api.imports.draft_choices import choosable_fields
from api.imports.draft_files import Draft, DraftId
from api.imports.rejected_workbooks import rejected_workbook
from api.imports.row_logs import ORDERS
from api.imports.row_rules import importable_kinds
from api.ports.services import Given, Services
from producers.rejected_rows import MOST_KEPT_ROWS
from roost.errors import Invalid, NotFound, RoostError, invalid_field
from roost.events.account import Permission
from roost.events.employer_name import EmployerNameId
from roost.events.import_job import ImportId, ImportJob
from roost.events.import_mapping import ImportKind, MappingId

router = APIRouter(prefix="/console/imports", include_in_schema=False)
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
HERE = "/console/imports"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE = 1 << 18
SHOWN_IMPORTS = 50
SHOWN_NAMES = 500


@router.get("")
async def show_start(request: Request, who: Writes, given: Given) -> Response:
    """Show the form to choose a file, and the imports of the station or employer."""
    return await _start(request, who, given, blank(kind=importable_kinds(who)[0]))


@router.post("")
async def upload_form(request: Request, who: Writes, given: Given) -> Response:
    """Take a file from the form of a browser without script."""
    sent = await request.form()
    file, kind = sent.get("file"), sent.get("kind")
    if not isinstance(file, UploadFile) or not file.filename:
        refused: Draft | RoostError = invalid_field("file", "choose a file", "请选择文件")
    else:
        refused = await _keep(given, who, _pieces(file), str(kind), file.filename)
    if isinstance(refused, RoostError):
        return await _start(request, who, given, _file_form(request, str(kind), refused), 422)
    return RedirectResponse(f"{HERE}/drafts/{refused.id}", 303)


@router.post("/file")
async def upload_file(
    request: Request,
    who: Writes,
    given: Given,
    kind: Annotated[str, Query(max_length=20)],
    name: Annotated[str, Query(max_length=300)],
) -> Response:
    """Take a file as the body of the request, in pieces; the token comes in the header."""
    kept = await _keep(given, who, request.stream(), kind, name)
    if isinstance(kept, RoostError):
        message = refusal_text(kept, spoken(request))
        return JSONResponse({"message": message}, kept.status)
    return JSONResponse({"href": f"{HERE}/drafts/{kept.id}"}, 201)


@router.get("/drafts/{id}")
async def show_columns(
    id: DraftId,
    request: Request,
    who: Writes,
    given: Given,
    mapping: Annotated[MappingId | None, Query()] = None,
) -> Response:
    """Show the columns with their samples and the fields proposed for them."""
    return await _columns(request, who, given, id, mapping=mapping)


@router.post("/drafts/{id}")
async def choose_columns(id: DraftId, request: Request, who: Writes, given: Given) -> Response:
    """Keep the choices, check the rows with them, and show the preview."""
    sent = await request.form()
    chosen = chosen_columns(sent)
    name = str(sent.get("save_as", "")).strip()[: drafting.LONGEST_MAPPING_NAME]

    async def choose() -> Draft:
        draft = await drafting.choose_columns(given, who, id, chosen, save_as=name)
        return await drafting.begin_check(given, who, draft)

    draft = await catch_refusal(choose())
    if isinstance(draft, RoostError):
        form = column_faults(chosen, draft, spoken(request), {"save_as": name})
        return await _columns(request, who, given, id, form=form, chosen=chosen)
    return RedirectResponse(f"{HERE}/drafts/{id}/preview", 303)


@router.get("/drafts/{id}/preview")
async def show_preview(id: DraftId, request: Request, who: Writes, given: Given) -> Response:
    """Show the progress of the check, or what each row becomes."""
    draft, job, preview = await drafting.check_of_draft(given, who, id)
    words = None
    if preview is not None and ORDERS in preview:
        words = preview
    elif preview is not None:
        words = preview_words(preview, draft.kind, spoken(request), say_in(spoken(request)))
    template = "imports/check.html" if wants_part(request) else "imports/preview.html"
    return page(request, template, draft=draft, job=job, preview=words)


@router.post("/drafts/{id}/places")
async def choose_places(id: DraftId, request: Request, who: Writes, given: Given) -> Response:
    """Keep the answers to ambiguous names of places, and check the rows again."""
    draft = draft_decisions.choose_places(given, who, id, chosen_places(await request.form()))
    return await _check_again(who, given, draft)


@router.post("/drafts/{id}/orders")
async def choose_orders(id: DraftId, request: Request, who: Writes, given: Given) -> Response:
    """Keep the orders of columns of days, and check the rows again."""
    draft = draft_decisions.choose_orders(given, who, id, chosen_orders(await request.form()))
    return await _check_again(who, given, draft)


@router.post("/drafts/{id}/people")
async def choose_people(id: DraftId, request: Request, who: Writes, given: Given) -> Response:
    """Keep the decisions on rows whose person is known, and check the rows again."""
    draft = draft_decisions.choose_people(given, who, id, chosen_people(await request.form()))
    return await _check_again(who, given, draft)


@router.post("/drafts/{id}/employers")
async def choose_employers(id: DraftId, request: Request, who: Writes, given: Given) -> Response:
    """Keep the decisions on names of stored employers, and check the rows again."""
    draft = draft_decisions.choose_employers(given, who, id, chosen_employers(await request.form()))
    return await _check_again(who, given, draft)


@router.post("/drafts/{id}/import")
async def begin_import(id: DraftId, request: Request, who: Writes, given: Given) -> Response:
    """Import a checked file, and show the progress."""
    job = await drafting.import_draft(given, who, id)
    return RedirectResponse(f"{HERE}/{job.id}", 303)


@router.post("/drafts/{id}/discard")
async def discard_draft(id: DraftId, who: Writes, given: Given) -> Response:
    """Remove an uploaded file without importing it."""
    drafting.discard_draft(given, who, id)
    return RedirectResponse(HERE, 303)


@router.get("/employers")
async def show_employer_names(request: Request, who: Writes, given: Given) -> Response:
    """Show the kept decisions on employers' names, each with a button that takes it back."""
    found = employer_names.list_employer_names(given, who)
    return page(request, "imports/employers.html", names=found[:SHOWN_NAMES], count=len(found))


@router.post("/employers/{id}/forget")
async def forget_employer_name(id: EmployerNameId, who: Writes, given: Given) -> Response:
    """Take a decision on an employer's name back."""
    await employer_names.forget_employer_name(given, who, id)
    return RedirectResponse(f"{HERE}/employers", 303)


@router.get("/{id}")
async def show_import(id: ImportId, request: Request, who: Writes, given: Given) -> Response:
    """Show the progress or the result of an import, with its rejected rows."""
    job = await imports.find_import(given, who, id)
    rejected = await imports.list_rejected_rows(given, who, id, limit=SHOWN_IMPORTS)
    template = "imports/job.html" if wants_part(request) else "imports/import.html"
    return page(
        request,
        template,
        job=job,
        rejected=rejected.items,
        column_label=partial(column_label, kind=job.kind, language=spoken(request)),
        undo=undoing.undo_of(given, id),
        can_undo=_may_be_undone(given, job),
        most_kept=MOST_KEPT_ROWS,
    )


@router.get("/{id}/rejected.xlsx")
async def download_rejected(id: ImportId, request: Request, who: Writes, given: Given) -> Response:
    """Return the rejected rows as a workbook, with the reasons in an extra column."""
    body = await rejected_workbook(given, who, id, spoken(request))
    headers = {"content-disposition": f'attachment; filename="rejected-{id[2:10]}.xlsx"'}
    return Response(body, media_type=XLSX, headers=headers)


@router.get("/{id}/undo")
async def show_undo(id: ImportId, request: Request, who: Writes, given: Given) -> Response:
    """Show the effect of an undo, or what prevents it."""
    job = await imports.find_import(given, who, id)
    plan = await undoing.plan_undo(given, who, id)
    return page(request, "imports/undo.html", job=job, plan=plan)


@router.post("/{id}/undo")
async def undo_import(id: ImportId, who: Writes, given: Given) -> Response:
    """Take a whole import back, and show the progress."""
    job = await undoing.begin_undo(given, who, id)
    return RedirectResponse(f"{HERE}/{job.id}", 303)


async def _keep(
    given: Services, who: Principal, stream: AsyncIterator[bytes], kind: str, name: str
) -> Draft | Invalid | RoostError:
    """Keep a file as a draft; return the error if the person can correct it."""

    async def keep() -> Draft:
        chosen: list[ImportKind] = [each for each in importable_kinds(who) if each == kind]
        if not chosen:
            raise invalid_field("kind", "choose openings or workers", "请选择岗位或务工人员")
        employer = await employer_of(given, who)
        own_name = employer["name"] if employer else ""
        return await drafting.upload_draft(given, who, stream, chosen[0], name, own_name)

    return await catch_refusal(keep())


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE):
        yield piece


def _file_form(request: Request, kind: str, refused: RoostError) -> Form:
    """Return the form of a file with the error at its field."""
    field = refused.fields[0].field if refused.fields else "file"
    message = refusal_text(refused, spoken(request))
    return Form({"kind": kind}, {field if field in ("file", "kind") else "file": message})


async def _start(
    request: Request, who: Principal, given: Services, form: Form, status: int = 200
) -> Response:
    jobs = [each for each in await imports.list_imports(given, who) if not each.dry_run]
    return page(
        request,
        "imports/start.html",
        status=status,
        form=form,
        kinds=importable_kinds(who),
        jobs=jobs[:SHOWN_IMPORTS],
        has_names=bool(employer_names.list_employer_names(given, who)),
        undone={each.undoes for each in jobs if each.undoes is not None},
        most_bytes=given.settings.import_bytes,
        most_plain_bytes=given.settings.body_limit,
    )


async def _columns(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    *,
    mapping: str | None = None,
    form: Form | None = None,
    chosen: Any = None,
) -> Response:
    found = await catch_refusal(drafting.columns_of_draft(given, who, id, mapping))
    if isinstance(found, NotFound):
        raise found
    if isinstance(found, RoostError):
        refused = _file_form(request, "", found)
        return await _start(request, who, given, refused, 422)
    say = say_in(spoken(request))
    return page(
        request,
        "imports/columns.html",
        status=422 if form else 200,
        draft=found.draft,
        sample=found.sample,
        mappings=found.mappings,
        applied=found.applied,
        rows=column_rows(found, chosen),
        choices=field_choices(choosable_fields(who, found.draft), found.draft.kind, say),
        form=form or blank(save_as=""),
    )


async def _check_again(who: Principal, given: Services, draft: Draft) -> Response:
    """Check the rows with the choices of a draft, and show the progress."""
    await drafting.begin_check(given, who, draft)
    return RedirectResponse(f"{HERE}/drafts/{draft.id}/preview", 303)


def _may_be_undone(given: Services, job: ImportJob) -> bool:
    """Return whether an undo can be offered; the page of the undo tells whether it is possible."""
    if job.dry_run or job.undoes is not None or not job.state.over or not job.published:
        return False
    return undoing.undo_of(given, job.id) is None and undoing.undo_path(given, job.id).exists()
