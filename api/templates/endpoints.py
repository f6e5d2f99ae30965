"""Templates: what each kind of notification says, shown with made-up facts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.access.principal import Principal
from api.access.requirements import allow
from api.guards.conditional import digest_of, tagged
from api.templates.schemas import Preview, Template, Templates
from roost.events.account import Permission
from roost.events.notification import NotificationKind
from roost.wording import templates
from roost.wording.message import Message
from roost.wording.samples import preview, preview_digest

router = APIRouter(prefix="/v1/templates", tags=["templates"])
Reads = Annotated[Principal, allow(Permission.TEMPLATES_READ)]
Kind = NotificationKind | Literal["digest"]
Language = Annotated[Literal["zh", "en"], Query(description="language to write in")]


@router.get("", summary="List the kinds of message")
def list_templates(who: Reads) -> Templates:
    kinds: list[Kind] = [*NotificationKind, "digest"]
    return Templates(items=[_template(kind) for kind in kinds])


@router.get("/{kind}", summary="Preview a kind of message with made-up facts")
def read(kind: Kind, who: Reads, response: Response, language: Language = "zh") -> Preview:
    message = _message(kind, language)
    found = Preview(
        kind=kind,
        language=language,
        title=message.title,
        body=message.body,
        urgent=message.urgent,
        source=templates.source(kind, language),
    )
    tagged(response, digest_of(found))
    return found


def _template(kind: Kind) -> Template:
    zh, en = _message(kind, "zh"), _message(kind, "en")
    return Template(kind=kind, urgent=zh.urgent, zh=zh.title, en=en.title)


def _message(kind: Kind, language: str) -> Message:
    if isinstance(kind, NotificationKind):
        return preview(kind, language)
    return preview_digest(language)
