"""Every topic with a view has a projection, and a tombstone leaves nothing but an id."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from matcher.similarity import SimilarityModel
from roost import ids
from roost.kafka.incoming import Incoming, decode_fact
from roost.places.gazetteer import gazetteer
from roost.topics import MATCHES, Topic
from streams.index.entity_projection import EntityProjection
from streams.maintenance.projection_registry import projection_of
from streams.views.projections import VIEW_OF
from tests.made import a_match

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "topic", [each for each in VIEW_OF if each.compacted], ids=lambda topic: topic.name
)
def test_the_document_of_a_tombstone_holds_only_its_id(
    topic: Topic, model: SimilarityModel
) -> None:
    fact = decode_fact(Incoming(topic, 0, 6, b"x-1", None, AT))

    [write] = projection_of(topic, EntityProjection(model, gazetteer()))([fact])

    assert (write.view, write.id, write.version) == (VIEW_OF[topic], "x-1", 7)
    assert write.document == {"id": "x-1", "version": 7, "erased": True}


def test_the_document_of_a_match_keeps_the_records_own_json(model: SimilarityModel) -> None:
    match = a_match(ids.opening_id("t", "1"), ids.worker_id("t", "1"), AT)
    value = orjson.dumps(match.to_dict(), option=orjson.OPT_INDENT_2)
    fact = decode_fact(Incoming(MATCHES, 0, 6, match.id.encode(), value, AT))

    [write] = projection_of(MATCHES, EntityProjection(model, gazetteer()))([fact])

    assert value in orjson.dumps(write.document)
