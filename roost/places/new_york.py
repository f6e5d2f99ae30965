"""Boroughs and neighborhoods in addresses of New York City.

The strongest evidence decides: a borough that is named, else a ZIP code, else a neighborhood, else
the form of the house number and the street. Evidence of one strength for two boroughs is a
question: 150 Fulton Street may be in Manhattan or in Brooklyn.

Source of ZIP codes and house numbers: USPS's three-digit prefixes; Queens numbers its houses
`42-09`, after the cross street.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from roost.places.gazetteer import gazetteer

CITY = "nyc:ny"
_ROAD_AHEAD = (
    r"(?! (?:ave?|avenue|blvd|boulevard|bl|st|street|rd|road|pl|place|expy|expwy|expressway|pkwy|"
    r"parkway|bridge|plaza|terrace|ferry|river|rvr|turnpike|ext|meadows?|bay|qns|queens expy)\b)"
)
_BOROUGHS = (
    (re.compile(rf"\b(?:manhattan|new york county)\b{_ROAD_AHEAD}"), "nyc:manhattan"),
    (re.compile(rf"\b(?:brooklyn|bklyn|kings county)\b{_ROAD_AHEAD}"), "nyc:brooklyn"),
    (re.compile(rf"\b(?:queens?|qns|quee)\b{_ROAD_AHEAD}"), "nyc:queens"),
    (re.compile(rf"\b(?:bronx|bx)\b{_ROAD_AHEAD}"), "nyc:bronx"),
    (
        re.compile(rf"\b(?:staten (?:i|is|isl|island)|s i(?= ny| n y|$)|si ny)\b{_ROAD_AHEAD}"),
        "nyc:staten-island",
    ),
)
_ZIPS = (
    (re.compile(r"\b10[0-2]\d\d\b"), "nyc:manhattan"),
    (re.compile(r"\b103\d\d\b"), "nyc:staten-island"),
    (re.compile(r"\b104\d\d\b"), "nyc:bronx"),
    (re.compile(r"\b112\d\d\b"), "nyc:brooklyn"),
    (re.compile(r"\b(?:11004|11005|11[1346]\d\d)\b"), "nyc:queens"),
)
_QUEENS_NUMBER = re.compile(r"^\d{1,3}-\d{2}\b")
_NUMBERED_STREET = re.compile(
    r"\b(?P<side>e|w|east|west) (?P<number>\d{1,3}) ?(?:st|nd|rd|th)?(?: st| street|\b)"
)
_THIRD_AVENUE = re.compile(r"^(?P<house>\d+) (?:third|3rd) ave")
_IN_THE_CITY = re.compile(r"\b(?:new york(?: city)?|nyc|n y c?|ny|new yor|new y)\b")
_POSTAL_MANHATTAN = re.compile(r"\b(?:new york|ny|n y) (?:ny|n y)\b")
"""Post office and state: the post office called New York serves Manhattan alone."""
_UPSTATE = re.compile(
    r"\b(?:valhalla|kingston|grahamsville|downsville|shokan|beaverkill|yonkers|albany|buffalo|"
    r"rochester|syracuse|white plains|new rochelle|mount vernon|poughkeepsie|hempstead|mineola|"
    r"route \d+a?|state rd|highway \d+a?)\b"
)
_OTHER_STATE = re.compile(
    r",\s*(?!NY\b)(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMV]|O[HKR]|PA|"
    r"RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])(?:\s+\d{5}(?:-\d{4})?)?(?:,?\s*USA?)?\s*$"
)
"""Postal abbreviation of another state at the end of an address: Manhattan, KS."""
BRONX_FROM_EAST = 143
"""First numbered East street that lies only in the Bronx."""
BRONX_FROM_THIRD = 2_400
"""House number on Third Avenue from which it lies in the Bronx."""


def plain_address(text: str) -> str:
    """Return an address in lower case with single blanks; hyphens stay."""
    return " ".join(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text.casefold().replace("'", "")))


def is_in_the_city(plain: str) -> bool:
    """Return whether an address names the city and no town of the state outside it."""
    return _IN_THE_CITY.search(plain) is not None and _UPSTATE.search(plain) is None


def is_upstate(plain: str) -> bool:
    """Return whether an address names a town of the state outside the city."""
    return _UPSTATE.search(plain) is not None


def is_in_another_state(address: str) -> bool:
    """Return whether an address ends with another state: Brooklyn Park, MN."""
    return _OTHER_STATE.search(address) is not None


def places_in(address: str, *, in_the_city: bool = True) -> tuple[str, ...]:
    """Return the keys of the places that an address names, by the strongest evidence.

    Streets count only for an address that is known to be `in_the_city`. Several keys are several
    boroughs. Empty if nothing is named.
    """
    plain = plain_address(address)
    if _UPSTATE.search(plain) or is_in_another_state(address):
        return ()
    named = _matching(_BOROUGHS, plain)
    zipped = named or _matching(_ZIPS, plain)
    if len(zipped) > 1:
        return zipped
    areas = tuple(dict.fromkeys(_neighborhoods(plain, zipped[0] if zipped else None)))
    if zipped:
        return areas if len(areas) == 1 else zipped
    if areas:
        boroughs = dict.fromkeys(str(gazetteer()[key].parent) for key in areas)
        return areas[:1] if len(areas) == 1 else tuple(boroughs)
    streets = tuple(dict.fromkeys(_streets(plain))) if in_the_city else ()
    if len(streets) > 1 and "nyc:manhattan" in streets and _POSTAL_MANHATTAN.search(plain):
        return ("nyc:manhattan",)
    return streets


def borough(key: str) -> str:
    """Return the borough of a neighborhood; a borough's or the city's own key as it is."""
    parent = gazetteer()[key].parent
    return key if parent in (CITY, None) else str(parent)


def _matching(patterns: tuple[tuple[re.Pattern[str], str], ...], plain: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for pattern, key in patterns if pattern.search(plain)))


def _neighborhoods(plain: str, borough: str | None) -> Iterator[str]:
    """Yield the neighborhoods named, of one borough if it is known; the longest name only."""
    pattern, keys = _neighborhood_names()
    for found in pattern.finditer(plain):
        for key in keys[found[1]]:
            if borough is None or gazetteer()[key].parent == borough:
                yield key


def _streets(plain: str) -> Iterator[str]:
    if _QUEENS_NUMBER.match(plain):
        yield "nyc:queens"
        return
    if third := _THIRD_AVENUE.match(plain):
        yield "nyc:bronx" if int(third["house"]) >= BRONX_FROM_THIRD else "nyc:manhattan"
        return
    if street := _NUMBERED_STREET.search(plain):
        is_bronx = street["side"][0] == "e" and int(street["number"]) >= BRONX_FROM_EAST
        yield "nyc:bronx" if is_bronx else "nyc:manhattan"
        return
    for pattern, boroughs in _street_patterns():
        if pattern.search(plain):
            yield from boroughs
            return


@cache
def _neighborhood_names() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    keys: dict[str, list[str]] = {}
    for division in gazetteer().of_scheme("nyc"):
        if division.parent not in (None, CITY):
            for name in (division.name, *division.aliases):
                keys.setdefault(plain_address(name), []).append(division.key)
    names = "|".join(sorted(map(re.escape, keys), key=len, reverse=True))
    return re.compile(rf"\b({names})\b{_ROAD_AHEAD}"), keys


@cache
def _street_patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    path = files("roost") / "data" / "places" / "nyc_addresses.csv"
    with path.open(encoding="utf-8") as rows:
        return tuple(
            (
                re.compile(rf"\b(?:{row['pattern']})\b"),
                tuple(f"nyc:{each}" for each in row["boroughs"].split("|")),
            )
            for row in csv.DictReader(rows)
        )
