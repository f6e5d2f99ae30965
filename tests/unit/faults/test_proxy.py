"""The proxy applies its faults to connections, and counts them."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.proxy import Behaviour, Mode, Proxy


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    taken: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        type(self).taken.append(self.path)
        body = b"x" * 10_000
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Suppress the log."""


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore resets, which the tests cause on purpose."""


@pytest.fixture
def server() -> Iterator[Quiet]:
    Server.taken = []
    made = Quiet(("127.0.0.1", 0), Server)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(params=[True, False], ids=["http", "tcp"])
def proxy(server: Quiet, request: pytest.FixtureRequest) -> Iterator[Proxy]:
    made = Proxy(server.server_address[1], http=request.param)
    yield made
    made.close()


def ask(proxy: Proxy, path: str = "/_bulk") -> int:
    with httpx.Client(timeout=5) as client:
        answer = client.post(f"http://127.0.0.1:{proxy.port}{path}", content=b"y" * 100_000)
        assert answer.status_code != 200 or len(answer.content) == 10_000
        return answer.status_code


def test_it_passes_everything_on(proxy: Proxy) -> None:
    assert [ask(proxy) for _ in range(3)] == [200, 200, 200]
    assert not proxy.done


def test_a_cut_answer_is_one_that_was_carried_out(proxy: Proxy) -> None:
    proxy.set(Behaviour(Mode.CUT))
    with pytest.raises(httpx.TransportError):
        ask(proxy)
    assert len(Server.taken) == 1
    assert proxy.done["cut"] == 1


def test_a_reset_request_never_arrives(proxy: Proxy) -> None:
    proxy.set(Behaviour(Mode.RESET))
    with pytest.raises(httpx.TransportError):
        ask(proxy)
    assert Server.taken == []


def test_refusing_it_does_not_listen_and_mended_it_does(proxy: Proxy) -> None:
    port = proxy.port
    proxy.set(Behaviour(Mode.REFUSE))
    with pytest.raises(httpx.TransportError):
        ask(proxy)
    proxy.heal()
    assert proxy.port == port
    assert ask(proxy) == 200


def test_latency_and_throttle_take_time(proxy: Proxy) -> None:
    for ways in (
        Behaviour(Mode.LATENCY, seconds=0.3),
        Behaviour(Mode.THROTTLE, bytes_per_s=400_000),
    ):
        proxy.set(ways)
        began = time.monotonic()
        assert ask(proxy) == 200
        assert time.monotonic() - began > 0.2


def test_busy_answers_instead_of_the_server_where_configured(
    server: Quiet,
) -> None:
    proxy = Proxy(server.server_address[1], http=True)
    try:
        proxy.set(Behaviour(Mode.BUSY, status=429, about="_bulk"))
        assert ask(proxy, "/_bulk") == 429
        assert ask(proxy, "/_search") == 200
        assert Server.taken == ["/_search"]
        assert proxy.done["429"] == 1
    finally:
        proxy.close()


def test_the_share_of_what_is_hurt_is_kept_and_seeded(
    server: Quiet,
) -> None:
    def hurt(seed: int) -> list[int]:
        proxy = Proxy(server.server_address[1], http=True, seed=seed)
        try:
            proxy.set(Behaviour(Mode.BUSY, share=0.5))
            return [ask(proxy) for _ in range(20)]
        finally:
            proxy.close()

    first = hurt(3)
    assert first == hurt(3)
    assert {200, 503} == set(first)
