"""Bulk imports of openings: send a file, look how far it is, read which rows were refused."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from api.access import belonging, policy
from api.access.policy import Belonging, Reach
from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.idempotency import hashing
from api.guards.idempotency.answer_cache import KeyReused
from api.guards.idempotency.idempotency_middleware import REPLAYED_HEADER
from api.imports.running import Work
from api.imports.schemas import Errors, Progress, ProgressList, shown
from api.imports.upload import ENDINGS, Upload, ending_of, spooled
from api.lists.paging import Cursor, Limit, after_of, cursor_of
from api.ports.services import Given, Services
from producers import facts
from producers.rosters import shipped_mappings
from roost import ids
from roost.errors import NotFound, Refused, invalid_field
from roost.events.account import Permission
from roost.events.import_job import ImportId, ImportJob, ImportState
from roost.events.opening import OpeningContent
from roost.places.gazetteer import gazetteer

router = APIRouter(prefix="/v1/imports", tags=["imports"])
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
BODY: Any = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string"}} for kind in ENDINGS},
    }
}


class NotYours(Refused):
    status = 403
    slug = "not-yours"
    title = "The opening is of another employer"
    title_zh = "该岗位属于其他用工单位"


@router.post("", status_code=202, summary="Import openings in bulk", openapi_extra=BODY)
async def send(
    request: Request,
    who: Writes,
    given: Given,
    response: Response,
    mapping: Annotated[
        str | None, Query(max_length=64, description="how the columns of a CSV are read")
    ] = None,
    dry_run: Annotated[
        bool, Query(alias="dryRun", description="checks everything, publishes nothing")
    ] = False,
    idempotency_key: Annotated[str | None, Header(max_length=202)] = None,
) -> Progress:
    """JSON lines, a CSV whose columns are the fields (`hiringOrganization.id`) or that a named
    mapping reads, or a JSON array. Answers once it has the whole file; the job goes on.

    Ids come from employer and `identifier`, as in POST /v1/openings: sent again, nothing is
    made twice.
    """
    if mapping is not None and mapping not in shipped_mappings():
        known = ", ".join(shipped_mappings())
        raise invalid_field("mapping", f"there are {known}", f"可选：{known}")
    await given.imports.caught_up()
    secret = given.requests.secret
    seed = secrets.token_hex(16)
    if idempotency_key is not None:
        seed = hashing.key_of(secret, who.id, hashing.key_in(idempotency_key))
    with given.requests.answers.working_on(seed):
        upload = await _taken(request, given)
        job = _job(given, who, upload, seed, mapping, dry_run)
        standing = given.imports.jobs.get(job.id, given.clock.now())
        if standing is None:
            job = await given.imports.begin(Work(job, upload, await _allowed(given, who)))
        else:
            upload.path.unlink()
            job = _same(standing, job)
            response.headers[REPLAYED_HEADER] = "true"
    response.headers["location"] = f"/v1/imports/{job.id}"
    return _shown(request, job)


@router.get("", summary="List imports, newest first")
async def list_imports(request: Request, who: Writes, given: Given) -> ProgressList:
    await given.imports.caught_up()
    jobs = given.imports.jobs.newest(given.clock.now())
    return ProgressList(items=[_shown(request, each) for each in jobs if _sees(who, each)])


@router.get("/{id}", summary="How far an import has come")
async def read(id: ImportId, request: Request, who: Writes, given: Given) -> Progress:
    return _shown(request, await _standing(given, who, id))


@router.get("/{id}/errors", summary="The rows that an import refused")
async def errors(
    id: ImportId, who: Writes, given: Given, limit: Limit = 100, cursor: Cursor = None
) -> Errors:
    """In the order they were met; of one import at most 2,000."""
    await _standing(given, who, id)
    after = int(after_of(cursor, 1)[0]) if cursor else 0
    items = given.imports.jobs.errors(id, after, limit)
    following = cursor_of([after + limit]) if len(items) == limit else None
    return Errors(items=items, next=following)


async def _taken(request: Request, given: Services) -> Upload:
    ending = ending_of(request.headers.get("content-type", ""))
    most_bytes = given.settings.import_bytes
    return await spooled(request.stream(), ending, given.imports.folder, most_bytes)


def _job(
    given: Services, who: Principal, upload: Upload, seed: str, mapping: str | None, dry_run: bool
) -> ImportJob:
    now = given.clock.now()
    return ImportJob(
        id=ids.derive("i", seed),
        state=ImportState.WAITING,
        owner=who.id,
        format=upload.format,
        mapping=mapping,
        dry_run=dry_run,
        rows=upload.rows,
        sent=ids.derive("u", upload.digest, mapping or "", str(dry_run)),
        created_at=now,
        updated_at=now,
    )


def _same(standing: ImportJob, asked: ImportJob) -> ImportJob:
    """Raises Reused when the key was given with another file."""
    if standing.sent != asked.sent:
        raise KeyReused(
            "This Idempotency-Key was used for another upload; use a new key for each.",
            "该 Idempotency-Key 已用于另一个文件，请为每次上传使用新的键。",
        )
    return standing


async def _allowed(given: Services, who: Principal) -> Callable[[OpeningContent], None]:
    """Says of each row whether `who` may post it: their employer's, or where they serve."""
    how_far = policy.reach(who, Permission.OPENINGS_WRITE)
    stations = await belonging.serves(given, who) if how_far is Reach.STATIONS else {}

    def check(content: OpeningContent) -> None:
        key = facts.located(content.job_location, "jobLocation").key
        places = gazetteer().ancestors(key) if key else ()
        of = Belonging(
            employer_id=content.hiring_organization.id,
            station_ids=belonging.serving(stations, places),
        )
        if not policy.reaches(how_far, who, of):
            raise NotYours(
                "hiringOrganization.id: post openings of your own employer, or at a place that "
                "your station serves.",
                "hiringOrganization.id：只能发布本单位的岗位，或本站服务地区的岗位。",
            )

    return check


async def _standing(given: Services, who: Principal, id: str) -> ImportJob:
    """Raises NotFound for one that is not there, or somebody else's."""
    await given.imports.caught_up()
    job = given.imports.jobs.get(id, given.clock.now())
    if job is None or not _sees(who, job):
        raise NotFound(f"There is no import {id}.", f"没有该导入任务：{id}")
    return job


def _sees(who: Principal, job: ImportJob) -> bool:
    everywhere = policy.reach(who, Permission.OPENINGS_WRITE) is Reach.ALL
    return everywhere or job.owner == who.id


def _shown(request: Request, job: ImportJob) -> Progress:
    language = request.headers.get("accept-language", "")
    return shown(job, chinese=language.strip().lower().startswith("zh"))
