"""`roost listen --provider`: a simulated provider prints, verifies, and reports what it takes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.provider_listener import (
    SERVERS,
    TRIES,
    forward_replies,
    report_until_taken,
    simulator,
)
from deploy.simulators.aliyun_server import AliyunSmsServer
from deploy.simulators.provider_server import SimulatedMessage
from roost.carriers.report_links import POSTS, report_token
from streams.deliver.providers.provider_sinks import PROVIDERS

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
MESSAGE = SimulatedMessage("aliyun-1", "n-1", "13800138000", "SMS_1", {}, AT)


class County(ThreadingHTTPServer):
    """A county that takes a report after it has refused some."""

    def __init__(self, refusals: int) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.refusals = refusals
        self.paths: list[str] = []


class Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, County)
        self.rfile.read(int(self.headers["content-length"]))
        self.server.paths.append(self.path)
        self.server.refusals -= 1
        self.send_response(200 if self.server.refusals < 0 else 503)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: a test's output is its failures."""


@pytest.fixture
def county() -> Iterator[County]:
    with County(2) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_report_is_repeated_until_the_county_takes_it(county: County) -> None:
    with AliyunSmsServer(0, "k", "s", f"http://127.0.0.1:{county.server_port}/x") as server:
        assert report_until_taken(server, MESSAGE, pause_s=0)
    assert county.paths == ["/x/aliyun-reports"] * 3


def test_a_report_to_nobody_is_given_up() -> None:
    errors = io.StringIO()
    with AliyunSmsServer(0, "k", "s", "http://127.0.0.1:1/x") as server, redirect_stderr(errors):
        assert not report_until_taken(server, MESSAGE, pause_s=0)
    assert errors.getvalue().count("ConnectError") == TRIES


def test_a_message_is_printed_without_commands_to_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with simulator("tencent-sms", 0, "s", "") as server:
        server.on_message(replace(MESSAGE, values={"title": "电焊工\x1b]0;x"}))
    printed = capsys.readouterr().out
    assert "电焊工" in printed
    assert "\x1b" not in printed


def test_typed_lines_are_forwarded_as_replies(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    county.refusals = 0
    url = f"http://127.0.0.1:{county.server_port}/x"
    with simulator("aliyun-sms", 0, "s", url) as server:
        forward_replies(server, ["13800138000 TD\n", "\n", "nothing\n"])
    assert county.paths == ["/x/aliyun-replies"]
    assert "reply forwarded: 200" in capsys.readouterr().out
    with simulator("wecom-app", 0, "s", url) as server:
        forward_replies(server, ["li.na hello"])
    assert "not forwarded" in capsys.readouterr().out


def test_every_provider_has_a_simulator() -> None:
    assert set(SERVERS) == set(PROVIDERS)


def test_an_unknown_provider_is_named_with_the_known_ones() -> None:
    answer = CliRunner().invoke(app, ["listen", "--provider", "nobody"])
    assert answer.exit_code == 2
    assert "aliyun-sms" in answer.output


def test_the_addresses_for_the_provider_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "k" * 32
    monkeypatch.setenv("ROOST_WEBHOOK_KEY", key)
    monkeypatch.setenv("ROOST_PUBLIC_URL", "https://jobs.example.cn/")
    monkeypatch.setenv("ROOST_DATA", str(tmp_path))
    answer = CliRunner().invoke(app, ["provider-urls"])
    assert answer.exit_code == 0
    start = f"https://jobs.example.cn/v1/provider-reports/{report_token(key.encode())}"
    assert [line.split()[-1] for line in answer.output.splitlines()] == [
        f"{start}/{post}" for post in POSTS
    ]
