"""Documents are read by key in requests of a bounded size."""

from __future__ import annotations

import pytest

from producers.publisher import Publisher
from roost.settings import Settings
from roost.topics import OPENINGS
from roost.views import elastic as adapter
from roost.views.elastic import Elastic
from tests.stack.test_pipeline import opening
from tests.stack.waiting import all_processed

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]


async def test_more_keys_than_fit_one_request_are_all_read(
    publisher: Publisher, elastic: Elastic, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = [opening(f"read-{number}") for number in range(5)]
    publisher.publish([record for _, record in posted])
    await all_processed(settings)
    monkeypatch.setattr(adapter, "MOST_READ", 2)
    keys = [(OPENINGS.name, each.id) for each, _ in posted]
    absent = (OPENINGS.name, "o-" + "a" * 26)
    assert list(await elastic.versions([*keys[:3], absent, *keys[3:]])) == keys
    found = await elastic.mget([*keys, absent], ("fact",))
    assert [found[key]["fact"]["id"] for key in keys] == [each.id for each, _ in posted]
    assert list(found) == keys
