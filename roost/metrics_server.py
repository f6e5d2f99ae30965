"""The metrics of a process, served to Prometheus by a bounded server."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from roost.errors import RoostError
from roost.servers.bounded_http import BoundedHttpServer, HttpAnswer, HttpLimits, HttpRequest

KEPT_S = 1.0
"""Age up to which the same page is sent again: it is made once a second at most."""
PATHS = ("/metrics", "/")
NOT_FOUND = HttpAnswer(404, b"see /metrics\n", {"content-type": "text/plain"})
NOT_ALLOWED = HttpAnswer(
    405, b"GET or HEAD\n", {"content-type": "text/plain", "allow": "GET, HEAD"}
)


class MetricsPage:
    """The page of all metrics, made when it is requested."""

    def __init__(
        self,
        make: Callable[[], bytes] = generate_latest,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._now = now
        self._made_at = -KEPT_S
        self._page = HttpAnswer(503)

    def __call__(self, request: HttpRequest) -> HttpAnswer:
        """Return the answer to a request."""
        if request.method not in ("GET", "HEAD"):
            return NOT_ALLOWED
        if request.path not in PATHS:
            return NOT_FOUND
        now = self._now()
        if now - self._made_at >= KEPT_S:
            self._page = HttpAnswer(200, self._make(), {"content-type": CONTENT_TYPE_LATEST})
            self._made_at = now
        return self._page


def serve_metrics(host: str, port: int, limits: HttpLimits = HttpLimits()) -> BoundedHttpServer:
    """Serve the metrics to Prometheus from a background thread. Raises RoostError."""
    try:
        return BoundedHttpServer(host, port, MetricsPage(), limits).start()
    except OSError as error:
        raise RoostError(
            f"The metrics cannot be served at {host}:{port} ({error.strerror}); choose another "
            "ROOST_METRICS_PORT or ROOST_METRICS_HOST.",
            f"无法在 {host}:{port} 提供指标，请更换 ROOST_METRICS_PORT 或 ROOST_METRICS_HOST。",
        ) from error
