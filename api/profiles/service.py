"""Use cases of workers' profiles: list, read, register, replace, erase, export, suggest training.

Endpoints and console pages call these functions; every write is authorised here, against the
stored profile and against the profile after the write.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.access import belonging
from api.access.nearby_places import context_for
from api.access.policy import Forbidden
from api.access.principal import Principal
from api.guards.conditional import ANYTHING, Expected
from api.lists import clauses
from api.lists.documents import not_found
from api.lists.paging import Listing, listing
from api.lists.sparse import Fields
from api.lists.totals import with_total
from api.ports.latest_writes import CurrentFact
from api.ports.services import Services
from api.profiles import known_people
from api.profiles.export import Export, export_of
from api.profiles.known_people import UNDECIDED, PersonDecision, Registered
from api.profiles.schemas import ProfileFilter
from api.profiles.stored_profiles import current_profile, write_existing
from api.profiles.training_suggestions import TrainingList, training_from
from api.writes.editing import PROFILE, existing_fact, reference_taken
from api.writes.ending import check_worker_ends
from api.writes.erased_workers import is_suppressed
from api.writes.publishing import Written, write_fact
from producers import facts, suppressions
from roost.contact.addresses import address_key
from roost.contact.telephones import telephone
from roost.errors import (
    FieldError,
    at_field,
    conflicting_field,
)
from roost.events.account import AccountRole, Permission
from roost.events.envelope import Record
from roost.events.preferences import ChannelKind
from roost.events.profile import Profile, ProfileContent, ProfileStatus
from roost.likeness.same_person import number_key
from roost.places.gazetteer import gazetteer
from roost.rules.profile_fields import Writer, decide_fields
from roost.text.references import same_number
from roost.topics import MATCHES, PROFILES
from roost.views.elastic import Json
from roost.views.stored_facts import STORED_FIELDS

NEWEST: list[Json] = [{"created_at": "desc"}]
"""Order of lists, by a time that edits keep: a page skips and repeats no edited entry."""
MOST_FOUND = 20
"""Workers with one number or telephone that a search returns."""
MOST_MATCHES = 500
"""Number of best matches that training is suggested from; far more than a worker has at a time."""


async def list_profiles(
    given: Services,
    who: Principal,
    wanted: ProfileFilter,
    *,
    limit: int,
    cursor: str | None = None,
    fields: Fields = None,
    total: bool = False,
) -> Listing:
    """Return a page of the workers within the caller's reach, newest first."""
    active = None if wanted.status is None else wanted.status is ProfileStatus.ACTIVE
    filters = [
        *await belonging.profiles_within_reach(given, who, Permission.PROFILES_READ),
        *clauses.in_place("places", wanted.place, gazetteer()),
        *clauses.innermost_in_place("home", wanted.home, gazetteer()),
        *clauses.equal("occupations", wanted.occupation),
        *clauses.equal("active", active),
        *clauses.equal("numbers", wanted.identifier and number_key(wanted.identifier)),
    ]
    found = await listing(given, who.id, "profiles", filters, NEWEST, limit, cursor, fields)
    return await with_total(given, who.role, "profiles", filters, found, total)


async def find_profile(given: Services, who: Principal, id: str) -> Json:
    """Return a profile's document. Raises NotFound if the caller may not read it."""
    return await belonging.profile(given, who, Permission.PROFILES_READ, id)


async def find_by_number(given: Services, who: Principal, text: str) -> list[Json]:
    """Return the workers within the caller's reach with a number, in any roster, or a telephone.

    Returns the documents, newest first; at most `MOST_FOUND`.
    """
    number = telephone(text)
    should: list[Json] = [{"term": {"numbers": number_key(text)}}]
    if number is not None:
        should.append({"term": {"addresses": address_key(ChannelKind.SMS, number.number)}})
    within = await belonging.profiles_within_reach(given, who, Permission.PROFILES_READ)
    body: Json = {
        "size": MOST_FOUND,
        "_source": STORED_FIELDS,
        "sort": NEWEST,
        "track_total_hits": False,
        "query": {"bool": {"filter": within, "should": should, "minimum_should_match": 1}},
    }
    [page] = await given.elastic.msearch([(PROFILES.name, body)])
    return [
        {"id": hit.id, **hit.source}
        for hit in page.hits
        if not given.latest.is_erased(PROFILES.name, hit.id)
    ]


async def register_worker(
    given: Services,
    who: Principal,
    content: ProfileContent,
    decision: PersonDecision = UNDECIDED,
    *,
    confirmed: int = 0,
) -> Registered:
    """Register a worker; one with the same `identifier` is edited.

    An edited profile keeps its status, the worker's choices and every field that the content leaves
    out (`roost.rules.profile_fields`). A repeat without a change publishes nothing. A number that
    was assigned to a person counts as that person's own.

    A new worker has to live or be at home where the caller's stations serve. An existing one has
    to be within the caller's reach before the write, and may move out of it: a station records
    that its worker has moved to another city.

    Raises Invalid, Forbidden for a new worker out of reach or a field that the caller may not set,
    Conflict if the identifier belongs to a stored worker whom the caller may not change, or to
    another one than `same_as`, PersonKnown if the worker seems to be stored already, Suppressed if
    the identifier belongs to an erased one, and EndsProgress if an edit ends more matches in
    progress than `confirmed`.
    """
    at = given.clock.now()
    context = await context_for(given, who, _place_texts(content))
    profile, _ = facts.profile_put(content, at=at, context=context)
    found = await known_people.look_up(given, who, profile, decision)
    id = found.same or profile.id

    async def authorise(current: CurrentFact) -> None:
        if current.fact is not None and await _reaches(given, who, id, current.fact):
            known_people.check_stored(who, profile, id, current.fact, decision)
            await _check_number_free(given, profile.id, id)
            return
        if not await _serves(given, who, profile):
            raise at_field(
                Forbidden,
                "location",
                "register workers who live or are at home where your station serves.",
                "只能登记本站服务地区的人员。",
            )
        if current.fact is not None:
            raise reference_taken("identifier")
        if await is_suppressed(given, id, current):
            raise suppressions.suppressed(id)
        known_people.check_new(found, decision)

    async def derive(current: CurrentFact) -> Record:
        if current.fact is None and found.same is not None:
            raise not_found(PROFILE.what, PROFILE.what_zh, id)
        stored = None if current.fact is None else Profile.from_stored(current.fact)
        own = content if stored is None else _with_own_number(content, stored)
        allowed = _allowed_content(who, own, stored)
        if stored is None:
            return facts.profile_put(allowed, at=at, writer=_writer(who), context=context)[1]
        numbered = facts.number_assigned(stored, facts.SOURCE, content.identifier or "")
        edited = decide_fields(Writer.ROSTER, own, stored).content
        allowed = _allowed_content(who, edited, stored)
        after, record = facts.profile_put(
            allowed, at=at, stored=numbered, writer=_writer(who), context=context
        )
        await check_worker_ends(given, stored, after, confirmed)
        return record

    written = await write_fact(given, PROFILE, id, authorise, derive, also_locked=[profile.id])
    return Registered(written, found.people if written.created else ())


async def replace_profile(
    given: Services,
    who: Principal,
    id: str,
    content: ProfileContent,
    expected: Expected = ANYTHING,
    *,
    confirmed: int = 0,
) -> Written:
    """Replace a profile within the caller's reach; the worker may move out of it.

    Raises NotFound, PreconditionFailed, Invalid, Forbidden for a field that the caller may not set,
    Conflict if the identifier is another one than the stored one, and EndsProgress if the worker
    pauses or demands more, with more matches in progress that end than `confirmed`.
    """
    context = await context_for(given, who, _place_texts(content))
    number_id = facts.worker_id_of(content, facts.SOURCE) if content.identifier else id

    async def derive(current: CurrentFact) -> Record:
        stored = Profile.from_stored(existing_fact(current, PROFILE, id))
        if content.identifier and not same_number(
            stored.identifier or content.identifier, content.identifier
        ):
            message, message_zh = "the profile belongs to another worker", "该档案属于其他人员"
            raise conflicting_field("identifier", message, message_zh)
        if content.identifier and stored.identifier is None:
            await _check_number_free(given, number_id, id)
        allowed = _allowed_content(who, content, stored)
        now, writer = given.clock.now(), _writer(who)
        after, record = facts.profile_put(
            allowed, at=now, stored=stored, writer=writer, context=context
        )
        await check_worker_ends(given, stored, after, confirmed)
        return record

    permission = Permission.PROFILES_WRITE
    return await write_existing(given, who, permission, id, derive, expected, [number_id])


async def export_worker(given: Services, who: Principal, id: str) -> Export:
    """Return everything that Roost holds on a worker. Raises NotFound.

    For the worker, and for those who may erase the profile on their behalf.
    """
    profile = await belonging.profile(given, who, Permission.PROFILES_ERASE, id)
    return await export_of(given, profile)


async def suggest_training(given: Services, who: Principal, id: str) -> TrainingList:
    """Return the skills that a worker's active matches ask for and the profile lacks.

    Raises NotFound.
    """
    await belonging.profile(given, who, Permission.PROFILES_READ, id)
    body: Json = {
        "size": MOST_MATCHES,
        "_source": ["fact.openingId", "fact.missingSkills"],
        "sort": [{"score": "desc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"term": {"worker_id": id}}, {"term": {"active": True}}]}},
    }
    page = await given.elastic.search(MATCHES.name, body)
    return training_from(hit.source["fact"] for hit in page.hits)


def _allowed_content(
    who: Principal, content: ProfileContent, stored: Profile | None
) -> ProfileContent:
    """Return the content with the stored values of the fields that the caller does not set.

    Raises Forbidden, which names each field that the caller may not set to the value given.
    """
    writer = _writer(who)
    decision = decide_fields(writer, content, stored)
    if decision.refused:
        raise _protected(writer, decision.refused)
    return decision.content


async def _check_number_free(given: Services, number_id: str, id: str) -> None:
    """Raise Conflict or Suppressed for a number that is another worker's, stored or erased.

    `number_id` is the id that the number has on its own, which the caller has locked. Assigned to
    somebody else, the number would lead the next import of its owner to that person.
    """
    if number_id == id:
        return
    owner = await current_profile(given, number_id)
    if owner.fact is not None:
        raise reference_taken("identifier")
    if await is_suppressed(given, number_id, owner):
        raise suppressions.suppressed(number_id)


def _with_own_number(content: ProfileContent, stored: Profile) -> ProfileContent:
    """Return the content with the person's own number in place of one from another roster."""
    if stored.identifier is None or facts.worker_id_of(content, facts.SOURCE) == stored.id:
        return content
    return content.model_copy(update={"identifier": stored.identifier})


def _writer(who: Principal) -> Writer:
    return Writer.WORKER if who.role is AccountRole.WORKER else Writer.STATION


def _protected(writer: Writer, fields: Sequence[str]) -> Forbidden:
    """Return the error for fields that a writer may not set to the values given."""
    message = "cannot be changed any more; leave it out"
    message_zh = "该项登记后不能更改，请留空"
    if writer is Writer.WORKER:
        message = "only your station may set this; leave it out, or ask the station"
        message_zh = "该项只能由服务站填写，请留空或联系服务站"
    errors = tuple(FieldError(each, message, message_zh) for each in fields)
    return Forbidden(f"{fields[0]}: {message}.", f"{fields[0]}：{message_zh}。", fields=errors)


def _place_texts(content: ProfileContent) -> tuple[str, ...]:
    """Return the texts of a profile that name places."""
    return content.home.name, content.location.name, *content.willing.places


async def _reaches(given: Services, who: Principal, id: str, fact: Json) -> bool:
    """Return whether the caller may change a stored worker."""
    return await belonging.reaches_worker(given, who, Permission.PROFILES_WRITE, id, fact)


async def _serves(given: Services, who: Principal, profile: Profile) -> bool:
    """Return whether the caller may register a worker: themselves, or at a place they serve."""
    return await belonging.within_reach(
        given,
        who,
        Permission.PROFILES_WRITE,
        worker_id=profile.id,
        places=belonging.places_of(profile.location, profile.home),
    )
