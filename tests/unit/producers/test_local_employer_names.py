"""The command line keeps decisions on employers' names for the whole county, and follows them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import pytest

from producers.employers_search import KnownEmployer
from producers.importing.employer_name_facts import COUNTY, employer_name_decided
from producers.importing.local_employer_names import decided_names, remembered_of_county
from producers.importing.recognition import IdentityDecision
from roost.errors import Transient
from roost.events.employer_name import EmployerName
from roost.events.envelope import Record, decode
from roost.kafka.incoming import Incoming
from roost.topics import EMPLOYER_NAMES
from tests.unit.producers.import_runs import NOW

SAME, STRANGER = (
    IdentityDecision(each, different_from=frozenset()) for each in ("uscc:1", "uscc:9")
)


class Reader:
    def __init__(self, *records: Record, error: Transient | None = None) -> None:
        self._records, self._error = records, error

    async def read_to_end(self, topic: Any) -> AsyncIterator[list[Incoming]]:
        assert topic is EMPLOYER_NAMES
        if self._error is not None:
            raise self._error
        yield [
            Incoming(topic, 0, offset, each.key.encode(), each.value, NOW)
            for offset, each in enumerate(self._records)
        ]


def decided(owner: str, name: str) -> Record:
    return employer_name_decided(owner, name, SAME, by="x", at=NOW)[1]


def test_the_countys_decisions_count_and_those_taken_back_do_not() -> None:
    first, gone = decided(COUNTY, "某厂"), decided(COUNTY, "旧厂")
    erased = Record(EMPLOYER_NAMES, gone.key, None, gone.headers)
    reader = cast(Any, Reader(first, gone, erased, decided("station:s-x", "站厂")))
    assert remembered_of_county(reader, dry_run=False) == {"某厂": SAME}


def test_a_dry_run_does_without_kafka_and_an_import_does_not() -> None:
    reader = cast(Any, Reader(error=Transient("away", "away")))
    assert remembered_of_county(reader, dry_run=True) == {}
    with pytest.raises(Transient):
        remembered_of_county(reader, dry_run=False)


def test_only_decisions_on_stored_employers_are_kept() -> None:
    def find(names: Collection[str], before: datetime) -> Mapping[str, Sequence[KnownEmployer]]:
        return {name: (KnownEmployer("uscc:1", name),) for name in names}

    other = IdentityDecision(different_from=frozenset({"uscc:1", "uscc:9"}))
    decisions = {"某厂": SAME, "别厂": STRANGER, "另厂": other}
    kept = [decode(EmployerName, each.value or b"") for each in decided_names(decisions, find, NOW)]
    assert [(each.owner, each.name, each.same_as, each.different_from) for each in kept] == [
        (COUNTY, "某厂", "uscc:1", ()),
        (COUNTY, "另厂", None, ("uscc:1",)),
    ]
