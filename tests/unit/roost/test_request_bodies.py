"""Bodies of requests to Elasticsearch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.views.mappings import KEYWORD, VIEWS
from roost.views.request_bodies import tally, terms_of

COUNTED = sorted(
    {
        name
        for view in VIEWS.values()
        for name, mapped in view["mappings"]["properties"].items()
        if mapped == KEYWORD
    }
)
"""Every field that a `terms` aggregation can count."""


@pytest.mark.parametrize("field", COUNTED)
def test_documents_are_counted_by_the_values_asked_for_and_by_no_others(field: str) -> None:
    """A document may have further values, whose buckets would push out those asked for."""
    counted = terms_of(field, ["a", "b"])
    assert counted["include"] == ["a", "b"]
    assert counted["size"] == 2


@given(st.sets(st.text(min_size=1), min_size=1))
def test_a_tally_has_a_bucket_for_each_value_asked_for(values: set[str]) -> None:
    body = tally("budgets", values, {"match_all": {}})
    counted = body["aggs"]["tally"]["terms"]
    assert set(counted["include"]) == values
    assert counted["size"] == len(values)
