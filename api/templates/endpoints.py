"""Endpoints of message templates: list the kinds, preview one with fictitious data."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import digest_of, tagged
from api.lists.answer_schemas import tagged_answer
from api.templates import service
from api.templates.schemas import TemplateKind, TemplatePreview, Templates
from roost.events.account import Permission

router = APIRouter(prefix="/v1/templates", tags=["templates"])
Reads = Annotated[Principal, allow(Permission.TEMPLATES_READ)]
Language = Annotated[Literal["zh", "en"], Query(description="language to write in")]


@router.get("", summary="List the kinds of message")
def list_templates(who: Reads) -> Templates:
    """Return every kind of message with the titles of its sample."""
    return service.list_templates()


@router.get(
    "/{kind}", summary="Preview a kind of message with fictitious data", responses=tagged_answer()
)
def preview_template(
    kind: TemplateKind, who: Reads, response: Response, language: Language = "zh"
) -> TemplatePreview:
    """Return a sample message as it would be sent."""
    found = service.preview_template(kind, language)
    tagged(response, digest_of(found))
    return found
