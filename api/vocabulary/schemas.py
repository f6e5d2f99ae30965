"""Answers of the endpoints of the vocabulary."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from roost.events.common import Model


class TermFound(Model):
    """A skill or an occupation that Roost knows by name."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "bricklaying", "name": "砌墙"}]}
    )

    key: str = Field(
        description="key of the skill, or of the occupation: `zh:` and a code of the national "
        "classification, `esco:` and an id of ESCO"
    )
    name: str = Field(description="its usual name, in the language of the typed text")


class TermsFound(Model):
    """Terms that a text may mean, the likeliest first."""

    items: list[TermFound]
