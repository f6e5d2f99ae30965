"""Endpoints of imports: send a file, follow its progress, list the rejected rows."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import StringConstraints

from api.access.principal import Principal
from api.guards.idempotency.idempotency_middleware import REPLAYED_HEADER
from api.imports import service
from api.imports.decisions import ImportDecisions
from api.imports.row_rules import ImportRequirement
from api.imports.schemas import Errors, Progress, ProgressList, progress_of
from api.imports.upload import ENDINGS
from api.imports.upload_body import DECISIONS, FILE, FORM, UploadBody
from api.lists.answer_schemas import located_answer
from api.lists.paging import Cursor, Limit
from api.lists.totals import Total
from api.ports.services import Given
from producers.mappings.day_orders import MOST_ORDERS
from roost.events.account import Permission
from roost.events.import_job import ImportId, ImportJob
from roost.events.import_mapping import ImportKind
from roost.wording.preferred_language import preferred_language

router = APIRouter(prefix="/v1/imports", tags=["imports"])
Writes = Annotated[Principal, Depends(ImportRequirement(Permission.OPENINGS_WRITE))]
DayOrderText = Annotated[str, StringConstraints(max_length=230)]


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a model's schema with its definitions in place of the references to them."""
    definitions = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, dict):
            if name := part.get("$ref", "").removeprefix("#/$defs/"):
                return resolved(definitions[name])
            return {key: resolved(value) for key, value in part.items()}
        return [resolved(each) for each in part] if isinstance(part, list) else part

    found: dict[str, Any] = resolved(schema)
    return found


BODY: Any = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string"}} for kind in ENDINGS}
        | {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": [FILE],
                    "properties": {
                        DECISIONS: inlined(ImportDecisions.model_json_schema(by_alias=True)),
                        FILE: {"type": "string", "format": "binary"},
                    },
                    "example": {
                        DECISIONS: {
                            "people": [
                                {
                                    "row": "w-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                                    "sameAs": "w-bbbbbbbbbbbbbbbbbbbbbbbbbb",
                                }
                            ],
                            "employers": [
                                {"name": "岚岭食品厂", "sameAs": "uscc:91110000100000000R"}
                            ],
                            "places": [{"text": "朝阳区", "key": "cn:220104"}],
                        },
                        FILE: "…",
                    },
                },
                "encoding": {DECISIONS: {"contentType": "application/json"}},
            }
        },
    }
}


@router.post(
    "",
    status_code=202,
    summary="Import openings or workers in bulk",
    openapi_extra=BODY,
    responses=located_answer(202),
)
async def send(
    request: Request,
    who: Writes,
    given: Given,
    response: Response,
    mapping: Annotated[
        str | None,
        Query(max_length=64, description="mapping of a file's columns to fields: a name or an id"),
    ] = None,
    kind: Annotated[
        ImportKind, Query(description="kind of records; workers need `profiles:write`")
    ] = "openings",
    day_order: Annotated[
        list[DayOrderText],
        Query(
            alias="dayOrder",
            max_length=MOST_ORDERS,
            description="order of days and months in a column of days such as 1/5/2026: "
            "`COLUMN=day-first` or `COLUMN=month-first`",
        ),
    ] = [],  # noqa: B006  FastAPI copies it
    encoding: Annotated[
        str | None,
        Query(max_length=32, description="encoding of a text; by default found by its content"),
    ] = None,
    near: Annotated[
        str | None,
        Query(
            max_length=64,
            description="a place nearby, which decides between places of one name; by default "
            "those of the caller's stations",
        ),
    ] = None,
    dry_run: Annotated[
        bool, Query(alias="dryRun", description="check everything, publish nothing")
    ] = False,
    idempotency_key: Annotated[str | None, Header(max_length=202)] = None,
) -> Progress:
    """Send a spreadsheet (XLSX, XLS, ODS), CSV, TSV, JSON lines, or a JSON array.

    A table's columns are the fields (`hiringOrganization.id`), or those of a named mapping: one
    that ships with Roost, or one that was saved in the console. The answer comes once the whole
    file has arrived; the import continues.

    Rows that wait for a decision are listed as errors, with the people, employers or places to
    choose from. Send the file again as `multipart/form-data`: the part `decisions` (JSON), then the
    part `file` with its content type. Decisions count for the candidates that the import finds.

    Ids come from employer and `identifier`, as in POST /v1/openings and POST /v1/profiles: sending
    a file again creates nothing twice.
    """
    begun = await service.begin_import(
        given,
        who,
        UploadBody(request.stream(), request.headers.get("content-type", "")),
        mapping=mapping,
        encoding=encoding,
        near=near,
        kind=kind,
        day_orders=day_order,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )
    if begun.replayed:
        response.headers[REPLAYED_HEADER] = "true"
    response.headers["location"] = f"/v1/imports/{begun.job.id}"
    return _progress(request, begun.job)


@router.get("", summary="List imports, newest first")
async def list_imports(request: Request, who: Writes, given: Given) -> ProgressList:
    """Return the imports of the last days that the caller may see."""
    jobs = await service.list_imports(given, who)
    return ProgressList(items=[_progress(request, each) for each in jobs])


@router.get("/{id}", summary="Read the progress of an import")
async def read_import(id: ImportId, request: Request, who: Writes, given: Given) -> Progress:
    """Return the state and the counts of one import."""
    return _progress(request, await service.find_import(given, who, id))


@router.get("/{id}/errors", summary="List the rejected rows of an import")
async def errors(
    id: ImportId,
    who: Writes,
    given: Given,
    limit: Limit = 100,
    cursor: Cursor = None,
    total: Total = False,
) -> Errors:
    """Return rejected rows in the order of the file; at most 2,000 are kept of one import."""
    return await service.list_rejected_rows(given, who, id, limit=limit, cursor=cursor, total=total)


def _progress(request: Request, job: ImportJob) -> Progress:
    """Return the progress in the language that the request prefers."""
    header = request.headers.get("accept-language", "")
    return progress_of(job, chinese=preferred_language(header, default="en") == "zh")
