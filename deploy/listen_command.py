"""`roost listen`: a local receiver of webhooks that verifies each call and prints it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated

import typer

from roost.errors import Invalid, invalid_field
from roost.security.signing import verify
from roost.text.terminal_text import terminal_text

MOST_BYTES = 1_000_000
VARIABLE = "WEBHOOK_SECRET"
"""Environment variable with the secrets, separated by spaces."""
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class Listener(ThreadingHTTPServer):
    """A server on this computer only; it answers valid calls with `status`, others with 401."""

    daemon_threads = True

    def __init__(self, port: int, secrets: list[str], status: int = 200) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.secrets = secrets
        self.status = status

    def judge(self, headers: dict[str, str], body: bytes, at: datetime) -> str:
        """Return why a call is not valid; empty for a valid one."""
        if missing := [name for name in HEADERS if not headers.get(name)]:
            return f"{', '.join(missing)}: missing"
        id, timestamp, signatures = (headers[name] for name in HEADERS)
        try:
            verify(self.secrets, id, timestamp, signatures, body, at)
        except Invalid as error:
            return error.message
        return ""


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    timeout = 30

    def do_POST(self) -> None:
        length = self.headers.get("content-length") or ""
        size = int(length) if length.isascii() and length.isdigit() else 0
        if size > MOST_BYTES:
            self._answer(413)
            return
        body = self.rfile.read(size)
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = self.server.judge(headers, body, datetime.now(UTC))
        status = 401 if fault else self.server.status
        called = f"{headers.get('webhook-id', '?')} {status} {fault or 'signature valid'}"
        print(terminal_text(called))
        print(terminal_text(body.decode("utf-8", "replace")), flush=True)
        self._answer(status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: `do_POST` prints each call."""


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
) -> None:
    """Receive webhooks on this computer: verify the signature of each call and print it.

    During a rotation give both secrets, separated by a space.
    """
    if secret:
        print(
            f"--secret is visible to other users of this computer; set {VARIABLE} instead",
            file=sys.stderr,
        )
    with Listener(port, secrets_of(secret or (), os.environ, _ask), status) as server:
        print(f"listening at http://127.0.0.1:{server.server_port}/; stop with Ctrl-C", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
