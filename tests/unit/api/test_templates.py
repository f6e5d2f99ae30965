"""What the API shows of the templates; nothing else of it is started."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from roost.events.notification import NotificationKind
from roost.settings import Settings
from roost.wording import templates
from roost.wording.samples import preview


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(Settings()))  # not entered: nothing connects


def test_all_kinds_and_the_digest_are_listed(client: TestClient) -> None:
    items = client.get("/v1/templates").json()["items"]
    assert [each["kind"] for each in items] == list(templates.NAMES)
    assert all(each["zh"] and each["en"] for each in items)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", templates.NAMES)
def test_each_is_shown_in_each_language(client: TestClient, kind: str, language: str) -> None:
    shown = client.get(f"/v1/templates/{kind}", params={"language": language}).json()
    assert (shown["kind"], shown["language"]) == (kind, language)
    assert shown["title"]
    assert shown["body"]
    assert shown["source"] == templates.source(kind, language)


def test_chinese_is_shown_when_no_language_is_asked_for(client: TestClient) -> None:
    expected = preview(NotificationKind.NEW_MATCH, "zh")
    assert client.get("/v1/templates/new_match").json()["title"] == expected.title


@pytest.mark.parametrize("path", ["pigeon", "new_match?language=fr"])
def test_what_does_not_exist_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(f"/v1/templates/{path}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
