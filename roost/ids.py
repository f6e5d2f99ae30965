"""Ids derived from meaning: the same thing gets the same id in every process and on every run.

An id is a one-letter kind, a hyphen and 26 characters of base32, e.g. `o-7q4k…`. They encode 128
bits of BLAKE2b in keyed mode. Its message is the kind and the BLAKE2b digest of the parts, which
are separated by a byte that no text contains. Its key belongs to the county, because parts such as
roster numbers can be guessed: without the key nobody can tell which id a number has. Ids of
stations are not keyed, since their codes are public. A match's id contains the ids of its opening
and its worker, so both can be read from it.

The key is a property of the process. A composition root installs it once, before anything derives
an id (`roost.kafka.county_ids`); `derive` refuses to work without it (ADR 25).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from roost.errors import Fatal
from roost.text.references import common_number, common_reference

MATCH_ID_PATTERN = r"^m-[a-z2-7]{26}\.[a-z2-7]{26}$"
SLOT_ID_PATTERN = r"^v-[a-z2-7]{26}\.[a-z2-7]{26}$"
KEY_BYTES = 32
_MATCH = re.compile(MATCH_ID_PATTERN)
_SLOT = re.compile(SLOT_ID_PATTERN)
_DIGEST_BYTES = 16
_PERSON = b"roost ids"
PERSONAL = "p"
"""Kind of the hash of a person's identity number: anybody could try all numbers without a key."""


class IdKeyError(Fatal):
    """The key of the ids is missing, or is not the key of this record."""

    slug = "id-key"


@dataclass(frozen=True, slots=True, repr=False)
class IdKey:
    """Key of a county's ids; `UNKEYED` stands for a record that has not been migrated."""

    secret: bytes

    def __post_init__(self) -> None:
        if self.secret and len(self.secret) != KEY_BYTES:
            raise ValueError(f"The key of the ids has {len(self.secret)} bytes, not {KEY_BYTES}")

    def digest_of(self, kind: str, plain: bytes) -> bytes:
        """Return the digest in the id of a thing, from the unkeyed digest of its parts."""
        if not self.secret:
            return plain
        message = kind.encode() + b"-" + plain
        return hashlib.blake2b(
            message, digest_size=_DIGEST_BYTES, key=self.secret, person=_PERSON
        ).digest()

    def fingerprint(self) -> str:
        """Return the key check value: 64 bits that identify the key and do not reveal it."""
        return hashlib.blake2b(
            b"fingerprint", digest_size=8, key=self.secret, person=b"roost ids check"
        ).hexdigest()


UNKEYED = IdKey(b"")
_installed: IdKey | None = None


def install(key: IdKey) -> None:
    """Set the key of this process. Raises IdKeyError if it has another one already."""
    global _installed
    if _installed is not None and _installed != key:
        raise IdKeyError(
            "This process already derives ids with another county key; use one process per county.",
            "本进程已使用另一县级密钥，请为每个县单独启动进程。",
        )
    _installed = key


@contextmanager
def installed(key: IdKey | None) -> Iterator[None]:
    """Replace the key of this process for a while; None removes it."""
    global _installed
    former, _installed = _installed, key
    try:
        yield
    finally:
        _installed = former


def current_key() -> IdKey:
    """Return the key of this process. Raises IdKeyError if none was installed."""
    if _installed is None:
        raise IdKeyError(
            "No county key was installed, so no id can be derived; the program must call "
            "`install_id_key` when it starts.",
            "尚未装入县级密钥，无法生成编号。",
        )
    return _installed


def derive(kind: str, *parts: str) -> str:
    """Return the id of a thing of one `kind` that `parts` identify; parts may hold any text.

    Raises IdKeyError if the process has no key, and for an identity number in a record that has
    not been migrated: no release has written an unkeyed hash of one.
    """
    key = current_key()
    if kind == PERSONAL and not key.secret:
        raise IdKeyError(
            "Identity numbers are not read while the ids of this record are not keyed; run `roost "
            "migrate-ids` first (docs/operations.md, Keyed ids).",
            "编号加密迁移完成前不读取身份证号码，请先运行 roost migrate-ids。",
        )
    return _written(kind, key.digest_of(kind, _digest(parts)))


def derive_public(kind: str, *parts: str) -> str:
    """Return an id without a key, for parts that everybody may know; anybody can compute it."""
    return _written(kind, _digest(parts))


def successor(id: str, key: IdKey) -> str:
    """Return the keyed id of the thing that had this unkeyed id: a function of the key alone."""
    kind, _, text = id.partition("-")
    return _written(kind, key.digest_of(kind, base64.b32decode(text.upper() + "======")))


def _digest(parts: tuple[str, ...]) -> bytes:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8"), digest_size=_DIGEST_BYTES).digest()


def _written(kind: str, digest: bytes) -> str:
    return f"{kind}-{base64.b32encode(digest).decode('ascii').rstrip('=').lower()}"


def worker_id(source: str, reference: str) -> str:
    """Return the id of a worker: by the roster or register, and the number in it.

    All spellings of a number have one id (`roost.text.references`).
    """
    return derive("w", source, common_number(reference))


def opening_id(source: str, reference: str) -> str:
    """Return the id of an opening: by the party that posts it, and its reference for it.

    Spellings that differ in capital letters are two references; all others have one id.
    """
    return derive("o", source, common_reference(reference))


def employer_id(name: str) -> str:
    """Return the id of an employer that has a name only."""
    return derive("e", name)


def employer_key(employer: str) -> str:
    """Return the id of an employer's record, by the employer's id in its openings."""
    return derive("e", "record", employer)


def station_id(reference: str) -> str:
    """Return the id of a station, by its short code, which is public."""
    return derive_public("s", reference)


def match_id(opening: str, worker: str) -> str:
    """Return the id of the match of an opening and a worker: `m-<opening>.<worker>`."""
    return f"m-{opening[2:]}.{worker[2:]}"


def split_match_id(match: str) -> tuple[str, str]:
    """Return the ids of the opening and the worker. Raises ValueError if it is not a match id."""
    if not _MATCH.match(match):
        raise ValueError(f"{match!r} is not a match id")
    opening, worker = match[2:].split(".")
    return f"o-{opening}", f"w-{worker}"


def slot_id(opening: str, offerer: str, seed: str) -> str:
    """Return the id of an interview slot: `v-<opening>.<slot>`; a repeat under one seed is one."""
    return f"v-{opening[2:]}.{derive('v', opening, offerer, seed)[2:]}"


def opening_of_slot(slot: str) -> str:
    """Return the id of the opening of an interview slot. Raises ValueError for another id."""
    if not _SLOT.match(slot):
        raise ValueError(f"{slot!r} is not the id of an interview slot")
    return f"o-{slot[2:].split('.')[0]}"


def nobody(match: str) -> str:
    """Return the placeholder for the erased worker of a placement; it identifies no person."""
    return derive("w", "nobody", match)


def notification_id(recipient: str, cause: str, kind: str, version: int) -> str:
    """Return the id of a notification, by recipient, cause, kind and version."""
    return derive("n", recipient, cause, kind, str(version))


def delivery_id(notification: str, channel: str) -> str:
    """Return the id of the delivery of a notification on a channel."""
    return f"{notification}.{channel}"
