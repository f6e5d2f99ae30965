"""Catalogue of mutations: files for each line of the list of findings in docs/security.md."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Edit:
    """Replacement of a text that occurs once in a file."""

    file: str
    text: str
    becomes: str

    def edited(self, source: str) -> str:
        """Return the edited source. Raises ValueError unless the text occurs once."""
        if (found := source.count(self.text)) != 1:
            raise ValueError(
                f"{self.file} holds this text {found} times instead of once; adapt "
                f"tests/mutations to the code: {self.text}"
            )
        return source.replace(self.text, self.becomes)


@dataclass(frozen=True, slots=True)
class Mutation:
    """Smallest change that switches a defence off, and the tests that fail without it."""

    line: int
    without: str
    """Defence that is off."""
    edits: tuple[Edit, ...]
    """One edit, or several (`also`) for a defence in depth."""
    tests: tuple[str, ...]

    @property
    def needs_servers(self) -> bool:
        """Whether a test starts Kafka, Elasticsearch or a browser."""
        return not all(each.startswith("tests/unit/") for each in self.tests)


def mutations(lines: Collection[int] = ()) -> list[Mutation]:
    """Return the mutations of some lines, or of all, in their order."""
    return [
        Mutation(line, each["without"], tuple(_edits(each)), tuple(each["tests"]))
        for path in sorted(FOLDER.glob("line_*.toml"))
        if (line := int(path.stem.split("_")[1])) in lines or not lines
        for each in tomllib.loads(path.read_text("utf-8"))["mutation"]
    ]


def _edits(entry: dict[str, Any]) -> Iterator[Edit]:
    yield Edit(entry["file"], entry["text"], entry["becomes"])
    for also in entry.get("also", ()):
        yield Edit(also.get("file", entry["file"]), also["text"], also["becomes"])
