"""Runs of a source: what is imported, closed, held and reopened, whatever goes wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from producers import source_facts
from producers.sources import listing_import
from producers.sources.source_runs import begun, killed
from roost.errors import Conflict, Invalid, Transient
from roost.events.opening import OpeningStatus as S
from roost.events.source import HeldReason, RunFault, RunOutcome
from roost.topics import OPENINGS, SOURCE_RUNS
from tests.unit.producers.sources.partner import HOUR, County, Reply, advertisement, partner

TEN = [advertisement(number) for number in range(10)]


@pytest.fixture
def county(tmp_path: Path) -> County:
    return County(tmp_path)


def test_a_listing_is_imported_once_and_unchanged_files_are_not_read(county: County) -> None:
    county.define()
    county.drop(TEN)
    first = county.run()
    assert (first.outcome, first.read, first.published) == (RunOutcome.READ, 10, 10)
    assert county.state is not None
    assert (county.state.listed, county.state.held) == (10, 0)
    assert county.run().outcome is RunOutcome.UNCHANGED
    assert county.run().outcome is RunOutcome.UNCHANGED
    assert len(county.state.runs) == 2, "runs without a change are kept as one"
    county.ask()
    again = county.run()
    assert (again.outcome, again.read, again.published, again.unchanged) == (
        RunOutcome.READ,
        10,
        0,
        10,
    )


def test_a_withdrawn_advertisement_is_closed_and_reopened_when_it_returns(county: County) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    county.drop(TEN[:8])
    run = county.run()
    assert (run.closed, county.record.openings()["J-8"]) == (2, S.CLOSED)
    assert county.record.openings()["J-0"] is S.OPEN
    county.drop([*TEN[:8], advertisement(8, title="焊工")])
    back = county.run()
    assert (back.reopened, county.record.openings()["J-8"]) == (1, S.OPEN)
    assert county.record.openings()["J-9"] is S.CLOSED
    assert county.state is not None
    assert county.state.listed == 9


def test_an_advertisement_that_somebody_changed_since_is_not_reopened(county: County) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    county.drop(TEN[:9])
    county.run()
    key = next(
        key
        for key, fact in county.record.facts.items()
        if key[0] == OPENINGS.name and fact["identifier"] == "J-9"
    )
    county.record.facts[key] = {**county.record.facts[key], "lodging": True}
    county.drop(TEN)
    assert county.run().reopened == 0
    assert county.record.openings()["J-9"] is S.CLOSED


def test_an_opening_that_a_person_filled_stays_filled(county: County) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    for key, fact in list(county.record.facts.items()):
        if key[0] == OPENINGS.name and fact["identifier"] == "J-9":
            county.record.facts[key] = {**fact, "status": "filled"}
    county.drop(TEN[:9])
    assert county.run().closed == 0
    assert county.record.openings()["J-9"] is S.FILLED


@pytest.mark.parametrize(
    ("rows", "reason", "held"),
    [
        (TEN[:5], HeldReason.SHARE, 5),
        ("identifier,title\n", None, None),
        (
            "identifier,title,hiringOrganization.id,hiringOrganization.name,jobLocation\n",
            HeldReason.EMPTY,
            10,
        ),
        ([*TEN[:9], {"title": "无编号"}], HeldReason.UNIDENTIFIED, 1),
    ],
)
def test_a_partners_fault_closes_nothing(
    county: County, rows: Any, reason: HeldReason | None, held: int | None
) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    county.drop(rows, "jobs.csv" if isinstance(rows, str) else "jobs.json")
    run = county.run()
    assert set(county.record.openings().values()) == {S.OPEN}
    assert county.state is not None
    if reason is None:
        assert (run.outcome, run.fault) == (RunOutcome.FAILED, RunFault.UNREADABLE)
        assert "hiringOrganization" in run.why
    else:
        assert run.outcome is RunOutcome.HELD
        assert (county.state.held, county.state.held_reason) == (held, reason)


def test_a_source_with_new_references_at_each_run_lists_no_more_than_its_limit(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_import, "MOST_LISTED", 25)
    county.define()
    outcomes = []
    for first in range(0, 50, 10):
        county.drop([advertisement(first + number) for number in range(10)])
        run = county.run()
        outcomes.append((run.outcome, run.fault))
    assert outcomes[:2] == [(RunOutcome.READ, None), (RunOutcome.HELD, None)]
    assert set(outcomes[2:]) == {(RunOutcome.FAILED, RunFault.TOO_LARGE)}
    assert len(county.record.openings()) == 20, "nothing beyond the limit is published"
    assert set(county.record.openings().values()) == {S.OPEN}, "and nothing is closed"


def in_progress(county: County, **numbers: int) -> None:
    """State the matches in progress of openings, by their references."""
    by_reference = {each.reference: id for id, each in county.entries.items()}
    county.record.in_progress = {
        by_reference[reference.replace("_", "-")]: number for reference, number in numbers.items()
    }


def test_a_run_states_the_matches_in_progress_that_its_withdrawals_end(county: County) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    in_progress(county, J_0=7, J_8=2, J_9=3)
    county.drop(TEN[:8])
    run = county.run()
    assert (run.closed, run.ended_matches) == (2, 5)
    county.ask()
    assert county.run().ended_matches == 0, "they are ended once"


def test_withdrawals_that_wait_state_the_matches_in_progress_that_they_would_end(
    county: County,
) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    in_progress(county, J_0=7, J_8=2, J_9=3)
    county.drop(TEN[:2])
    run = county.run()
    assert county.state is not None
    assert (run.outcome, run.closed, run.ended_matches) == (RunOutcome.HELD, 0, 0)
    assert (county.state.held, county.state.held_matches) == (8, 5)
    county.confirm()
    confirmed = county.run()
    assert (confirmed.closed, confirmed.ended_matches) == (8, 5)
    assert county.state.held_matches == 0


def test_held_withdrawals_are_carried_out_once_a_person_confirms_them(county: County) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    with pytest.raises(Conflict):
        county.confirm()
    county.drop(TEN[:5])
    assert county.run().outcome is RunOutcome.HELD
    assert county.run().outcome is RunOutcome.HELD, "it still waits"
    county.confirm()
    run = county.run()
    assert (run.outcome, run.closed) == (RunOutcome.READ, 5)
    assert county.state is not None
    assert county.state.held == 0
    county.drop(TEN[:1])
    assert county.run().outcome is RunOutcome.HELD, "a confirmation holds for one run"


def test_a_listed_advertisement_with_a_mistake_is_not_withdrawn(county: County) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    county.drop([*TEN[:9], advertisement(9, title="", jobLocation={"name": "无此地方"})])
    run = county.run()
    assert (run.outcome, run.rejected, run.closed) == (RunOutcome.READ, 1, 0)
    assert county.state is not None
    (problem,) = county.state.problems
    assert problem.row == 10
    assert {each.field for each in problem.problems} >= {"title"}


def test_two_sources_close_their_own_advertisements_only(county: County) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    other = County(county.root / "b", county.record, county.clock)
    other.define()
    other.source = other.source and other.source.model_copy(update={"id": "f-" + "b" * 26})
    other.drop([advertisement(number) for number in range(20, 24)])
    other.run()
    assert set(county.record.openings().values()) == {S.OPEN}


def test_an_opening_that_another_source_lists_stays_open(county: County) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    county.listed_elsewhere = frozenset(
        id for id, entry in county.entries.items() if entry.reference == "J-9"
    )
    county.drop(TEN[:8])
    assert county.run().closed == 1
    found = county.record.openings()
    assert (found["J-8"], found["J-9"]) == (S.CLOSED, S.OPEN)


def test_a_failure_waits_longer_each_time_and_a_success_ends_it(county: County) -> None:
    county.define()
    waits = []
    for _ in range(3):
        run = county.run()
        assert (run.outcome, run.fault) == (RunOutcome.FAILED, RunFault.NO_FILE)
        assert county.state is not None
        waits.append((county.state.due_at - county.clock.now()) / timedelta(minutes=1))
    assert waits == [5, 10, 20]
    county.drop(TEN)
    assert county.run().outcome is RunOutcome.READ
    assert county.state.failures == 0
    assert county.state.due_at == county.clock.now() + HOUR


def test_an_unknown_mapping_is_a_failure_that_names_the_known_ones(county: County) -> None:
    county.define(mapping="nobody_knows")
    county.drop(TEN)
    run = county.run()
    assert run.fault is RunFault.MAPPING
    assert "nyc_jobs" in run.why


def test_a_mapping_of_the_county_lies_in_the_folder_of_sources(county: County) -> None:
    (county.root / "mappings").mkdir()
    (county.root / "mappings" / "fair.yaml").write_text(
        "kind: openings\nsource: fair\nfields:\n"
        "  identifier: {from: 编号}\n  title: {from: 岗位}\n"
        "  hiringOrganization.id: {from: 单位, as: slug}\n"
        "  hiringOrganization.name: {from: 单位}\n  jobLocation.name: {from: 地点}\n",
        "utf-8",
    )
    county.define(mapping="fair")
    county.drop("编号,岗位,单位,地点\n1,电焊工,甲厂,太原市\n", "fair.csv")
    run = county.run()
    assert (run.why, run.outcome, run.published) == ("", RunOutcome.READ, 1)


@pytest.mark.parametrize("kept", range(0, 40, 3))
def test_a_run_that_is_killed_anywhere_ends_in_the_same_state(county: County, kept: int) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    county.drop([*TEN[:8], advertisement(12)])
    county.record.fails_after = len(county.record.said) + kept
    assert county.source is not None
    with suppress(Transient):  # Kafka is lost at any step, and the process with it
        county.run()
    county.record.fails_after = None
    if county.state is not None and county.state.running_since is not None:
        killed(county.source, county.state, county.clock.now(), county.ports())
    county.ask()
    county.run()
    found = county.record.openings()
    assert {found[f"J-{number}"] for number in (*range(8), 12)} == {S.OPEN}
    assert {found["J-8"], found["J-9"]} == {S.CLOSED}
    assert {each.listed for each in county.entries.values()} == {True, False}
    assert county.state is not None
    assert (county.state.listed, county.state.held) == (9, 0)


def test_a_killed_run_counts_as_a_failure(county: County) -> None:
    source = county.define()
    running = begun(source, None, county.clock.now())
    ended = killed(source, running, county.clock.now(), county.ports())
    assert ended.running_since is None
    assert (ended.failures, ended.last and ended.last.fault) == (1, RunFault.SERVICE)
    assert (SOURCE_RUNS.name, source.id) in county.record.facts


def test_a_server_is_asked_with_the_validators_of_its_last_answer(county: County) -> None:
    def answer(path: str, headers: dict[str, str]) -> Reply:
        if headers.get("if-none-match") == '"1"':
            return Reply(status=304)
        modified = "Mon, 23 Nov 2026 00:00:00 GMT"
        return Reply(TEN, headers={"etag": '"1"', "last-modified": modified})

    with partner(answer) as (url, requests):
        county.define(url=f"{url}/jobs.json")
        assert county.run().published == 10
        assert county.run().outcome is RunOutcome.UNCHANGED
        assert requests[1][1]["if-modified-since"] == "Mon, 23 Nov 2026 00:00:00 GMT"
        county.define(url=f"{url}/jobs.json?all=1")
        assert county.run().read == 10
        assert "if-none-match" not in requests[2][1], "another URL has other validators"


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(status=503, headers={"retry-after": "7200"}), RunFault.STATUS),
        (Reply({"error": "x"}), RunFault.UNREADABLE),
        (Reply([{"x": 1}] * 3), RunFault.UNREADABLE),
        (Reply(TEN * 1000), RunFault.TOO_LARGE),
    ],
)
def test_an_answer_that_is_no_listing_is_a_failure(
    county: County, reply: Reply, fault: RunFault
) -> None:
    county.define()
    county.drop(TEN)
    county.run()
    with partner(lambda path, headers: reply) as (url, _):
        county.define(url=url)
        run = county.run()
    assert (run.outcome, run.fault) == (RunOutcome.FAILED, fault)
    assert set(county.record.openings().values()) == {S.OPEN}
    if reply.status == 503:
        assert county.state is not None
        assert county.state.due_at == county.clock.now() + 2 * HOUR


def test_a_listing_of_several_pages_is_complete_with_its_last_page(county: County) -> None:
    def answer(path: str, headers: dict[str, str]) -> Reply:
        rows = {"/jobs": TEN[:4], "/jobs?after=b": TEN[4:8], "/jobs?after=c": TEN[8:]}[path]
        following = {"/jobs": "/jobs?after=b", "/jobs?after=b": "/jobs?after=c"}.get(path)
        return Reply(rows, headers={"x-next": following} if following else {})

    with partner(answer) as (url, requests):
        county.define(url=f"{url}/jobs", cursor={"header": "x-next"})
        run = county.run()
        assert (run.outcome, run.read, len(requests)) == (RunOutcome.READ, 10, 3)
        assert county.state is not None
        assert county.state.listed == 10

    def broken(path: str, headers: dict[str, str]) -> Reply:
        return answer(path, headers) if path != "/jobs?after=c" else Reply(status=500)

    with partner(broken) as (url, _):
        county.define(url=f"{url}/jobs", cursor={"header": "x-next"})
        assert county.run().fault is RunFault.STATUS
    assert set(county.record.openings().values()) == {S.OPEN}


CHANGES = {"mode": "changes", "cursor": {"field": "next", "start": "0"}}


def feed(events: list[dict[str, Any]], size: int = 3) -> Any:
    """Return the answers of a feed of changes with numbered pages of some events."""

    def answer(path: str, headers: dict[str, str]) -> Reply:
        at = int(path.rpartition("=")[2])
        end = min(at + size, len(events))
        return Reply({"items": events[at:end], "next": str(end)})

    return answer


def test_a_feed_of_changes_resumes_at_its_cursor_and_closes_what_it_marks(county: County) -> None:
    events = [advertisement(number) for number in range(7)]
    removal = {"removal": {"field": "status", "values": ["INACTIVE"]}}
    with partner(feed(events)) as (url, requests):
        where = f"{url}/feed?after={{cursor}}"
        county.define(url=where, **CHANGES, **removal)
        run = county.run()
        assert (run.outcome, run.published) == (RunOutcome.READ, 7)
        assert county.state is not None
        assert county.state.cursor == "7"
        events.append(advertisement(7))
        events.append({"identifier": "J-2", "status": "INACTIVE"})
        requests.clear()
        run = county.run()
        assert requests[0][0] == "/feed?after=7"
        assert (run.published, run.closed) == (1, 1)
        assert county.record.openings()["J-2"] is S.CLOSED
        assert county.record.openings()["J-3"] is S.OPEN, "a change says nothing of the others"
        events += [advertisement(2), advertisement(8), {"identifier": "J-8", "status": "INACTIVE"}]
        assert (county.run().reopened, county.record.openings()["J-2"]) == (1, S.OPEN)
        assert county.record.openings()["J-8"] is S.CLOSED


def test_a_feed_that_withdraws_too_much_waits_at_that_page(county: County) -> None:
    events = [advertisement(number) for number in range(10)]
    removal = {"removal": {"field": "status", "values": ["INACTIVE"]}}
    with partner(feed(events, 20)) as (url, _):
        county.define(url=f"{url}/feed?after={{cursor}}", **CHANGES, **removal)
        county.run()
        events += [{"identifier": f"J-{number}", "status": "INACTIVE"} for number in range(6)]
        assert county.run().outcome is RunOutcome.HELD
        assert county.state is not None
        assert (county.state.held, county.state.cursor) == (6, "10")
        county.confirm()
        run = county.run()
        assert (run.outcome, run.closed, county.state.cursor) == (RunOutcome.READ, 6, "16")


def test_files_of_changes_are_read_in_order_each_once(county: County) -> None:
    county.define(mode="changes", removal={"field": "status", "values": ["gone"]})
    county.drop(TEN[:5], "1.json")
    assert county.run().published == 5
    county.drop([advertisement(5), {"identifier": "J-0", "status": "gone"}], "2.json")
    run = county.run()
    assert (run.read, run.closed) == (1, 1)
    assert county.run().outcome is RunOutcome.UNCHANGED


def test_the_url_of_a_source_leads_to_the_public_internet(county: County) -> None:
    for url in ("http://example.com/x", "https://10.0.0.1/{cursor}", "https://localhost/"):
        with pytest.raises(Exception, match="url"):
            source_facts.source_put(
                county.define().model_copy(update={"url": url, "folder": None}),
                None,
                at=county.clock.now(),
            )


def test_the_place_near_a_source_decides_between_places_of_one_name(county: County) -> None:
    rows = [advertisement(1), advertisement(2, jobLocation={"name": "和平街道"})]
    county.define()
    county.drop([rows[1]])
    assert county.run().rejected == 1
    county.define(near="太原市")
    assert county.source is not None
    assert county.source.near == "cn:1401"
    assert county.run().published == 1, "the changed definition is read at once"
    [opening] = [fact for (topic, _), fact in county.record.facts.items() if topic == OPENINGS.name]
    assert opening["jobLocation"]["code"] == "140109003"


def test_a_source_near_no_one_place_is_refused(county: County) -> None:
    with pytest.raises(Invalid, match="near"):
        county.define(near="城关镇")
