"""The settings that child processes receive are those of their parent."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.environment import AT_ANY_HOUR, environment_of
from roost.events.account import AccountRole
from roost.settings import Settings, StageRunner

CHANGES: list[dict[str, object]] = [
    {},
    AT_ANY_HOUR,
    {"live_streams_per_principal": 500, "docs_are_open": True},
    {"webhook_key": SecretStr("a key"), "channel_urls": {"sms": SecretStr("json://x/{address}")}},
    {"channel_rate_per_minute": {"sms": 60.0}, "second_factor_roles": [AccountRole.CLERK]},
    {"stage_runner": StageRunner.AIOKAFKA, "templates": Path("/srv/texts"), "quiet_hours": ""},
    {"oidc_issuer": "https://id.example.org", "oidc_client_secret": SecretStr("a%b+c/=")},
]


@pytest.mark.parametrize("changes", CHANGES, ids=lambda each: ",".join(each) or "defaults")
def test_a_child_reads_the_settings_of_its_parent(
    changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings().model_copy(update=changes)
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings
