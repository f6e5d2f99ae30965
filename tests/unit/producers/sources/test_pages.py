"""Cursors of a partner's answer: whatever they are, they are followed or refused."""

from __future__ import annotations

from typing import Any

import pytest

from producers.sources.pages import page_address, value_at
from producers.sources.run_faults import RunFailed

URL = "https://jobs.example.com/all?since={cursor}"


@pytest.mark.parametrize(
    ("cursor", "address"),
    [
        ("", "https://jobs.example.com/all?since="),
        ("a b/c", "https://jobs.example.com/all?since=a%20b%2Fc"),
        ("/next?page=2", "https://jobs.example.com/next?page=2"),
        ("https://jobs.example.com/x", "https://jobs.example.com/x"),
    ],
)
def test_a_cursor_is_an_address_of_the_server_or_takes_the_place_in_the_url(
    cursor: str, address: str
) -> None:
    assert page_address(URL, cursor) == address


@pytest.mark.parametrize(
    "cursor",
    ["//[", "https://[", "//evil.example/", "https://evil.example/", "http://jobs.example.com/"],
)
def test_an_address_elsewhere_or_none_at_all_is_refused(cursor: str) -> None:
    with pytest.raises(RunFailed):
        page_address(URL, cursor)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("meta.next", "n"),
        ("list.0", "a"),
        ("list.-1", "b"),
        ("list.7", None),
        ("list.²", None),
        ("list.--1", None),
        ("list.٣", None),
        ("list." + "9" * 150, None),
        ("meta.0", None),
    ],
)
def test_a_path_that_leads_nowhere_is_no_cursor(path: str, value: Any) -> None:
    assert value_at({"meta": {"next": "n"}, "list": ["a", "b"]}, path) == value
