"""Words that mean any place, or the area around a person's residence."""

from __future__ import annotations

ANYWHERE = frozenset(
    {
        "全国",
        "不限",
        "地点不限",
        "地区不限",
        "区域不限",
        "不限地点",
        "不限地区",
        "不限区域",
        "不限城市",
        "城市不限",
        "无限制",
        "均可",
        "都可以",
        "都可",
        "都行",
        "皆可",
        "任意",
        "全国各地",
        "各地",
        "全国范围",
        "全国均可",
        "国内",
        "国内不限",
        "哪里都行",
        "哪儿都行",
        "随意",
        "无要求",
        "没有要求",
        "anywhere",
        "any",
        "all",
        "nationwide",
        "anyplace",
        "everywhere",
    }
)
"""Words that mean any place, folded and without blanks."""

AROUND_RESIDENCE = {
    "省内": 2,
    "本省": 2,
    "全省": 2,
    "省内均可": 2,
    "本省内": 2,
    "省内各地": 2,
    "省内不限": 2,
    "市内": 4,
    "本市": 4,
    "全市": 4,
    "本地": 4,
    "当地": 4,
    "本市内": 4,
    "市内均可": 4,
    "县内": 6,
    "本县": 6,
    "区内": 6,
    "本区": 6,
    "全县": 6,
    "本县内": 6,
    "县内均可": 6,
}
"""Words that mean a division around the residence, with the most digits of its code."""
