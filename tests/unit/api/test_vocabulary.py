"""The endpoints of the vocabulary, on an application without servers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from roost.text.taxonomy import occupation_named, taxonomy
from tests.unit.api.signed import client_of_administrator


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of_administrator() as asking:
        yield asking


@pytest.mark.parametrize(
    ("path", "typed", "first"),
    [
        ("skills", "砌砖", {"key": "bricklaying", "name": "砌墙"}),
        ("skills", "brick mas", {"key": "bricklaying", "name": "bricklaying"}),
        ("skills", "qiq", {"key": "bricklaying", "name": "砌墙"}),
        ("occupations", "电焊工", {"key": occupation_named("焊工"), "name": "焊工"}),
        ("occupations", "weld", {"key": occupation_named("welder"), "name": "welder"}),
    ],
)
async def test_the_likeliest_term_comes_first(
    client: httpx.AsyncClient, path: str, typed: str, first: dict[str, str]
) -> None:
    answer = await client.get(f"/v1/{path}", params={"q": typed, "limit": 3})
    items = answer.json()["items"]
    assert items[0] == first
    assert len(items) <= 3


@pytest.mark.parametrize("path", ["skills", "occupations"])
@pytest.mark.parametrize("asked", [{}, {"q": ""}, {"q": "焊" * 61}, {"q": "焊", "limit": 21}])
async def test_a_request_outside_the_bounds_is_refused(
    client: httpx.AsyncClient, path: str, asked: dict[str, str]
) -> None:
    assert (await client.get(f"/v1/{path}", params=asked)).status_code == 422


@pytest.mark.parametrize("path", ["skills", "occupations"])
async def test_nothing_is_suggested_without_a_key(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/v1/{path}", params={"q": "焊"}, headers={"authorization": ""})
    assert answer.status_code == 401


def test_an_occupation_is_named_by_its_key_or_any_of_its_names() -> None:
    one = next(each for each in taxonomy().occupations if each.label == "焊工")
    for text in (one.key, "焊工", " 电焊工 ", "电 焊 工"):
        assert occupation_named(text) == one.key
    assert occupation_named("没有这个职业") is None
    assert occupation_named("") is None
