"""A match's page, the dialogs of its actions, and the actions themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.access import belonging
from api.access.principal import Principal
from api.access.requirements import allow
from api.console.match import comparing, match_actions, place_sketch, score_chart
from api.console.match.notified import told_of
from api.console.queue.offers import ASKED
from api.console.queue.queue_rows import rows_of
from api.console.shell.form_answers import again
from api.console.shell.forms import Form, blank, fields_of, taken
from api.console.shell.rendering import page, spoken, wants_part
from api.console.shell.translations import say_in
from api.ports.services import Given, Services
from roost.errors import Conflict, Invalid, RoostError
from roost.events.account import Permission
from roost.events.common import MatchId
from roost.events.match import ActionKind, Match
from roost.events.opening import Opening
from roost.events.profile import Profile

router = APIRouter(prefix="/console/matches", include_in_schema=False)
Staff = Annotated[Principal, allow(Permission.MATCHES_ASSIGN)]


@router.get("/{id}")
async def read(id: MatchId, request: Request, given: Given, who: Staff) -> Response:
    match = await _match(given, who, id)
    return page(request, "match/page.html", **await _shown(request, given, who, match))


@router.get("/{id}/{kind}")
async def ask(
    id: MatchId, kind: ActionKind, request: Request, given: Given, who: Staff
) -> Response:
    """The dialog of an action that needs an answer; a page of its own without scripts."""
    match = await _match(given, who, id)
    return await _asked(request, given, who, match, kind, blank(view=_view(request.query_params)))


@router.post("/{id}/act")
async def act(id: MatchId, request: Request, given: Given, who: Staff) -> Response:
    sent = await fields_of(request)
    kind = _kind(sent)
    done = await taken(match_actions.act(given, who, id, kind, sent))
    if isinstance(done, Invalid) and kind in ASKED:
        match = await _match(given, who, id)
        form = again(request, match_actions.FIELDS, dict(sent), done)
        return await _asked(request, given, who, match, kind, form, status=422)
    if isinstance(done, Conflict):
        return await _conflicted(request, given, who, id, sent, done)
    if isinstance(done, RoostError):
        raise done
    if not wants_part(request):
        return RedirectResponse(f"/console/matches/{id}", 303)
    return await _answered(request, given, who, done.match, sent, kind=kind, judged=done.judged)


async def _answered(
    request: Request,
    given: Services,
    who: Principal,
    match: Match,
    sent: Mapping[str, str],
    **values: Any,
) -> Response:
    """The row or the page's middle as it is now, with a message of what was done."""
    view = _view(sent)
    values |= await _shown(request, given, who, match, whole=view == "page")
    # Only of what a dialog sent: another one may be open when an answer comes late.
    headers = {"hx-trigger-after-swap": "closeDialog"} if sent.get("kind") in ASKED else {}
    return page(request, f"match/did_{view}.html", headers=headers, view=view, **values)


async def _conflicted(
    request: Request,
    given: Services,
    who: Principal,
    id: str,
    sent: Mapping[str, str],
    error: Conflict,
) -> Response:
    """Who lost is told who has it, and sees it as it is now."""
    if not wants_part(request):
        raise error
    match = await _match(given, who, id)
    text = error.message_zh if spoken(request) == "zh" else error.message
    return await _answered(request, given, who, match, sent, kind=None, judged=True, conflict=text)


async def _asked(
    request: Request,
    given: Services,
    who: Principal,
    match: Match,
    kind: ActionKind,
    form: Form,
    status: int = 200,
) -> Response:
    in_dialog = wants_part(request)
    template = "match/dialog.html" if in_dialog else "match/asking.html"
    headers = {"hx-retarget": "#dialog", "hx-reswap": "innerHTML"} if status == 422 else {}
    return page(
        request,
        template,
        status=status,
        headers=headers,
        row=(await rows_of(given, who, [match]))[0],
        kind=kind.value,
        in_dialog=in_dialog,
        form=form,
        view=_view(form.values),
        choices=match_actions.CHOICES,
        colleagues=match_actions.colleagues(given, who, match) if kind is ActionKind.ASSIGN else [],
    )


async def _shown(
    request: Request, given: Services, who: Principal, match: Match, *, whole: bool = True
) -> dict[str, Any]:
    """What the page shows of a match; for a row of the queue less is needed."""
    ended = frozenset() if whole or match.state.active else frozenset({match.id})
    row = (await rows_of(given, who, [match], ended))[0]
    if not whole:
        return {"row": row}
    documents = await given.elastic.mget(
        [("profiles", match.worker_id), ("openings", match.opening_id)], ("fact",)
    )
    profile = documents.get(("profiles", match.worker_id), {}).get("fact")
    opening = documents.get(("openings", match.opening_id), {}).get("fact")
    worker = Profile.from_stored(profile) if profile else None
    work = Opening.from_stored(opening) if opening else None
    both = worker is not None and work is not None
    return {
        "row": row,
        "worker": worker,
        "opening": work,
        "lines": comparing.lines(worker, work, say_in(spoken(request))) if worker and work else [],
        "skills": comparing.skills(match, work) if work else [],
        "chart": score_chart.of(match.reasons),
        "sketch": place_sketch.of(
            place_sketch.points(worker.home, worker.location, work.job_location)
        )
        if worker and work
        else None,
        "both": both,
        "reasons": match_actions.CHOICES["reason"],
        "told": await told_of(given, match.id),
        "name_of": given.identities.name_of,
    }


async def _match(given: Services, who: Principal, id: str) -> Match:
    """Raises NotFound for what is out of reach."""
    document = await belonging.match(given, who, Permission.MATCHES_READ, id)
    return Match.from_stored(document["fact"])


def _kind(sent: Mapping[str, str]) -> ActionKind:
    """Raises Invalid for what is no action."""
    try:
        return ActionKind(sent.get("kind", ""))
    except ValueError:
        raise Invalid("kind: choose an action.", "kind：请选择操作。") from None


def _view(sent: Mapping[str, Any]) -> str:
    return "row" if sent.get("view") == "row" else "page"
