"""Places of a file's rows: an ambiguous name means a place near the station or the other rows.

The other rows are those of the whole file, which is read a second time for their places when the
first ambiguous name occurs. So a row's place depends neither on the order of the rows, nor on
batches, nor on whether anything is published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from producers.importing.import_kinds import Kind
from producers.importing.verdicts import PlaceQuestion
from producers.mappings.resolved_mapping import ResolvedMapping
from producers.mappings.row_mapping import map_row
from producers.tables.sheets import Fault
from producers.tables.table_model import ImportRow
from roost.errors import Invalid
from roost.places.gazetteer import gazetteer
from roost.places.place_votes import PlaceVotes
from roost.places.resolutions import Candidates, PlaceContext, Resolved, Unknown, UnknownReason
from roost.places.resolving import resolve

Rows = Iterable[tuple[ImportRow, ResolvedMapping]]
MOST_QUESTIONS = 50
"""Most ambiguous names of one file that are asked about."""
MOST_CANDIDATES = 20
"""Most places offered for one name."""
MOST_NOTICES = 10
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class PlaceEvidence:
    """Evidence from outside the file: the station's places, and a person's answers."""

    near: tuple[str, ...] = ()
    """Keys of the places of the station, the strongest first."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Key of the place that a person chose, by the name in the file."""


class FilePlaces:
    """Places of one file, decided by the evidence and by all its rows."""

    def __init__(self, kind: Kind, evidence: PlaceEvidence, reread: Callable[[], Rows]) -> None:
        self._kind = kind
        self._evidence = evidence
        self._reread = reread
        self._decided: dict[str, str | None] = {}
        self._settled: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()

    def settle(self, content: dict[str, Any]) -> None:
        """Give the places of a mapped row that the context decides their codes.

        `content` has a place as an object with its name, and the places to work at as texts.
        """
        for name in self._kind.places:
            place = content.get(name)
            if isinstance(place, dict) and place.get("code") is None:
                key = self._key(place.get("name"))
                if key is not None:
                    scheme, _, code = key.partition(":")
                    content[name] = place | {"scheme": scheme, "code": code}
        willing = content.get("willing")
        if isinstance(willing, dict) and isinstance(willing.get("places"), list | tuple):
            keys = [self._key(each) or each for each in willing["places"]]
            content["willing"] = willing | {"places": keys}

    def notices(self) -> list[Fault]:
        """Return a fact for each name that the context decided."""
        known = gazetteer()
        found = []
        for text, rows in self._settled.most_common(MOST_NOTICES):
            place = known.full_name(str(self._decided[text]))
            counted = "once" if rows == 1 else f"{rows} times"
            found.append(
                Fault(
                    f"{text!r} is read as {place} {counted}, by its surroundings; "
                    "write the full name if that is wrong",
                    f"“{text}”（{rows} 处）按所在地区读作{place}，如有误请写全称",
                )
            )
        if (more := len(self._settled) - MOST_NOTICES) > 0:
            found.append(
                Fault(
                    f"{more} more names of places are read by their surroundings",
                    f"另有 {more} 个地名按所在地区读取",
                )
            )
        return found

    def questions(self) -> list[PlaceQuestion]:
        """Return the names that stay ambiguous, the most frequent first."""
        return [
            PlaceQuestion(text, rows, _candidates(text, self._evidence.near)[:MOST_CANDIDATES])
            for text, rows in self._asked.most_common(MOST_QUESTIONS)
        ]

    def _key(self, text: Any) -> str | None:
        """Return the key of a name that is not clear by itself, if the evidence decides it."""
        if not isinstance(text, str) or not (text := text.strip()) or not _is_open(text):
            return None
        if text not in self._decided:
            self._decided[text] = self._decide(text)
        key = self._decided[text]
        if len(text) <= LONGEST_NAME:
            if key is not None and text not in self._evidence.chosen:
                self._settled[text] += 1
            elif key is None and isinstance(resolve(text), Candidates):
                self._asked[text] += 1
        return key

    def _decide(self, text: str) -> str | None:
        """Return the place on which the answers, or the station and the other rows, agree."""
        if (chosen := self._evidence.chosen.get(text)) in gazetteer():
            return chosen
        by_station = _by_context(text, self._evidence.near)
        by_rows = self._by_rows(text)
        if by_station is None or by_rows is None:
            return by_station or by_rows
        return by_station if by_station == by_rows else None

    def _by_rows(self, text: str) -> str | None:
        found = resolve(text)
        if isinstance(found, Candidates):
            near = self._votes.winner([each.key for each in found.places])
        else:
            near = self._votes.home()
        return None if near is None else _by_context(text, (near,))

    @cached_property
    def _votes(self) -> PlaceVotes:
        """Votes of all rows of the file."""
        votes = PlaceVotes(gazetteer())
        for text in self._texts():
            found = resolve(text)
            if isinstance(found, Resolved):
                votes.add(found.place.key)
        return votes

    def _texts(self) -> Iterator[str]:
        """Yield the texts of all rows that name a place."""
        narrowed: dict[int, ResolvedMapping] = {}
        for row, resolved in self._reread():
            if id(resolved) not in narrowed:
                narrowed[id(resolved)] = self._places_of(resolved)
            yield from self._names(row, narrowed[id(resolved)])

    def _places_of(self, resolved: ResolvedMapping) -> ResolvedMapping:
        """Return the mapping with the rules of places only."""
        names = self._kind.places
        rules = (each for each in resolved.rules if each.field.partition(".")[0] in names)
        return replace(resolved, rules=tuple(rules), shifted=())

    def _names(self, row: ImportRow, resolved: ResolvedMapping) -> Iterator[str]:
        if row.fault is not None:
            return
        is_direct = resolved.is_json and resolved.mapping.is_direct
        try:
            content = row.values if is_direct else map_row(row.values, resolved).content
        except Invalid:
            return  # the row is rejected with this reason when it is imported
        for name in self._kind.places:
            place = content.get(name)
            text = place.get("name") if isinstance(place, dict) else place
            if isinstance(text, str):
                yield text


def _is_open(text: str) -> bool:
    """Return whether a text alone names no one place, and a context may decide it."""
    found = resolve(text)
    if isinstance(found, Unknown):
        return found.reason is UnknownReason.NO_PLACE
    return isinstance(found, Candidates)


def _by_context(text: str, near: tuple[str, ...]) -> str | None:
    if not near:
        return None
    found = resolve(text, PlaceContext(near))
    return found.place.key if isinstance(found, Resolved) else None


def _candidates(text: str, near: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of the places that a text may name, those near the station first."""
    found = resolve(text)
    keys = [each.key for each in found.places] if isinstance(found, Candidates) else []
    home = set(gazetteer().ancestors(near[0])) if near else set()
    return tuple(sorted(keys, key=lambda key: -len(home.intersection(gazetteer().ancestors(key)))))
