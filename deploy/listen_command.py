"""`roost listen`: a local receiver of webhooks that verifies each call and prints it.

With `--provider` it stands for a provider of messages instead.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from deploy.provider_listener import listen_as_provider
from roost.errors import Invalid, invalid_field
from roost.security.signing import verify
from roost.servers.bounded_http import BoundedHttpServer, HttpAnswer, HttpLimits, HttpRequest
from roost.text.terminal_text import terminal_text

MOST_BYTES = 1_000_000
VARIABLE = "WEBHOOK_SECRET"
"""Environment variable with the secrets, separated by spaces."""
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


LIMITS = HttpLimits(body_bytes=MOST_BYTES, request_within_s=30.0)


class Listener(BoundedHttpServer):
    """A server on this computer only; it answers valid calls with `status`, others with 401."""

    def __init__(
        self, port: int, secrets: list[str], status: int = 200, limits: HttpLimits = LIMITS
    ) -> None:
        super().__init__("127.0.0.1", port, self._answer, limits)
        self.secrets = secrets
        self.status = status

    def judge(self, headers: Mapping[str, str], body: bytes, at: datetime) -> str:
        """Return why a call is not valid; empty for a valid one."""
        if missing := [name for name in HEADERS if not headers.get(name)]:
            return f"{', '.join(missing)}: missing"
        id, timestamp, signatures = (headers[name] for name in HEADERS)
        try:
            verify(self.secrets, id, timestamp, signatures, body, at)
        except Invalid as error:
            return error.message
        return ""

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        """Print a call; return its answer."""
        if request.method != "POST":
            return HttpAnswer(405, headers={"allow": "POST"})
        fault = self.judge(request.headers, request.body, datetime.now(UTC))
        status = 401 if fault else self.status
        called = f"{request.headers.get('webhook-id', '?')} {status} {fault or 'signature valid'}"
        print(terminal_text(called))
        print(terminal_text(request.body.decode("utf-8", "replace")), flush=True)
        return HttpAnswer(status)


def secrets_of(
    given: Sequence[str], environment: Mapping[str, str], ask: Callable[[], str]
) -> list[str]:
    """Return the secrets from the options, the variable `WEBHOOK_SECRET`, or else a prompt.

    Raises Invalid if there is none.
    """
    found = list(given) or environment.get(VARIABLE, "").split() or ask().split()
    if not found:
        raise invalid_field(
            VARIABLE, "is empty; set it to the webhook's secret", "为空，请填写该 webhook 的密钥"
        )
    return found


def _ask() -> str:
    return str(typer.prompt("secret (whsec_…)", hide_input=True)) if sys.stdin.isatty() else ""


def listen(
    secret: Annotated[
        list[str] | None,
        typer.Option(
            help="the webhook's secret (whsec_…), which other users of this computer see in the "
            f"list of processes; set {VARIABLE} instead, or type it when asked"
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="port; 0 for a free one")] = 9_100,
    status: Annotated[
        int, typer.Option(min=200, max=599, help="answer to valid calls, e.g. 503 to try retries")
    ] = 200,
    provider: Annotated[
        str,
        typer.Option(
            help="simulate a provider instead: aliyun-sms, tencent-sms, aliyun-voice, wecom-app, "
            "wechat-account"
        ),
    ] = "",
) -> None:
    """Receive webhooks on this computer: verify the signature of each call and print it.

    During a rotation give both secrets, separated by a space. With --provider receive messages as
    that provider does: verify, print, and report each one as delivered.
    """
    if provider:
        listen_as_provider(provider, port)
        return
    if secret:
        print(
            f"--secret is visible to other users of this computer; set {VARIABLE} instead",
            file=sys.stderr,
        )
    server = Listener(port, secrets_of(secret or (), os.environ, _ask), status)
    print(f"listening at http://127.0.0.1:{server.port}/; stop with Ctrl-C", flush=True)
    try:
        asyncio.run(server.serve())
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
