"""Endpoints of employers' names in files: list the kept decisions, take one back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from api.access.principal import Principal
from api.access.requirements import allow
from api.imports import employer_names
from api.imports.schemas import EmployerNames
from api.ports.services import Given
from roost.events.account import Permission
from roost.events.employer_name import EmployerNameId

router = APIRouter(prefix="/v1/employer-names", tags=["imports"])
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]


@router.get("", summary="List decisions on employers' names")
async def list_employer_names(who: Writes, given: Given) -> EmployerNames:
    """Return the decisions whose employer a name in files is, newest first.

    They are kept when a file is imported with them, and count for later files of the same station
    or employer. A list holds at most 5,000, the newest of all stations.
    """
    return EmployerNames(items=employer_names.list_employer_names(given, who))


@router.delete("/{id}", status_code=204, summary="Take a decision on an employer's name back")
async def forget_employer_name(id: EmployerNameId, who: Writes, given: Given) -> None:
    """Take a decision back: the next file asks again. Stored openings keep their employer."""
    await employer_names.forget_employer_name(given, who, id)
