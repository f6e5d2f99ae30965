"""Readings of texts that begin with no division, and signs of spelling mistakes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from roost.places.address_reading import AddressReader, Reading
from roost.places.gazetteer import Gazetteer
from roost.places.townships import SEPARATED

_ADDRESS_FOLLOWS = re.compile(r"地址[为是:： ]*")
_SPACED = re.compile(r"[\u3400-\u9fff](?: [\u3400-\u9fff])+ *")
_UNKNOWN = re.compile(
    r"([\u3400-\u9fff]{2,5}?(?:县|州|市|区|盟|旗))"
    r"(?![\u3400-\u9fff]{0,3}?(?:路|街|道|巷|弄))(?![场政民委中立郊内容级域心])"
)
_JOINED = re.compile(r"(?:至|到|转|飞|往|和|与|及|或者?|以及) *")
"""Words between two places: 临汾至太原, 北京或上海."""
_JOINING = frozenset("至到转飞往和与及或以")
"""First characters of these words."""
_ZONE = re.compile(
    r"高新|经开|开发|示范|工业|新城|园区|市区|城区|校区|小区|社区|景区|厂区|片区|东区|西区|南区|北区|新区"
)


def later_reading(reader: AddressReader, text: str) -> Reading | None:
    """Return the reading of a text that names its place after a firm, a building or a street.

    The name must state its kind after a separator or the word 地址, or be a pair of names of which
    one contains the other.
    """
    for at in _beginnings(text):
        found = reader.read(text, at)
        if found.senses and (found.full or found.steps > 1):
            return found
    for at in range(1, len(text)):
        if reader.may_begin_at(text, at):
            found = reader.read(text, at)
            if found.steps > 1:
                return found
    return None


def _beginnings(text: str) -> Iterator[int]:
    yield from (found.end() for found in _ADDRESS_FOLLOWS.finditer(text))
    for at in range(1, len(text)):
        if text[at - 1] in SEPARATED and text[at] not in SEPARATED:
            yield at


def next_in_list(text: str, end: int) -> int | None:
    """Return the position of the next place of a list after a name; None if the text goes on.

    The end of the text ends a list.
    """
    if end >= len(text):
        return len(text)
    if text[end] in _JOINING and (joined := _JOINED.match(text, end)):
        return joined.end()
    return end if text[end - 1] in SEPARATED else None


def with_container_behind(
    reader: AddressReader, known: Gazetteer, text: str, reading: Reading
) -> Reading:
    """Return the reading narrowed by a container that follows it: 朝阳区, 北京市."""
    at = reading.end
    if at >= len(text) or not (len(reading.senses) > 1 or text[at - 1] in SEPARATED):
        return reading
    behind = reader.read(text, at)
    if len(behind.senses) != 1 or len(behind.senses[0].keys) != 1:
        return reading
    outer = behind.senses[0].keys[0]
    inside = tuple(
        sense for sense in reading.senses if all(known.contains(outer, key) for key in sense.keys)
    )
    if not inside:
        return reading
    return Reading(inside, behind.end, reading.full, reading.steps, reading.name)


def without_spacing(text: str) -> str:
    """Return the text without the blanks between single characters (北 京 市); else empty."""
    found = _SPACED.match(text)
    if found is None:
        return ""
    return found.group().replace(" ", "") + text[found.end() :]


def unknown_division(text: str, at: int) -> str | None:
    """Return the name at a position that looks like that of a division; None if none does."""
    found = _UNKNOWN.match(text, at)
    return found[1] if found and not _ZONE.search(found[1]) else None


def one_letter_differs(name: str, key: str, known: Gazetteer) -> bool:
    """Return whether a division's name has the same length and kind, and one other letter."""
    other = known[key].name
    if len(other) != len(name) or len(name) < 3 or other[-1] != name[-1]:
        return False
    return sum(a != b for a, b in zip(name, other, strict=True)) == 1


def codes_of_digits(digits: str) -> Iterator[str]:
    """Yield the code of an administrative code of 6, 9 or 12 digits; trailing zeros group."""
    if len(digits) == 12 and digits.endswith("000"):
        digits = digits[:9]
    if len(digits) == 9 and digits.endswith("000"):
        digits = digits[:6]
    if len(digits) == 6:
        yield re.sub(r"(?:00){1,2}$", "", digits)
    elif len(digits) == 9:
        yield digits
