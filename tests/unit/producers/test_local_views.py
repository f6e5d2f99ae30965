"""Views of imports from the command line while Elasticsearch is away."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from producers.importing.local_views import LocalViews
from roost.errors import Transient
from roost.settings import Settings


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Settings of an Elasticsearch at a port where nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield Settings(elasticsearch_url=f"http://127.0.0.1:{reserved.getsockname()[1]}")


def test_a_dry_run_does_without_the_views(settings: Settings) -> None:
    with LocalViews(settings, dry_run=True) as views:
        for _ in range(2):
            with views.hold_stored("profiles", ["w-x"]) as stored:
                assert stored == {}
            assert views.find_suppressed("profiles", ["w-x"]) == ()
            assert views.find_people([]) == {}


def test_an_import_stops_without_the_views(settings: Settings) -> None:
    with LocalViews(settings, dry_run=False) as views:
        for _ in range(2):
            with pytest.raises(Transient), views.hold_stored("profiles", ["w-x"]):
                raise AssertionError("no row is written")
            with pytest.raises(Transient):
                views.find_suppressed("profiles", ["w-x"])


def test_views_that_were_never_read_close(settings: Settings) -> None:
    with LocalViews(settings, dry_run=False):
        pass
