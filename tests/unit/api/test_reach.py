"""Preview of an opening's reach: the matcher's clauses, and no small numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.policy import Forbidden
from api.access.principal import Principal
from api.openings import service
from api.openings.reach import reach_from, reach_query, rounded_demands
from api.openings.reach_budget import PreviewsSpent
from api.ports.daily_budgets import DailyBudgets
from api.ports.services import Services
from matcher import queries
from matcher.features import OpeningFeatures
from producers import simulator
from roost.constraints.constraint_clauses import for_workers
from roost.constraints.needs import needs_of
from roost.events.account import AccountRole
from roost.events.opening import OpeningContent
from roost.places.gazetteer import gazetteer
from roost.rules.rounded_counts import bucket
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Json
from tests.unit.api.services import services_with
from tests.unit.streams.test_capacity import opening

TODAY = date(2026, 11, 23)


def test_the_preview_uses_the_filters_of_the_matchers_search() -> None:
    work: OpeningFeatures = opening()
    filters = queries.workers_for(work, TODAY, 10)["query"]["bool"]["filter"]
    asked = reach_query(work, TODAY)
    assert filters == [{"term": {"active": True}}, *asked["reached"]["filter"]["bool"]["filter"]]


def test_every_demand_counts_those_who_fail_it_and_those_who_fail_only_it() -> None:
    content = next(simulator.openings(1))
    wanted = needs_of(content, gazetteer())
    demands = for_workers(wanted, TODAY)
    asked = reach_query(wanted, TODAY)
    assert set(asked) == {"reached", *demands}
    wage = asked["wage"]
    assert wage["filter"]["bool"]["must_not"] == [{"bool": {"filter": demands["wage"]}}]
    others = wage["aggs"]["alone"]["filter"]["bool"]["filter"]
    assert all(clause not in others for clause in demands["wage"])
    assert all(clause in others for clause in demands["place"])


def found(excluded: int, alone: int) -> dict[str, Any]:
    return {"doc_count": excluded, "alone": {"doc_count": alone}}


def test_the_demand_that_gains_most_comes_first_and_small_numbers_are_one_bucket() -> None:
    answered = {
        "reached": {"doc_count": 3},
        "place": found(84, 2),
        "wage": found(47, 34),
        "availability": found(4, 0),
    }
    seen = reach_from(104, answered)
    assert (seen.workers, seen.reached) == (100, 0)
    assert [(each.constraint, each.excluded, each.would_gain) for each in seen.excluded] == [
        ("wage", 40, 30),
        ("place", 80, 0),
    ]


@given(st.integers(0, 2_000_000), st.integers(0, 2_000_000))
def test_a_bucket_is_coarse_and_keeps_the_order(one: int, other: int) -> None:
    shown = bucket(one)
    assert shown <= one
    assert bucket(shown) == shown
    assert (one - shown) < max(5, one * 0.34)
    assert len({bucket(one + more) for more in range(5)}) <= 2
    if one <= other:
        assert shown <= bucket(other)
    assert bucket(one) == 0 or one >= 5


@given(st.lists(st.integers(0, 60), min_size=4, max_size=4), st.randoms())
def test_the_order_of_the_demands_shows_no_more_than_the_buckets(
    numbers: list[int], random: Random
) -> None:
    """Counts of the same buckets give the same answer, whatever they are exactly."""
    names = ("place", "currency", "wage", "shift")
    widths = {0: 4, 5: 4, 10: 4, 15: 4}
    same = [random.randint(bucket(n), bucket(n) + widths.get(bucket(n), 9)) for n in numbers]

    def answer(counts: list[int]) -> object:
        demands = {name: found(count, count) for name, count in zip(names, counts, strict=True)}
        return reach_from(100, {"reached": {"doc_count": counts[0]}} | demands)

    assert answer(numbers) == answer(same)


def previews(floors: list[int], wages: range) -> list[object]:
    """Return the preview of an opening at each wage, for workers with these wage floors."""
    content = next(simulator.openings(1))
    needs = needs_of(content, gazetteer())

    def preview(wage: int) -> object:
        asked = reach_query(
            rounded_demands(replace(needs, wage_low=float(wage), wage_high=float(wage))), TODAY
        )
        most = asked["wage"]["filter"]["bool"]["must_not"][0]["bool"]["filter"][0]
        highest = most["range"]["wage_floor"]["lte"]
        reached = sum(floor <= highest for floor in floors)
        left = len(floors) - reached
        return reach_from(
            len(floors), {"reached": {"doc_count": reached}, "wage": found(left, left)}
        )

    return [preview(each) for each in wages]


def test_bisecting_a_wage_reveals_nothing_finer_than_the_buckets() -> None:
    wages = range(6_000, 9_000, 10)
    assert len({repr(each) for each in previews([7_130], wages)}) == 1, "one worker is not seen"
    others = [3_000, 3_100, 3_200, 3_300]
    assert previews([*others, 7_130], wages) == previews([*others, 7_900], wages)
    shown = previews([*others, 7_130], wages)
    changes = [
        wage for wage, one, next in zip(wages, shown, shown[1:], strict=False) if one != next
    ]
    assert len(changes) == 1
    assert abs(changes[0] - 7_130) > 200


def test_a_place_of_its_own_and_a_start_are_rounded_as_well() -> None:
    needs = needs_of(next(simulator.openings(1)), gazetteer())
    asked = [
        rounded_demands(replace(needs, point=(37.81 + d / 1_000, 112.5), starts_by=740_000 + d))
        for d in range(1, 5)
    ]
    assert len({(each.point, each.starts_by) for each in asked}) == 1
    assert all(each.starts_by >= 740_004 for each in asked)


def employer(id: str = "e-1") -> Principal:
    return Principal(id="u-1", role=AccountRole.EMPLOYER, name="x", employer_id=id, login="x")


def given_with(**settings: int) -> Services:
    return services_with(
        settings=Settings(**cast(Any, settings)), clock=SystemClock(), elastic=Counting()
    )


class Counting:
    """Elasticsearch that finds a hundred workers for every question."""

    def __init__(self) -> None:
        self.views: list[str] = []

    async def aggregate(self, view: str, query: Json, asked: Json) -> tuple[int, Json]:
        self.views.append(view)
        return 100, {name: found(100, 50) for name in asked}


def content_with(
    title: str = "焊工", wage: int = 5_000, employer_id: str = "e-1"
) -> OpeningContent:
    content = next(simulator.openings(1)).to_dict() | {"title": title}
    content.pop("validThrough", None)
    content.pop("identifier", None)
    content["baseSalary"] = {"currency": "CNY", "minValue": wage, "unitText": "MONTH"}
    content["hiringOrganization"] = {"id": employer_id, "name": "单位"}
    return OpeningContent.model_validate(content)


async def test_a_day_has_a_limited_number_of_different_previews() -> None:
    services = given_with(reach_previews_per_opening_day=3, reach_previews_per_employer_day=5)
    wages = [2_000, 4_000, 8_000]
    for wage in [*wages, *wages]:
        await service.preview_reach(services, employer(), content_with(wage=wage))
    with pytest.raises(PreviewsSpent, match="3 different demands of this opening") as caught:
        await service.preview_reach(services, employer(), content_with(wage=16_000))
    assert caught.value.status == 429
    assert 0 < int(caught.value.headers["retry-after"]) <= 86_400
    for wage in (16_000, 32_000):
        await service.preview_reach(services, employer(), content_with("木工", wage))
    with pytest.raises(PreviewsSpent, match="5 different demands of your openings"):
        await service.preview_reach(services, employer(), content_with("电工", 64_000))
    await service.preview_reach(services, employer("e-2"), content_with(employer_id="e-2"))


async def test_a_preview_says_nothing_about_other_employers_openings() -> None:
    """A copied text shares its original's limits of the day, which are counted in the matches."""
    services = given_with()
    copied = content_with()
    copied = copied.model_copy(update={"description": "负责车间设备的日常点检与维护。" * 20})
    await service.preview_reach(services, employer(), copied)
    assert cast(Counting, services.elastic).views == ["profiles"]


async def test_the_reach_is_previewed_for_ones_own_openings_only() -> None:
    with pytest.raises(Forbidden):
        await service.preview_reach(given_with(), employer("e-2"), content_with())


def test_the_budgets_are_bounded_and_begin_anew_every_day() -> None:
    budgets = DailyBudgets(most_owners=3)
    for number in range(10):
        assert budgets.take("q", {f"e-{number}": 1}, TODAY) is None
    assert len(budgets) == 3
    assert budgets.take("other", {"e-9": 1}, TODAY) == "e-9"
    assert budgets.take("other", {"e-9": 1}, TODAY + timedelta(days=1)) is None
