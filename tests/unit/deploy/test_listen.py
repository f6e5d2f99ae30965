"""`roost listen`: valid calls are accepted and printed, all others are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from deploy.listen_command import MOST_BYTES, VARIABLE, Listener, listen, secrets_of
from roost.errors import Invalid
from roost.events.webhook import Webhook
from roost.security.signing import secret_of, signature
from roost.webhooks.payloads import trial_payload
from roost.webhooks.posting import WebhookPoster

ID = "h-" + "a" * 26
KEY = b"k" * 32
SECRET = secret_of(KEY, ID, 1)
BODY = b'{"type":"roost.test"}'


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener(0, [SECRET])
    server.start()
    yield server
    server.close()


def post(
    listener: Listener, secret: str = SECRET, age: timedelta = timedelta(0), **changes: str
) -> int:
    stamp = int((datetime.now(UTC) - age).timestamp())
    headers = {
        "webhook-id": "n-1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature([secret], "n-1", stamp, BODY),
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    url = f"http://127.0.0.1:{listener.port}/"
    return httpx.post(url, content=BODY, headers=headers).status_code


def test_a_valid_call_is_accepted_and_printed(
    listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    assert post(listener) == 200
    printed = capsys.readouterr().out
    assert "n-1 200 signature valid" in printed
    assert BODY.decode() in printed


def test_a_call_is_printed_without_commands_to_the_terminal(
    listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://127.0.0.1:{listener.port}/"
    httpx.post(url, content=b"\x1b]0;owned\x07\xc2\x9b2J", headers={b"webhook-id": b"\x9b1m"})
    printed = capsys.readouterr().out
    assert "\\x1b]0;owned" in printed
    assert not {"\x1b", "\x07", "\x9b"} & set(printed)


def test_the_answer_can_be_chosen(listener: Listener) -> None:
    listener.status = 503
    assert post(listener) == 503


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": ""},
        {"webhook_id": "n-2"},
        {"webhook_timestamp": str(int((datetime.now(UTC) - timedelta(minutes=1)).timestamp()))},
        {"age": timedelta(minutes=6)},
        {"age": timedelta(hours=1)},
        {"age": -timedelta(minutes=6)},
    ],
)
def test_a_forged_or_stale_call_is_refused(listener: Listener, changes: dict[str, Any]) -> None:
    assert post(listener, **changes) == 401


def test_a_call_under_another_secret_is_refused(listener: Listener) -> None:
    assert post(listener, secret_of(KEY, ID, 2)) == 401


def test_a_large_body_is_not_read(listener: Listener) -> None:
    url = f"http://127.0.0.1:{listener.port}/"
    assert httpx.post(url, content=b"." * (MOST_BYTES + 1)).status_code == 413


async def test_what_the_service_sends_is_accepted(listener: Listener) -> None:
    webhook = Webhook.model_validate({"id": ID, "url": f"http://127.0.0.1:{listener.port}/hook"})
    poster, now = WebhookPoster(KEY, may_be_private=True), datetime.now(UTC)
    answer, _ = await poster.post(webhook, "n-3", trial_payload("n-3", now), now)
    await poster.aclose()
    assert (answer.status, answer.error) == (200, "")


def test_the_secret_comes_from_the_environment_or_a_prompt_rather_than_an_option() -> None:
    environment = {VARIABLE: "whsec_a whsec_b"}
    assert secrets_of((), environment, lambda: "whsec_c") == ["whsec_a", "whsec_b"]
    assert secrets_of((), {}, lambda: "whsec_c") == ["whsec_c"]
    assert secrets_of(["whsec_d"], environment, lambda: "whsec_c") == ["whsec_d"]
    with pytest.raises(Invalid, match=VARIABLE):
        secrets_of((), {VARIABLE: " "}, lambda: "")


def test_a_secret_on_the_command_line_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(self: Listener) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Listener, "serve", stop)
    listen([SECRET], port=0)
    assert f"set {VARIABLE}" in capsys.readouterr().err
    monkeypatch.setenv(VARIABLE, SECRET)
    listen(port=0)
    assert VARIABLE not in capsys.readouterr().err
