"""Signs that a name without its kind is part of another name: 上海路, 中山大学, 兴业银行大厦.

A division that states its kind (朝阳区) is always read. A bare name is not, where a road or a
landmark is named after it: the road 南京西路 lies in Shanghai, and 光大银行 in no 光大.
"""

from __future__ import annotations

import re

_ROAD = re.compile(
    r"(?:[东西南北中上下前后内外新老环一二三四五六七八九十0-9]{0,2}|门[内外里]?)"
    r"(?:路|街(?!道)|大街|大道|道(?!里|外)|巷|弄|胡同|桥|大桥|立交|高速|隧道|支路|线)|[县镇乡村屯庄门]"
)
_LANDMARK = re.compile(
    r"(?:国际|第[一二三四五六七八九十]|市?人民|中心|师范|理工|科技|工业|农业|财经|医科|交通|民族|"
    r"城市|职业|技术|发展|商业|农村|村镇|软件|邮政|建设)*"
    r"(?:机场|大学(?!城)|学院|中学|小学|医院|银行|证券|保险|公司|集团|大厦|大楼|宾馆|酒店|饭店|酒楼|"
    r"公园|广场|会馆|日报|晚报|商会|同乡会|协会|科技馆|博物馆|剧院|剧场|影城|影院|体育馆|体育场|"
    r"汽车|钢铁|石化|牌|式|菜馆|烧烤|拉面|面馆|火锅|人家|小吃|籍)"
)
_BUILDING = re.compile(
    r"社|公司|集团|银行|大厦|大楼|酒店|宾馆|饭店|医院|大学|学院|中学|小学|学校|中心|广场|厂|商场|商城|"
    r"超市|公寓|剧院|机场|车站|站|局|院|馆|店|寺|庙|国际|高新|经济|开发区|科技|工业|软件|创业|产业|"
    r"[a-z]"
)
_ADDRESS = re.compile(
    r"[\u3400-\u9fff]{1,8}?(?:路|街道?|大道|大街|巷|弄|胡同|镇|乡|村|屯|社区|小区|花园|新区|工业区|里)"
)

_NEGATED = re.compile(r" *(?:除外|以外|之外|不去|不要|不考虑|不接受|勿扰)")
_OFFICE = re.compile(r"驻(.{1,6}?)(?:办|联络|工作站|招商|代表处)")
RIVALLED = frozenset({"朝阳", "新北", "chaoyang"})
"""Bare names of cities that name a district elsewhere just as often: Beijing's Chaoyang."""
OFFICE_CITIES = {
    "京": "cn:11",
    "津": "cn:12",
    "沪": "cn:31",
    "渝": "cn:50",
    "穗": "cn:4401",
    "深": "cn:4403",
    "宁": "cn:3201",
    "杭": "cn:3301",
    "汉": "cn:4201",
    "蓉": "cn:5101",
}
"""Cities by the letter that names them in 驻京办, the office of one place in another."""


def is_negated(text: str, end: int) -> bool:
    """Return whether the text after a name excludes the place: 北京除外."""
    return _NEGATED.match(text, end) is not None


def office_in(text: str, end: int) -> str | None:
    """Return the name of the city of an office, 京 in 山西省驻京办; None if it is no office."""
    found = _OFFICE.match(text, end)
    return found[1] if found else None


def names_a_road_or_landmark(text: str, end: int) -> bool:
    """Return whether a bare name that ends at `end` continues as the name of a road or landmark."""
    return _ROAD.match(text, end) is not None or _LANDMARK.match(text, end) is not None


def continues_as_an_address(text: str, end: int) -> bool:
    """Return whether a road, a township or a village follows, before any building or firm."""
    found = _ADDRESS.match(text, end)
    return found is not None and _BUILDING.search(text, end, found.end()) is None
