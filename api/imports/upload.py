"""Taking an upload onto the disk, piece by piece: it is never whole in memory."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import orjson

from roost.errors import Invalid, TooLarge

ENDINGS = {
    "application/x-ndjson": ".ndjson",
    "application/jsonl": ".ndjson",
    "text/csv": ".csv",
    "application/json": ".json",
}
MOST_ARRAY_BYTES = 5_000_000
"""A JSON array is read whole; lines are not."""
STALE_S = 86_400.0


class UnsupportedUpload(Invalid):
    status = 415
    slug = "unsupported-type"
    title = "The upload has to be JSON lines, CSV or a JSON array"
    title_zh = "上传内容应为 JSON 行、CSV 或 JSON 数组"


@dataclass(frozen=True, slots=True)
class Upload:
    path: Path
    format: str
    rows: int
    digest: str


def ending_of(content_type: str) -> str:
    """Raises UnsupportedUpload."""
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
    """Raises TooLarge, and leaves nothing behind then; Invalid for what is no JSON array."""
    most = min(most_bytes, MOST_ARRAY_BYTES) if ending == ".json" else most_bytes
    digest, size, lines, last = hashlib.blake2b(digest_size=16), 0, 0, b"\n"
    file = await asyncio.to_thread(_made, folder, ending)
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
    found = Upload(path, ending[1:], lines + (last != b"\n"), digest.hexdigest())
    return await asyncio.to_thread(_as_lines, found) if ending == ".json" else found


def _made(folder: Path, ending: str) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    return NamedTemporaryFile(dir=folder, suffix=ending, delete=False)


def _as_lines(upload: Upload) -> Upload:
    """A JSON array as lines, one a row."""
    try:
        rows = orjson.loads(upload.path.read_bytes())
        if not isinstance(rows, list):
            raise ValueError
    except ValueError:
        upload.path.unlink()
        raise Invalid(
            "(body): has to be a JSON array of openings, or send application/x-ndjson",
            "请求内容应为岗位的 JSON 数组，或使用 application/x-ndjson",
        ) from None
    path = upload.path.with_suffix(".ndjson")
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in rows)
    upload.path.unlink()
    return Upload(path, upload.format, len(rows), upload.digest)


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        f"The upload is over {most // 1_000_000} MB; send it in parts.",
        f"上传内容超过 {most // 1_000_000} MB，请分批上传。",
    )


def sweep(folder: Path) -> None:
    """Removes what a killed process left behind a day ago or more."""
    for path in folder.glob("*"):
        if time.time() - path.stat().st_mtime > STALE_S:
            path.unlink(missing_ok=True)
