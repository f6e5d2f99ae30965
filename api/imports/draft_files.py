"""Drafts of imports on disk: an uploaded file that waits for its columns and its confirmation.

Each draft is a private folder: the file, its description, the preview of its rows, and the ids of
the workers that they name. It holds personal data in clear text, so it is removed soon after its
last use, a day after its upload at the latest, and with the erasure of a worker that it may name.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from api.imports.decisions import ChosenEmployer, ChosenPerson, ChosenPlace
from producers.draft_erasure import DESCRIPTION, FOLDER, WORKERS, remove_folder
from producers.rejected_rows import open_existing
from roost.errors import NotFound, RoostError
from roost.events.common import Model
from roost.events.import_job import ImportId
from roost.events.import_mapping import ChosenColumn, ImportKind, MappingId
from roost.security.private_folders import private_folder

DraftId = Annotated[str, Field(pattern=r"^[a-f0-9]{32}$")]
KEPT = timedelta(hours=2)
"""Time after its last use for which a draft is kept."""
KEPT_AT_MOST = timedelta(hours=24)
"""Time after its upload for which a draft is kept, whatever its use."""
MOST_OF_OWNER = 3
"""Drafts of one person, or of all keys of one owner; a further one replaces the oldest."""
PREVIEW = "preview.json"
UPLOADED = "uploaded"
"""Empty file whose time is that of the upload."""
_UNSAFE = re.compile(r"[^\w.() -]")
_ID = re.compile(r"[a-f0-9]{32}")


class Draft(Model):
    """Uploaded file before its import: its owner, and the choices made so far."""

    id: DraftId
    owner: str
    counted_as: str = ""
    """Owner of the limit on drafts: the person, or the owner of the key."""
    kind: ImportKind
    file_name: str
    digest: str
    reads: Literal["tables", "json"] = "tables"
    columns: tuple[ChosenColumn, ...] = ()
    """Choices of the columns; empty until they are made."""
    places: tuple[ChosenPlace, ...] = ()
    """Answers to ambiguous names of places."""
    people: tuple[ChosenPerson, ...] = ()
    """Decisions on rows whose person is known."""
    employers: tuple[ChosenEmployer, ...] = ()
    """Decisions on names of employers that are stored under another id."""
    employer_name: str = ""
    mapping_id: MappingId | None = None
    mapping_name: str = ""
    check_id: ImportId | None = None
    """Job that checks the file with these choices."""


def drafts_folder(imports: Path) -> Path:
    """Return the folder of drafts, next to that of pending uploads."""
    return imports.with_name(FOLDER)


def new_draft_id() -> str:
    """Return the id of a new draft; nobody can guess it."""
    return secrets.token_hex(16)


def safe_name(name: str) -> str:
    """Return a file's name without a path and without special characters."""
    plain = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1]).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:80]}{dot}{ending[:10]}" if dot else plain[:80] or "file"


def file_of(folder: Path, draft: Draft) -> Path:
    """Return the path of a draft's file."""
    return folder / draft.id / "file" / draft.file_name


def preview_path(folder: Path, draft: Draft) -> Path:
    """Return the path of a draft's preview."""
    return folder / draft.id / PREVIEW


def forget_check(folder: Path, draft: Draft) -> None:
    """Remove the preview of a draft, and the workers that its check has found."""
    preview_path(folder, draft).unlink(missing_ok=True)
    (folder / draft.id / WORKERS).unlink(missing_ok=True)


def keep_file(folder: Path, draft: Draft, uploaded: Path) -> None:
    """Move an uploaded file into a new draft, and drop the owner's oldest drafts."""
    path = file_of(folder, draft)
    private_folder(path.parent, within=folder)
    uploaded.replace(path)
    open_existing(folder / draft.id / UPLOADED).close()
    write_draft(folder, draft)
    others = sorted(
        (each for each in _drafts(folder) if each.counted_as == draft.counted_as),
        key=lambda each: _age_ns(folder, each),
    )
    for each in others[:-MOST_OF_OWNER]:
        remove_draft(folder, each.id)


def write_draft(folder: Path, draft: Draft) -> None:
    """Write a draft's description, as a whole or not at all.

    Raises NotFound if the draft was removed meanwhile.
    """
    path = folder / draft.id / DESCRIPTION
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        with open_existing(fresh) as file:
            file.write(draft.to_json().decode())
        fresh.replace(path)
    except FileNotFoundError as error:
        raise draft_gone() from error


def read_draft(folder: Path, id: str, owner: str) -> Draft:
    """Return a draft, and keep it for longer. Raises NotFound if it is another owner's or gone."""
    draft = _read(folder, id)
    if draft is None or draft.owner != owner:
        raise draft_gone()
    try:
        os.utime(folder / id / DESCRIPTION)
    except FileNotFoundError as error:
        raise draft_gone() from error
    return draft


def removed_while_read(path: Path) -> RoostError | None:
    """Return the refusal for a file that was removed while it was read; None if it exists."""
    return None if path.exists() else draft_gone()


def draft_gone() -> NotFound:
    """Return the refusal for a draft that was removed."""
    return NotFound(
        "This upload is no longer here: it has expired, or a person in it may have been erased. "
        "Choose the file again.",
        "该文件已清除（已过期，或其中可能有已删除档案的人员），请重新上传。",
    )


def remove_draft(folder: Path, id: str) -> None:
    """Remove a draft with its file."""
    if _ID.fullmatch(id):
        remove_folder(folder / id)


def sweep_drafts(folder: Path, now: datetime) -> None:
    """Remove old drafts, those that nobody has used for a while, and what a killed process left."""
    for path in folder.glob("*"):
        try:
            used = max(each.stat().st_mtime for each in (path, *path.glob("*.json")))
            uploaded = min(each.stat().st_mtime for each in (path, *path.glob(UPLOADED)))
        except FileNotFoundError:
            continue  # it has just been removed
        idle, age = (now - datetime.fromtimestamp(each, now.tzinfo) for each in (used, uploaded))
        if idle > KEPT or age > KEPT_AT_MOST:
            remove_folder(path)


def _drafts(folder: Path) -> Iterator[Draft]:
    for path in folder.glob("*"):
        draft = _read(folder, path.name)
        if draft is not None:
            yield draft


def _read(folder: Path, id: str) -> Draft | None:
    if not _ID.fullmatch(id):
        return None
    try:
        return Draft.model_validate_json((folder / id / DESCRIPTION).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _age_ns(folder: Path, draft: Draft) -> int:
    try:
        return (folder / draft.id / DESCRIPTION).stat().st_mtime_ns
    except FileNotFoundError:
        return 0
