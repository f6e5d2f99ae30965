"""The form in which texts are compared and found; people see them as written.

Full-width letters are narrow ones (NFKC), radicals (`⼤`, `⻄`) are the characters that they show,
and traditional characters are simplified ones.

Source of the radicals: EquivalentUnifiedIdeograph.txt of Unicode 14.0, block CJK Radicals
Supplement (Unicode License v3). NFKC converts the block Kangxi Radicals, and two of these.
"""

from __future__ import annotations

from roost.text.normalising import nfkc
from roost.text.simplified import simplified

_RADICALS = str.maketrans(
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮"
    "⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛"
    "⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗"
    "糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风"
    "飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)


def lookup_form(text: str) -> str:
    """Return the form of a text for lookup, in which case counts."""
    return text if text.isascii() else simplified(nfkc(text).translate(_RADICALS))


def unified_radicals(text: str) -> str:
    """Return a text with characters in place of radicals; its length stays the same."""
    return text if text.isascii() else text.translate(_RADICALS)
