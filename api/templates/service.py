"""Use cases of message templates: list the kinds, preview one with fictitious data."""

from __future__ import annotations

from api.templates.schemas import Template, TemplateKind, TemplatePreview, Templates
from roost.events.notification import NotificationKind
from roost.wording import templates
from roost.wording.message import Message
from roost.wording.samples import preview, preview_digest


def list_templates() -> Templates:
    """Return every kind of message with the titles of its sample."""
    kinds: list[TemplateKind] = [*NotificationKind, "digest"]
    return Templates(items=[_template(kind) for kind in kinds])


def preview_template(kind: TemplateKind, language: str) -> TemplatePreview:
    """Return a sample message of a kind in a language (`zh` or `en`)."""
    message = _sample(kind, language)
    return TemplatePreview(
        kind=kind,
        language=language,
        title=message.title,
        body=message.body,
        urgent=message.urgent,
        source=templates.source(kind, language),
    )


def _template(kind: TemplateKind) -> Template:
    zh, en = _sample(kind, "zh"), _sample(kind, "en")
    return Template(kind=kind, urgent=zh.urgent, zh=zh.title, en=en.title)


def _sample(kind: TemplateKind, language: str) -> Message:
    if isinstance(kind, NotificationKind):
        return preview(kind, language)
    return preview_digest(language)
