"""Equal seeds give equal facts, and the facts never reach a limit of Roost's."""

from __future__ import annotations

from roost.rules.capacity import Capacity
from tests.faults.launcher import chosen
from tests.faults.workload import workload


def test_the_same_seed_gives_the_same_facts() -> None:
    first, second = workload("county-1", 7, 20), workload("county-1", 7, 20)
    other = workload("county-1", 8, 20)

    def said(made: object) -> list[tuple[str, str]]:
        return [(each.topic.name, each.key) for each in made.records]  # type: ignore[attr-defined]

    assert said(first) == said(second) != said(other)


def test_cells_are_small_and_apart() -> None:
    made = workload("county-2", 7, 50)
    limits = Capacity()
    assert all(len(cell.workers) <= limits.per_place for cell in made.cells)
    assert all(len(cell.openings) <= limits.worker_day for cell in made.cells)
    places = {(cell.place["latitude"], cell.place["longitude"]) for cell in made.cells}
    assert len(places) == len(made.cells)
    assert len({each.id for each in made.entities}) == len(made.entities)


def test_every_kind_of_change_comes_about() -> None:
    made = workload("county-3", 7, 100)
    assert {each.value is None for each in made.changes} == {True, False}
    assert any(b'"status":"closed"' in (each.value or b"") for each in made.changes)


def test_the_share_that_fails_is_about_as_asked_and_always_the_same() -> None:
    keys = [f"w-{number}" for number in range(2_000)]
    failing = [key for key in keys if chosen(key, "salt", 0.05)]
    assert 50 < len(failing) < 150
    assert failing == [key for key in keys if chosen(key, "salt", 0.05)]
    assert failing != [key for key in keys if chosen(key, "pepper", 0.05)]
