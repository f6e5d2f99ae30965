"""Unknown kinds of notification are refused wherever a request names kinds."""

from __future__ import annotations

from typing import Any

import pytest

from producers import facts, simulator, webhook_facts
from roost.errors import Invalid
from roost.events.profile import ProfileContent
from roost.events.webhook import WebhookContent
from tests.unit.api.builders import NOW

URL = "https://hr.example.com/roost"


def webhook(*kinds: str) -> WebhookContent:
    return WebhookContent.model_validate({"url": URL, "kinds": kinds})


def test_a_webhook_names_kinds_that_exist() -> None:
    made, _ = webhook_facts.webhook_put(webhook("new_match", "match_placed"), None, at=NOW)
    assert made.kinds == ("new_match", "match_placed")
    with pytest.raises(Invalid, match=r"kinds.1: .* did you mean new_match") as caught:
        webhook_facts.webhook_put(webhook("match_placed", "new_mtach"), None, at=NOW)
    assert caught.value.fields[0].field == "kinds.1"
    with pytest.raises(Invalid, match="write one of new_match"):
        webhook_facts.webhook_put(webhook("*"), None, at=NOW)


@pytest.mark.parametrize(
    ("preferences", "field"),
    [
        ({"mutedKinds": ["digests"]}, "preferences.mutedKinds.0"),
        ({"channelsByKind": {"new_matches": ["sms"]}}, "preferences.channelsByKind.new_matches"),
    ],
)
def test_the_preferences_of_a_profile_name_kinds_that_exist(
    preferences: dict[str, Any], field: str
) -> None:
    content = next(simulator.profiles(1)).to_dict() | {"preferences": preferences}
    with pytest.raises(Invalid) as caught:
        facts.profile_put(ProfileContent.model_validate(content), at=NOW)
    assert caught.value.fields[0].field == field
