"""Places in everyday wordings: abbreviations, renamed divisions, zones, routes, typing errors.

Each row has the full name of the innermost division, `?` with the places to ask between, or `-` for
a text that names none; and the rest of the text.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from roost.places.gazetteer import gazetteer
from roost.places.resolutions import Candidates, Resolved
from roost.places.resolving import resolve

FILE = Path("tests/fixtures/addresses/everyday_places.csv")
with FILE.open(encoding="utf-8") as _rows:
    ROWS = [(row["text"], row["place"], row["street"]) for row in csv.DictReader(_rows)]


@pytest.mark.parametrize(("text", "place", "street"), ROWS)
def test_an_everyday_wording_is_read(text: str, place: str, street: str) -> None:
    known, found = gazetteer(), resolve(text)
    if place.startswith("?"):
        assert isinstance(found, Candidates)
        names = {known.full_name(each.key) for each in found.places}
        assert names >= set(filter(None, place[1:].split("|")))
    elif place == "-":
        assert not isinstance(found, Resolved | Candidates)
    else:
        assert isinstance(found, Resolved)
        assert (known.full_name(found.place.key), found.street) == (place, street)
