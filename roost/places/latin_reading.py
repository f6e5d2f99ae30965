"""Chinese places written in Latin letters: `Chaoyang District, Beijing`, `Taiyuan, Shanxi`. Pure.

The parts of an address are read from the last to the first, since English addresses end with the
province. A part names a division by its pinyin, with or without its kind.
"""

from __future__ import annotations

import re
from collections import defaultdict

from roost.places.gazetteer import Gazetteer
from roost.places.name_forms import NAMELESS, is_zone

_KINDS = re.compile(
    r" (?:district|county|city|municipality|province|prefecture|autonomous region|new area|banner|"
    r"sheng|shi|qu|xian|zizhiqu|zizhizhou|diqu|qi)$"
)
_KIND_SYLLABLES = {"sheng", "shi", "qu", "xian", "qi", "meng"}
_COUNTRY = re.compile(r"^(?:p r |pr |peoples republic of )?china$|^prc$")
_NUMBERS = re.compile(r"\b\d+\b")
Keys = tuple[str, ...]


class LatinReader:
    """Reads addresses in Latin letters with the pinyin of the gazetteer."""

    def __init__(self, known: Gazetteer) -> None:
        self._known = known
        found: dict[str, list[str]] = defaultdict(list)
        for division in known.coarse():
            if not division.pinyin or division.name in NAMELESS or is_zone(division.code):
                continue
            parent = known.get(division.parent) if division.parent else None
            if parent is not None and parent.name == division.name:
                continue
            syllables = division.pinyin.split()
            has_kind = syllables[-1] in _KIND_SYLLABLES and len(syllables) > len("献县")
            bare = syllables[:-1] if has_kind else syllables
            if syllables[-2:] == ["xin", "qu"] and len(syllables) > len("滨海新区") - 1:
                bare = syllables[:-2]
            for spelling in {"".join(bare), "".join(syllables), *map(_joined, division.aliases)}:
                found[spelling].append(division.key)
        self._keys: dict[str, Keys] = {name: tuple(keys) for name, keys in found.items()}

    def read(self, address: str) -> Keys:
        """Return the keys of the innermost divisions that an address names; empty if none."""
        current: Keys = ()
        for part in reversed(re.split(r"[,;，；/\n]", address)):
            plain = _plain(part)
            if not plain or _COUNTRY.match(plain):
                continue
            named = self._named(plain)
            current, is_last = self._combined(current, named)
            if is_last:
                break
        return current

    def _named(self, plain: str) -> Keys:
        """Return the divisions of a part, or of the divisions that several words of it name."""
        if found := self._keys.get(_joined(plain)):
            return found
        if found := self._keys.get(_joined(_KINDS.sub("", plain))):
            return found
        words = plain.split()
        for size in range(min(4, len(words) - 1), 0, -1):
            outer = self._keys.get("".join(words[:size]))
            inner = self._named(" ".join(words[size:])) if outer else ()
            if outer and inner:
                return self._combined(outer, inner)[0]
        return ()

    def _combined(self, outer: Keys, named: Keys) -> tuple[Keys, bool]:
        """Return the divisions that fit both, and True if the part names no division."""
        if not outer or not named:
            return outer or named, bool(outer)
        inside = self._inside(named, outer) or self._inside(outer, named)
        return inside or outer, not inside

    def _inside(self, inner: Keys, outer: Keys) -> Keys:
        return tuple(
            each for each in inner if any(self._known.contains(key, each) for key in outer)
        )


def _plain(text: str) -> str:
    text = text.casefold().translate({ord("ü"): "v", ord("'"): None, ord("’"): None})
    letters = re.sub(r"[^a-z0-9 ]+", " ", text)
    return " ".join(_NUMBERS.sub(" ", letters).split())


def _joined(text: str) -> str:
    return _plain(text).replace(" ", "")
