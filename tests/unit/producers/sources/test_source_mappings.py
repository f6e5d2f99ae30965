"""Mappings that were saved in the console, and the sources that they read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from producers.sources.known_sources import KnownSources
from producers.sources.source_mappings import referenced_mapping
from roost.errors import Invalid
from roost.events.envelope import record
from roost.events.import_mapping import SavedMapping
from roost.events.opening import Opening
from roost.events.source import RunFault, RunOutcome
from roost.kafka.incoming import Incoming
from roost.topics import IMPORT_MAPPINGS, OPENINGS
from tests.unit.producers.sources.partner import FAIR, NOW, County, saved_mapping
from tests.unit.producers.sources.test_source_runner import MINUTE, Log, put, runner, until

SAVED = saved_mapping(order="month-first")
ROW = "编号,岗位,单位,地点,截止\n1,电焊工,甲厂,太原市,3/2/2027\n"


@pytest.fixture
def county(tmp_path: Path) -> County:
    found = County(tmp_path, saved=SAVED)
    found.define(mapping=SAVED.id)
    found.drop(ROW, "fair.csv")
    return found


def stored(county: County) -> Opening:
    [fact] = [fact for (topic, _), fact in county.record.facts.items() if topic == OPENINGS.name]
    return Opening.from_stored(fact)


def test_a_saved_mapping_reads_a_source_with_its_order_of_days(county: County) -> None:
    run = county.run()
    assert (run.why, run.outcome, run.published) == ("", RunOutcome.READ, 1)
    opening = stored(county)
    assert (opening.title, opening.valid_through) == ("电焊工", date(2027, 3, 2))
    assert county.source is not None
    assert opening.source == county.source.id


def test_a_source_is_read_again_once_its_saved_mapping_has_changed(county: County) -> None:
    county.run()
    assert county.run().outcome is RunOutcome.UNCHANGED
    county.saved = saved_mapping(order="day-first")
    assert county.run().outcome is RunOutcome.READ
    assert stored(county).valid_through == date(2027, 2, 3)


def test_a_mapping_without_a_required_field_is_a_failure_that_names_it(county: County) -> None:
    county.saved = saved_mapping({"岗位": "title", "地点": "place"})
    run = county.run()
    assert run.fault is RunFault.MAPPING
    assert "employer" in run.why


def test_a_mapping_that_is_gone_is_a_failure(county: County) -> None:
    county.saved = None
    assert county.run().fault is RunFault.MAPPING


async def test_the_runner_reads_a_source_with_a_saved_mapping(tmp_path: Path) -> None:
    county = County(tmp_path, Log())
    county.drop(ROW, "fair.csv")
    county.clock.moment += MINUTE
    county.record.publish([record(SAVED, SAVED.id, source="/api", at=NOW)])
    async with runner(county):
        put(county, county.define(mapping=SAVED.id))
        await until(county, lambda: county.state is not None and county.state.last is not None)
    assert county.state is not None
    assert county.state.last is not None
    assert (county.state.last.why, county.state.last.published) == ("", 1)


def test_saved_mappings_are_known_until_the_topics_are_read_again(tmp_path: Path) -> None:
    known, source = KnownSources(), County(tmp_path).define(mapping=SAVED.id)
    known.take(Incoming(IMPORT_MAPPINGS, 0, 0, SAVED.id.encode(), SAVED.to_json(), NOW))
    assert known.saved_mapping(source) == SAVED
    assert known.saved_mapping(source.model_copy(update={"mapping": None})) is None
    known.clear()
    assert known.saved_mapping(source) is None


OTHER = saved_mapping(owner="station:s-west")
ROSTER = saved_mapping({"姓名": "name"}, name="名册", kind="profiles")


@pytest.mark.parametrize(
    ("name", "saved", "expected"),
    [
        (SAVED.name, [SAVED, ROSTER], SAVED.id),
        (SAVED.id, [SAVED, OTHER], SAVED.id),
        ("nyc_jobs", [saved_mapping(name="nyc_jobs")], "nyc_jobs"),
        ("own_file", [SAVED], "own_file"),
        (ROSTER.name, [ROSTER], ROSTER.name),
    ],
)
def test_a_name_or_an_id_refers_to_a_saved_mapping(
    name: str, saved: list[SavedMapping], expected: str
) -> None:
    assert referenced_mapping(name, saved) == expected


def test_a_name_of_two_saved_mappings_is_asked_about() -> None:
    with pytest.raises(Invalid) as refused:
        referenced_mapping(SAVED.name, [SAVED, OTHER])
    assert SAVED.id in refused.value.message
    assert OTHER.id in refused.value.message_zh


def test_a_saved_mapping_that_cannot_read_openings_is_refused() -> None:
    fields = {name: field for name, field in FAIR.items() if field != "employer"}
    with pytest.raises(Invalid, match="employer"):
        referenced_mapping(SAVED.id, [saved_mapping(fields)])
