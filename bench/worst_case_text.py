"""Growth of the time of every text function on its worst input: at most linear.

`python -m bench.worst_case_text`. Each function first reads many hostile texts of one size: words
from its patterns repeated, blanks, digits, brackets, combining marks, nested attributes. Its
three slowest then grow twofold and fourfold. A growth of 4 is linear, 16 quadratic.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from bench.measuring import write_results
from matcher import linking
from matcher.features import worker_text
from producers import values
from producers.lawful import check_lawful
from producers.located_places import locate_place
from producers.mappings.cell_values import repair_text
from producers.mappings.mapping_files import load_mapping
from producers.mappings.resolved_mapping import ResolvedMapping, resolved_mapping
from producers.mappings.row_mapping import map_row
from producers.tables.headings import Column, Heading, folded_heading
from producers.tables.table_model import Table
from producers.values import NotUnderstood
from roost.constraints import licences
from roost.contact import stop_words
from roost.contact.addresses import normal_address
from roost.errors import RoostError
from roost.events.common import Place
from roost.events.opening import OpeningContent
from roost.events.preferences import ChannelKind
from roost.events.profile import Profile, ProfileContent
from roost.extraction.stated_requirements import extracted
from roost.law.attributes import without_attributes
from roost.law.findings import all_demanded
from roost.places.place_search import borough_of, find_place
from roost.text import mojibake, plain_text, skill_names, tokens
from roost.text.lookup_form import lookup_form
from roost.text.normalising import nfkc
from roost.text.simplified import simplified
from roost.wording import inert

SIZE = 5_000
"""Characters of the smallest measured text; the longest text that Roost accepts has 20,000."""
SCREENED = 1_500
"""Characters of a screened text."""
SLOWEST = 3
REPEATS = 3
_MARKS = "a A 1 男 女 招 会 已 ﷺ ㌖ ( （ [ { , ， 、 / | : 。 . - _ 患 有 无 限 岁 é ä"
_BLANKS = " |\t|\n|\u3000|\x00|\u200b|\u0315\u0300\u0327|ﾞ\u0327|ｶﾞ|. |, |; |\n "
_DEMANDS = """
不招男均可 男女 女男 男不限 已婚 已婚、 已婚未婚 无乙肝 患有 没有 不得有 携带 乙肝 一一年内
1年内 20岁 20-30 18-60岁 年龄 60岁老人 90后 本地户口 限本地户口 民族： 汉族 宗教信仰 单身
不信宗教信仰 怀孕 有孩子 1990年 95后
95后、 1985年1月 出生 年满 放宽至 不超过 优先考虑 年轻
熟练 熟练使用 招聘10名 3年经验 学历 包吃住 ÃÃ Ã\u0080 www. http:// 1.1.1. a.b. discriminat
"""
_PHRASES = (
    "no men |young, |recent |must be aged |under- |born |between 20 and |20 to |male |over 50 |"
    "age: |waitress |hepatitis B |no |men only |regardless of men only |one two with |1 1 |"
    "5 years of |hiring 3 |housing and |under 35 |aged 20 - |HIV HIV-|"
    "children under 35 only |serving men only |年龄 20 |20 岁 |valid | card|certificate |east 1|"
    "e. 1|, except "
)
UNITS = (*_MARKS.split(), *_BLANKS.split("|"), *_DEMANDS.split(), *_PHRASES.split("|"))
NESTED = (
    ("已", "婚"),
    ("乙", "肝"),
    ("(", ")"),
    ("（", "）"),
    ("[", "]"),
    ("{", "}"),
    ("女", "性"),
)
OPENED = (
    "年龄",
    "无",
    "性别",
    "男",
    "不招",
    "20",
    "本地户口",
    "HIV",
    "\n",
    "(",
    "aged ",
    "born in",
)
"""Beginnings of demands, followed by one long run."""
RUNS = (" ", "1", "一", "a", "患有", "、", "- ")
Function = Callable[[str], object]
PARSERS: tuple[Function, ...] = (
    values.parse_wage,
    values.parse_pay_period,
    values.parse_currency,
    values.parse_day,
    values.parse_education,
    values.parse_experience,
    values.parse_yes_no,
    values.parse_board,
    values.parse_shifts,
    values.parse_phones,
    values.parse_person_number,
    values.identity_kind,
    values.split_list,
)
"""Parsers of cells."""


def functions() -> dict[str, Function]:
    """Return every function that reads foreign text, by name."""
    workshops = _resolved("sample_workshops")
    roster = _resolved("zh_profiles")
    return {
        "law.without_attributes": without_attributes,
        "features.worker_text": _worker_text,
        "law.all_demanded": all_demanded,
        "lawful.check_lawful": _check_lawful,
        "extraction.extracted": extracted,
        "text.nfkc": nfkc,
        "text.plain": plain_text.plain,
        "text.positions": plain_text.positions,
        "text.simplified": simplified,
        "text.tokens": tokens.tokens,
        "text.shared_words": lambda text: tokens.shared_words(text, {"焊工", "a"}),
        "text.normal_skill": tokens.normal_skill,
        "text.singular_words": tokens.singular_words,
        "text.plural_end": tokens.plural_end,
        "text.skill_key": skill_names.skill_key.__wrapped__,
        "licences.normal_name": licences.normal_name,
        "linking.spoken_title": linking.spoken_title,
        "linking.normalised_name": linking.normalised_name,
        "places.find": lambda text: _refused(lambda: find_place(text)),
        "places.borough_of": borough_of,
        "facts.locate_place": lambda text: _refused(lambda: _locate(text)),
        "contact.is_stop": stop_words.is_stop,
        "contact.sms": lambda text: normal_address(ChannelKind.SMS, text),
        "contact.email": lambda text: normal_address(ChannelKind.EMAIL, text),
        "wording.line": lambda text: inert.line(text, 200, chinese=True),
        "wording.own_text": inert.own_text,
        "text.mended": mojibake.mended,
        "text.lookup_form": lookup_form,
        **{f"values.{parser.__name__}": _understood(parser) for parser in PARSERS},
        "mappings.repair_text": repair_text,
        "mappings.folded_heading": folded_heading.__wrapped__,
        "mappings.opening": lambda text: _refused(
            lambda: map_row(dict.fromkeys(workshops.columns_by_field.values(), text), workshops)
        ),
        "mappings.worker": lambda text: _refused(
            lambda: map_row(dict.fromkeys(roster.columns_by_field.values(), text), roster)
        ),
    }


def _resolved(name: str) -> ResolvedMapping:
    mapping = load_mapping(name)
    columns = tuple(mapping.columns())
    heading = Heading((1,), tuple(Column(*each) for each in enumerate(columns, 1)))
    return resolved_mapping(mapping, Table("", columns, iter(()), heading))


def _check_lawful(text: str) -> None:
    content = OpeningContent.model_validate(
        {
            "title": "—",
            "hiringOrganization": {"id": "x", "name": "—"},
            "jobLocation": {"name": "—"},
        }
    ).model_copy(update={"description": text})
    _refused(lambda: check_lawful(content))


def _worker_text(text: str) -> str:
    home = Place(name="—")
    content = ProfileContent(name="—", home=home, location=home)
    values = {name: getattr(content, name) for name in ProfileContent.model_fields}
    return worker_text(Profile.model_construct(id="—", **values | {"summary": text}))


def _locate(text: str) -> Place:
    return locate_place(Place.model_construct(name=text), "home")


def _refused(call: Callable[[], object]) -> None:
    try:
        call()
    except RoostError:
        return


def _understood(parser: Function) -> Function:
    """Return a parser of values whose refusals are passed over."""

    def parse(text: str) -> None:
        with suppress(NotUnderstood):
            parser(text)

    return parse


def hostile_texts(size: int) -> Iterator[tuple[str, str]]:
    """Yield hostile texts of a size, each with its description."""
    for unit in UNITS:
        yield repr(unit), (unit * (size // len(unit) + 1))[:size]
        yield f"{unit!r} and 焊", (unit * (size // len(unit) + 1))[: size - 1] + "焊"
    for opening, closing in NESTED:
        yield f"{opening} nested {closing}", opening * (size // 2) + closing * (size // 2)
    for start in OPENED:
        for run in RUNS:
            rest = (run * (size // len(run) + 1))[: size - len(start) - 1]
            yield f"{start!r} then {run!r}", f"{start}{rest}。"


def seconds(function: Function, text: str, repeats: int = REPEATS) -> float:
    """Return the shortest of some runs in seconds of processor time."""
    best = float("inf")
    for _ in range(repeats):
        start = time.thread_time()
        function(text)
        best = min(best, time.thread_time() - start)
    return best


def measured(function: Function) -> dict[str, object]:
    """Return the worst text of a function, and its time at the three sizes in milliseconds."""
    screened = {name: seconds(function, text, 1) for name, text in hostile_texts(SCREENED)}
    slowest = sorted(screened, key=lambda name: -screened[name])[:SLOWEST]
    texts = [dict(hostile_texts(SIZE * factor)) for factor in (1, 2, 4)]
    rows = {name: [seconds(function, text[name]) for text in texts] for name in slowest}
    worst = max(rows, key=lambda name: rows[name][-1])
    least_s = 0.000_2  # below it, the clock's own noise decides
    growth = max(times[-1] / max(times[0], least_s) for times in rows.values())
    return {
        "worst": worst,
        "ms": [round(1000 * each, 2) for each in rows[worst]],
        "growth": round(growth, 2),
    }


def main() -> None:
    """Measure every function and write the results."""
    results = {name: measured(function) for name, function in functions().items()}
    sizes = [SIZE, 2 * SIZE, 4 * SIZE]
    write_results("worst_case_text", {"characters": sizes, "linear": 4.0, "functions": results})


if __name__ == "__main__":
    main()
