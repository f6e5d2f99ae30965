"""Use cases of imports: send a file, follow its progress, list the rejected rows.

Each row is authorised as POST /v1/openings or POST /v1/profiles authorises its record: against the
stored fact and against the posted one.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from api.access import policy
from api.access.nearby_places import places_nearby
from api.access.policy import Reach
from api.access.principal import Principal
from api.guards.idempotency import hashing
from api.guards.idempotency.answer_cache import KeyReused
from api.imports.decisions import ImportDecisions
from api.imports.employer_names import keeping, remembered_employers
from api.imports.import_work import Work
from api.imports.named_mappings import ask_with_parameter, named_mapping
from api.imports.row_rules import PERMISSIONS, check_kind, importable_kinds, row_rules
from api.imports.saved_mappings import groups_of
from api.imports.schemas import Errors
from api.imports.upload import Upload, ending_of, spooled
from api.imports.upload_body import UploadBody
from api.imports.waiting_jobs import waiting_job
from api.lists.paging import after_of, cursor_of, list_key
from api.ports.services import Services
from producers.importing.file_places import PlaceEvidence
from producers.importing.import_kinds import KINDS
from producers.located_places import gazetteer_key
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.tables.text_encodings import known_encoding
from roost import ids
from roost.errors import NotFound
from roost.events.envelope import content_id
from roost.events.import_job import ImportJob, ImportState
from roost.events.import_mapping import ImportKind
from roost.topics import OPENINGS


@dataclass(frozen=True, slots=True)
class Begun:
    """An import's job; `replayed` if its idempotency key had begun it before."""

    job: ImportJob
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Options:
    """Options of an import: its mapping, the encoding that the caller names, and a dry run."""

    kind: ImportKind
    mapping_name: str | None
    mapping: MappingFile
    day_orders: tuple[str, ...]
    encoding: str | None
    dry_run: bool
    near: str | None = None
    """Key of a place that decides between places of one name; by default the caller's stations'."""

    decisions: ImportDecisions = field(default_factory=ImportDecisions)

    def parts(self) -> list[str]:
        """Return what tells two uploads of one file apart."""
        parts = [self.mapping_name or "", str(self.dry_run), self.encoding or ""]
        parts += [self.near] if self.near else []
        parts += [f"kind={self.kind}"] if self.kind != OPENINGS.name else []
        if self.decisions != ImportDecisions():
            parts.append(f"decisions={content_id('', '', self.decisions.to_json())}")
        return parts + [f"order={each}" for each in sorted(self.day_orders)]


async def begin_import(
    given: Services,
    who: Principal,
    body: UploadBody,
    *,
    mapping: str | None,
    dry_run: bool,
    idempotency_key: str | None,
    encoding: str | None = None,
    near: str | None = None,
    kind: ImportKind = "openings",
    day_orders: Sequence[str] = (),
) -> Begun:
    """Store an upload and queue its import; the same idempotency key begins it only once.

    `near` names a place that decides between places of one name; by default those of the caller's
    stations do. `day_orders` are texts such as `datePosted=day-first`. Decisions that the body
    holds are kept for later files once the import runs, if they concern employers and it is no
    dry run.

    Raises Forbidden for a kind of records that the caller may not import, Invalid for an unknown
    mapping, encoding, order, place or body, UnsupportedUpload, TooLarge, KeyReused if the key was
    used for another file, RequestInFlight, and TooManyImports if too many are pending.
    """
    check_kind(who, kind)
    chosen = None if encoding is None else known_encoding(encoding)
    reading = named_mapping(given, who, kind, mapping, day_orders)
    nearby = None if near is None else gazetteer_key(near, "near")
    await given.imports.caught_up()
    seed = secrets.token_hex(16)
    if idempotency_key is not None:
        seed = hashing.key_of(given.requests.secret, who.id, hashing.key_in(idempotency_key))
    with given.requests.answers.working_on(seed), given.imports.pending.reserved(who.counted_as):
        options = _Options(kind, mapping, reading, tuple(day_orders), chosen, dry_run, nearby)
        return await _begin(given, who, body, seed, options)


async def _begin(
    given: Services,
    who: Principal,
    body: UploadBody,
    seed: str,
    options: _Options,
) -> Begun:
    """Store an upload and queue its import, which releases the reserved place at its end.

    No file remains if that fails, or if the import has begun before.
    """
    decisions = await body.read_decisions()
    chosen = decisions.chosen_places()
    options = replace(options, decisions=decisions)
    ending, folder = ending_of(body.content_type), given.imports.folder
    upload = await spooled(body.pieces(), ending, folder, given.settings.import_bytes)
    try:
        id, existing = _job_of(given, seed)
        job = _new_job(given, who, upload, id, options)
        if existing is None:
            rules = await row_rules(given, who, options.kind, dry_run=options.dry_run)
            near = (options.near,) if options.near else await places_nearby(given, who)
            work = Work(
                job,
                upload,
                rules.authorise,
                rules.complete,
                KINDS[options.kind],
                options.mapping,
                rules.find_suppressed,
                places=PlaceEvidence(near, chosen),
                decisions=decisions.identity(),
                find_people=rules.find_people,
                find_employers=rules.find_employers,
                find_ends=rules.find_ends,
                remembered=partial(remembered_employers, given, who),
                keep_decisions=keeping(given, who, decisions.employers, options.dry_run),
                ask_order=ask_with_parameter,
            )
            return Begun(await given.imports.begin(work), replayed=False)
        begun = Begun(_same_upload(existing, job), replayed=True)
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    upload.path.unlink(missing_ok=True)
    given.imports.pending.release(who.counted_as)
    return begun


def _job_of(given: Services, seed: str) -> tuple[str, ImportJob | None]:
    """Return the id of a seed's import, and the existing job.

    An interrupted import is none: the same key begins it again, as another job.
    """
    for attempt in itertools.count():
        id = ids.derive("i", seed, *([str(attempt)] if attempt else []))
        existing = given.imports.jobs.get(id, given.clock.now())
        if existing is None or existing.state is not ImportState.INTERRUPTED:
            return id, existing
    raise AssertionError("count() never ends")


async def list_imports(given: Services, who: Principal) -> list[ImportJob]:
    """Return the caller's imports, newest first; all of them for a caller with full reach."""
    await given.imports.caught_up()
    jobs = given.imports.jobs.newest(given.clock.now())
    return [each for each in jobs if _may_see(who, each)]


async def find_import(given: Services, who: Principal, id: str) -> ImportJob:
    """Return an import. Raises NotFound if it is unknown or another account's."""
    await given.imports.caught_up()
    job = given.imports.jobs.get(id, given.clock.now())
    if job is None or not _may_see(who, job):
        raise NotFound(f"There is no import {id}.", f"没有该导入任务：{id}")
    return job


async def list_rejected_rows(
    given: Services,
    who: Principal,
    id: str,
    *,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
) -> Errors:
    """Return a page of rejected rows, and on request the number of those kept.

    Raises NotFound, and TokenRefused for a foreign cursor.
    """
    await find_import(given, who, id)
    query = list_key(who.id, "rejected rows", id)
    after = after_of(given, cursor, query) if cursor is not None else 0
    items = given.imports.jobs.errors(id, after, limit)
    following = cursor_of(given, after + limit, query) if len(items) == limit else None
    kept = given.imports.jobs.kept_errors(id) if total else None
    return Errors(items=items, next=following, total=kept)


def _new_job(
    given: Services, who: Principal, upload: Upload, id: str, options: _Options
) -> ImportJob:
    """Return the pending job of an upload; `id` is derived from the seed."""
    return waiting_job(
        given,
        who,
        id,
        kind=options.kind,
        format=upload.format,
        mapping=options.mapping_name,
        encoding=options.encoding,
        dry_run=options.dry_run,
        rows=upload.rows,
        sent=ids.derive("u", upload.digest, *options.parts()),
    )


def _same_upload(existing: ImportJob, requested: ImportJob) -> ImportJob:
    """Return the existing job. Raises KeyReused if its key came with another file."""
    if existing.sent != requested.sent:
        raise KeyReused(
            "This Idempotency-Key was used for another upload; use a new key for each.",
            "该 Idempotency-Key 已用于另一个文件，请为每次上传使用新的键。",
        )
    return existing


def _may_see(who: Principal, job: ImportJob) -> bool:
    """Return whether the job is the caller's, of the same group, or the reach is over everything.

    Everybody needs the permission for its kind of records: rejected rows of a roster are workers'
    data, which a role that imports openings only never sees.
    """
    if job.kind not in importable_kinds(who):
        return False
    is_own = job.owner == who.id or job.group in groups_of(who)
    return is_own or policy.reach(who, PERMISSIONS[job.kind]) is Reach.ALL
