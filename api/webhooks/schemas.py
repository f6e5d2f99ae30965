"""Requests and answers of the endpoints of webhooks, apart from the webhook itself."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.writes.publishing import Accepted

EXAMPLES: Any = {
    "zh": {
        "summary": "用工单位",
        "value": {
            "url": "https://hr.example.com/roost",
            "employerId": "taiyuan-jianzhu",
            "kinds": ["match_placed"],
            "description": "太原示例建筑公司人事系统",
        },
    },
    "en": {
        "summary": "A partner that receives every event",
        "value": {"url": "https://partner.example.com/hooks/roost"},
    },
}


class AcceptedWithSecret(Accepted):
    """A write that gave the webhook a new secret."""

    secret: str = Field(
        description="verifies the signatures (Standard Webhooks); shown only once, so store it"
    )
