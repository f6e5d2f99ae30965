"""Use cases of notes: list, read, write, edit, remove.

Endpoints and console pages call these functions. The reach is that of the object. Its author, and a
chief of a station that reaches the object, edit and remove a note.
"""

from __future__ import annotations

from api.access import belonging, policy
from api.access.policy import Forbidden, is_chief
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists.documents import existing_document, not_found
from api.lists.paging import bool_of, page
from api.lists.totals import exact_total
from api.notes.action_texts import reason_texts
from api.notes.objects import check_note, check_object
from api.notes.schemas import NoteAnswer, NoteContent, NotePage
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.writes.editing import NOTE, existing_fact, parsed_once
from api.writes.publishing import Written, write_fact
from api.writes.quotas import Quota, QuotaReached, reserve
from producers import note_facts as facts
from roost.errors import Conflict, NotFound, invalid_field
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.note import LONGEST_REASON, Note, NoteAbout, NoteKind
from roost.topics import MATCHES, NOTES
from roost.views.elastic import Json

MOST_NOTES = 100
"""Notes on one object; removed ones do not count."""
NEWEST: list[Json] = [{"written_at": "desc"}]


class NotesFull(QuotaReached):
    """An object has as many notes as it may have."""

    status = 409
    slug = "notes-full"
    title = "No more notes"
    title_zh = "备注数量已达上限"


async def list_notes(
    given: Services,
    who: Principal,
    about: NoteAbout,
    id: str,
    *,
    limit: int,
    cursor: str | None = None,
    total: bool = False,
    refresh: bool = False,
) -> NotePage:
    """Return a page of the texts about an object, newest first.

    A match has its notes, reasons and interview details. `refresh` includes those of the last
    second. Raises NotFound.
    """
    await check_object(given, who, Permission.NOTES_READ, about, id)
    if refresh:
        await given.elastic.refresh(NOTES.name)
    filters = notes_of(about, id)
    documents, following = await page(given, who.id, NOTES.name, filters, NEWEST, limit, cursor)
    return NotePage(
        items=[answer_of(given, who, each) for each in documents],
        next=following,
        total=await exact_total(given, NOTES.name, filters, total=total),
    )


async def find_note(given: Services, who: Principal, id: str) -> NoteAnswer:
    """Return one note. Raises NotFound."""
    document = await existing_document(given.elastic, NOTES.name, id, NOTE.what, NOTE.what_zh)
    current = given.latest.over(NOTES.name, id, document)
    note = Note.from_stored(existing_fact(current, NOTE, id))
    await _reach(given, who, Permission.NOTES_READ, note)
    return answer_of(given, who, {"fact": current.fact, "version": current.version})


async def write_note(
    given: Services,
    who: Principal,
    about: NoteAbout,
    object_id: str,
    content: NoteContent,
    *,
    seed: str,
) -> Written:
    """Write a note on an object; the same seed is the same note. Raises NotFound and NotesFull."""
    id = facts.note_id(about, object_id, who.id, seed)
    worker_id = await check_object(given, who, Permission.NOTES_WRITE, about, object_id)

    async def authorise(current: CurrentFact) -> None:
        """Accept it: access is checked above, and the id contains the object and the author."""

    async def derive(current: CurrentFact) -> Record:
        if current.fact is not None:
            return facts.note_repeated(Note.from_stored(current.fact))
        await _check_room(given, about, object_id, id)
        at = given.clock.now()
        _, record = facts.note_written(
            id, about, object_id, content.text, by=who.id, at=at, worker_id=worker_id
        )
        return record

    return await write_fact(given, NOTE, id, authorise, derive)


async def edit_note(
    given: Services,
    who: Principal,
    id: str,
    content: NoteContent,
    expected: Expected = ANYTHING,
) -> Written:
    """Replace the text of a note, or of a reason; the former text is not kept.

    Raises NotFound, Forbidden for a colleague's note, Conflict for interview details, Invalid for a
    reason that is too long, and PreconditionFailed.
    """
    parse = parsed_once(Note)

    async def authorise(current: CurrentFact) -> None:
        existing_fact(current, NOTE, id)
        await _authorise_change(given, who, parse(current))

    async def derive(current: CurrentFact) -> Record:
        stored = parse(current)
        if stored.kind is NoteKind.INTERVIEW:
            raise Conflict(
                "Arrange the interview again to change its details: the worker is then notified.",
                "如需更改面试信息，请重新安排面试，系统会通知本人。",
            )
        if stored.kind is NoteKind.REASON and len(content.text) > LONGEST_REASON:
            raise invalid_field(
                "text", f"has over {LONGEST_REASON} characters", f"超过 {LONGEST_REASON} 个字符"
            )
        if content.text == stored.text:
            return facts.note_repeated(stored)
        return facts.note_edited(stored, content.text, by=who.id, at=given.clock.now())[1]

    return await write_fact(given, NOTE, id, authorise, derive, expected=expected)


async def remove_note(
    given: Services, who: Principal, id: str, expected: Expected = ANYTHING
) -> Written:
    """Remove the text of a note; its author and times stay in the history.

    Raises NotFound, Forbidden for a colleague's note, and PreconditionFailed.
    """
    parse = parsed_once(Note)

    async def authorise(current: CurrentFact) -> None:
        existing_fact(current, NOTE, id)
        await _authorise_change(given, who, parse(current))

    async def derive(current: CurrentFact) -> Record:
        return facts.note_removed(parse(current), by=who.id, at=given.clock.now())[1]

    return await write_fact(given, NOTE, id, authorise, derive, expected=expected)


async def list_about_worker(
    given: Services, who: Principal, worker_id: str, *, limit: int
) -> list[NoteAnswer]:
    """Return the newest texts on a worker and on those of their matches that the caller reaches.

    None if the caller may not read notes. Raises NotFound.
    """
    if not policy.may(who, Permission.NOTES_READ):
        return []
    await check_object(given, who, Permission.NOTES_READ, NoteAbout.WORKER, worker_id)
    body: Json = {
        "size": limit,
        "sort": [*NEWEST, {"id": "asc"}],
        "track_total_hits": False,
        "query": bool_of([{"term": {"worker_id": worker_id}}]),
    }
    hits = (await given.elastic.search(NOTES.name, body)).hits
    found = [answer_of(given, who, each.source) for each in hits]
    keys = sorted({(MATCHES.name, each.match_id) for each in found if each.match_id})
    matches = await given.elastic.mget(keys)
    reached = {
        id
        for (_, id), document in matches.items()
        if belonging.reaches_match(who, Permission.NOTES_READ, document)
    }
    return [each for each in found if each.match_id is None or each.match_id in reached]


async def match_texts(given: Services, who: Principal, id: str) -> dict[str, str]:
    """Return the texts of the reasons of a match by action; none if the caller may not read them.

    They are those of a page for staff, which lists the actions too.
    """
    if not policy.may(who, Permission.NOTES_READ):
        return {}
    try:
        await check_object(given, who, Permission.NOTES_READ, NoteAbout.MATCH, id)
    except NotFound:
        return {}
    return await reason_texts(given, [{"term": {"match_id": id}}])


def notes_of(about: NoteAbout, id: str) -> list[Json]:
    """Return the filters for the texts about an object."""
    return [{"term": {"about": about.value}}, {"term": {facts.OBJECT_FIELD[about]: id}}]


def answer_of(given: Services, who: Principal, document: Json) -> NoteAnswer:
    """Return a stored note with the caller's rights to change it."""
    note = Note.from_stored(document["fact"])
    changes = policy.may(who, Permission.NOTES_WRITE) and _may_change(who, note)
    return NoteAnswer(
        **{name: getattr(note, name) for name in Note.model_fields},
        by_name=given.identities.name_of(note.by),
        may_edit=changes and note.kind is not NoteKind.INTERVIEW,
        may_remove=changes,
        version=document["version"],
    )


async def _check_room(given: Services, about: NoteAbout, object_id: str, id: str) -> None:
    """Count a new note on an object. Raises NotesFull."""
    filters = [
        *notes_of(about, object_id),
        {"term": {"kind": NoteKind.NOTE.value}},
        {"term": {"removed": False}},
    ]
    refusal = NotesFull(
        f"There are {MOST_NOTES} notes already; remove those that are no longer needed.",
        f"备注已达 {MOST_NOTES} 条，请先删除不再需要的备注。",
    )
    owner = f"{about.value}/{object_id}"
    async with given.latest.alone(NOTES.name, owner):
        quota = Quota(NOTES.name, owner, filters, MOST_NOTES, _counts)
        await reserve(given, quota, id, refusal)


def _counts(fact: Json) -> bool:
    """Return whether a stored note counts against the notes on its object."""
    return fact.get("kind") == NoteKind.NOTE and "removedAt" not in fact


async def _authorise_change(given: Services, who: Principal, note: Note) -> None:
    """Raise NotFound out of reach or once it is removed, Forbidden for a colleague's note."""
    await _reach(given, who, Permission.NOTES_WRITE, note)
    if note.is_removed:
        raise not_found(NOTE.what, NOTE.what_zh, note.id)
    if not _may_change(who, note):
        raise Forbidden(
            "Only the author of this text and a chief can change it.",
            "只有该内容的填写人和服务站负责人可以修改或删除。",
        )


async def _reach(given: Services, who: Principal, permission: Permission, note: Note) -> None:
    """Raise NotFound, in the words for an unknown note, if its object is out of reach."""
    try:
        await check_note(given, who, permission, note)
    except NotFound:
        raise not_found(NOTE.what, NOTE.what_zh, note.id) from None


def _may_change(who: Principal, note: Note) -> bool:
    return not note.is_removed and (who.id == note.by or is_chief(who))
