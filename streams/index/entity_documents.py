"""The documents of entities (profile, opening, notice …): pure, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from matcher import features
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.linking import ABILITY, spoken_title
from matcher.similarity import SimilarityModel
from roost.constraints.needs import COMMUTE_KM, NEAR_HOME_KM
from roost.contact.addresses import address_key
from roost.contact.telephone_terms import terms_of_telephone
from roost.events.candidate_request import CandidateRequest
from roost.events.conversation import ConversationMessage
from roost.events.employer import Employer
from roost.events.envelope import content_id
from roost.events.note import Note
from roost.events.notice import Notice
from roost.events.opening import Opening
from roost.events.preferences import ChannelKind, OwnPreferences, Stop
from roost.events.profile import Channel, Profile
from roost.events.saved_search import SavedSearch
from roost.events.station import Station
from roost.events.suppression import Suppression
from roost.events.webhook import Outage, Webhook
from roost.kafka.incoming import Fact
from roost.likeness.same_person import (
    comparable_name,
    is_identity_number,
    name_at_home,
    numbers_of,
    records_of,
    sound_at_home,
)
from roost.places.cells import cells_around
from roost.places.gazetteer import Gazetteer
from roost.saved_searches.inverted_searches import fields_of
from roost.text.search_terms import (
    Subject,
    term_of_reference,
    terms_of_text,
)
from roost.text.skill_names import with_one_names
from roost.text.tokens import folded
from roost.views.elastic import Json


def documents_of_facts(
    facts: Sequence[Fact[Any]], model: SimilarityModel, gazetteer: Gazetteer
) -> list[Json]:
    """Return a document for each fact, in order; all texts are embedded and linked together."""
    events = [fact.event for fact in facts]
    read = [_read(event) for event in events]
    _learn_texts(events, [skill for each in read for skill in each.get("read_skills", ())], model)
    return [_document(fact, model, gazetteer, each) for fact, each in zip(facts, read, strict=True)]


def _read(event: Any) -> dict[str, Any]:
    """Return the features that only the text of an opening states; none of another event."""
    return features.read_features(event) if isinstance(event, Opening) else {}


def _learn_texts(events: Sequence[Any], skills: Sequence[str], model: SimilarityModel) -> None:
    """Embed and link the texts of openings and profiles, and embed the skills read from texts.

    The model caches the results.
    """
    openings = [each for each in events if isinstance(each, Opening)]
    profiles = [each for each in events if isinstance(each, Profile)]
    texts = [*skills, *(text for each in openings for text in features.opening_texts(each))]
    texts += [text for each in profiles for text in features.worker_texts(each)]
    trades = [text for each in openings for text in features.linked_texts(each)]
    trades += [text for each in profiles for text in features.linked_texts(each)]
    abilities = [text for each in profiles for text in features.able_texts(each)]
    model.embed(texts + [spoken_title(text) for text in trades + abilities])
    model.links_of(trades)
    model.links_of(abilities, ABILITY)


def _document(
    fact: Fact[Any], model: SimilarityModel, gazetteer: Gazetteer, read: Mapping[str, Any]
) -> Json:
    match fact.event:
        case Opening() as opening:
            found = features.of_opening(opening, fact.version, model, gazetteer, read)
            return _common(fact, found) | _of_opening(opening, found)
        case Profile() as profile:
            worker = features.of_worker(profile, fact.version, model, gazetteer)
            return _common(fact, worker) | _of_profile(profile, worker)
        case Station() as station:
            return _of_station(fact, station)
        case Notice() as notice:
            return _kept(fact) | {
                "kind": notice.kind.value,
                "posted_at": notice.posted_at.isoformat(),
                "worker_ids": list(notice.audience.worker_ids),
            }
        case Employer() as employer:
            return _kept(fact) | {
                "addresses": _address_keys(employer.channels),
                "employer_id": employer.employer_id,
            }
        case ConversationMessage() as message:
            return _kept(fact) | {
                "author": message.author.value,
                "open": message.is_open,
                "sent_at": message.sent_at.isoformat(),
                "worker_id": message.worker_id,
            }
        case Note() as note:
            return _kept(fact) | note_fields(note)
        case CandidateRequest() as request:
            return _kept(fact) | {
                "asked_at": request.asked_at.isoformat(),
                "decision": request.decision.value,
                "employer_id": request.employer_id,
                "needed_by": request.needed_by.isoformat(),
                "opening_id": request.opening_id,
                **({"station_id": request.station_id} if request.station_id else {}),
            }
        case SavedSearch() as search:
            return _kept(fact) | fields_of(search)
        case Webhook() as webhook:
            return _kept(fact) | {"employer_id": webhook.employer_id}
        case OwnPreferences() | Stop() | Suppression() | Outage():
            return _kept(fact)
        case _:
            return {"id": fact.key, "version": fact.version, "erased": True}


def _common(fact: Fact[Any], found: OpeningFeatures | WorkerFeatures) -> Json:
    document: Json = {
        "id": fact.key,
        "version": fact.version,
        "active": found.active,
        "country": found.places[-1] if found.places else "?",
        "created_at": _created_at(fact),
        "currency": found.currency,
        "digest": _digest(fact),
        "education": found.education,
        "experience": found.experience,
        "fact": fact.required_event.to_dict(),
        "features": found.packed(),
        "licences": list(found.licences),
        "places": list(found.places),
        "posted_at": fact.origin.at.isoformat(),
        "shifts": list(found.shifts),
        "skills": with_one_names(found.skills),
    }
    if found.vector:
        document["vector"] = found.vector
    if found.point:
        document["location"] = _point(found.point)
    return document


def _of_opening(opening: Opening, found: OpeningFeatures) -> Json:
    document: Json = {
        "employer_id": opening.hiring_organization.id,
        "employer_name": comparable_name(opening.hiring_organization.name),
        "first_content": list(found.alike if opening.first_alike is None else opening.first_alike),
        "last_day": found.last_day,
        "licence_count": len(found.licences),
        "lodging": opening.lodging,
        "meals": opening.meals,
        "skill_count": len(found.skills),
        "sought": _opening_terms(opening),
        "occupations": sorted(found.occupations),
        "starts_by": found.starts_by,
        "status": opening.status.value,
        # For searches; the title as written is in the fact.
        "title": folded(opening.title),
        "words": features.opening_words(opening),
    }
    if found.wage_high is not None:
        document["wage_high"] = found.wage_high
    if found.wage_low is not None and found.wage_high is not None:
        document["wage_middle"] = (found.wage_low + found.wage_high) / 2
    if opening.waits_for_approval:
        document["awaiting"] = True
    if opening.to_be_decided:
        document["to_be_decided"] = True
    if opening.watched_until is not None:
        document["watched_until"] = opening.watched_until.isoformat()
    return document


def _of_profile(profile: Profile, found: WorkerFeatures) -> Json:
    document: Json = {
        "addresses": _address_keys(profile.channels),
        "any_shift": not found.shifts,
        "anywhere": not (found.near_home_only or found.willing or found.radius_km),
        "available_from": found.available_from,
        "near_home_only": found.near_home_only,
        "needs_lodging": found.needs_lodging,
        "occupations": sorted({*found.occupations, *found.abilities}),
        "numbers": numbers_of(profile),
        "sought": _worker_terms(profile),
        "wage_floor": found.wage_floor,
        "wanted": sorted({*map(folded, found.wanted_words), *found.occupations}),
        "willing": [] if found.near_home_only else list(found.willing),
        "words": features.worker_words(profile),
    }
    if found.home:
        document["home"] = found.home[0]
        document["name_at_home"] = name_at_home(profile.name, found.home)
        if sound := sound_at_home(profile.name, found.home):
            document["sound_at_home"] = sound
    if profile.other_numbers:
        document["records"] = records_of(profile)
    return document | _circles(found)


def _opening_terms(opening: Opening) -> list[str]:
    """Return the terms by which staff find an opening."""
    terms = terms_of_text(Subject.TITLE, opening.title)
    terms += terms_of_text(Subject.EMPLOYER, opening.hiring_organization.name)
    return [*terms, term_of_reference(opening.identifier)] if opening.identifier else terms


def _worker_terms(profile: Profile) -> list[str]:
    """Return the terms by which staff find a worker.

    An identity number has none: it is found by its keyed hash only.
    """
    terms = terms_of_text(Subject.NAME, profile.name)
    for each in profile.channels:
        if each.kind is ChannelKind.SMS:
            terms += terms_of_telephone(each.address)
    numbers = [profile.identifier, *(each.identifier for each in profile.other_numbers)]
    terms += [term_of_reference(each) for each in numbers if each and not is_identity_number(each)]
    return sorted(set(terms))


def _circles(found: WorkerFeatures) -> Json:
    """Return the circles that limit where this worker works, as cells; no others."""
    circles = (
        ("reach", found.point, None if found.near_home_only else found.radius_km),
        ("home_reach", found.home_point, NEAR_HOME_KM if found.near_home_only else None),
        ("commute_reach", found.point, COMMUTE_KM if found.needs_lodging else None),
    )
    return {
        field: cells_around(centre, radius_km)
        for field, centre, radius_km in circles
        if centre and radius_km is not None
    }


def _of_station(fact: Fact[Any], station: Station) -> Json:
    return {
        "id": fact.key,
        "version": fact.version,
        "digest": _digest(fact),
        "fact": station.to_dict(),
        "kind": station.kind.value,
        "name": station.name,
        "serves": list(station.serves),
    }


def note_fields(note: Note) -> Json:
    """Return the fields by which notes are listed, counted and erased."""
    objects = {
        "employer_id": note.employer_id,
        "match_id": note.match_id,
        "opening_id": note.opening_id,
        "worker_id": note.worker_id,
    }
    return {name: id for name, id in objects.items() if id} | {
        "about": note.about.value,
        "kind": note.kind.value,
        "removed": note.is_removed,
        "written_at": note.written_at.isoformat(),
    }


def _address_keys(channels: Iterable[Channel]) -> list[str]:
    return sorted({address_key(each.kind, each.address) for each in channels if each.address})


def _kept(fact: Fact[Any]) -> Json:
    """Return the document of an entity that is only read by its id."""
    return {"id": fact.key, "version": fact.version, "fact": fact.required_event.to_dict()}


def _created_at(fact: Fact[Any]) -> str:
    """Return the time of the first record; without it, that of the newest one."""
    created = fact.required_event.created_at or fact.origin.at
    return str(created.astimezone(UTC).isoformat().replace("+00:00", "Z"))


def _digest(fact: Fact[Any]) -> str:
    """Return the CloudEvents id of the event; an importer compares it to skip unchanged facts."""
    return content_id(fact.origin.topic.name, fact.key, fact.origin.value)


def _point(point: Sequence[float]) -> Json:
    return {"lat": point[0], "lon": point[1]}
