"""Keys that openings of near-identical content share, whatever employer they name. Pure.

An employer's openings share the exposure of a day (`roost.rules.capacity`). A poster of the same
advertisement under several employers' ids must not get several shares, so openings that share a key
share it as well. The employer's name, numbers, punctuation and the spelling of characters enter no
key: they are what differs between copies. Nor do protected attributes, as in all that the matcher
compares.

- An advertisement with a description is compared by its words: keys are bands of a MinHash sketch
  of its character shingles. Texts with nine tenths of their shingles in common share a key with
  probability .97, with half of them .12.
- One without is compared by all its terms (title, skills, place, wage, places and so on): only an
  equal one shares its key. If it states few terms besides title and place, equal ones are often
  unrelated: their key is weak, and limits them less (`roost.rules.daily_counts`).

Source: Broder (1997), On the resemblance and containment of documents; Shrivastava and Li (2014),
Densifying one permutation hashing (the empty bins); bands as in Leskovec, Rajaraman and Ullman,
Mining of Massive Datasets, chapter 3.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from zlib import crc32

from roost.events.common import Education
from roost.events.opening import EmploymentType, OpeningContent, Workplace
from roost.law.attributes import without_attributes
from roost.rules.daily_counts import WEAK
from roost.text.tokens import folded

BANDS, ROWS = 4, 5
SHINGLE = 4
"""Characters of a shingle."""
LEAST_TEXT = 60
"""Least letters of a description that is compared by its words; a shorter one says too little."""
LEAST_TERMS = 3
"""Least terms besides title and place that tell an opening without a text from unrelated ones."""
MOST_TEXT = 800
"""Letters of a text that are compared."""
_NO_LETTER = re.compile(r"[\W\d_]+")


def alike_keys(opening: OpeningContent) -> list[str]:
    """Return the keys of an opening's content, a few letters each, in order."""
    text = _letters(opening.description, opening)
    if len(text) >= LEAST_TEXT:
        return _bands(_letters(opening.title, opening) + text)
    key = _key("terms", *_terms(opening))
    return [key if _number_of_terms(opening) >= LEAST_TERMS else WEAK + key.removeprefix("~")]


def _number_of_terms(opening: OpeningContent) -> int:
    """Return the number of terms that an opening states besides title and place."""
    stated = (
        opening.base_salary,
        opening.total_job_openings > 1,
        opening.shifts,
        opening.lodging,
        opening.meals,
        opening.experience_requirements,
        opening.education_requirements is not Education.NONE,
        opening.employment_type is not EmploymentType.FULL_TIME,
        opening.workplace is not Workplace.ENTERPRISE,
    )
    named = {*opening.skills, *opening.preferred_skills, *opening.licences_required}
    return len(named) + sum(map(bool, stated))


def _terms(opening: OpeningContent) -> Iterable[str]:
    place = opening.job_location
    wage = opening.base_salary
    yield from (_letters(opening.title, opening), _letters(opening.description, opening))
    for texts in (opening.skills, opening.preferred_skills, opening.licences_required):
        plain = (folded(without_attributes(each)) for each in texts)
        yield "/".join(sorted(filter(None, plain)))
    yield folded(place.name)
    if wage is not None:
        yield f"{wage.min_value} {wage.max_value} {wage.currency} {wage.unit_text}"
    yield from (
        str(opening.total_job_openings),
        "/".join(sorted(each.value for each in opening.shifts)),
        f"{opening.lodging}{opening.meals}",
        f"{opening.experience_requirements:g}",
        opening.education_requirements.value,
        opening.employment_type.value,
        opening.workplace.value,
    )


def _letters(text: str, opening: OpeningContent) -> str:
    """Return the letters of a text, folded, without the employer's name."""
    name = folded(opening.hiring_organization.name)
    plain = folded(without_attributes(text[: 4 * MOST_TEXT]))
    return _NO_LETTER.sub("", plain.replace(name, "") if name else plain)[:MOST_TEXT]


def _bands(text: str) -> list[str]:
    """Return a key for each band of the text's sketch."""
    sketch = _sketch(text)
    return [
        _key(str(band), *map(str, sketch[band * ROWS : (band + 1) * ROWS])) for band in range(BANDS)
    ]


def _sketch(text: str) -> Sequence[int]:
    """Return the least hash of the shingles in each bin; an empty bin takes the next one's."""
    bins = BANDS * ROWS
    least: list[int | None] = [None] * bins
    for at in range(len(text) - SHINGLE + 1):
        number = crc32(text[at : at + SHINGLE].encode())
        rest, bin = divmod(number * 0x9E3779B1 & 0xFFFFFFFF, bins)
        known = least[bin]
        if known is None or rest < known:
            least[bin] = rest
    filled = [each for each in range(bins) if least[each] is not None]
    if not filled:
        return [0] * bins
    found: list[int] = []
    for at in range(bins):
        source = next((each for each in filled if each >= at), filled[0])
        found.append((least[source] or 0) * bins + (source - at) % bins)
    return found


def _key(*parts: str) -> str:
    digest = blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return "~" + b32encode(digest).decode().rstrip("=").lower()
