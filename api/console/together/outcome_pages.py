"""Outcomes of several actions at once, as a page or a dialog names them match by match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.access.principal import Principal
from api.console.queue.filters import Filters
from api.console.queue.queue_rows import QueueRow, rows_of
from api.console.shell.forms import new_seed
from api.console.shell.refusal_words import refusal_text
from api.console.shell.rendering import page, spoken, wants_part
from api.matches import batches
from api.matches.batches import Decided
from api.matches.schemas import BatchedAction
from api.ports.services import Services
from roost.errors import RoostError
from roost.events.match import ActionKind, Match
from roost.topics import MATCHES

WAIT_S = 12.0
"""Time that a page waits for the queue stage's decisions; later ones arrive as live updates."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Outcome of the actions on one match."""

    row: QueueRow | None
    """The match now; None if it does not exist or is out of the caller's reach."""
    did: str
    """Action in words; empty if it was refused."""
    refused: str = ""
    is_pending: bool = False


async def act_on_chosen(
    request: Request,
    given: Services,
    who: Principal,
    filters: Filters,
    items: Sequence[BatchedAction],
    did: Mapping[str, str],
    seed: str,
) -> Response:
    """Take actions, wait for the decisions, and show the outcome of each match with an undo.

    `did` is the action in words by match. Every match has its own entry in the audit trail.
    """
    taken, decided = await batches.act_and_wait(
        given, who, items, seed=f"form {seed or new_seed()}", wait_s=WAIT_S
    )
    request.state.audited_items = batches.audited_items(items, taken)
    settled = await _settled(request, given, who, decided, did)
    rows = [each.row for each in settled if each.row is not None and not each.refused]
    undoable = [row for row in rows if ActionKind.UNDO in row.offers.menu]
    undone = all(item.kind is ActionKind.UNDO for item in items)
    return show_outcome(
        request,
        filters,
        refused=[each for each in settled if each.refused],
        done=[each for each in settled if not each.refused],
        undo=[] if undone else [row.match.id for row in undoable],
        undo_ms=min((row.offers.undo_ms for row in undoable), default=0),
    )


def show_outcome(request: Request, filters: Filters, **values: Any) -> Response:
    """Show an outcome in the dialog, or without scripts on a page."""
    in_dialog = wants_part(request)
    template = "together/outcome.html" if in_dialog else "together/outcome_page.html"
    seed = new_seed()
    return page(request, template, filters=filters, seed=seed, in_dialog=in_dialog, **values)


async def _settled(
    request: Request,
    given: Services,
    who: Principal,
    decided: Sequence[Decided],
    did: Mapping[str, str],
) -> list[Settled]:
    """Return the outcome of each match: refused if one of its actions was."""
    by_match: dict[str, list[Decided]] = {}
    for each in decided:
        by_match.setdefault(each.item.match_id, []).append(each)
    rows = await _rows(given, who, [id for id, all in by_match.items() if not _is_unseen(all)])
    found = []
    for id, all_of_it in by_match.items():
        error = next((each.error for each in all_of_it if each.error is not None), None)
        found.append(
            Settled(
                rows.get(id),
                "" if error else did[id],
                refusal_text(error, spoken(request)) if error else "",
                any(each.is_pending for each in all_of_it),
            )
        )
    return found


def _is_unseen(decided: Sequence[Decided]) -> bool:
    """Return whether the match is unknown to the caller: its name must not be shown."""
    return any(isinstance(each.error, RoostError) and each.error.status == 404 for each in decided)


async def _rows(given: Services, who: Principal, ids: Sequence[str]) -> dict[str, QueueRow]:
    documents = await given.elastic.mget([(MATCHES.name, id) for id in ids])
    matches = [
        Match.from_stored(each["fact"]) for each in documents.values() if not each.get("erased")
    ]
    return {row.match.id: row for row in await rows_of(given, who, matches)}
