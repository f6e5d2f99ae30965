"""Endpoints of templates, on an application without servers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from roost.events.notification import NotificationKind
from roost.wording import templates
from roost.wording.samples import preview
from tests.unit.api.signed import client_of_administrator


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of_administrator() as asking:
        yield asking


async def test_all_kinds_and_the_digest_are_listed(client: httpx.AsyncClient) -> None:
    items = (await client.get("/v1/templates")).json()["items"]
    assert [each["kind"] for each in items] == list(templates.NAMES)
    assert all(each["zh"] and each["en"] for each in items)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", templates.NAMES)
async def test_each_is_shown_in_each_language(
    client: httpx.AsyncClient, kind: str, language: str
) -> None:
    answer = await client.get(f"/v1/templates/{kind}", params={"language": language})
    shown = answer.json()
    assert (shown["kind"], shown["language"]) == (kind, language)
    assert shown["title"]
    assert shown["body"]
    assert shown["source"] == templates.source(kind, language)


async def test_chinese_is_shown_when_no_language_is_asked_for(client: httpx.AsyncClient) -> None:
    expected = preview(NotificationKind.NEW_MATCH, "zh")
    answer = await client.get("/v1/templates/new_match")
    assert answer.json()["title"] == expected.title


@pytest.mark.parametrize("path", ["pigeon", "new_match?language=fr"])
async def test_what_does_not_exist_is_a_problem(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/v1/templates/{path}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
