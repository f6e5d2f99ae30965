"""Decisions on employers' names that imports from the command line follow and keep."""

from __future__ import annotations

import asyncio
from datetime import datetime

from producers.importing.employer_name_facts import (
    COMMAND_LINE,
    COUNTY,
    decided_records,
    decisions_of,
)
from producers.importing.employer_recognition import FindEmployers
from producers.importing.recognition import Decisions
from roost.errors import Invalid, Transient
from roost.events.employer_name import EmployerName
from roost.events.envelope import Record, decode
from roost.kafka.ports import TopicReader
from roost.topics import EMPLOYER_NAMES


def remembered_of_county(reader: TopicReader, *, dry_run: bool) -> Decisions:
    """Return the county's decisions by name; none in a dry run while Kafka is away.

    Raises Transient.
    """
    try:
        names = asyncio.run(_current(reader))
    except Transient:
        if not dry_run:
            raise
        return {}
    return decisions_of(names, [COUNTY])


async def _current(reader: TopicReader) -> list[EmployerName]:
    """Return the decisions of the topic; one that this release cannot read counts for none."""
    found: dict[bytes, EmployerName] = {}
    async for batch in reader.read_to_end(EMPLOYER_NAMES):
        for each in batch:
            key = each.key or b""
            found.pop(key, None)
            try:
                found[key] = decode(EmployerName, each.value or b"null")
            except Invalid:
                continue  # a tombstone, or the record of a newer release
    return list(found.values())


def decided_names(decisions: Decisions, find: FindEmployers, at: datetime) -> list[Record]:
    """Return the records that keep the decisions of a file for the county's later imports."""
    found = find(decisions.keys(), at)
    known = {name: {each.id for each in employers} for name, employers in found.items()}
    return decided_records(COUNTY, decisions, known, by=COMMAND_LINE, at=at)
