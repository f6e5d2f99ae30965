"""What is shown of a template."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Template(BaseModel):
    kind: str
    urgent: bool = Field(description="passes quiet hours, snooze, digests and throttling")
    zh: str = Field(description="title of the sample, in Chinese")
    en: str = Field(description="title of the sample, in English")


class Templates(BaseModel):
    items: list[Template]


class Preview(BaseModel):
    """A message as it would be sent, about things that do not exist."""

    kind: str
    language: str
    title: str
    body: str
    urgent: bool
    source: str = Field(description="the template as it ships: its first line is the title")
