"""Facts of sources: added, changed, run requested, withdrawals confirmed, removed; their states.

Functions return the event and the record that carries it, or the record alone. They do not publish.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from producers.facts import API
from producers.located_places import gazetteer_key
from roost import ids
from roost.contact.webhook_targets import check_url
from roost.errors import Conflict
from roost.events.envelope import Record, record, tombstone
from roost.events.source import Source, SourceContent, SourceEntry, SourceState
from roost.topics import SOURCE_ENTRIES, SOURCES

RUNNER = "/sources"
"""Origin of the records that the runner writes."""


def source_put(
    content: SourceContent,
    current: Source | None,
    *,
    at: datetime,
    may_be_private: bool = False,
    seed: str = "",
) -> tuple[Source, Record]:
    """Add a source, or replace its definition; requests and confirmations stay.

    The id of a new one derives from `seed`, or else is random. Raises Invalid for a URL that is
    not read, and for a place nearby that is not one place.
    """
    if content.url is not None:
        check_url(content.url.replace("{cursor}", "0"), may_be_private)
    fields = {name: getattr(content, name) for name in SourceContent.model_fields}
    if content.near is not None:
        fields["near"] = gazetteer_key(content.near, "near")
    if current is None:
        id = ids.derive("f", seed or secrets.token_hex(16))
        source = Source(id=id, created_at=at, changed_at=at, **fields)
    else:
        changed = any(getattr(current, name) != value for name, value in fields.items())
        source = current.model_copy(
            update={**fields, "changed_at": at if changed else current.changed_at}
        )
    return source, record(source, source.id, source=API, at=at)


def source_run_requested(current: Source, *, at: datetime) -> tuple[Source, Record]:
    """Ask for a run at once."""
    source = current.model_copy(update={"run_asked_at": at})
    return source, record(source, source.id, source=API, at=at)


def withdrawals_confirmed(
    current: Source, state: SourceState | None, *, at: datetime
) -> tuple[Source, Record]:
    """Let the next run close as many advertisements as wait now. Raises Conflict without any."""
    held = state.held if state is not None else 0
    if not held:
        raise Conflict("No withdrawals wait for a confirmation.", "没有待确认的撤回。")
    source = current.model_copy(update={"confirmed_at": at, "confirmed_withdrawals": held})
    return source, record(source, source.id, source=API, at=at)


def source_removed(id: str, *, at: datetime) -> Record:
    """Remove a source; its openings stay as they are."""
    return tombstone(SOURCES, id, source=API, at=at)


def state_record(state: SourceState, *, at: datetime) -> Record:
    """Return the record of a source's state."""
    return record(state, state.id, source=RUNNER, at=at)


def entry_record(entry: SourceEntry, *, at: datetime) -> Record:
    """Return the record of an opening that a source lists or has withdrawn."""
    return record(entry, entry.id, source=RUNNER, at=at)


def entry_removed(entry: SourceEntry, *, at: datetime) -> Record:
    """Forget an entry of a source that was removed."""
    return tombstone(SOURCE_ENTRIES, entry.id, source=RUNNER, at=at)
