"""What the endpoints of openings take, beside the opening itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from roost.events.opening import OpeningStatus


class Verb(StrEnum):
    CLOSE = "close"
    PAUSE = "pause"
    FILL = "fill"
    REOPEN = "reopen"


STATUS = {
    Verb.CLOSE: OpeningStatus.CLOSED,
    Verb.PAUSE: OpeningStatus.PAUSED,
    Verb.FILL: OpeningStatus.FILLED,
    Verb.REOPEN: OpeningStatus.OPEN,
}

EXAMPLES: Any = {
    "zh": {
        "summary": "砌筑工",
        "value": {
            "identifier": "2026-118",
            "hiringOrganization": {"id": "taiyuan-jianzhu", "name": "太原示例建筑公司"},
            "title": "砌筑工",
            "skills": ["砌墙", "抹灰"],
            "baseSalary": {
                "currency": "CNY",
                "minValue": 280,
                "maxValue": 350,
                "unitText": "DAY",
            },
            "jobLocation": {"name": "山西省太原市"},
            "totalJobOpenings": 6,
            "lodging": True,
            "meals": True,
        },
    },
    "en": {
        "summary": "Electrician",
        "value": {
            "hiringOrganization": {"id": "parks", "name": "Department of Parks"},
            "title": "Electrician",
            "skills": ["wiring"],
            "baseSalary": {"currency": "USD", "minValue": 78000, "unitText": "YEAR"},
            "jobLocation": {"name": "Brooklyn"},
            "inLanguage": "en",
        },
    },
}
