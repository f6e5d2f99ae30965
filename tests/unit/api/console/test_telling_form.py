"""Form of notification settings, from preferences and back."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import FormData

from api.console.me import notification_settings_form
from api.console.me.notification_settings_form import LAYOUT
from api.console.shell.plain import checked
from roost.events.preferences import Preferences

STORED: list[dict[str, Any]] = [
    {},
    {"mutedKinds": ["policy_news", "queue_new"], "language": "en"},
    {
        "channelsByKind": {"interview_set": ["sms", "inbox"], "queue_new": ["email"]},
        "quietHours": {"begins": "21:00:00", "ends": "08:00:00"},
        "digest": {"pace": "weekly", "at": "12:00:00", "weekday": 3},
        "timeZone": "Asia/Shanghai",
        "snoozedUntil": "2026-11-25T08:00:00Z",
    },
]


@pytest.mark.parametrize("stored", STORED)
def test_saving_the_form_unchanged_changes_nothing(stored: dict[str, Any]) -> None:
    before = Preferences.model_validate(stored)
    typed = notification_settings_form.form_values(before.to_dict())
    after = checked(Preferences, notification_settings_form.wire_of(typed, before.to_dict()))
    assert set(after.muted_kinds) == set(before.muted_kinds)
    assert after.model_copy(update={"muted_kinds": before.muted_kinds}) == before


def test_unticked_kinds_are_muted_and_quiet_hours_apply_only_when_ticked() -> None:
    typed = LAYOUT.typed(
        FormData(
            [
                ("kinds", "new_match"),
                ("language", "zh"),
                ("digest.pace", "instant"),
                ("digest.at", "08:00"),
                ("digest.weekday", "1"),
                ("quietHours.begins", "21:00"),
                ("quietHours.ends", "08:00"),
            ]
        )
    )
    said = checked(Preferences, notification_settings_form.wire_of(typed, {}))
    assert "policy_news" in said.muted_kinds
    assert "new_match" not in said.muted_kinds
    assert said.quiet_hours is None
