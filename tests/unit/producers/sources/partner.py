"""A partner's server or folder, and the county's record, in memory."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson

from producers import source_facts
from producers.ends_search import Changes
from producers.importing.importer import Stored
from producers.sources.http_fetching import Bounds
from producers.sources.listing_import import ImportPorts
from producers.sources.source_runs import RunPorts, run_source
from roost import ids
from roost.errors import Transient
from roost.events.envelope import Record
from roost.events.import_mapping import ChosenColumn, ImportKind, SavedMapping
from roost.events.opening import Opening, OpeningStatus
from roost.events.source import Source, SourceContent, SourceEntry, SourceRun, SourceState
from roost.kafka.ports import Position
from roost.time.clock import FixedClock
from roost.topics import OPENINGS, SOURCE_ENTRIES, SOURCE_RUNS

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def advertisement(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "identifier": f"J-{number}",
        "title": "电焊工",
        "hiringOrganization": {"id": "partner", "name": "合作单位"},
        "jobLocation": {"name": "太原市"},
        "totalJobOpenings": 1 + number % 3,
        **changes,
    }


FAIR = {
    "编号": "identifier",
    "岗位": "title",
    "单位": "employer",
    "地点": "place",
    "截止": "validThrough",
}
"""Columns of a job fair with their fields."""


def saved_mapping(
    fields: Mapping[str, str] | None = None,
    *,
    name: str = "招聘会 岗位表",
    owner: str = "station:s-east",
    kind: ImportKind = "openings",
    order: Any = None,
) -> SavedMapping:
    """Return the choices of columns that somebody has saved."""
    chosen = (FAIR if fields is None else fields).items()
    return SavedMapping(
        id=ids.derive("g", owner, kind, name),
        owner=owner,
        name=name,
        kind=kind,
        columns=tuple(
            ChosenColumn(
                column=column, field=field, order=order if field == "validThrough" else None
            )
            for column, field in chosen
        ),
        saved_at=NOW,
        saved_by="u-x",
    )


@dataclass
class InMemoryRecord:
    """Facts by topic and key, as their views hold them; it can fail as Kafka does."""

    facts: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    said: list[Record] = field(default_factory=list)
    fails_after: int | None = None
    in_progress: dict[str, int] = field(default_factory=dict)
    """Matches in progress by opening."""

    def publish(self, records: Sequence[Record]) -> list[Position]:
        for each in records:
            if self.fails_after is not None and len(self.said) >= self.fails_after:
                raise Transient("Kafka is away", "Kafka 不可用")
            self.said.append(each)
            key = (each.topic.name, each.key)
            if each.value is None:
                self.facts.pop(key, None)
            else:
                self.facts[key] = orjson.loads(each.value)
        return [Position(each.topic.name, 0, len(self.said)) for each in records]

    @contextmanager
    def hold_stored(self, view: str, ids: Sequence[str]) -> Iterator[Stored]:
        yield {id: self.facts[view, id] for id in ids if (view, id) in self.facts}

    def find_ends(self, view: str, changes: Changes, today: date) -> Mapping[str, int]:
        """Return the matches in progress of the openings that changes close."""
        assert len(changes) <= 500
        ended = (id for id, (_, after) in changes.items() if after["status"] == "closed")
        return {id: self.in_progress.get(id, 0) for id in ended}

    def openings(self) -> dict[str, OpeningStatus]:
        """Return the status of every opening by its reference."""
        found = [
            Opening.from_stored(fact)
            for (topic, _), fact in self.facts.items()
            if topic == OPENINGS.name
        ]
        return {each.identifier or each.id: each.status for each in found}


@dataclass
class County:
    """A county that reads one source in a folder or at a server."""

    root: Path
    record: InMemoryRecord = field(default_factory=InMemoryRecord)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    source: Source | None = None
    most_bytes: int = 1_000_000
    listed_elsewhere: frozenset[str] = frozenset()
    saved: SavedMapping | None = None

    def define(self, **content: Any) -> Source:
        """Define the source, or change its definition."""
        given = {"name": "Partner", "folder": "partner"} if "url" not in content else {"name": "P"}
        wanted = SourceContent.model_validate({**given, **content})
        self.source, _ = source_facts.source_put(
            wanted, self.source, at=self.clock.now(), may_be_private=True, seed="one"
        )
        return self.source

    @property
    def state(self) -> SourceState | None:
        assert self.source is not None
        found = self.record.facts.get((SOURCE_RUNS.name, self.source.id))
        return None if found is None else SourceState.from_stored(found)

    @property
    def entries(self) -> dict[str, SourceEntry]:
        found = [
            SourceEntry.from_stored(fact)
            for (topic, _), fact in self.record.facts.items()
            if topic == SOURCE_ENTRIES.name
        ]
        return {each.opening_id: each for each in found}

    def ports(self) -> RunPorts:
        imports = ImportPorts(
            self.clock, UTC, self.record, self.record.hold_stored, self.record.find_ends
        )
        return RunPorts(imports, self.root, Bounds(self.most_bytes, 5, may_be_private=True))

    def run(self) -> SourceRun:
        """Read the source once, an hour after the last time; return the run."""
        assert self.source is not None
        self.clock.moment += HOUR
        ended = run_source(
            self.source,
            self.state,
            self.entries,
            self.ports(),
            self.listed_elsewhere,
            self.saved,
        )
        assert ended.last is not None
        assert ended.running_since is None
        return ended.last

    def ask(self) -> None:
        """Ask for a run."""
        assert self.source is not None
        self.source, _ = source_facts.source_run_requested(
            self.source, at=self.clock.now() + HOUR / 2
        )

    def confirm(self) -> None:
        """Confirm the withdrawals that wait."""
        assert self.source is not None
        at = self.clock.now() + HOUR / 2
        self.source, _ = source_facts.withdrawals_confirmed(self.source, self.state, at=at)

    def drop(self, rows: Sequence[Mapping[str, Any]] | str, name: str = "jobs.json") -> None:
        """Put a file into the source's folder."""
        folder = self.root / "partner"
        folder.mkdir(parents=True, exist_ok=True)
        text = rows if isinstance(rows, str) else json.dumps(rows, ensure_ascii=False)
        (folder / name).write_text(text, "utf-8")
        at = self.clock.now().timestamp()
        os.utime(folder / name, (at, at))


@dataclass
class Reply:
    """An answer of the partner's server."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def partner(answer: Any) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """Serve a function from path and headers to a reply; yield the address and the requests."""
    requests: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            requests.append((self.path, headers))
            reply = answer(self.path, headers)
            body = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            named = {"content-type": "application/json", "content-length": str(len(body))}
            for name, value in (named | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
