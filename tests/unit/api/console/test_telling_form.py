"""Form of notification settings, from preferences and back."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import FormData

from api.console.me import notification_settings_form
from api.console.me.notification_settings_form import LAYOUT
from api.console.shell.plain import checked
from roost.errors import Invalid
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


SENT = [
    ("kinds", "new_match"),
    ("language", "zh"),
    ("digest.pace", "instant"),
    ("digest.at", "08:00"),
    ("digest.weekday", "1"),
]
HOURS = [("quietHours.begins", "21:00"), ("quietHours.ends", "08:00")]
TICK = [("ownQuietHours", "yes")]


def saved(sent: list[tuple[str, str]], stored: dict[str, Any]) -> Preferences:
    typed = LAYOUT.typed(FormData(SENT + sent))
    return checked(Preferences, notification_settings_form.wire_of(typed, stored))


def test_unticked_kinds_are_muted() -> None:
    said = saved([], {})
    assert "policy_news" in said.muted_kinds
    assert "new_match" not in said.muted_kinds


def test_quiet_hours_that_somebody_enters_are_stored_and_shown_with_or_without_the_tick() -> None:
    for tick in ([], TICK):
        said = saved(HOURS + tick, {})
        assert said.quiet_hours == Preferences.model_validate(STORED[2]).quiet_hours
        shown = notification_settings_form.form_values(said.to_dict())
        assert (shown["ownQuietHours"], shown["quietHours.begins"]) == ("yes", "21:00")


def test_clearing_the_tick_beside_unchanged_hours_returns_to_the_countys() -> None:
    assert saved(HOURS, STORED[2]).quiet_hours is None
    changed = saved([("quietHours.begins", "22:00"), HOURS[1]], STORED[2]).quiet_hours
    assert changed is not None
    assert changed.begins.hour == 22


@pytest.mark.parametrize("sent", [TICK, TICK + HOURS[:1], HOURS[:1], HOURS[1:]])
def test_quiet_hours_without_one_of_their_ends_are_refused_at_its_field(
    sent: list[tuple[str, str]],
) -> None:
    with pytest.raises(Invalid) as refused:
        saved(sent, {})
    entered = {name for name, _ in sent}
    missing = {name for name, _ in HOURS} - entered
    assert {each.field for each in refused.value.fields} == missing
