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
    r"汽车|钢铁|石化|牌|式|菜馆|烧烤|面馆|火锅|人家|籍)"
)
_DISH = re.compile(
    r"(?:特色|正宗|老)?(?:小吃|拉面|牛肉面|热干面|刀削面|担担面|臊子面|米粉|肠粉|凉皮|泡馍|肉夹馍|烤鸭|烤肉|烤鱼|板鸭|扒鸡|"
    r"臭豆腐|螺蛳粉|酸辣粉|胡辣汤|麻辣烫|灌汤包|小笼包|煎饼|烧饼)"
)
_DISHES = frozenset("特正老小拉牛热刀担臊米肠凉泡肉烤板扒臭螺酸胡麻灌煎烧")
"""First characters of these words."""
_BRAND = re.compile(
    r"(?:大众|通用|现代|奔驰|本田|丰田|福特|马自达|标致|雪铁龙|依维柯)(?:汽车|4s|销售|专卖|特约|店|$)"
)
"""Brands of cars that begin with the name of the city of their factory: 上海大众."""
_BUILDING = re.compile(
    r"社|公司|集团|银行|大厦|大楼|酒店|宾馆|饭店|医院|大学|学院|中学|小学|学校|中心|广场|厂|商场|商城|"
    r"超市|公寓|剧院|机场|车站|站|局|院|馆|店|寺|庙|国际|高新|经济|开发区|科技|工业|软件|创业|产业|"
    r"[a-z]"
)
_ADDRESS = re.compile(
    r"[\u3400-\u9fff]{1,8}?(?:路|街道?|大道|大街|巷|弄|胡同|镇|乡|村|屯|社区|小区|花园|新区|工业区|里)"
)
_ZONE = re.compile(
    r"(?:高新技术?(?:产业)?|经济?技术|经济|工业|科技|产业)?(?:开发区|园区?)(?=[ 、]|$)|"
    r"(?:高新区|经开区|城区|市区|县城|古城|古镇)"
)
"""Zones and centres of a county, after its bare name: 昆山开发区."""

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
    return any(each.match(text, end) is not None for each in (_ROAD, _LANDMARK, _BRAND))


def names_a_dish(text: str, end: int) -> bool:
    """Return whether a name is that of a dish or a kind of restaurant: 沙县小吃, 兰州拉面."""
    return text[end : end + 1] in _DISHES and _DISH.match(text, end) is not None


def continues_as_an_address(text: str, end: int) -> bool:
    """Return whether a road, a township or a village follows, before any building or firm.

    A zone of the county follows as well.
    """
    if _ZONE.match(text, end):
        return True
    found = _ADDRESS.match(text, end)
    return found is not None and _BUILDING.search(text, end, found.end()) is None
