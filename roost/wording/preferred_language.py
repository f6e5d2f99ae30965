"""Choice between Chinese and English by `Accept-Language` (RFC 9110, section 12.5.4). Pure."""

from __future__ import annotations

LANGUAGES = ("zh", "en")
MOST_RANGES = 20
"""Number of language ranges that are read; browsers send a few."""


def preferred_language(header: str, *, default: str) -> str:
    """Return `zh` or `en`: the one with the higher weight, else the first named, else `default`.

    A malformed part counts as absent.
    """
    weights: dict[str, float] = {}
    for part in header.split(",", MOST_RANGES)[:MOST_RANGES]:
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        language = default if name == "*" else name.split("-")[0]
        weight = _weight(parameters)
        if language in LANGUAGES and weight > 0 and weight > weights.get(language, 0):
            weights[language] = weight
    return max(weights, key=lambda each: weights[each]) if weights else default


def _weight(parameters: list[str]) -> float:
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
