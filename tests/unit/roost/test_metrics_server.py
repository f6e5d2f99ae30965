"""The metrics of a process for Prometheus: bounded, made once a second at most."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from roost.errors import RoostError
from roost.metrics import HANDLED
from roost.metrics_server import KEPT_S, MetricsPage, serve_metrics
from roost.servers.bounded_http import BoundedHttpServer, HttpRequest
from roost.settings import Settings

GET = HttpRequest("GET", "/metrics")


def test_prometheus_reads_the_metrics() -> None:
    HANDLED.labels("served").inc(3)
    server = serve_metrics("127.0.0.1", 0)
    answer = httpx.get(f"http://127.0.0.1:{server.port}/metrics")
    server.close()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'roost_stage_events_total{stage="served"} 3.0' in answer.text


def test_the_page_is_made_once_for_requests_within_a_second() -> None:
    made: list[float] = []
    time = 100.0
    page = MetricsPage(lambda: bytes(made.append(time) or b"page"), lambda: time)
    assert [page(GET).body for _ in range(5)] == [b"page"] * 5
    time += KEPT_S
    assert page(GET).body == b"page"
    assert made == [100.0, 100.0 + KEPT_S]


def test_simultaneous_requests_share_one_page() -> None:
    made: list[int] = []
    page = MetricsPage(lambda: bytes(made.append(1) or b"page"), lambda: 0.0)
    server = BoundedHttpServer("127.0.0.1", 0, page).start()
    with ThreadPoolExecutor(10) as pool:
        url = f"http://127.0.0.1:{server.port}/metrics"
        answers = list(pool.map(lambda _: httpx.get(url).text, range(10)))
    server.close()
    assert (answers, made) == (["page"] * 10, [1])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/metrics", 405),
        ("DELETE", "/", 405),
        ("GET", "/x", 404),
        ("HEAD", "/metrics", 200),
    ],
)
def test_nothing_else_is_served(method: str, path: str, status: int) -> None:
    assert MetricsPage(lambda: b"page")(HttpRequest(method, path)).status == status


def test_an_address_in_use_is_refused_with_the_settings_to_change() -> None:
    server = serve_metrics("127.0.0.1", 0)
    with pytest.raises(RoostError, match="ROOST_METRICS_PORT"):
        serve_metrics("127.0.0.1", server.port)
    server.close()


def test_metrics_bind_to_this_machine_unless_another_address_is_set() -> None:
    assert Settings(api_host="0.0.0.0").metrics_host == "127.0.0.1"
