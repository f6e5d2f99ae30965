"""Forms of the names of divisions: without their kind, without ethnic groups, abbreviated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from roost.places.place_folding import fold_place

NAMELESS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Divisions that only group others; names leave them out."""
_GROUPS = (
    "蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|"
    "哈萨克族|哈萨克|傣族|黎族|傈僳族|佤族|畲族|高山族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|"
    "柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|锡伯|阿昌族|普米族|塔吉克族|"
    "塔吉克|怒族|乌孜别克族|俄罗斯族|鄂温克族|德昂族|保安族|裕固族|京族|塔塔尔族|独龙族|鄂伦春族|赫哲族|"
    "门巴族|珞巴族|基诺族|各族"
)
_AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:{_GROUPS})*自治(区|州|县|旗)$")
_ETHNIC_TOWNSHIP = re.compile(rf"^(.+?)(?:(?:{_GROUPS})+|民族)乡$")
_KIND = re.compile(r"(?:特别行政区|新区|林区|特区|地区|省|市|盟|区|县|旗)$")
_ZONE = re.compile(
    r"(?P<kind>高新技术产业开发区|高技术产业开发区|高新技术产业园区|高新技术开发区|经济技术开发区|"
    r"经济开发区)$"
)
ZONE_FORMS = {
    "高": ("高新区", "高新开发区", "高新技术开发区", "高新技术产业开发区", "高新技术产业园区"),
    "经": ("经开区", "经济开发区", "经济技术开发区", "开发区"),
}
"""Abbreviations of development zones, by the first letter of their kind."""
_STREETS = ("街道办事处", "街道办", "街办", "街道", "地区办事处", "地区", "办事处")
_TOWNSHIPS = (*_STREETS, "民族乡", "镇", "乡", "苏木", "农场", "林场", "牧场", "渔场", "茶场")
_ROADS = ("路", "街", "道", "巷", "胡同")


def is_zone(code: str) -> bool:
    """Return whether a code is that of a development zone: the digits 71 to 79 of a county."""
    return len(code) == 6 and code[4] == "7"


def division_forms(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the forms of a name down to counties, and whether each states the kind of division."""
    yield name, True
    if autonomous := _AUTONOMOUS.match(name):
        stem, kind = autonomous.groups()
        stems = [stem, stem[:-1]] if stem.endswith("族") and len(stem) > 2 else [stem]
        for each in stems:  # 东乡族自治县 is named after its people: 东乡县
            yield each, False
            if kind != "区":
                yield each + kind, True
        return
    stem = _KIND.sub("", name)
    if len(stem) >= 2 and stem != name:
        yield stem, False


def zone_kinds(name: str, containers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the key in `ZONE_FORMS` of a development zone and its own name (净月), often empty.

    `containers` are the names of its city and province, which often precede its own.
    """
    found = _ZONE.search(name)
    if found is None:
        return
    own = name[: found.start()]
    for container in reversed([*containers]):
        for form, _ in division_forms(container):
            own = own.removeprefix(form)
    yield found["kind"][0], own.removeprefix("市")


def full_township_forms(name: str) -> Iterator[str]:
    """Yield the forms of a township's name that state its kind."""
    plain = _without_brackets(name)
    yield plain
    if not name.isalnum():
        yield fold_place(name).strip()  # brackets and hyphens are blanks in a folded text
    stem = _without(plain, _STREETS)
    if stem != plain:
        if not plain.endswith("街道"):
            yield stem + "街道"
        if stem.endswith(("区", "镇", "乡")) and len(stem) > 1:
            yield stem
    elif plain.endswith("族乡") and (ethnic := _ETHNIC_TOWNSHIP.match(plain)):
        yield ethnic[1] + "乡"


def township_stem(name: str) -> str:
    """Return a township's name without its kind; empty if that would be the name of a road."""
    stem = township_stem_of_form(_without_brackets(name))
    return stem if len(stem) > 1 and not stem.endswith(_ROADS) else ""


def township_stem_of_form(form: str) -> str:
    """Return a form of a township's name without its kind; the form itself if it states none."""
    if form.endswith("族乡") and (ethnic := _ETHNIC_TOWNSHIP.match(form)):
        return ethnic[1]
    return _without(form, _TOWNSHIPS)


def _without(name: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if name.endswith(ending):
            return name[: -len(ending)]
    return name


def _without_brackets(name: str) -> str:
    return name if "（" not in name else re.sub(r"（.*?）", "", name) or name
