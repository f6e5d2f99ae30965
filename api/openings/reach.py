"""How many workers an opening would reach, before it is posted: for the employer's form."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from api.access.principal import Principal
from api.access.requirements import allow
from api.openings.schemas import EXAMPLES
from api.ports.services import Given
from producers import facts
from roost.constraints import constraint_clauses
from roost.constraints.needs import Asking, needs_of
from roost.events.account import Permission
from roost.events.common import Model
from roost.events.opening import OpeningContent
from roost.places.gazetteer import gazetteer
from roost.topics import PROFILES
from roost.views.elastic import Json

router = APIRouter(prefix="/v1/openings", tags=["openings"])
FEW = 5
"""Numbers below it are told as it: a few workers could be told apart by asking again and again."""


class Excluded(Model):
    """What one demand costs."""

    constraint: str = Field(description="place, currency, wage, availability, licence, shift …")
    excluded: int = Field(description="workers who do not meet it")
    would_gain: int = Field(description="workers who meet everything else: without it they come")


class Reach(Model):
    workers: int = Field(description="workers who may be matched at all")
    reached: int = Field(description="those among them who meet every demand")
    excluded: list[Excluded] = Field(description="the demand that would gain most first")


@router.post("/reach", summary="How many workers an opening would reach, and what keeps others out")
async def preview(
    content: Annotated[OpeningContent, Body(openapi_examples=EXAMPLES)],
    given: Given,
    who: Annotated[Principal, allow(Permission.OPENINGS_WRITE)],
) -> Reach:
    """Nothing is posted. The same demands as the matcher's; numbers from 1 to 4 are told as 5."""
    day = given.today
    facts.opening_posted(content, at=given.clock.now(), today=day)  # raises for what is not lawful
    wanted = needs_of(content, gazetteer())
    workers, answered = await given.elastic.aggregate(
        PROFILES.name, constraint_clauses.ACTIVE, questions(wanted, day)
    )
    return shaped(workers, answered)


def questions(opening: Asking, day: date) -> Json:
    """Who meets everything, who fails each demand, and who fails no other."""
    demands = constraint_clauses.for_workers(opening, day)
    everything = [each for found in demands.values() for each in found]
    asked: Json = {"reached": {"filter": {"bool": {"filter": everything}}}}
    for name, own in demands.items():
        others = [each for other, found in demands.items() if other != name for each in found]
        fails: Json = {"bool": {"must_not": [{"bool": {"filter": own}}]}}
        asked[name] = {
            "filter": fails,
            "aggs": {"alone": {"filter": {"bool": {"filter": others}}}},
        }
    return asked


def shaped(workers: int, answered: Json) -> Reach:
    excluded = [
        Excluded(
            constraint=name,
            excluded=coarse(found["doc_count"]),
            would_gain=coarse(found["alone"]["doc_count"]),
        )
        for name, found in answered.items()
        if name != "reached" and found["doc_count"]
    ]
    return Reach(
        workers=coarse(workers),
        reached=coarse(answered["reached"]["doc_count"]),
        excluded=sorted(excluded, key=lambda each: (-each.would_gain, -each.excluded)),
    )


def coarse(number: int) -> int:
    return max(FEW, number) if number else 0
