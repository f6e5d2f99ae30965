"""Uploads, streamed to disk: none is ever whole in memory."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import orjson

from producers.tables.json_lists import records_in
from roost.errors import Invalid, TooLarge
from roost.security.private_folders import private_folder

ENDINGS = {
    "application/x-ndjson": ".ndjson",
    "application/jsonl": ".ndjson",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/ld+json": ".json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/octet-stream": ".bin",
}
"""Endings of the files by content type; the content itself decides how a file is read."""
MOST_ARRAY_BYTES = 5_000_000
"""Largest JSON array or object, which is parsed in memory; all other files are streamed."""
STALE_S = 3_600.0
"""Time without a write after which an upload belongs to no process; pending ones are touched."""


class UnsupportedUpload(Invalid):
    """Upload of an unsupported content type."""

    status = 415
    slug = "unsupported-type"
    title = "The upload has to be a spreadsheet, CSV, TSV or JSON"
    title_zh = "上传内容应为电子表格、CSV、TSV 或 JSON"


@dataclass(frozen=True, slots=True)
class Upload:
    """File on disk, with its number of rows and the digest of its content."""

    path: Path
    format: str
    rows: int
    digest: str


def ending_of(content_type: str) -> str:
    """Return the file ending of a content type. Raises UnsupportedUpload."""
    kind = content_type.split(";")[0].strip().lower()
    if kind not in ENDINGS:
        raise UnsupportedUpload(
            f"content-type: send one of {', '.join(ENDINGS)}",
            f"content-type：请使用 {'、'.join(ENDINGS)} 之一",
        )
    return ENDINGS[kind]


async def spooled(
    stream: AsyncIterator[bytes], ending: str, folder: Path, most_bytes: int
) -> Upload:
    """Stream an upload to a file in `folder`; a JSON array becomes JSON lines.

    Raises TooLarge, and Invalid for JSON without any record; then the file is removed.
    """
    most = min(most_bytes, MOST_ARRAY_BYTES) if ending == ".json" else most_bytes
    digest, size, lines, last = hashlib.blake2b(digest_size=16), 0, 0, b"\n"
    file = await asyncio.to_thread(_new_file, folder, ending)
    path = Path(file.name)
    with file:
        try:
            async for chunk in stream:
                size += len(chunk)
                if size > most:
                    raise _too_large(most)
                digest.update(chunk)
                lines += chunk.count(b"\n")
                last = chunk[-1:] or last
                await asyncio.to_thread(file.write, chunk)
        except BaseException:
            await asyncio.to_thread(path.unlink)
            raise
    upload = Upload(path, ending[1:], lines + (last != b"\n"), digest.hexdigest())
    return await asyncio.to_thread(_as_lines, upload) if ending == ".json" else upload


def _new_file(folder: Path, ending: str) -> IO[bytes]:
    private_folder(folder)
    return NamedTemporaryFile(dir=folder, suffix=ending, delete=False)


def _as_lines(upload: Upload) -> Upload:
    """Rewrite a JSON array, or the records in a JSON object, as JSON lines. Raises Invalid."""
    try:
        document = orjson.loads(upload.path.read_bytes())
        rows = _records(document) if isinstance(document, dict) else document
        if not isinstance(rows, list):
            raise ValueError
    except ValueError:
        upload.path.unlink()
        raise Invalid(
            "(body): send a JSON array of openings, or application/x-ndjson",
            "请求内容应为岗位的 JSON 数组，或使用 application/x-ndjson",
        ) from None
    path = upload.path.with_suffix(".ndjson")
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in rows)
    upload.path.unlink()
    return Upload(path, upload.format, len(rows), upload.digest)


def _records(document: dict[str, Any]) -> list[Any] | None:
    """Return the records of an object: its list, or itself; None if it is no record either."""
    records = records_in(document)
    is_record = {"title", "headline", "@type", "positionProfiles"} & document.keys()
    return records if is_record or records != [document] else None


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"The upload is over {most // 1_000_000} MB; send it in parts.",
        f"上传内容超过 {most // 1_000_000} MB，请分批上传。",
    )


def sweep(folder: Path) -> None:
    """Remove uploads that a killed process left behind."""
    for path in folder.glob("*"):
        try:
            if time.time() - path.stat().st_mtime > STALE_S:
                path.unlink()
        except FileNotFoundError:
            continue  # its import has just ended


def touch(path: Path) -> None:
    """Mark an upload as pending; does nothing if its import has just ended."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return
