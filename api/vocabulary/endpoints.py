"""Endpoints of the vocabulary: suggestions for fields that complete as one types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.access.principal import Principal
from api.access.requirements import allow
from api.vocabulary import service
from api.vocabulary.schemas import TermsFound
from roost.events.account import Permission
from roost.text.name_suggesting import LONGEST, MOST

router = APIRouter(prefix="/v1", tags=["vocabulary"])
Reads = Annotated[Principal, allow(Permission.OPENINGS_READ)]
Typed = Annotated[
    str,
    Query(
        min_length=1,
        max_length=LONGEST,
        description="part of a name, or the beginning of its pinyin or of its initials",
        examples=["砌"],
    ),
]
Most = Annotated[int, Query(ge=1, le=MOST, description="most terms to return")]


@router.get("/skills", summary="Suggest skills")
async def suggest_skills(_: Reads, q: Typed, limit: Most = 10) -> TermsFound:
    """Return the skills that a text may mean, the likeliest first, by any of their names.

    `砌砖` and `qiq` find `砌墙`; `bricklaying` finds the same skill by its English name.
    """
    return await service.suggest_skills(q, limit)


@router.get("/occupations", summary="Suggest occupations")
async def suggest_occupations(_: Reads, q: Typed, limit: Most = 10) -> TermsFound:
    """Return the occupations that a text may mean, the likeliest first, by any of their names.

    Chinese texts and pinyin find those of the national classification, English texts those of ESCO.
    """
    return await service.suggest_occupations(q, limit)
