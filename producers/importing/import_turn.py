"""Turn to import, held by one process at a time of all that share a data folder.

Locks of entities and the memory of recent writes belong to one process. So that two imports of one
source in two processes never interleave, an import holds a lock on a file from its first row to its
last. The file names the newest record of each partition that its last holder has written: another
process waits until the views show these, and thereby all earlier ones. The same process does not
wait: it remembers its own writes.

The operating system releases the lock of a process that is killed.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from roost.errors import Transient
from roost.events.envelope import Record
from roost.kafka.ports import BlockingProducer, Position
from roost.security.private_folders import private_folder
from roost.time.clock import Clock
from roost.topics import OPENINGS, PROFILES, STATIONS
from roost.views.elastic import Json

WAITED_FOR = timedelta(minutes=10)
"""Age up to which the writes of another process are awaited. A view that lags for longer shows a
fault that must not end imports for good."""
READABLE_WITHIN_S = 60.0
"""Longest wait for the views to show facts that were published before."""
POLL_S = 0.2
"""Interval of the tries to get the turn, and to read what must become readable."""
IMPORTED = frozenset({OPENINGS.name, PROFILES.name, STATIONS.name})
"""Topics of imported facts, each with a view under the same name and keys."""

Key = tuple[str, str]
"""View and id of an entity."""


class ImportTurn:
    """Lock of the imports of a data folder, with the newest writes of its holders."""

    def __init__(self, imports: Path, clock: Clock) -> None:
        self._path = imports.with_name(f"{imports.name}.lock")
        self._clock = clock
        self._descriptor: int | None = None
        self._holder = secrets.token_hex(8)
        self._newest: dict[tuple[str, int], tuple[str, int]] = {}
        """Id and version of the newest record by topic and partition."""

    def take(self) -> bool:
        """Take the turn unless another process has it; return whether this one has it now."""
        private_folder(self._path.parent)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        self._newest.clear()
        return True

    def release(self) -> None:
        """Give the turn to another process."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def earlier_writes(self) -> dict[Key, int]:
        """Return the versions that the views must show before the holder reads them."""
        assert self._descriptor is not None
        try:
            kept = orjson.loads(os.pread(self._descriptor, 1_000_000, 0))
            if kept["holder"] == self._holder:
                return {}
            if self._clock.now() - datetime.fromisoformat(kept["at"]) > WAITED_FOR:
                return {}
            return {(view, id): version for view, _, id, version in kept["newest"]}
        except (ValueError, TypeError, LookupError):  # new, or its writer was killed
            return {}

    def note(self, records: Sequence[Record], positions: Sequence[Position]) -> None:
        """Remember published records for the next holder."""
        for record, position in zip(records, positions, strict=True):
            if record.topic.name in IMPORTED:
                place = (record.topic.name, position.partition)
                self._newest[place] = (record.key, position.version)
        if self._descriptor is None or not self._newest:
            return
        newest = [[*place, *written] for place, written in self._newest.items()]
        kept = orjson.dumps({"at": self._clock.now(), "holder": self._holder, "newest": newest})
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, kept, 0)


class NotingPublisher:
    """Publisher that notes its records for the next holder of the turn."""

    def __init__(self, publisher: BlockingProducer, turn: ImportTurn) -> None:
        self._publisher = publisher
        self._turn = turn

    def publish(self, records: Sequence[Record]) -> list[Position]:
        """Publish records in order. Raises what the publisher raises."""
        positions = self._publisher.publish(records)
        self._turn.note(records, positions)
        return positions


def are_shown(writes: Mapping[Key, int], documents: Mapping[Key, Json]) -> bool:
    """Return whether documents of the views are as new as some writes."""
    return all(
        key in documents and documents[key]["version"] >= version for key, version in writes.items()
    )


def not_shown_yet() -> Transient:
    """Return the refusal of an import while the views lag behind the one before it."""
    return Transient(
        "Another import has just ended, and its records are not readable yet; try again.",
        "另一项导入刚刚结束，数据暂时无法读取，请稍后重试。",
    )
