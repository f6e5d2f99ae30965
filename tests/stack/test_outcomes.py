"""Outcomes become training rows on real Kafka and Elasticsearch; erased workers give none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.environment import environment_of
from matcher.match_outcomes import GAIN, query_of
from matcher.weights import STATED
from producers import facts
from producers.publisher import Publisher
from roost import ids
from roost.events.match import ActionKind, Actor, DeclineReason, MatchAction, MatchState, Role
from roost.settings import Settings
from roost.views.elastic import Elastic
from streams.learning.outcome_collection import collect_outcomes
from streams.views.counts import EXPOSURE_WINDOW, count_matches
from tests.stack.kept import LIMITS
from tests.stack.test_pipeline import become, now, opening, profile
from tests.stack.waiting import all_processed, until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]

CONTACTED = (ActionKind.CLAIM, ActionKind.CONTACT)
PLACED = (*CONTACTED, ActionKind.REFER, ActionKind.PLACE)
DECLINED = (*CONTACTED, ActionKind.DECLINE)


def acted(
    publisher: Publisher,
    match: str,
    kinds: Sequence[ActionKind],
    reason: DeclineReason = DeclineReason.WAGE,
) -> None:
    for kind in kinds:
        taken = MatchAction(
            id=ids.derive("a", match, kind),
            match_id=match,
            kind=kind,
            actor=Actor(role=Role.CLERK, id="li"),
            at=now(),
            reason=reason if kind is ActionKind.DECLINE else None,
        )
        publisher.publish([facts.match_action_taken(taken)])


async def test_what_clerks_did_becomes_rows_and_the_erased_give_none(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    posted, record = opening("outcomes", skills=["砌墙", "抹灰"], totalJobOpenings=5)
    people = [profile(f"outcomes-{at}", skills=["砌墙"], experienceYears=at) for at in range(5)]
    publisher.publish([record, *(each for _, each in people)])
    matches = [ids.match_id(posted.id, worker.id) for worker, _ in people]
    for match in matches:
        await become(elastic, match, "proposed")
    placed, declined, unreachable, erased, untouched = matches
    acted(publisher, placed, PLACED)
    acted(publisher, declined, DECLINED)
    acted(publisher, unreachable, DECLINED, DeclineReason.UNREACHABLE)
    acted(publisher, erased, CONTACTED)
    await become(elastic, placed, "placed")
    await become(elastic, declined, "declined")
    await become(elastic, unreachable, "declined")
    await become(elastic, erased, "contacted")
    publisher.publish([facts.profile_erased(people[3][0].id, at=now())])
    await become(elastic, erased, "erased")
    await all_processed(settings)
    assert await _state(elastic, untouched) == "proposed"

    collected = await collect_outcomes(elastic, settings.bootstrap_servers)
    rows = [row for row in collected.rows if row.query == query_of(posted.id)]
    assert sorted(row.gain for row in rows) == [0.0, GAIN[MatchState.PLACED]]
    assert {row.day for row in rows} == {now().date()}
    assert all(row.fit > 0.9 and 0 < row.skills < 1 and row.nearness == 1.0 for row in rows)

    newest = await collect_outcomes(elastic, settings.bootstrap_servers, most=1)
    assert len(newest.rows) == 1
    assert newest.dropped == len(collected.rows) + collected.gone - 1


async def test_a_worker_has_been_shown_to_as_many_openings_as_they_have_matches(
    publisher: Publisher, elastic: Elastic
) -> None:
    (seen, put), (new, put_new) = profile("exposed-1"), profile("exposed-2", title="厨师")
    posted = [opening(f"exposed-{at}") for at in range(12)]
    share = LIMITS.capacity.worker_day
    publisher.publish([put, put_new, *(record for _, record in posted)])

    async def shown() -> bool:
        await elastic.refresh("matches")
        counted = await count_matches(elastic, [], [seen.id], now(), exposure=True)
        return counted.shown == {seen.id: share}

    await until("shown to as many as a day allows", shown)
    people = [new.id, seen.id]
    assert (await count_matches(elastic, [], people, now(), exposure=True)).shown == {
        seen.id: share
    }
    later = now() + EXPOSURE_WINDOW + timedelta(hours=1)
    assert (await count_matches(elastic, [], people, later, exposure=True)).shown == {}
    assert (await count_matches(elastic, [], people, now())).shown == {}


async def _state(elastic: Elastic, match: str) -> str | None:
    document = await elastic.get("matches", match)
    return document["state"] if document else None


def test_train_reads_the_outcomes_and_says_what_is_missing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["train", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["outcomes"]["notLookedAt"] is None
    assert told["outcomes"]["rows"] >= 0
    assert told["decision"] == "too_few"
    assert {each["what"] for each in told["outcomes"]["missing"]} >= {"outcomes"}
    assert told["inForce"] == STATED.version
