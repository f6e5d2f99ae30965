"""Section of notes on the pages of workers, matches, openings and employers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from api.access import policy
from api.access.principal import Principal
from api.console.shell.form_layout import Layout
from api.console.shell.forms import Form
from api.notes import service as notes
from api.notes.schemas import NoteAnswer, NotePage
from api.ports.services import Services
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.note import NoteAbout

LAYOUT = Layout(texts=("text", "seed"))
NEWEST = 20
"""Notes that a section shows; the rest are on their own page."""
PAGES: Mapping[NoteAbout, str] = {
    NoteAbout.WORKER: "/console/profiles/{id}/details",
    NoteAbout.MATCH: "/console/matches/{id}",
    NoteAbout.OPENING: "/console/employer/openings/{id}",
    NoteAbout.EMPLOYER: "/console/employers/{id}",
}
"""Page of each kind of object."""
LISTS: Mapping[NoteAbout, str] = {
    NoteAbout.WORKER: "/console/profiles/{id}/notes",
    NoteAbout.MATCH: "/console/matches/{id}/notes",
    NoteAbout.OPENING: "/console/employer/openings/{id}/notes",
    NoteAbout.EMPLOYER: "/console/employers/{id}/notes",
}
"""Page of all notes of each kind of object, to which its form is sent."""


@dataclass(frozen=True, slots=True)
class Section:
    """Notes of an object with a form for a new one."""

    about: str
    list_path: str
    page_path: str
    found: NotePage
    form: Form

    @property
    def items(self) -> list[NoteAnswer]:
        """The notes, newest first."""
        return list(self.found.items)


async def notes_section(
    given: Services, who: Principal, about: NoteAbout, id: str
) -> Section | None:
    """Return the newest notes of an object; None if the caller may not read them."""
    if not policy.may(who, Permission.NOTES_READ):
        return None
    try:
        found = await notes.list_notes(given, who, about, id, limit=NEWEST)
    except NotFound:  # an ended match, whose worker is out of reach
        return None
    return section_of(about, id, found)


def section_of(about: NoteAbout, id: str, found: NotePage, form: Form | None = None) -> Section:
    """Return a section with an empty form, or with the form given."""
    return Section(
        about=about.value,
        list_path=LISTS[about].format(id=id),
        page_path=PAGES[about].format(id=id),
        found=found,
        form=form or Form({"seed": secrets.token_hex(16)}, {}),
    )
