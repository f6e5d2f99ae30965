"""Reading of an address from the left: the divisions it names, and where the street begins. Pure.

At each position the longest name of a division within the ones read so far is taken. Names that
state their kind (朝阳区) are always names of divisions; a bare name (朝阳) is one unless a road or
a landmark continues it. Townships and streets need their kind, unless nothing follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from roost.places.gazetteer import Gazetteer
from roost.places.name_guards import (
    continues_as_an_address,
    names_a_dish,
    names_a_road_or_landmark,
)
from roost.places.name_index import RECENT, Former, NameIndex, Sense, Senses
from roost.places.place_folding import LIST_MARK
from roost.places.townships import COUNTY_DIGITS, SEPARATED, SHORTEST, Townships

_OUTER_AREA = (
    r"伊犁(?:哈萨克)?(?:自治)?州(?=[ 、]?(?:塔城|阿勒泰|额敏|乌苏|沙湾[市县]|托里县|裕民县|"
    r"和布克赛尔|布尔津|富蕴|福海县|哈巴河|青河县|吉木乃))"
    r"|雄安新区(?=[ 、]?(?:容城县|安新县|雄县))"
)
"""Ili, which administers two other prefectures, and Xiong'an: codes and names omit them."""
_LEADING = re.compile(
    rf"(?:[ {LIST_MARK}]|{_OUTER_AREA}|中国|中华人民共和国|(?:邮政编码|邮编) *|\d{{6}}(?!\d)|"
    r"仅?限(?!制)|从(?![化江])|到|去|赴|前往|"
    r"(?:生产建设)?兵团(?:第?[一二三四五六七八九十]{1,3}师)?|"
    r"籍贯|户籍|户口|老家|家乡|原籍|来自|"
    r"(?:工作|公司|单位|办公|上班|面试|现|家庭|户籍|联系|常住|通讯|注册|总部|现居|详细)?"
    r"(?:地址|地点|住址|住地)[为是在]?|(?:位于|坐落于|现住|家住|居住在))++"
)
_BETWEEN = re.compile(
    rf"(?:[ 、]|{_OUTER_AREA}|市辖区|省直辖县级行政区划|自治区直辖县级行政区划|地区|"
    r"街?道?办事处|(?<=街道)办|"
    r"(?:区|县|市|镇|乡)?(?:人民)?政府|生产建设兵团(?:第?[一二三四五六七八九十]{1,3}师)?)++"
)
_TOWNSHIP_NEAR = re.compile(r"[\u3400-\u9fff]{1,12}?(?:镇|乡|街道|街办|苏木)")
_LAST_NAME = re.compile(rf"([\u3400-\u9fff]{{2,5}}?)(?<![站场区城心园])(?=[ {LIST_MARK}]|$)")
"""Whole rest of a text, or of its part, that may be the bare name of a township: 坂田."""
_OTHER_KIND = re.compile(r"新区|[县区](?![域块级委])|市(?![场政民委区中立郊内容级府直])")


class Step(NamedTuple):
    """Name read: its end in the text, and its senses within the ones before it."""

    end: int
    senses: Senses


@dataclass(frozen=True, slots=True)
class Reading:
    """Innermost senses that an address names, and the position where its street begins."""

    senses: Senses
    end: int
    full: bool = False
    """True if the last name states its kind."""
    steps: int = 0
    """Number of names read."""
    name: str = ""
    """Last name read."""


class AddressReader:
    """Reads folded addresses (see `place_folding`)."""

    def __init__(self, known: Gazetteer, index: NameIndex, scheme: str = "cn") -> None:
        self._known = known
        self._index = index
        self._scheme = scheme
        self._townships = known.townships(scheme)
        self._around: dict[str, tuple[str, ...]] = {}

    def read(self, text: str, at: int = 0, scope: Senses = ()) -> Reading:
        """Read the divisions named from a position on, within the scope if there is one."""
        if leading := _LEADING.match(text, at):
            at = leading.end()
        reading, steps, begin = Reading((), at), 0, at
        step = self._step(text, at, scope)
        while step is not None:
            steps += 1
            full = all(sense.full for sense in step.senses)
            name, senses = text[begin : step.end], step.senses
            begin, step = self._next(text, step)
            reading = Reading(senses, begin, full, steps, name)
        return reading

    def _next(self, text: str, step: Step) -> tuple[int, Step | None]:
        """Return the next name and its position, or None and the beginning of the street.

        A name already read that is written again is skipped, unless a part's name begins with it.
        """
        at = _after(text, step.end)
        while (following := self._step(text, at, step.senses)) is None:
            again = self._repeated(text, at, step.senses)
            if again == at:
                break
            at = _after(text, again)
        return at, following

    def may_begin_at(self, text: str, at: int) -> bool:
        """Return whether a name of the index may begin at a position."""
        return text[at] in self._index.longest

    def _step(self, text: str, at: int, scope: Senses) -> Step | None:
        """Return the next name, the longest one first."""
        found = self._division(text, at, scope) or self._behind(text, at, scope)
        if found is not None and all(sense.full for sense in found.senses):
            return found
        finer = self._township(text, at, scope, least=found.end - at if found else 0)
        if finer and found and self._with_part_behind(text, found.end, found.senses):
            return found  # 黑山 in 黑山镇安镇: the part behind it uses the letter 镇
        return finer or found

    def _division(self, text: str, at: int, scope: Senses) -> Step | None:
        longest = self._index.longest.get(text[at : at + 1], 0)
        for end in range(min(at + longest, len(text)), at + SHORTEST - 1, -1):
            senses = self._index.senses.get(text[at:end])
            if senses is None:
                continue
            inside = self._inside(senses, scope)
            if inside and (found := _accepted(text, at, end, inside, bool(scope))):
                return found
            if narrowed := self._with_part_behind(text, end, inside):
                return Step(end, narrowed)
        return None

    def _with_part_behind(self, text: str, end: int, senses: Senses) -> Senses:
        """Return the senses of a bare name of which the text then names a part: 昆山花桥."""
        return tuple(each for each in senses if self._names_part(text, end, each))

    def _names_part(self, text: str, at: int, sense: Sense) -> bool:
        part = self._step(text, at, (sense,))
        return part is not None and (
            text[part.end : part.end + 1] in SEPARATED
            or all(each.full for each in part.senses)
            or bool(self._with_part_behind(text, part.end, part.senses))
        )

    def _behind(self, text: str, at: int, scope: Senses) -> Step | None:
        """Return a name whose first character ended the one before: 市南区 in 青岛市南区."""
        if not scope or text[at - 1 : at] != "市" or text[at : at + 1] not in ("中", "南", "北"):
            return None
        end = at + len("南区")
        inside = self._inside(self._index.senses.get(text[at - 1 : end], ()), scope)
        return Step(end, inside) if inside else None

    def _inside(self, senses: Senses, scope: Senses) -> Senses:
        """Return the senses within the scope, or those that a name alone can have."""
        if scope:
            return tuple(each for each in senses if any(self._lies_in(each, o) for o in scope))
        alone = tuple(each for each in senses if not each.inner_only)
        if len(alone) < 2:
            return alone
        today = [each for each in alone if not each.remote and each.former is None]
        recent = [each for each in alone if each.former and (each.former.year or 0) >= RECENT]
        return (*today, *recent) if today else alone

    def _lies_in(self, sense: Sense, outer: Sense) -> bool:
        if outer.former is sense.former and outer.keys == sense.keys:
            return False
        home = sense.former.within if sense.former else ""
        return any(
            (home and self._contains(key, home))
            or any(each != key and self._contains(key, each) for each in sense.keys)
            for key in outer.keys
        ) or (outer.former is not None and not set(sense.keys).isdisjoint(outer.former.also))

    def _contains(self, outer: str, inner: str) -> bool:
        return inner.startswith(outer) or self._known.contains(outer, inner)

    def _township(self, text: str, at: int, scope: Senses, least: int) -> Step | None:
        """Return the township named at a position by more than `least` characters."""
        if self._townships is None or at >= len(text):
            return None
        found: dict[int, list[str]] = {}
        for code in self._codes_of(scope):
            end, codes = _longest_township(self._townships, text, at, code, least)
            if codes:
                found.setdefault(end, []).extend(codes)
        if not found:
            return None
        end = max(found)
        keys = dict.fromkeys(f"{self._scheme}:{code}" for code in found[end])
        return Step(end, tuple(Sense((key,), True) for key in keys))

    def _codes_of(self, scope: Senses) -> list[str]:
        """Return the codes of the divisions whose townships may be named; empty code: all."""
        if not scope:
            return [""]
        prefix = f"{self._scheme}:"
        return [
            key.removeprefix(prefix)
            for sense in scope
            for key in (*sense.keys, *(sense.former.also if sense.former else ()))
            if key.startswith(prefix)
        ]

    def _repeated(self, text: str, at: int, senses: Senses) -> int:
        """Return the end of a name already read that is written again, else the position."""
        if at < len(text) and len(senses) == 1 and len(senses[0].keys) == 1:
            for name in self._names_around(senses[0].keys[0]):
                if text.startswith(name, at):
                    return at + len(name)
        return at

    def _names_around(self, key: str) -> tuple[str, ...]:
        """Return the names of a division and of those that contain it."""
        names = self._around.get(key)
        if names is None:
            around = map(self._known.get, self._known.ancestors(key))
            names = tuple(each.name for each in around if each is not None)
            self._around[key] = names
        return names


def _after(text: str, at: int) -> int:
    """Return the position after separators and words that only group divisions."""
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def _accepted(text: str, at: int, end: int, inside: Senses, in_scope: bool) -> Step | None:
    """Return the step for the senses that the text after a name allows."""
    if text[end : end + 1] in SEPARATED:
        return Step(end, inside)
    if names_a_dish(text, end):
        return None
    if any(each.full for each in inside):
        return Step(end, inside)
    if kind := _OTHER_KIND.match(text, end):
        renamed = _with_other_kind(text[at : kind.end()], inside, in_scope)
        if renamed:
            return Step(kind.end(), renamed)
    if names_a_road_or_landmark(text, end):
        return None
    if in_scope or continues_as_an_address(text, end):
        return Step(end, inside)
    cities = tuple(each for each in inside if each.city)
    return Step(end, cities) if cities else None


def _with_other_kind(name: str, senses: Senses, in_scope: bool) -> Senses:
    """Return the counties of a name whose kind differs from today's: 徐汇县, 光明新区."""
    counties = [each for each in senses if not each.city and len(each.keys) == 1]
    if len(counties) != 1 or (not in_scope and len(counties) != len(senses)):
        return ()
    former = Former(name, "", None, counties[0].keys)
    return (Sense(counties[0].keys, True, former),)


def _longest_township(
    townships: Townships, text: str, at: int, code: str, least: int
) -> tuple[int, tuple[str, ...]]:
    """Return the end and the codes of the longest name of a township within a division."""
    if len(code) > COUNTY_DIGITS:
        return at, ()
    if county := townships.only_county(code):
        return townships.longest_in_county(county, text, at, least)
    if found := _LAST_NAME.match(text, at):
        codes = townships.bare_in_city(code, found[1])
        if codes and found.end(1) - at > least:
            return found.end(1), codes
    near = _TOWNSHIP_NEAR.match(text, at)
    for end in range(
        min(near.end() + 2, len(text)) if near else at, at + max(least, SHORTEST - 1), -1
    ):
        if codes := townships.in_wider(code, text[at:end]):
            return end, codes
    return at, ()
