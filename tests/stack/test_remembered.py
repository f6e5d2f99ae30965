"""The cache of a view equals the view."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from roost.views.elastic import COLUMNS, Elastic, Json, Write
from roost.views.mappings import VIEWS
from roost.views.remembered import Remembered

VIEW = "remembered"
"""A separate index: the pipeline's views hold only what the topics hold."""


@pytest.fixture
async def views(elastic: Elastic) -> AsyncIterator[Elastic]:
    await elastic.create_index(VIEW, VIEWS["stations"])
    yield elastic
    await elastic.delete_index(VIEW)


class Parsed:
    """A parser that returns a station's name and counts its calls."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, document: Json) -> str:
        self.times += 1
        return str(document["name"])


async def written(views: Elastic, id: str, version: int, name: str) -> None:
    station = {"id": id, "version": version, "name": name}
    assert await views.write([Write(VIEW, id, version, station)]) == []


async def test_what_has_not_changed_is_read_once(views: Elastic) -> None:
    parsed, id = Parsed(), "a"
    await written(views, id, 1, "Taiyuan")
    stations = Remembered(views, VIEW, ("name",), parsed)
    for _ in range(3):
        assert (await stations.newest([id]))[id].value == "Taiyuan"
    assert parsed.times == 1


async def test_a_newer_version_is_read_again(views: Elastic) -> None:
    parsed, id = Parsed(), "a"
    await written(views, id, 1, "Taiyuan")
    stations = Remembered(views, VIEW, ("name",), parsed)
    await stations.newest([id])
    await written(views, id, 2, "Jinzhong")
    assert (await stations.newest([id]))[id].value == "Jinzhong"
    # A search may still return the older version: the cached one is newer and valid.
    assert (await stations.at_least({id: 1}))[id].version == 2
    assert parsed.times == 2


async def test_what_a_search_brings_is_taken_as_it_comes_and_never_over_something_newer(
    views: Elastic,
) -> None:
    parsed = Parsed()
    await written(views, "a", 1, "Taiyuan")
    await written(views, "b", 1, "Datong")
    stations = Remembered(views, VIEW, ("name",), parsed)
    await views.refresh(VIEW)
    columns = {**COLUMNS, "docvalue_fields": ["id", "version", "name"]}
    brought = {hit.id: hit.source for hit in (await views.search(VIEW, columns)).hits}
    await written(views, "a", 2, "Jinzhong")
    assert (await stations.newest(["a"]))["a"].value == "Jinzhong"
    assert {id: each.value for id, each in stations.brought(brought).items()} == {
        "a": "Jinzhong",
        "b": "Datong",
    }
    assert stations.brought(brought)["b"].version == 1
    assert parsed.times == 2


async def test_what_is_erased_has_no_value_and_what_never_was_is_absent(views: Elastic) -> None:
    parsed, id = Parsed(), "a"
    await written(views, id, 1, "Taiyuan")
    stations = Remembered(views, VIEW, ("name",), parsed)
    await stations.newest([id])
    await views.write([Write(VIEW, id, 2, {"id": id, "version": 2, "erased": True})])
    found = await stations.newest([id, "never"])
    assert list(found) == [id]
    assert found[id].value is None


async def test_the_longest_unused_goes_first(views: Elastic) -> None:
    parsed, ids = Parsed(), ["a", "b", "c"]
    for id in ids:
        await written(views, id, 1, id)
    stations = Remembered(views, VIEW, ("name",), parsed, capacity=2)
    await stations.newest(ids[:2])
    await stations.newest(ids[:1])  # used again: the second is now the least recently used
    await stations.newest(ids[2:])
    await stations.newest(ids[:1])
    assert parsed.times == 3
    await stations.newest(ids[1:2])
    assert parsed.times == 4


async def test_the_same_version_in_another_index_is_another_document(views: Elastic) -> None:
    parsed, id, other = Parsed(), "a", f"{VIEW}-other"
    await views.create_index(other, VIEWS["stations"])
    try:
        await written(views, id, 1, "Taiyuan")
        again = Write(other, id, 1, {"id": id, "version": 1, "name": "Taiyuan, anew"})
        assert await views.write([again]) == []
        stations = Remembered(views, VIEW, ("name",), parsed)
        for _ in range(2):
            assert (await stations.newest([id]))[id].value == "Taiyuan"
            assert (await stations.newest([id], other))[id].value == "Taiyuan, anew"
        assert parsed.times == 2
    finally:
        await views.delete_index(other)


async def test_one_request_reads_versions_of_cached_documents_and_the_others(
    views: Elastic,
) -> None:
    await written(views, "a", 1, "Taiyuan")
    await written(views, "b", 1, "Jinzhong")
    stations = Remembered(views, VIEW, ("name",), Parsed())
    await stations.newest(["a"])
    await written(views, "a", 2, "Datong")
    wanted = {(VIEW, id): stations.fields_to_read(id) for id in ("a", "b", "absent")}
    found = await views.versioned(wanted)
    assert found.keys() == {(VIEW, "a"), (VIEW, "b")}
    assert found[VIEW, "a"] == (2, {}), "its version alone tells that it has changed"
    version, document = found[VIEW, "b"]
    assert version == 1
    assert stations.keep("b", document).value == "Jinzhong"
    assert not stations.fields_to_read("b")
