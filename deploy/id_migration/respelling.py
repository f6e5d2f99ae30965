"""Ids of workers and openings whose reference had another spelling than the common one.

Earlier releases derived an id from the reference as written: `a-1` and `A-1` were two workers. Now
an id derives from the common spelling (`roost.text.references`, ADR 33). The migration gives such
a record the id that the next import derives, if the record still shows its reference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from roost import ids
from roost.kafka.ports import TopicReader
from roost.topics import OPENINGS, PROFILES


@dataclass(frozen=True, slots=True)
class Respelled:
    """Unkeyed ids as they were and as they are in the common spelling; ids that stay as they are.

    Of several records with spellings of one reference, one takes the common id. The others keep
    their own: nobody knows whether they are one person, so none replaces another.
    """

    taken: Mapping[str, str]
    kept: frozenset[str] = frozenset()


async def respelled_ids(reader: TopicReader) -> Respelled:
    """Find the ids that change with the spelling. Raises Transient."""
    found: dict[str, set[str]] = defaultdict(set)
    for topic, ids_of in ((PROFILES, _worker_ids), (OPENINGS, _opening_ids)):
        async for batch in reader.read_to_end(topic):
            for each in batch:
                if (pair := _written_and_common(each.value, ids_of)) is not None:
                    found[pair[1]].add(pair[0])
    return assigned(found)


def assigned(found: Mapping[str, set[str]]) -> Respelled:
    """Give each common id to the record that has it already, else to the first one by id."""
    taken, kept = {}, set()
    for common, written in found.items():
        if common not in written:
            first = min(written)
            taken[first] = common
            written = written - {first}
        kept |= written - {common}
    return Respelled(taken, frozenset(kept))


Ids = tuple[str, str]
"""The id as an earlier release derived it, and that of the common spelling."""


def _worker_ids(fact: Mapping[str, Any]) -> Ids:
    source, reference = fact["source"], fact["identifier"]
    return ids.derive("w", source, reference.strip()), ids.worker_id(source, reference)


def _opening_ids(fact: Mapping[str, Any]) -> Ids:
    source = f"{fact['source']}/{fact['hiringOrganization']['id']}"
    reference = fact["identifier"]
    return ids.derive("o", source, reference.strip()), ids.opening_id(source, reference)


def _written_and_common(
    value: bytes | None, ids_of: Callable[[Mapping[str, Any]], Ids]
) -> Ids | None:
    """Return the unkeyed ids of a fact; None for one without a readable reference."""
    try:
        fact = orjson.loads(value or b"null")
        with ids.installed(ids.UNKEYED):
            return ids_of(fact)
    except (orjson.JSONDecodeError, UnicodeEncodeError, TypeError, KeyError, AttributeError):
        return None
