"""Seeded facts whose outcome does not depend on the order in which they are processed.

People and openings are the simulator's, moved into cells. Each cell is a separate place with few
openings and workers, so that no limit is ever reached. The expected outcome therefore follows from
the final facts, however often a process was killed on the way.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from producers import facts, simulator
from roost.events.envelope import Record, record
from roost.events.opening import Opening, OpeningContent, OpeningStatus
from roost.events.profile import Profile, ProfileContent

CELL_WORKERS, CELL_OPENINGS = 3, 2
WIDE = {"radiusKm": 2}
_spots = itertools.count()
"""Counter of places; each is used once in a session, so that runs on one stack do not meet."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Cell:
    """A place with its workers and openings as first posted."""

    place: dict[str, Any]
    workers: tuple[Profile, ...]
    openings: tuple[Opening, ...]

    @property
    def entities(self) -> list[Profile | Opening]:
        return [*self.workers, *self.openings]


@dataclass(slots=True)
class Workload:
    """Facts: `first` posts everybody; `changes` edits, closes and erases some of them."""

    tenant: str
    cells: list[Cell] = field(default_factory=list)
    first: list[Record] = field(default_factory=list)
    changes: list[Record] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        return [*self.first, *self.changes]

    @property
    def entities(self) -> list[Profile | Opening]:
        return [*self.workers, *self.openings]

    @property
    def openings(self) -> list[Opening]:
        return [each for cell in self.cells for each in cell.openings]

    @property
    def workers(self) -> list[Profile]:
        return [each for cell in self.cells for each in cell.workers]


def workload(
    tenant: str,
    seed: int,
    cells: int,
    *,
    changes: bool = True,
    channels: Sequence[str] = ("inbox",),
    prefix: str = "",
) -> Workload:
    """Create facts from a tenant and a seed, reproducibly; `prefix` begins every reference."""
    dice = random.Random(f"{seed}/{tenant.rsplit('-', 1)[0]}")
    made = Workload(tenant)
    for number in range(cells):
        cell = _cell(tenant, seed, f"{prefix}{number}", number, dice, channels)
        made.cells.append(cell)
        made.first += [record_of(each, tenant) for each in cell.entities]
    dice.shuffle(made.first)
    if changes:
        for cell in made.cells:
            made.changes += list(_changes(cell, dice))
    return made


def _cell(
    tenant: str,
    seed: int,
    name: str,
    number: int,
    dice: random.Random,
    channels: Sequence[str],
) -> Cell:
    place = spot()
    start = seed * 10_000 + number * 10
    openings = tuple(
        opening(tenant, f"{name}-{each.identifier}", each, place)
        for each in simulator.openings(dice.randint(1, CELL_OPENINGS), seed=seed, start=start)
    )
    workers = []
    for each in simulator.profiles(dice.randint(1, CELL_WORKERS), seed=seed, start=start):
        fits = dice.random() < 0.75
        wants = (dice.choice(openings).title,) if fits else each.occupations_wanted
        workers.append(
            worker(tenant, f"{name}-{each.identifier}", each, place, tuple(wants), channels)
        )
    return Cell(place, tuple(workers), openings)


def spot() -> dict[str, Any]:
    """Return an unused place, far from the county's and at least 3 km from every other."""
    far = next(_spots) * 7919
    return {
        "name": "岭泉镇",
        "latitude": -10 - far % 600 / 10,
        "longitude": far // 600 % 3400 / 10 - 170,
    }


def opening(tenant: str, reference: str, like: OpeningContent, place: dict[str, Any]) -> Opening:
    content_of = like.to_dict() | {
        "identifier": reference,
        "hiringOrganization": {"id": tenant, "name": "测试单位"},
        "jobLocation": place,
    }
    content = OpeningContent.model_validate(content_of)
    return facts.opening_posted(content, at=now(), today=now().date(), source=tenant)[0]


def worker(
    tenant: str,
    reference: str,
    like: ProfileContent,
    place: dict[str, Any],
    wants: tuple[str, ...],
    channels: Sequence[str] = ("inbox",),
) -> Profile:
    content = like.to_dict() | {
        "identifier": reference,
        "occupationsWanted": list(wants),
        "home": {"name": "sample:lanling"},
        "location": place,
        "willing": WIDE,
        "preferences": {"language": "zh"},
        "channels": [_channel(kind, tenant, reference) for kind in channels],
    }
    return facts.profile_put(ProfileContent.model_validate(content), at=now(), source=tenant)[0]


def _channel(kind: str, tenant: str, reference: str) -> dict[str, str]:
    if kind == "inbox":
        return {"kind": kind}
    digits = crc32(f"{tenant}/{reference}".encode()) % 10_000_000
    return {"kind": kind, "address": f"1990{digits:07d}"}


def record_of(event: Profile | Opening, tenant: str) -> Record:
    return record(event, event.id, source=f"/{tenant}", at=now())


def _changes(cell: Cell, dice: random.Random) -> Iterator[Record]:
    """Yield some edits that change the fit, some closings, some erasures."""
    for each in cell.openings:
        draw = dice.random()
        if draw < 0.1:
            yield facts.opening_status_set(each, OpeningStatus.CLOSED, at=now())[1]
        elif draw < 0.4:
            edited = each.model_copy(update={"total_job_openings": dice.randint(2, 9)})
            yield record_of(edited, each.source)
    for worker in cell.workers:
        draw = dice.random()
        if draw < 0.1:
            yield facts.profile_erased(worker.id, at=now())
        elif draw < 0.3:
            edited_worker = worker.model_copy(update={"experience_years": dice.randint(0, 30)})
            yield record_of(edited_worker, worker.source)
