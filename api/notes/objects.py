"""Objects of notes: the access to one, and the worker whom notes on it concern."""

from __future__ import annotations

from api.access import belonging
from api.access.principal import Principal
from api.ports.services import Services
from roost import ids
from roost.events.account import Permission
from roost.events.note import Note, NoteAbout


async def check_object(
    given: Services, who: Principal, permission: Permission, about: NoteAbout, id: str
) -> str | None:
    """Return the worker whom notes on an object concern, if any.

    The reach is that of the object. Notes on a match are about its worker too: an ended match gives
    no access to them, unless the worker is within reach. Raises Forbidden and NotFound.
    """
    match about:
        case NoteAbout.WORKER:
            await belonging.profile(given, who, permission, id)
            return id
        case NoteAbout.MATCH:
            await belonging.match(given, who, permission, id)
            _, worker_id = ids.split_match_id(id)
            await belonging.profile(given, who, permission, worker_id)
            return worker_id
        case NoteAbout.OPENING:
            await belonging.opening(given, who, permission, id)
        case NoteAbout.EMPLOYER:
            await belonging.employer(given, who, permission, id)
    return None


async def check_note(
    given: Services, who: Principal, permission: Permission, note: Note
) -> str | None:
    """Check the access to the object of a stored note. Raises Forbidden and NotFound."""
    return await check_object(given, who, permission, note.about, note.object_id)
