"""Ids derived from what they stand for: the same thing gets the same id, always and everywhere.

An id is a one-letter kind, a hyphen and 26 characters of base32 (128 bits of BLAKE2b over the
parts, separated by a byte that no text contains), e.g. `o-7q4k…`. Ids hold no personal data.
A match's id carries its opening's and worker's so that both can be read from it.
"""

from __future__ import annotations

import base64
import hashlib
import re

ID_PATTERN = r"^[a-z]-[a-z2-7]{26}$"
MATCH_ID_PATTERN = r"^m-[a-z2-7]{26}\.[a-z2-7]{26}$"
_MATCH = re.compile(MATCH_ID_PATTERN)


def derive(kind: str, *parts: str) -> str:
    """The id of the `kind` of thing that `parts` identify; parts may hold any text."""
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8"), digest_size=16)
    return f"{kind}-{base64.b32encode(digest.digest()).decode('ascii').rstrip('=').lower()}"


def worker_id(source: str, reference: str) -> str:
    """A worker, by the roster or register that knows them and their number there."""
    return derive("w", source, reference)


def opening_id(source: str, reference: str) -> str:
    """An opening, by whoever posts it and their own reference for it."""
    return derive("o", source, reference)


def employer_id(name: str) -> str:
    return derive("e", name)


def station_id(reference: str) -> str:
    return derive("s", reference)


def match_id(opening: str, worker: str) -> str:
    """A match is an opening and a worker: `m-<opening>.<worker>`."""
    return f"m-{opening[2:]}.{worker[2:]}"


def split_match_id(match: str) -> tuple[str, str]:
    """The opening's and the worker's id. Raises ValueError when it is not a match id."""
    if not _MATCH.match(match):
        raise ValueError(f"{match!r} is not a match id")
    opening, worker = match[2:].split(".")
    return f"o-{opening}", f"w-{worker}"


def nobody(match: str) -> str:
    """In place of the erased worker of a match that was a placement: it stands for no person."""
    return derive("w", "nobody", match)


def notification_id(recipient: str, cause: str, kind: str, version: int) -> str:
    """A notification is who is told, because of what, of which kind, and which telling it is."""
    return derive("n", recipient, cause, kind, str(version))


def delivery_id(notification: str, channel: str) -> str:
    return f"{notification}.{channel}"
