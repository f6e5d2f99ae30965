"""Judged people: profiles, openings and the openings that each person wants, as a folder.

persons.jsonl     id, and any of skills, occupationsWanted, summary, experienceYears, licences
openings.jsonl    id, and the fields of an opening; or instead of it:
trades.tsv        id, name of an occupation or a job title
qrels.tsv         TREC qrels: person, 0, document, grade
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from matcher.judgments import Judgments, read_relevant, read_texts
from roost import ids
from roost.errors import Invalid
from roost.events.opening import Opening
from roost.events.profile import Profile

Json = dict[str, Any]
NOWHERE: Json = {"name": "-"}
"""Place of a judged person or opening without one: no division has this name."""
MOST_LINES, LONGEST_LINE = 100, 300
"""Most entries of a list in a profile, and most characters of each; further ones are not read."""


@dataclass(frozen=True, slots=True)
class PeopleJudgments:
    """Profiles and openings by the ids of the folder, and the same as texts for the baselines."""

    profiles: Mapping[str, Profile]
    openings: Mapping[str, Opening]
    texts: Judgments


def read_people(folder: Path) -> PeopleJudgments:
    """Read a folder of judged people.

    `validThrough` of an opening is not read, since judgments outlive openings. Raises Invalid for a
    missing file or an unreadable line, which the message names.
    """
    profiles = {id: _profile(id, row, at) for id, row, at in _rows(folder / "persons.jsonl")}
    if (folder / "openings.jsonl").is_file():
        openings = {id: _opening(id, row, at) for id, row, at in _rows(folder / "openings.jsonl")}
    else:
        trades = read_texts(folder / "trades.tsv")
        openings = {id: _opening(id, {"title": name}, "trades.tsv") for id, name in trades.items()}
    texts = Judgments(
        {id: person_text(profile) for id, profile in profiles.items()},
        {id: posting_text(opening) for id, opening in openings.items()},
        read_relevant(folder / "qrels.tsv"),
    )
    return PeopleJudgments(profiles, openings, texts)


def person_text(profile: Profile) -> str:
    """Return all words of a person, as the baselines read them."""
    return " ".join(
        (*profile.occupations_wanted, *profile.skills, *profile.licences, profile.summary)
    ).strip()


def posting_text(opening: Opening) -> str:
    """Return all words of an opening, as the baselines read them."""
    return " ".join(
        (opening.title, *opening.skills, *opening.preferred_skills, opening.description)
    ).strip()


def _profile(id: str, row: Json, at: str) -> Profile:
    lists = ("skills", "occupationsWanted", "licences")
    read = {
        name: [str(each)[:LONGEST_LINE] for each in value if str(each).strip()][:MOST_LINES]
        if name in lists and isinstance(value, list)
        else value
        for name, value in row.items()
    }
    frame = {"name": "-", "home": NOWHERE, "location": NOWHERE}
    return _validated(Profile, frame | read | {"id": ids.derive_public("w", "evaluation", id)}, at)


def _opening(id: str, row: Json, at: str) -> Opening:
    frame = {"hiringOrganization": {"id": "-", "name": "-"}, "jobLocation": NOWHERE}
    read = {name: value for name, value in row.items() if name != "validThrough"}
    return _validated(Opening, frame | read | {"id": ids.derive_public("o", "evaluation", id)}, at)


def _validated(kind: Any, fields: Json, at: str) -> Any:
    try:
        return kind.from_stored(fields)
    except ValidationError as error:
        wrong = error.errors()[0]
        place = ".".join(str(part) for part in wrong["loc"])
        raise Invalid(f"{at}: {place}: {wrong['msg']}") from error


def _rows(path: Path) -> Iterator[tuple[str, Json, str]]:
    """Yield (id, row, place in the file) of each line of a JSON Lines file."""
    if not path.is_file():
        raise Invalid(f"{path.name} is not in {path.parent}; the folder needs it")
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        at = f"{path.name} line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise Invalid(f"{at}: not JSON: {error}") from error
        if not isinstance(row, dict) or not isinstance(row.get("id"), str | int):
            raise Invalid(f"{at}: an object with an id is needed")
        yield str(row["id"]), row, at
