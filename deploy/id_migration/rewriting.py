"""Replacement of unkeyed ids in records. Pure.

Ids are replaced wherever they occur in a key or a value, also in records that no release can read:
an id and its successor have the same length and characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import orjson

from api.access.totp import seal_secret, unseal_secret
from roost import ids
from roost.errors import Invalid, RoostError
from roost.events.dead_letter import DeadLetter, dead_letter_id
from roost.events.envelope import COPY_OF, Headers, Record, content_id, decode
from roost.kafka.incoming import Incoming
from roost.security.county_key import id_key
from roost.topics import ACCOUNTS, DEAD_LETTERS

KINDS = b"abdejnortuwy"
"""Kinds whose ids derive from something that can be guessed, or from such ids.

Ids of stations (s) have public parts. Those of webhooks (h), API keys (k) and imports (i) derive
from random or keyed values, and partners hold secrets that are bound to them.
"""
_ID = re.compile(
    rb"(?<![A-Za-z0-9])(?:([" + KINDS + rb"])-([a-z2-7]{26})|([mv])-([a-z2-7]{26})\.([a-z2-7]{26}))"
    rb"(?![A-Za-z0-9])"
)
SECOND = {b"m": b"w", b"v": b"v"}
"""Kind of the second part of an id that begins with an opening's: matches and interview slots."""
Positions = dict[tuple[str, int, int], tuple[int, int]]
"""New partition and offset of records, by topic, old partition and old offset."""


class Rewriter:
    """Replaces the ids in records. `county` is the county key.

    `respelled` holds the unkeyed id of the common spelling for ids of other spellings.
    """

    def __init__(self, county: bytes, respelled: Mapping[str, str] | None = None) -> None:
        self._county = county
        self._respelled = respelled or {}
        self._key = id_key(county)

    def rewrite(self, data: bytes) -> bytes:
        """Replace every unkeyed id in a text."""
        return _ID.sub(self._successor, data)

    def copy_of(self, original: Incoming, key: str, moved: Positions) -> Record:
        """Return the copy of a record; `moved` tells dead letters where their records went.

        A copy that an interrupted migration made has keyed ids already and is copied unchanged.
        """
        if is_copy(original):
            return _copied(original, key, original.value)
        new_key = self.rewrite(key.encode()).decode()
        value = None if original.value is None else self.rewrite(original.value)
        if original.topic == ACCOUNTS and value is not None:
            value = self._resealed(value, key, new_key)
        elif original.topic == DEAD_LETTERS and value is not None:
            new_key, value = _pointed_anew(new_key, value, moved)
        return _copied(original, new_key, value)

    def _successor(self, found: re.Match[bytes]) -> bytes:
        kind, digest, of_opening, opening, other = found.groups()
        if kind is not None:
            return self._keyed(kind, digest)
        second = self._keyed(SECOND[of_opening], other)[2:]
        return of_opening + b"-" + self._keyed(b"o", opening)[2:] + b"." + second

    def _keyed(self, kind: bytes, digest: bytes) -> bytes:
        unkeyed = f"{kind.decode()}-{digest.decode()}"
        return ids.successor(self._respelled.get(unkeyed, unkeyed), self._key).encode()

    def _resealed(self, value: bytes, old_id: str, new_id: str) -> bytes:
        """Seal an authenticator's secret for the new id: the old seal is bound to the old id."""
        try:
            account = orjson.loads(value)
            sealed = account.get("totpSecret")
        except (orjson.JSONDecodeError, AttributeError):
            return value  # unreadable before and after
        if not sealed:
            return value
        try:
            secret = unseal_secret(self._county, old_id, sealed)
        except RoostError:
            return value  # sealed under another county key: unusable before and after
        account["totpSecret"] = seal_secret(self._county, new_id, secret)
        return orjson.dumps(account)


def is_copy(record: Incoming) -> bool:
    """Return whether a migration wrote the record."""
    return origin_of(record) is not None


def origin_of(record: Incoming) -> tuple[int, int] | None:
    """Return partition and offset of the original of a copy; None for other records."""
    for name, value in record.headers:
        if name == COPY_OF:
            partition, _, offset = value.decode("ascii").partition(":")
            return int(partition), int(offset)
    return None


def pointed_to(letter: Incoming) -> tuple[str, int, int] | None:
    """Return topic, partition and offset that a dead letter points to; None if unreadable."""
    try:
        found = decode(DeadLetter, letter.value or b"")
    except Invalid:
        return None
    return found.topic, found.partition, found.offset


def _pointed_anew(key: str, value: bytes, moved: Positions) -> tuple[str, bytes]:
    """Point a dead letter to the new position of its record, if that was copied."""
    try:
        found = decode(DeadLetter, value)
    except Invalid:
        return key, value
    at = (found.topic, found.partition, found.offset)
    place = moved.get(at)
    if place is None:
        return key, value
    letter = orjson.loads(value)
    letter["partition"], letter["offset"] = place
    if key == dead_letter_id(*at, letter["stage"]):
        key = letter["id"] = dead_letter_id(at[0], *place, letter["stage"])
    return key, orjson.dumps(letter)


def _copied(original: Incoming, key: str, value: bytes | None) -> Record:
    unchanged = key.encode() == original.key
    made = Record(original.topic, key, value, [], timestamp_ms=original.timestamp_ms)
    if unchanged:
        made = replace(made, chosen_partition=original.partition)
    return replace(made, headers=_headers(original, made))


def _headers(original: Incoming, made: Record) -> Headers:
    own = content_id(made.topic.name, made.key, made.value).encode()
    kept = [
        (name, own if name == "ce_id" else value)
        for name, value in original.headers
        if name != COPY_OF
    ]
    return [*kept, (COPY_OF, f"{original.partition}:{original.offset}".encode())]
