"""Bodies of the endpoints of employers' contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.lists.answer_schemas import Documents, FactAnswer
from roost.events.account import EmployerId
from roost.events.common import Model
from roost.events.employer import Employer
from roost.events.preferences import StoppedBy

EXAMPLES: Any = {
    "zh": {
        "summary": "邮箱为主，短信备用",
        "value": {
            "channels": [
                {"kind": "email", "address": "hr@example.com"},
                {"kind": "sms", "address": "+8613800138000"},
            ],
            "preferences": {"quietHours": {"begins": "21:00", "ends": "08:00"}},
            "language": "zh",
        },
    },
    "en": {
        "summary": "An account of WeCom",
        "value": {"channels": [{"kind": "wecom", "address": "hr-office"}], "language": "en"},
    },
}


class ShownEmployer(Employer):
    """An employer's contact channels, as a caller may see them."""

    masked: bool = Field(
        False,
        exclude_if=lambda masked: not masked,
        description="addresses are shown in part, since the employer or another station keeps them",
    )


class EmployerAnswer(ShownEmployer, FactAnswer):
    """An employer's contact channels with their version."""


class EmployerStop(Model):
    """State of an employer's messages: stopped or not."""

    employer_id: EmployerId
    stopped: bool
    by: StoppedBy | None = Field(None, description="origin of the last change")
    at: datetime | None = Field(None, description="time of the last change")


EmployerFact = Annotated[dict[str, Any], Documents(EmployerAnswer)]
