"""Growth of the time of every text function on its worst input: at most linear.

`python -m bench.worst_case_text`. Each function first reads many hostile texts of one size: words
from its patterns repeated, blanks, digits, brackets, combining marks, nested attributes. Its
three slowest then grow twofold and fourfold. A growth of 4 is linear, 16 quadratic.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.measuring import write_results
from bench.text_functions import Function, functions

SIZE = 5_000
"""Characters of the smallest measured text; the longest text that Roost accepts has 20,000."""
SCREENED = 500
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
_HTML = "<|<row |<c |<c><f/><v |<a |<!--|&|&#|</|<p>|<script>|<a b=\"|&amp;|<br/>|<a b='"
UNITS = (
    *_HTML.split("|"),
    *_MARKS.split(),
    *_BLANKS.split("|"),
    *_DEMANDS.split(),
    *_PHRASES.split("|"),
)
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


def hostile_texts(size: int) -> Iterator[tuple[str, str]]:
    """Yield hostile texts of a size, each with its description."""
    for unit in UNITS:
        yield repr(unit), (unit * (size // len(unit) + 1))[:size]
        yield f"{unit!r} and 焊", (unit * (size // len(unit) + 1))[: size - 1] + "焊"
    for opening, closing in NESTED:
        yield f"{opening} nested {closing}", opening * (size // 2) + closing * (size // 2)
    for before in ("a", "1"):
        for run in _BLANKS.split("|")[:4]:
            yield f"{before!r}, {run!r}, 焊", f"{before}{run * (size - 2)}焊"
    for start in OPENED:
        for run in RUNS:
            rest = (run * (size // len(run) + 1))[: size - len(start) - 1]
            yield f"{start!r} then {run!r}", f"{start}{rest}。"


def seconds(function: Function, text: str, repeats: int = REPEATS) -> float:
    """Return the shortest of some runs in seconds of processor time.

    Each run lacks one more character, so that none is answered from a cache.
    """
    best = float("inf")
    for number in range(repeats):
        given = text[number:]
        start = time.thread_time()
        function(given)
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
