"""Facts of every operation in the OpenAPI document."""

from __future__ import annotations

import pytest

from api.app import create_app
from api.guards.open_paths import is_open
from api.guards.problem_responses import MEDIA
from api.openapi import operations
from roost.settings import Settings

DOCUMENT = create_app(Settings()).openapi()


def test_every_operation_says_how_one_signs_in_and_what_a_problem_is() -> None:
    assert DOCUMENT["security"] == [{"key": []}, {"session": []}]
    for path, method, operation in operations(DOCUMENT):
        assert (operation.get("security") == []) is is_open(path), (method, path)
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response["content"][MEDIA]["schema"]["$ref"].endswith("/Problem")


def test_a_write_that_can_be_waited_for_says_both_answers() -> None:
    assert {"200", "201", "202"} <= set(DOCUMENT["paths"]["/v1/openings"]["post"]["responses"])
    assert "200" in DOCUMENT["paths"]["/v1/openings/{id}"]["put"]["responses"]


@pytest.mark.parametrize("path", ["/v1/stations/{id}/events", "/v1/{whose}/{id}/inbox/events"])
def test_a_live_stream_says_what_it_is(path: str) -> None:
    assert list(DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]) == [
        "text/event-stream"
    ]
