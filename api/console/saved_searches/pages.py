"""Pages of saved searches, for workers and for staff: the list with a form, and one search.

Both work without scripts. A worker's list is part of the worker's own pages.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.me.who import worker_of
from api.console.shell.form_answers import (
    WAIT_S,
    read_form,
    redirect_done,
    refilled_form,
    submit_form,
)
from api.console.shell.form_layout import Layout, Typed
from api.console.shell.forms import Form, blank, catch_refusal, new_seed
from api.console.shell.plain import checked
from api.console.shell.rendering import page, spoken
from api.console.shell.saying import choices
from api.console.shell.translations import say_in
from api.lists.documents import fact_with_version
from api.ports.services import Given, Services
from api.profiles import service as profiles
from api.saved_searches import service
from api.saved_searches.schemas import (
    SavedSearchAnswer,
    SavedSearchChanges,
    SavedSearchContent,
)
from api.writes.publishing import Written, searchable_within
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.common import SavedSearchId, Shift, WorkerId
from roost.events.saved_search import SearchNotice
from roost.places.written_names import written_name

router = APIRouter(prefix="/console", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.PROFILES_READ)]
Writes = Annotated[Principal, allow(Permission.PROFILES_WRITE)]
TEXTS = ("name", "words", "place", "wage", "occupation", "shift", "withinKm", "employer", "notice")
LAYOUT = Layout(texts=TEXTS, ticks=("lodging", "nearHome"))
NEW = Layout(texts=(*TEXTS, "seed"), ticks=LAYOUT.ticks)
OWN = "/console/me/saved-searches"
ITEM = "/console/saved-searches"
SHOWN = 20
"""Newest openings of a search that its page shows."""


@router.get("/me/saved-searches")
async def own_searches(request: Request, who: Reads, given: Given) -> Response:
    """Show the saved searches of the worker who is signed in."""
    return await _list(request, who, given, worker_of(who))


@router.post("/me/saved-searches")
async def save_own(request: Request, who: Writes, given: Given) -> Response:
    """Save a search of the worker who is signed in."""
    return await _save(request, who, given, worker_of(who))


@router.get("/profiles/{id}/saved-searches")
async def searches_of_worker(id: WorkerId, request: Request, who: Reads, given: Given) -> Response:
    """Show the saved searches of a worker to staff."""
    return await _list(request, who, given, id)


@router.post("/profiles/{id}/saved-searches")
async def save_for_worker(id: WorkerId, request: Request, who: Writes, given: Given) -> Response:
    """Save a search for a worker."""
    return await _save(request, who, given, id)


@router.get("/saved-searches/{id}")
async def show_search(id: SavedSearchId, request: Request, who: Reads, given: Given) -> Response:
    """Show a search: the openings that it finds, and the form that edits it."""
    return await _show(request, who, given, id)


@router.post("/saved-searches/{id}")
async def edit_search(id: SavedSearchId, request: Request, who: Writes, given: Given) -> Response:
    """Replace the content of a search, or show the form with its errors."""
    stored = await service.find_search(given, who, id, language=spoken(request))

    def wire(layout: Layout, typed: Typed) -> dict[str, Any]:
        return layout.wire(typed) | {"paused": stored.paused}

    async def replace(content: SavedSearchContent) -> Written:
        language = spoken(request)
        return await service.replace_search(given, who, id, content, language=language)

    written = await submit_form(request, LAYOUT, SavedSearchContent, replace, wire)
    if isinstance(written, Form):
        return await _show(request, who, given, id, written, 422)
    return await _done(given, written, f"{ITEM}/{id}", "search_saved")


@router.post("/saved-searches/{id}/pause")
async def pause_search(id: SavedSearchId, request: Request, who: Writes, given: Given) -> Response:
    """Pause a search."""
    return await _change(request, who, given, id, SavedSearchChanges(paused=True))


@router.post("/saved-searches/{id}/resume")
async def resume_search(id: SavedSearchId, request: Request, who: Writes, given: Given) -> Response:
    """Resume a search; openings count as new from now on."""
    return await _change(request, who, given, id, SavedSearchChanges(paused=False))


@router.post("/saved-searches/{id}/remove")
async def remove_search(id: SavedSearchId, request: Request, who: Writes, given: Given) -> Response:
    """Erase a search."""
    stored = await service.find_search(given, who, id, language=spoken(request))
    written = await service.remove_search(given, who, id)
    return await _done(given, written, _home(who, stored.worker_id), "search_removed")


async def _change(
    request: Request, who: Principal, given: Services, id: str, changes: SavedSearchChanges
) -> Response:
    stored = await service.find_search(given, who, id, language=spoken(request))
    written = await service.change_search(given, who, id, changes)
    done = "search_paused" if changes.paused else "search_resumed"
    return await _done(given, written, _home(who, stored.worker_id), done)


async def _save(request: Request, who: Principal, given: Services, worker_id: str) -> Response:
    """Save the search of a form, once for each form; show the form with its errors if any."""
    typed = await read_form(request, NEW)

    async def save() -> Written:
        content = checked(SavedSearchContent, LAYOUT.wire(typed))
        seed = f"form {typed['seed'] or new_seed()}"
        language = spoken(request)
        return await service.save_search(
            given, who, worker_id, content, seed=seed, language=language
        )

    written = await catch_refusal(save())
    if isinstance(written, RoostError):
        form = refilled_form(request, NEW, typed, written)
        return await _list(request, who, given, worker_id, form, written.status)
    return await _done(given, written, _home(who, worker_id), "search_saved")


async def _list(
    request: Request,
    who: Principal,
    given: Services,
    worker_id: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    language = spoken(request)
    found = await service.list_searches(given, who, worker_id, language=language, refresh=True)
    return page(
        request,
        "saved_searches/list.html",
        status=status,
        searches=found.items,
        most=found.most,
        form=form or blank(seed=new_seed(), notice=SearchNotice.AT_ONCE.value),
        path=_home(who, worker_id),
        **await _about(request, who, given, worker_id),
    )


async def _show(
    request: Request,
    who: Principal,
    given: Services,
    id: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    stored = await service.find_search(given, who, id, language=spoken(request))
    found = await service.found_openings(given, who, id, limit=SHOWN)
    return page(
        request,
        "saved_searches/search.html",
        status=status,
        search=stored,
        found=found,
        form=form or Form(_shown(stored), {}),
        back=_home(who, stored.worker_id),
        **await _about(request, who, given, stored.worker_id),
    )


async def _about(
    request: Request, who: Principal, given: Services, worker_id: str
) -> dict[str, Any]:
    """Return what both pages show: the worker for staff, and the choices of the form."""
    say, own = say_in(spoken(request)), who.worker_id == worker_id
    worker = None
    if not own:
        worker = fact_with_version(await profiles.find_profile(given, who, worker_id))
    return {
        "layout": "me/layout.html" if own else "base.html",
        "worker": worker,
        "shifts": choices(say, "shift", [each.value for each in Shift]),
        "notices": [(each.value, say(f"saved.notice.{each.value}")) for each in SearchNotice],
        "done": request.query_params.get("done"),
    }


def _shown(stored: SavedSearchAnswer) -> Typed:
    """Return a stored search as the values of the form, with place and occupation by name."""
    typed = LAYOUT.shown(stored.to_dict())
    typed["place"] = written_name(stored.place) if stored.place else ""
    typed["occupation"] = stored.occupation_name or ""
    return typed


def _home(who: Principal, worker_id: str) -> str:
    """Return the list that a search is on, for its worker or for staff."""
    return OWN if who.worker_id == worker_id else f"/console/profiles/{worker_id}/saved-searches"


async def _done(given: Services, written: Written, where: str, what: str) -> Response:
    """Return to a page once it shows the write."""
    await searchable_within(given, written, WAIT_S)
    return redirect_done(where, what)
