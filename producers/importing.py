"""Import of a file: read, map, check, compare with the views, publish.

Every rejected row is reported with its line and the reasons. A row whose entity has the same
content already is not published, so importing the same file twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ValidationError

from producers import facts, rosters
from producers.reading import ImportRow, read_rows
from roost.errors import FieldError, RoostError
from roost.events.envelope import Record, content_id, invalid
from roost.events.opening import Opening, OpeningContent
from roost.events.profile import Profile, ProfileContent
from roost.events.station import Station, StationContent
from roost.kafka.ports import BlockingProducer
from roost.time.clock import Clock, day_of

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity that can be imported: its view, its content, and how it becomes a record."""

    view: str
    content: type[BaseModel]
    put: Callable[[Any, datetime, date, str], tuple[Any, Record]]
    """From content, the current time, its day in the county, and the source, to fact and record."""


def _opening(
    content: OpeningContent, at: datetime, today: date, source: str
) -> tuple[Opening, Record]:
    return facts.opening_posted(content, at=at, today=today, source=source)


def _profile(
    content: ProfileContent, at: datetime, today: date, source: str
) -> tuple[Profile, Record]:
    return facts.profile_put(content, at=at, source=source)


def _station(
    content: StationContent, at: datetime, today: date, source: str
) -> tuple[Station, Record]:
    return facts.station_put(content, at=at, source=source)


KINDS = {
    "openings": Kind("openings", OpeningContent, _opening),
    "profiles": Kind("profiles", ProfileContent, _profile),
    "stations": Kind("stations", StationContent, _station),
}


ExistingDigests = Callable[[str, Sequence[str]], Mapping[str, str]]
"""Returns the digests of the existing entities among some ids of a view, by id."""
Reject = Callable[[ImportRow, RoostError], None]
"""Called with every rejected row and the error."""


Stored = Mapping[str, Mapping[str, Any]]
"""Documents of a view by id: the `digest` of each and, for `Authorise`, its `fact`."""
ReadStored = Callable[[str, Sequence[str]], Stored]
"""Reads the documents of a view that exist, by id; called once per chunk."""
Authorise = Callable[[Mapping[str, Any] | None, Any], None]
"""Raises unless the importer may replace a stored fact (None: a new one) with this fact."""


def permit_everything(stored: Mapping[str, Any] | None, fact: Any) -> None:
    """Permit every row: the command line has no accounts."""


@dataclass(slots=True)
class Summary:
    """Counts of rows by outcome; `versions` are the newest published versions by id."""

    read: int = 0
    published: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0
    versions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Importer:
    kind: Kind
    mapping: rosters.Mapping | rosters.Direct
    clock: Clock
    zone: tzinfo
    publisher: BlockingProducer | None
    """None for a dry run, which only checks."""
    read_stored: ReadStored
    authorise: Authorise = permit_everything

    def run(
        self,
        path: Path,
        reject: Reject,
        *,
        limit: int | None = None,
        progress: Callable[[Summary], None] = lambda summary: None,
    ) -> Summary:
        """Import a file. Raises Invalid if it cannot be read, and Transient if publishing fails."""
        summary = Summary()
        seen: dict[str, str] = {}
        reading = islice(read_rows(path), limit)
        while chunk := list(islice(reading, CHUNK)):
            summary.read += len(chunk)
            mapped = self._mapped(chunk, reject, summary)
            ids = list(dict.fromkeys(record.key for _, _, record in mapped))
            stored = self.read_stored(self.kind.view, ids)
            allowed = self._allowed(mapped, stored, reject, summary)
            self._publish(self._wanted(allowed, seen, summary), stored, summary)
            progress(summary)
        return summary

    def _mapped(
        self, chunk: Sequence[ImportRow], reject: Reject, summary: Summary
    ) -> list[tuple[ImportRow, Any, Record]]:
        """Return each valid row with its fact and record."""
        mapped = []
        for row in chunk:
            try:
                mapped.append((row, *self._fact(row)))
            except RoostError as error:
                summary.rejected += 1
                reject(row, error)
        return mapped

    def _allowed(
        self,
        mapped: Sequence[tuple[ImportRow, Any, Record]],
        stored: Stored,
        reject: Reject,
        summary: Summary,
    ) -> Iterator[Record]:
        """Yield the records that the importer may publish."""
        for row, fact, record in mapped:
            try:
                self.authorise(stored.get(record.key, {}).get("fact"), fact)
                yield record
            except RoostError as error:
                summary.rejected += 1
                reject(row, error)

    def _fact(self, row: ImportRow) -> tuple[Any, Record]:
        if row.problem:
            raise facts.invalid_row(row.problem)
        if isinstance(self.mapping, rosters.Mapping):
            content = rosters.map_row(row.values, self.mapping)
        else:
            content = rosters.map_direct_row(row.values, self.mapping.lists)
        for name in ("jobLocation", "place", "home", "location"):
            if isinstance(content.get(name), str):
                content[name] = {"name": content[name]}
        try:
            checked = self.kind.content.model_validate(content)
        except ValidationError as error:
            raise invalid(error) from None
        now = self.clock.now()
        return self.kind.put(checked, now, day_of(now, self.zone), self.mapping.source)

    def _wanted(
        self, records: Iterator[Record], seen: dict[str, str], summary: Summary
    ) -> dict[str, Record]:
        """Keep one record per id; the mapping decides whether the first or the last one."""
        wanted: dict[str, Record] = {}
        for record in records:
            digest = digest_of(record)
            if record.key in seen and (
                self.mapping.repeats == "first" or seen[record.key] == digest
            ):
                summary.repeated += 1
                continue
            if record.key in wanted:
                summary.repeated += 1
            seen[record.key] = digest
            wanted[record.key] = record
        return wanted

    def _publish(self, wanted: dict[str, Record], stored: Stored, summary: Summary) -> None:
        changed = [
            record
            for id, record in wanted.items()
            if stored.get(id, {}).get("digest") != digest_of(record)
        ]
        summary.unchanged += len(wanted) - len(changed)
        if self.publisher is not None:
            positions = self.publisher.publish(changed)
            for record, position in zip(changed, positions, strict=True):
                summary.versions[record.key] = position.version
        summary.published += len(changed)


def digest_of(record: Record) -> str:
    """Return the CloudEvents id of a record, which the views keep as `digest`."""
    return content_id(record.topic.name, record.key, record.value)


def lists_of(kind: Kind) -> frozenset[str]:
    """Return the names of fields with several values, which a column separates by `;`."""
    fields = kind.content.model_fields
    names = {info.alias or name for name, info in fields.items() if "tuple" in str(info.annotation)}
    return frozenset(names | {"willing.places"})


def reasons_of(error: RoostError) -> tuple[FieldError, ...]:
    """Return the field errors of an error, or one for the whole row."""
    return error.fields or (FieldError("(row)", error.message, error.message_zh),)


def write_rejects(rejects: IO[str]) -> Reject:
    """Return a function that writes rejected rows to a file, as JSON lines with the reasons."""
    return lambda row, error: print(_reject_line(row, error), file=rejects)


def _reject_line(row: ImportRow, error: RoostError) -> str:
    reasons = [{"field": each.field, "message": each.message} for each in reasons_of(error)]
    return json.dumps(
        {"line": row.line, "reasons": reasons, "row": row.values}, ensure_ascii=False, default=str
    )
