"""Preview of a file's rows in the words of the page: fields, values and changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.console.imports.field_labels import column_label
from api.console.shell.saying import wage
from api.console.shell.translations import Say
from producers.mappings.suggesting.importable_fields import IMPORTABLE
from roost.events.opening import Opening
from roost.events.preferences import ChannelKind
from roost.events.profile import Profile
from roost.places.gazetteer import gazetteer

Json = Mapping[str, Any]
VERDICTS = ("rejected", "doubtful", "changed", "new", "unchanged", "repeated")
"""Verdicts in the order of the page: first those that need a look."""
REUSED = frozenset({"other_name", "other_details"})
"""Signs that a stored number is used again: the row is that person, or its number is wrong."""
LONGEST = 200
"""Characters of a value that are shown."""
OTHER = frozenset(
    info.alias or name for model in (Profile, Opening) for name, info in model.model_fields.items()
)
"""Fields of stored records, which have names for clerks."""
_WORDS = {
    "educationRequirements": "education",
    "education": "education",
    "employmentType": "employment",
    "shifts": "shift",
    "workplace": "workplace",
    "status": "profile",
}
"""Groups of words by field whose values are names on the wire."""
_YEARS = frozenset({"experienceRequirements", "experienceYears"})


def preview_words(preview: Json, kind: str, language: str, say: Say) -> dict[str, Any]:
    """Return a preview with the fields, values and reasons in the reader's language."""
    words = _Words(kind, language, say)
    employers = preview.get("employers", {})
    return {
        "read": preview["read"],
        "counts": preview["counts"],
        "importable": preview["importable"],
        "notices": [each[language] for each in preview["notices"]],
        "questions": [_question(each) for each in preview.get("questions", ())],
        "undecided": preview.get("undecided", {}).get("count", 0),
        "people": [
            words.row(each) | _people(each) for each in preview.get("undecided", {}).get("rows", ())
        ],
        "employers": [
            words.row(row) | _employers(row, each["count"])
            for each in employers.get("names", ())
            for row in each["rows"]
        ],
        "undecided_employers": employers.get("count", 0),
        "sample": [words.row(each) for each in preview["sample"]],
        "lists": [
            (each, _listed(preview, each), [words.row(row) for row in preview["rows"][each]])
            for each in VERDICTS
            if _listed(preview, each)
        ],
    }


def _listed(preview: Json, verdict: str) -> int:
    """Return the number of rows with a verdict, without those that wait for a decision."""
    count: int = preview["counts"][verdict]
    undecided: int = preview.get("undecided", {}).get("count", 0)
    return count - undecided if verdict == "doubtful" else count


def _people(row: Json) -> dict[str, Any]:
    """Return the id of an undecided row and the people who may be the one that it describes.

    `same` are those whom a clerk can choose; an earlier row of the file is no choice.
    """
    people = [{"place": each.get("row", ""), **each} for each in row["people"]]
    return {
        "id": row["id"],
        "people": people,
        "same": [each for each in people if not each["place"]],
        "alike": " ".join(each["id"] for each in people),
        "is_other_name": any("other_name" in each["signs"] for each in people),
        "is_reused": any(REUSED & set(each["signs"]) for each in people),
    }


def _employers(row: Json, count: int) -> dict[str, Any]:
    """Return an undecided employer: its name, number of rows, and the stored ones to choose."""
    found = row["employers"]
    return {
        "count": count,
        "name": row["employer"],
        "employers": found,
        "alike": " ".join(each["id"] for each in found),
    }


def _question(question: Json) -> dict[str, Any]:
    """Return a question which place a name means, with the keys and full names to choose from."""
    offered = [(key, gazetteer().full_name(key)) for key in question["candidates"]]
    return {"text": question["text"], "rows": question["rows"], "offered": offered}


class _Words:
    """Words of one reader for one kind of records."""

    def __init__(self, kind: str, language: str, say: Say) -> None:
        self._kind, self._language, self._say = kind, language, say
        self._names = {
            field.target.partition(".")[0]: field.name
            for field in reversed(list(IMPORTABLE[kind].values()))
        }

    def row(self, row: Json) -> dict[str, Any]:
        """Return a row: its place, reasons, cells, result and changes."""
        message = "messageZh" if self._language == "zh" else "message"
        return {
            "place": f"{row['sheet']}!{row['line']}" if row["sheet"] else str(row["line"]),
            "verdict": row["verdict"],
            "change": row.get("change", row["verdict"]),
            "reasons": [
                (column_label(each["field"], self._kind, self._language), each[message])
                for each in row["reasons"]
            ],
            "cells": {name: text for name, text in row["cells"].items() if text},
            "result": [
                (self.field(name), shown)
                for name, value in row["result"].items()
                if name in self._names and (shown := self.value(name, value))
            ],
            "changes": [
                (
                    self.field(each["field"]),
                    each["column"],
                    self.value(each["field"], each["old"]),
                    self.value(each["field"], each["new"]),
                )
                for each in row["changes"]
            ],
        }

    def field(self, name: str) -> str:
        """Return a field's name in the reader's language, whatever record it belongs to."""
        known = self._names.get(name)
        key = f"{self._kind}.{known}" if known else f"other.{name if name in OTHER else 'newer'}"
        return self._say(f"imports.fields.{key}")

    def value(self, name: str, value: Any) -> str:
        """Return a value in words; empty if it states nothing."""
        text = self._plain(name, value)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def _plain(self, name: str, value: Any) -> str:
        if value is None or value in ([], {}, ""):
            return ""
        if isinstance(value, bool):
            return self._say("words.yes" if value else "words.no")
        if name in ("baseSalary", "wageWanted") and isinstance(value, Mapping):
            return wage(value, self._say)
        if name in _WORDS and isinstance(value, str):
            return self._say(f"words.{_WORDS[name]}.{value}")
        if isinstance(value, Mapping):
            return self._object(value)
        if isinstance(value, Sequence) and not isinstance(value, str):
            comma = "、" if self._language == "zh" else ", "
            return comma.join(filter(None, (self._plain(name, each) for each in value)))
        if name in _YEARS:
            return "" if not value else self._say("words.years", n=f"{value:g}")
        return str(value)

    def _object(self, value: Json) -> str:
        """Return the name of a place or an employer, or the address of a channel."""
        if "identifier" in value and "source" in value:
            number, source = value["identifier"], value["source"]
            return self._say("imports.of_source", number=number, source=source)
        if "name" in value:
            return str(value["name"])
        if "kind" in value:
            phone = value["kind"] == ChannelKind.SMS and value.get("address")
            channel = self._say("profiles.phone" if phone else f"words.channel.{value['kind']}")
            return f"{channel} {value['address']}" if value.get("address") else channel
        comma = "、" if self._language == "zh" else ", "
        return comma.join(filter(None, (self._plain("", each) for each in value.values())))
