"""What the endpoints of webhooks take and answer, beside the webhook itself."""

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
        "summary": "A partner, told of everything",
        "value": {"url": "https://partner.example.com/hooks/roost"},
    },
}


class WithSecret(Accepted):
    """A write after which there is a secret that has not been seen before."""

    secret: str = Field(
        description="verifies the signatures (Standard Webhooks); shown this once, so keep it"
    )
