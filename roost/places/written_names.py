"""Names of places as a form shows and reads them: full names of keys, and countries by name."""

from __future__ import annotations

from roost.places.gazetteer import gazetteer

_COUNTRY_NAMES = {"cn": ("中国", "China"), "us": ("美国", "United States")}
_COUNTRIES = {name.casefold(): key for key, names in _COUNTRY_NAMES.items() for name in names}


def written_name(key: str, *, chinese: bool = True) -> str:
    """Return the full name of a key, which names the same place again; an unknown key as it is."""
    if key in _COUNTRY_NAMES:
        return _COUNTRY_NAMES[key][0 if chinese else 1]
    known = gazetteer()
    return known.full_name(key) if key in known else key


def country_key(text: str) -> str | None:
    """Return the key of a country by its key or its name (`cn`, 中国); None for another text."""
    plain = text.strip().casefold()
    return plain if plain in gazetteer().countries else _COUNTRIES.get(plain)
