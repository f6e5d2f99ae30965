"""Pages of the sources of openings: their health, and the form of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.console.imports.field_labels import column_label
from api.console.shell.form_answers import redirect_done, submit_form
from api.console.shell.forms import Form, catch_refusal
from api.console.shell.refusal_words import refusal_text
from api.console.shell.rendering import page, spoken
from api.console.sources.source_form import LAYOUT, shown_source, submitted_source
from api.ports.services import Given
from api.sources import service
from roost.errors import RoostError
from roost.events.account import Permission
from roost.events.source import Source, SourceContent, SourceId, SourceMode, SourceState

router = APIRouter(prefix="/console/sources", include_in_schema=False)
Reads = Annotated[Principal, allow(Permission.SOURCES_READ, everywhere=True)]
Writes = Annotated[Principal, allow(Permission.SOURCES_WRITE, everywhere=True)]
HERE = "/console/sources"


@router.get("")
async def list_sources(request: Request, who: Reads, given: Given) -> Response:
    """Show every source with its last and next runs."""
    return page(request, "sources/list.html", sources=service.list_sources(given, who))


@router.get("/new")
async def show_new_source(request: Request, who: Writes, given: Given) -> Response:
    shown = Form(LAYOUT.shown({}) | {"schedule.everyMinutes": "60"}, {})
    return _form_page(request, None, shown, service.known_mappings(given, who))


@router.post("/new")
async def add_source(request: Request, who: Writes, given: Given) -> Response:
    """Add a source, or show the form again with its errors."""
    action = partial(service.add_source, given, who)
    added = await submit_form(request, LAYOUT, SourceContent, action, submitted_source)
    if isinstance(added, Form):
        return _form_page(request, None, added, service.known_mappings(given, who), 422)
    return redirect_done(f"{HERE}/{added.id}", "saved")


@router.get("/{id}")
async def show_source(id: SourceId, request: Request, who: Reads, given: Given) -> Response:
    """Show a source: its health, its last runs, and its form."""
    source, state = service.find_source(given, who, id)
    return _source_page(request, source, state, service.known_mappings(given, who))


@router.post("/{id}")
async def change_source(id: SourceId, request: Request, who: Writes, given: Given) -> Response:
    """Save the form of a source, or show it again with its errors."""
    action = partial(service.change_source, given, who, id)
    changed = await submit_form(request, LAYOUT, SourceContent, action, submitted_source)
    if isinstance(changed, Form):
        source, state = service.find_source(given, who, id)
        return _source_page(request, source, state, service.known_mappings(given, who), changed)
    return redirect_done(f"{HERE}/{id}", "saved")


@router.post("/{id}/run")
async def request_run(id: SourceId, who: Writes, given: Given) -> Response:
    """Ask for a run at once."""
    await service.request_run(given, who, id)
    return redirect_done(f"{HERE}/{id}", "source_asked")


@router.post("/{id}/confirm")
async def confirm_withdrawals(
    id: SourceId, request: Request, who: Writes, given: Given
) -> Response:
    """Let the next run carry out the withdrawals that wait."""
    outcome = await catch_refusal(service.confirm_withdrawals(given, who, id))
    if isinstance(outcome, RoostError):
        source, state = service.find_source(given, who, id)
        text = refusal_text(outcome, spoken(request))
        refused = Form(shown_source(source.to_dict()), {}, text)
        return _source_page(request, source, state, service.known_mappings(given, who), refused)
    return redirect_done(f"{HERE}/{id}", "source_confirmed")


@router.post("/{id}/remove")
async def remove_source(id: SourceId, who: Writes, given: Given) -> Response:
    """Remove a source; its openings stay."""
    await service.remove_source(given, who, id)
    return redirect_done(HERE, "removed")


def _source_page(
    request: Request,
    source: Source,
    state: SourceState | None,
    mappings: Sequence[tuple[str, str]],
    form: Form | None = None,
) -> Response:
    return page(
        request,
        "sources/source.html",
        status=422 if form else 200,
        source=source,
        state=state,
        column_label=partial(column_label, kind="openings", language=spoken(request)),
        form=form or Form(shown_source(source.to_dict()), {}),
        modes=[each.value for each in SourceMode],
        mappings=mappings,
    )


def _form_page(
    request: Request,
    source: Source | None,
    form: Form,
    mappings: Sequence[tuple[str, str]],
    status: int = 200,
) -> Response:
    return page(
        request,
        "sources/new.html",
        status=status,
        source=source,
        form=form,
        modes=[each.value for each in SourceMode],
        mappings=mappings,
    )
