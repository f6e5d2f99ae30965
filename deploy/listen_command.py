"""`roost listen`: a local receiver of webhooks that verifies each call and prints it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated

import typer

from roost.errors import Invalid
from roost.security.signing import verify

MOST_BYTES = 1_000_000
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
        print(f"{headers.get('webhook-id', '?')} {status} {fault or 'signature valid'}")
        print(body.decode("utf-8", "replace"), flush=True)
        self._answer(status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: `do_POST` prints each call."""


def listen(
    secret: Annotated[
        list[str],
        typer.Option(help="the webhook's secret (whsec_…); during a rotation give both"),
    ],
    port: Annotated[int, typer.Option(min=0, max=65_535, help="port; 0 for a free one")] = 9_100,
    status: Annotated[
        int, typer.Option(min=200, max=599, help="answer to valid calls, e.g. 503 to try retries")
    ] = 200,
) -> None:
    """Receive webhooks on this computer: verify the signature of each call and print it."""
    with Listener(port, secret, status) as server:
        print(f"listening at http://127.0.0.1:{server.server_port}/; stop with Ctrl-C", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
