"""What the preview of a notice answers."""

from __future__ import annotations

from pydantic import Field

from roost.events.common import Model


class WordsSent(Model):
    title: str
    body: str


class Reached(Model):
    """Who is reached now; some may have muted this kind, or have stopped all messages."""

    workers: int = Field(ge=0)
    stations: int = Field(ge=0)


class Preview(Model):
    zh: WordsSent
    en: WordsSent
    reached: Reached
