"""Ids derived from meaning: the same thing gets the same id in every process and on every run.

An id is a one-letter kind, a hyphen and 26 characters of base32, e.g. `o-7q4k…`. They encode 128
bits of BLAKE2b over the parts, separated by a byte that no text contains. Ids hold no personal
data. A match's id contains the ids of its opening and its worker, so both can be read from it.
"""

from __future__ import annotations

import base64
import hashlib
import re

MATCH_ID_PATTERN = r"^m-[a-z2-7]{26}\.[a-z2-7]{26}$"
_MATCH = re.compile(MATCH_ID_PATTERN)


def derive(kind: str, *parts: str) -> str:
    """Return the id of a thing of one `kind` that `parts` identify; parts may hold any text."""
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8"), digest_size=16)
    return f"{kind}-{base64.b32encode(digest.digest()).decode('ascii').rstrip('=').lower()}"


def worker_id(source: str, reference: str) -> str:
    """Return the id of a worker: by the roster or register, and the number in it."""
    return derive("w", source, reference)


def opening_id(source: str, reference: str) -> str:
    """Return the id of an opening: by the party that posts it, and its reference for it."""
    return derive("o", source, reference)


def employer_id(name: str) -> str:
    """Return the id of an employer that has a name only."""
    return derive("e", name)


def station_id(reference: str) -> str:
    """Return the id of a station, by its short code."""
    return derive("s", reference)


def match_id(opening: str, worker: str) -> str:
    """Return the id of the match of an opening and a worker: `m-<opening>.<worker>`."""
    return f"m-{opening[2:]}.{worker[2:]}"


def split_match_id(match: str) -> tuple[str, str]:
    """Return the ids of the opening and the worker. Raises ValueError if it is not a match id."""
    if not _MATCH.match(match):
        raise ValueError(f"{match!r} is not a match id")
    opening, worker = match[2:].split(".")
    return f"o-{opening}", f"w-{worker}"


def nobody(match: str) -> str:
    """Return the placeholder for the erased worker of a placement; it identifies no person."""
    return derive("w", "nobody", match)


def notification_id(recipient: str, cause: str, kind: str, version: int) -> str:
    """Return the id of a notification, by recipient, cause, kind and version."""
    return derive("n", recipient, cause, kind, str(version))


def delivery_id(notification: str, channel: str) -> str:
    """Return the id of the delivery of a notification on a channel."""
    return f"{notification}.{channel}"
