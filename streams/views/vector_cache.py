"""Vectors of public vocabulary on disk, so that a restart does not encode it again.

A row is a keyed digest of (model version, text) and the vectors; no text is stored. The file is
private to its owner and holds a bounded number of rows; the oldest leave first, overwritten by
zeros. It is a cache: deleting it costs time only, and a damaged file is replaced.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from roost.errors import Transient

MOST_ROWS = 200_000
"""About 100 MB of English texts, 35 MB of Chinese ones."""
AT_ONCE = 500
"""Digests of one query; SQLite's limit of parameters is higher."""
WAIT_S = 10.0
"""Longest wait for another process that writes."""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SETUP = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS vectors (
    number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, vectors BLOB NOT NULL
);
"""
_log = structlog.get_logger(__name__)


class VectorCache:
    """Packed vectors by text for one model version; threads and processes may share the file.

    `key` is secret: a reader of the file cannot test whether it holds a text. Raises Transient when
    the file cannot be used now.
    """

    def __init__(self, path: Path, key: bytes, version: str, most_rows: int = MOST_ROWS) -> None:
        self._path = path
        self._key = hashlib.blake2b(version.encode(), key=key, digest_size=32).digest()
        self._most_rows = most_rows
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def read(self, texts: Sequence[str]) -> dict[str, bytes]:
        """Return the stored vectors of those texts that have any."""
        by_digest = {self._digest(text): text for text in texts}
        digests = list(by_digest)
        found: dict[str, bytes] = {}
        with self._transaction() as database:
            for start in range(0, len(digests), AT_ONCE):
                chunk = digests[start : start + AT_ONCE]
                marks = ",".join("?" * len(chunk))
                query = f"SELECT digest, vectors FROM vectors WHERE digest IN ({marks})"
                for digest, vectors in database.execute(query, chunk):
                    found[by_digest[digest]] = vectors
        return found

    def write(self, vectors: Mapping[str, bytes]) -> None:
        """Store vectors by text; drop the oldest rows beyond the limit."""
        rows = [(self._digest(text), packed) for text, packed in vectors.items()]
        with self._transaction() as database:
            database.executemany(
                "INSERT OR IGNORE INTO vectors (digest, vectors) VALUES (?, ?)", rows
            )
            # Rows leave in the order of their numbers, which therefore have no gaps.
            database.execute(
                "DELETE FROM vectors WHERE number <= (SELECT max(number) FROM vectors) - ?",
                (self._most_rows,),
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=16).digest()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                database = self._opened()
                with database:
                    yield database
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                    self._replace()
                raise Transient(
                    f"The cache of vectors {self._path} cannot be used: {error}",
                    f"无法使用向量缓存 {self._path}：{error}",
                ) from error

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite gives its other files the mode of this one.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
            self._path.chmod(0o600)
            database = sqlite3.connect(self._path, timeout=WAIT_S, check_same_thread=False)
            self._database = database
            database.executescript(_SETUP)
        return self._database

    def _replace(self) -> None:
        """Delete a damaged file; the next use creates it again."""
        if self._database is not None:
            self._database.close()
            self._database = None
        for end in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + end).unlink(missing_ok=True)
        _log.warning("vector_cache_replaced", path=str(self._path))
