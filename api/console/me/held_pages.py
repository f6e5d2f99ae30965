"""Page of everything that is held about a worker, in words; the export has it as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.admin.audit_pages import names_of
from api.console.me.data_pages import accesses_by_day
from api.console.me.who import worker_of
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import wage
from api.console.shell.translations import Say, say_in
from api.ports.services import Given
from api.profiles import service as profiles
from api.profiles.export import Export
from roost.events.account import Permission
from roost.places.written_names import written_name

router = APIRouter(prefix="/console/me", include_in_schema=False)
Erases = Annotated[Principal, allow(Permission.PROFILES_ERASE)]
SHOWN = 50
"""Newest entries of each kind on the page; the file has all of them."""
Fact = tuple[str, str]
"""A key of the texts `profiles`, and what is stored."""


@router.get("/data/all")
async def show_held(request: Request, who: Erases, given: Given) -> Response:
    """Show the profile, the consents, matches, messages, notes and views of the worker."""
    held = await profiles.export_worker(given, who, worker_of(who))
    say = say_in(spoken(request))
    names = names_of(given, [each.who for each in held.audit if each.who])
    seen = [each for each in held.audit if each.who != who.id]
    seen.sort(key=lambda each: each.at, reverse=True)
    return page(
        request,
        "me/held.html",
        worker=held.profile,
        facts=profile_facts(held.profile, say),
        consents=consents(held),
        shown=SHOWN,
        matches=newest(held.matches, "proposedAt"),
        messages=newest(held.conversation, "sentAt"),
        notes=newest([each for each in held.notes if each.get("text")], "writtenAt"),
        searches=newest(held.saved_searches, "createdAt"),
        counts={
            "matches": len(held.matches),
            "messages": len(held.conversation),
            "notes": len(held.notes),
            "told": len(held.notifications),
        },
        seen=accesses_by_day(seen, names, given.settings.zone),
    )


def newest(entries: Sequence[Mapping[str, Any]], by: str) -> list[Mapping[str, Any]]:
    """Return the newest entries by a time, at most as many as the page shows. Pure."""
    return sorted(entries, key=lambda each: str(each.get(by) or ""), reverse=True)[:SHOWN]


def profile_facts(profile: Mapping[str, Any], say: Say) -> list[Fact]:
    """Return what a profile holds, in words and without empty entries. Pure."""
    return [each for each in _facts(profile, say) if each[1]]


def _facts(profile: Mapping[str, Any], say: Say) -> Iterator[Fact]:
    willing = profile.get("willing") or {}
    yield "number", str(profile.get("identifier") or "")
    yield "name", str(profile["name"])
    yield "status", say(f"words.profile.{profile.get('status', 'active')}")
    for key, name in (("wanted", "occupationsWanted"), ("skills", "skills"), ("licences",) * 2):
        yield key, say("words.separator").join(profile.get(name) or ())
    years = profile.get("experienceYears")
    yield "experience", f"{years:g}" if years else ""
    level = profile.get("education", "none")
    yield "education", "" if level == "none" else say(f"words.education.{level}")
    yield "wage", wage(profile.get("wageWanted"), say)
    for key in ("home", "location"):
        yield key, written_name(str(profile[key].get("name") or ""))
    places = [written_name(each) for each in willing.get("places") or ()]
    yield "places", say("words.separator").join(places)
    yield "near_home", say("words.yes") if willing.get("nearHomeOnly") else ""
    yield "from", str(profile.get("availableFrom") or "")
    shifts = [say(f"words.shift.{each}") for each in profile.get("shifts") or ()]
    yield "shifts", say("words.separator").join(shifts)
    yield "lodging", say("words.yes") if profile.get("needsLodging") else ""
    household = profile.get("registeredHousehold") or {}
    yield "household", say("words.yes") if household.get("registered") else ""
    yield "summary", str(profile.get("summary") or "")


def consents(held: Export) -> list[tuple[str, bool]]:
    """Return each consent as a key of the texts `me.held.consents`, and whether it is given. Pure.

    An acceptance of a match shares name and contact; it is shown with the match.
    """
    shown = held.profile.get("shownToEmployers") or {}
    household = held.profile.get("registeredHousehold") or {}
    found = [
        ("experience", bool(shown.get("experience", True))),
        ("name", bool(shown.get("name"))),
        ("contact", bool(shown.get("contact"))),
        ("messages", not (held.stop or {}).get("stopped")),
    ]
    if household.get("registered"):
        found.append(("household", bool(household.get("consent"))))
    return found
