"""Texts as people write them, and the places that they name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from roost.places.gazetteer import gazetteer
from roost.places.place_search import refusal
from roost.places.resolutions import (
    Anywhere,
    Candidates,
    PlaceContext,
    Resolution,
    Resolved,
    Unknown,
    UnknownReason,
)
from roost.places.resolving import resolve

ADDRESSES = Path(__file__).parents[2] / "fixtures" / "addresses" / "cn_work_addresses.csv"


def code_of(found: Resolution) -> str:
    return found.place.code if isinstance(found, Resolved) else ""


def names_of(found: Resolution) -> list[str]:
    places = found.places if isinstance(found, Candidates) else ()
    return [gazetteer().full_name(place.key) for place in places]


def labelled() -> list[tuple[str, str]]:
    with ADDRESSES.open(encoding="utf-8") as rows:
        return [(row["address"], row["code"]) for row in csv.DictReader(rows)]


def test_of_a_hundred_real_addresses_97_resolve_and_none_wrongly() -> None:
    rows = labelled()
    found = [(text, code, resolve(text)) for text, code in rows]
    wrong = [(text, each) for text, code, each in found if code_of(each) not in ("", code)]
    assert wrong == []
    named = [(code, each) for _, code, each in found if code]
    assert len(named) == 92
    assert sum(code_of(each) == code for code, each in named) / len(named) >= 0.97


@pytest.mark.parametrize(
    ("text", "code", "street"),
    [
        ("山西省太原市小店区龙城大街123号", "140105", "龙城大街123号"),
        ("北京-朝阳区", "110105", ""),
        ("北京·朝阳·望京", "110105026", ""),
        ("北京/朝阳区", "110105", ""),
        ("北京>海淀>上地", "110108022", ""),
        ("[北京]海淀区", "110108", ""),
        ("中国山西省太原市", "1401", ""),
        ("山西省太原", "1401", ""),
        ("东莞市长安镇", "441900119", ""),
        ("东莞长安", "441900119", ""),
        ("深圳坂田", "440307013", ""),
        ("北京中关村", "110108011", ""),
        ("河北廊坊燕郊", "131082109", ""),
        ("沈阳南站", "2101", "南站"),
        ("北京朝阳门SOHO", "11", "朝阳门SOHO"),
        ("包头昆区", "150203", ""),
        ("上海市 徐汇区 徐汇区 田林路130号", "310104", "田林路130号"),
        ("山西省太原市太原市小店区", "140105", ""),
        ("北京市市辖区东城区", "110101", ""),
        ("太原市综改区", "1401", "综改区"),
        ("济南市高新区康虹路", "370176", "康虹路"),
        ("合肥新站高新区", "340178", ""),
        ("苏州工业园区星湖街328号", "320576", "星湖街328号"),
        ("浦东新区张江高科", "310115", "张江高科"),
        ("深圳南山科技园科苑路6号", "440305", "科技园科苑路6号"),
        ("武汉东湖高新区光谷软件园", "4201", "光谷软件园"),
        ("青岛市南区香港中路8号", "370202", "香港中路8号"),
        ("枣庄市中区", "370402", ""),
        ("济南市中医院", "3701", "中医院"),
        ("山西省驻京办", "11", ""),
        ("大同市驻太原办事处", "1401", ""),
        ("河南省驻深圳办事处", "4403", ""),
        ("杭州地铁1号线龙翔桥站", "3301", "地铁1号线龙翔桥站"),
        ("江苏省镇江市京口区", "321102", ""),
        ("江苏镇江", "3211", ""),
        ("江阴澄江中路165号", "320281", "澄江中路165号"),
        ("昆山花桥镇兆丰路", "320583104", "兆丰路"),
        ("海淀中关村大街1号", "110108", "中关村大街1号"),
        ("上海金山卫镇", "310116109", ""),
        ("锦州黑山镇安镇", "210726117", ""),
        ("宝安区沙井镇", "440306022", ""),
        ("中关村街道办事处", "110108011", ""),
        ("岚岭县岭泉", "lanling-101", ""),
        ("岭泉镇下庄村", "lanling-101", "下庄村"),
        ("工作地点：广州市天河区体育西路", "440106", "体育西路"),
        ("籍贯 山西大同", "1402", ""),
        ("100080 北京市海淀区", "110108", ""),
        ("新疆生产建设兵团第八师石河子市", "659001", ""),
        ("朝阳区, 北京市", "110105", ""),
        ("北 京 市 朝 阳 区", "110105", ""),
        ("⼤同市", "1402", ""),
        ("廣州市天河區體育西路", "440106", "體育西路"),
        ("臺灣臺北市", "7101", ""),
        ("香港九龙观塘区", "810205", ""),
        ("110105", "110105", ""),
        ("140000", "14", ""),
        ("京", "11", ""),
        ("Chaoyang District, Beijing 100020, China", "110105", None),
        ("Taiyuan, Shanxi", "1401", ""),
        ("Shenzhen", "4403", ""),
    ],
)
def test_an_address_resolves_to_the_innermost_division_that_it_names(
    text: str, code: str, street: str | None
) -> None:
    found = resolve(text)
    assert isinstance(found, Resolved), found
    assert found.place.code == code
    assert street is None or found.street == street


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("西双版纳", "5328"),
        ("凉山州", "5134"),
        ("延边", "2224"),
        ("内蒙", "15"),
        ("浦东", "310115"),
        ("神农架", "429021"),
        ("香港", "81"),
        ("澳门", "82"),
        ("台湾", "71"),
        ("阿坝", "5132"),
        ("甘孜", "5133"),
        ("红河", "5325"),
        ("文山", "5326"),
        ("楚雄", "5323"),
        ("玉树", "6327"),
        ("大理", "5329"),
        ("恩施", "4228"),
        ("黔东南", "5226"),
        ("达茂旗", "150223"),
        ("西安", "6101"),
        ("中山", "4420"),
        ("吉林", "22"),
        ("大同", "1402"),
        ("海南", "46"),
        ("河南", "41"),
    ],
)
def test_short_names_denote_the_larger_or_better_known_place(text: str, code: str) -> None:
    assert code_of(resolve(text)) == code


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("甘南", ["甘肃省甘南藏族自治州", "黑龙江省齐齐哈尔市甘南县"]),
        ("宽城", ["河北省承德市宽城满族自治县", "吉林省长春市宽城区"]),
        ("滨海", ["天津市滨海新区", "江苏省盐城市滨海县"]),
        ("巴州", ["新疆维吾尔自治区巴音郭楞蒙古自治州", "四川省巴中市巴州区"]),
        ("矿区", ["山西省阳泉市矿区", "山西省大同市云冈区"]),
        ("朝阳区", ["北京市朝阳区", "吉林省长春市朝阳区"]),
        ("大同市南郊区", ["山西省大同市平城区", "山西省大同市云冈区"]),
        ("吴县市", ["江苏省苏州市吴中区", "江苏省苏州市相城区"]),
        ("江浙沪", ["江苏省", "浙江省", "上海市"]),
        ("北京、上海", ["北京市", "上海市"]),
        ("北京 上海", ["北京市", "上海市"]),
        ("山西省太园市", ["山西省太原市"]),
        ("北京市朝扬区", ["北京市朝阳区"]),
        ("石家庄市任丘市", ["河北省沧州市任丘市", "河北省石家庄市"]),
        ("Suzhou", ["江苏省苏州市", "安徽省宿州市"]),
    ],
)
def test_a_text_with_several_readings_is_asked_with_full_names(text: str, names: list[str]) -> None:
    assert names_of(resolve(text)) == names


def test_beijings_chaoyang_is_as_well_known_as_the_city_of_that_name() -> None:
    assert {"北京市朝阳区", "辽宁省朝阳市"} <= set(names_of(resolve("朝阳")))


@pytest.mark.parametrize(
    ("text", "code", "year"),
    [
        ("大同县", "140215", 2018),
        ("襄樊市", "4206", 2010),
        ("杭州市江干区", "330102", 2021),
        ("莱芜市", "370116", 2019),
        ("临安市", "330112", 2017),
        ("奉化市", "330213", 2016),
        ("姜堰市", "321204", 2012),
        ("北京市崇文区", "110101", 2010),
        ("宣武区", "110102", 2010),
        ("闸北区", "310106", 2015),
        ("卢湾区", "310101", 2011),
        ("广州市萝岗区科学大道", "440112", 2014),
        ("四平市公主岭市", "220184", 2020),
        ("巢湖市庐江县", "340124", 2011),
        ("思茅", "530802", None),
        ("徐汇县", "310104", None),
    ],
)
def test_a_former_name_leads_to_the_successor(text: str, code: str, year: int | None) -> None:
    found = resolve(text)
    assert isinstance(found, Resolved), found
    assert (found.place.code, found.year) == (code, year)


def test_a_division_that_was_divided_is_decided_by_the_township() -> None:
    assert code_of(resolve("江干区下沙街道")) == "330114001"
    assert code_of(resolve("杭州市江干区四季青街道")) == "330102014"
    assert code_of(resolve("莱芜市钢城区")) == "370117"


@pytest.mark.parametrize(
    "text",
    [
        "太原街12号",
        "上海路",
        "南京西路1515号",
        "北京大道",
        "朝阳街",
        "朝阳门外大街",
        "中山大学",
        "河北工业大学",
        "兴业银行大厦3楼",
        "东方君悦",
        "光大银行",
        "华亭宾馆漕溪北路1200号",
        "河南村",
        "望京SOHO",
        "金隅国际",
        "软件园22号楼902室",
        "民心路88号东方君悦",
        "地铁2号线南京西路站",
        "北京除外",
        "非洲",
        "日本东京",
        "11",
        "1402",
        "100080",
        "Alphaalpine solutions inc",
        "",
        "  ",
        "、",
    ],
)
def test_no_place_comes_from_the_name_of_a_road_or_a_landmark(text: str) -> None:
    assert resolve(text) == Unknown()


@pytest.mark.parametrize(
    "street",
    ["太原街12号", "西安中路8号", "南京西路", "中山大道西238号", "长安大厦3楼", "西安银行营业部"],
)
@pytest.mark.parametrize("place", ["成都市金牛区", "广东省", "北京", "大同市云州区"])
def test_a_street_named_after_another_place_stays_the_street(place: str, street: str) -> None:
    found = resolve(place + street)
    assert isinstance(found, Resolved)
    assert found.street == street
    assert found.place == getattr(resolve(place), "place", None)


@pytest.mark.parametrize("text", ["全国", "不限", "地点不限", "全国均可", "中国", "Anywhere"])
def test_anywhere_is_no_place_but_an_answer(text: str) -> None:
    assert resolve(text) == Anywhere()


def test_the_province_or_city_of_the_residence_is_meant_if_the_residence_is_known() -> None:
    living_in = PlaceContext(residence="cn:140215")
    assert code_of(resolve("省内", living_in)) == "14"
    assert code_of(resolve("本市", living_in)) == "1402"
    assert resolve("省内") == Unknown(UnknownReason.NEEDS_RESIDENCE)
    problem = refusal("省内", resolve("省内"))
    assert "省内" in problem.message_zh
    assert "现居住地" in problem.message_zh


@pytest.mark.parametrize(
    ("text", "near", "code"),
    [
        ("朝阳区", "cn:220102", "220104"),
        ("朝阳区四惠东", "cn:110108", "110105"),
        ("矿区", "cn:140302", "140303"),
        ("城区", "cn:140525", "140502"),
        ("望京", "cn:110105", "110105026"),
        ("高新区舜泰广场", "cn:370102", "370176"),
        ("长安镇", "cn:4419", "441900119"),
    ],
)
def test_a_near_place_decides_between_places_of_one_name(text: str, near: str, code: str) -> None:
    found = resolve(text, PlaceContext(near=(near,)))
    assert isinstance(found, Resolved), found
    assert found.place.code == code
    assert found.by_context


def test_a_near_place_in_the_same_country_decides_nothing() -> None:
    assert isinstance(resolve("朝阳区", PlaceContext(near=("cn:4401",))), Candidates)


def test_a_refusal_names_the_candidates_in_both_languages() -> None:
    problem = refusal("甘南", resolve("甘南"))
    for message in (problem.message, problem.message_zh):
        assert "甘肃省甘南藏族自治州" in message
        assert "黑龙江省齐齐哈尔市甘南县" in message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("悦虎网络科技有限公司山东分公司地址济南高新区舜泰广场", "370176"),
        ("郭守敬路498号上海浦东软件园21号楼", "310115"),
        ("某某（北京）科技有限公司 海淀区学院路", "110108"),
    ],
)
def test_a_place_after_a_firm_is_found_and_the_text_kept(text: str, code: str) -> None:
    found = resolve(text)
    assert isinstance(found, Resolved), found
    assert (found.place.code, found.street) == (code, text)


def test_a_text_of_any_length_is_read_in_bounded_time() -> None:
    assert code_of(resolve("北京市朝阳区" + "路" * 20_000)) == "110105"
    assert resolve("中" * 20_000) == Unknown()
