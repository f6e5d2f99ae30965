"""Vectors of public vocabulary on disk, so that a restart does not encode it again.

A row is a keyed digest of (model version, text) and the vectors; no text is stored. The file is
private to its owner and holds a bounded number of rows; the oldest leave first, overwritten by
zeros. It is a cache: deleting it costs time only, and a damaged file is replaced. Whatever happens
to the file (a full disk, a read-only folder, another process that writes) stops nobody: it counts
as empty, and is left alone for a while.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import structlog

from roost.security.private_folders import private_folder

T = TypeVar("T")
MOST_ROWS = 200_000
"""About 100 MB of English texts, 35 MB of Chinese ones."""
AT_ONCE = 500
"""Digests of one query; SQLite's limit of parameters is higher."""
WAIT_S = 1.0
"""Longest wait for another process that writes; to encode a batch again takes about as long."""
PAUSE_S = 60.0
"""Time for which a file that could not be used is left alone."""
CHECK_BYTES = 8
"""Length of a row's check value: SQLite itself does not notice a changed byte of a value."""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""Codes of a file that is no database, or another one: it lacks our table."""
_SETUP = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS vectors (
    number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, vectors BLOB NOT NULL
);
"""
_INSERT = """
INSERT INTO vectors (digest, vectors) VALUES (?, ?)
ON CONFLICT (digest) DO UPDATE SET vectors = excluded.vectors WHERE vectors <> excluded.vectors
"""
_log = structlog.get_logger(__name__)


class VectorCache:
    """Packed vectors by text for one model version; threads and processes may share the file.

    `key` is secret: a reader of the file cannot test whether it holds a text, and a writer cannot
    make up vectors. `monotonic` returns seconds.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        version: str,
        most_rows: int = MOST_ROWS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._key = hashlib.blake2b(version.encode(), key=key, digest_size=32).digest()
        self._most_rows = most_rows
        self._monotonic = monotonic
        self._paused_until = float("-inf")
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def read(self, texts: Sequence[str]) -> dict[str, bytes]:
        """Return the stored vectors of those texts that have any."""
        by_digest = {self._digest(text): text for text in texts}
        nothing: dict[bytes, bytes] = {}
        stored = self._use(lambda database: _rows_of(database, list(by_digest)), nothing)
        return {
            by_digest[digest]: row[CHECK_BYTES:]
            for digest, row in stored.items()
            if hmac.compare_digest(self._checked(digest, row[CHECK_BYTES:]), row)
        }

    def write(self, vectors: Mapping[str, bytes]) -> None:
        """Store vectors by text; drop the oldest rows beyond the limit."""
        rows = []
        for text, packed in vectors.items():
            digest = self._digest(text)
            rows.append((digest, self._checked(digest, packed)))

        def insert(database: sqlite3.Connection) -> None:
            database.executemany(_INSERT, rows)
            # Rows leave in the order of their numbers, which therefore have no gaps.
            database.execute(
                "DELETE FROM vectors WHERE number <= (SELECT max(number) FROM vectors) - ?",
                (self._most_rows,),
            )

        self._use(insert, None)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=16).digest()

    def _checked(self, digest: bytes, packed: bytes) -> bytes:
        """Return vectors behind their check value."""
        check = hashlib.blake2b(digest + packed, key=self._key, digest_size=CHECK_BYTES)
        return check.digest() + packed

    def _use(self, work: Callable[[sqlite3.Connection], T], unusable: T) -> T:
        """Run a transaction; return `unusable` if the file cannot be used now."""
        with self._lock:
            if self._monotonic() < self._paused_until:
                return unusable
            try:
                database = self._opened()
                with database:
                    return work(database)
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
                return unusable

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            private_folder(self._path.parent)
            # SQLite gives its other files the mode of this one.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
            self._path.chmod(0o600)
            database = sqlite3.connect(self._path, timeout=WAIT_S, check_same_thread=False)
            self._database = database
            database.executescript(_SETUP)
        return self._database

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _give_up(self, error: Exception) -> None:
        """Close the file; delete a damaged one, and leave any other alone for a while."""
        try:
            self._close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                for end in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + end).unlink(missing_ok=True)
                _log.warning("vector_cache_replaced", path=str(self._path), reason=str(error))
                return
        except (sqlite3.Error, OSError) as further:
            error = further
        self._database = None
        self._paused_until = self._monotonic() + PAUSE_S
        _log.warning("vector_cache_unusable", path=str(self._path), reason=str(error))


def _rows_of(database: sqlite3.Connection, digests: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the rows of some digests."""
    found: dict[bytes, bytes] = {}
    for start in range(0, len(digests), AT_ONCE):
        chunk = digests[start : start + AT_ONCE]
        marks = ",".join("?" * len(chunk))
        query = f"SELECT digest, vectors FROM vectors WHERE digest IN ({marks})"
        found.update(database.execute(query, chunk).fetchall())
    return found
