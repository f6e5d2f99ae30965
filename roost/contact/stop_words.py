"""Stop words: replies that ask for nothing but the end of all messages (单独成句).

A reply is read clause by clause, after quoted text, signatures and the marks of carriers are
removed. It is a stop if each clause says stop, is polite (Thank you, 谢谢), or gives a reason after
a plain stop (已找到工作). A stop word within a sentence is none: 取消明天的面试 cancels an
interview, not the messages. The other replies reach the station.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from roost.text.plain_text import plain, plain_characters
from roost.text.scanning import short_blanks

_WORDS_ZH = ("退订", "退", "停止", "停", "取消", "不要了", "拒收", "t", "td", "r", "qx", "0000")
_WORDS_EN = ("stop", "stopall", "unsubscribe", "unsub", "cancel", "end", "quit", "revoke", "optout")
WORDS = frozenset((*_WORDS_ZH, *_WORDS_EN, "arret"))
"""Single words that are a stop by themselves, also repeated or spaced."""
LONGEST = 300
"""Maximum length in characters of a stop without quoted text; a longer reply is no stop."""

_TYPOS = (
    r"(?:stop)+p*|sto+p|sotp|stpo|stop ?all|"
    r"un ?-?subscribed?|unsubcribe|unsuscribe|unsubscibe|unsubsribe"
)
_MESSAGES = (
    r"(?:(?:all|any|more|further|the|these|this|those|your|my|such|future|of|sms|text|job|spam)"
    r"\s+)*"
    r"(?:messages?|texts?|sms(?:es)?|notifications?|e ?mails?|alerts?|updates?|msgs?|spam|"
    r"subscriptions?|service|list|mailing list|everything)"
)
_STRONG_EN = (
    r"stop (?:2|to) (?:end|stop|quit|unsubscribe)|"
    rf"stop\s+(?:texting|messaging|sending|contacting|e ?mailing|bothering|spamming|calling)"
    rf"(?:\s+me)?(?:\s+{_MESSAGES})?(?:\s+any ?more)?"
    rf"|(?:{_TYPOS}|opt ?-?out|revoke|unsub)(?:\s+(?:me|it|all|now|this|everything|immediately))?"
    rf"(?:\s+(?:from\s+|to\s+)?{_MESSAGES})?"
    rf"|(?:do ?n[o'’]?t|do not|don t|never)\s+(?:text|message|msg|contact|e ?mail|write|sms|send|"
    rf"bother)"
    rf"(?:\s+(?:to\s+)?me)?(?:\s+{_MESSAGES})?(?:\s+(?:any ?more|again|ever))*"
    rf"|(?:remove|take|delete)\s+(?:me|my (?:phone )?number)(?:\s+(?:off|from))?(?:\s+{_MESSAGES})?"
    rf"|opt me out(?:\s+of\s+{_MESSAGES})?|cancel\s+{_MESSAGES}|end\s+{_MESSAGES}|"
    rf"no more\s+{_MESSAGES}"
    rf"|i (?:no longer|do not|don ?['’]?t) (?:want|wish) (?:to (?:receive|get) )"
    rf"?{_MESSAGES}(?: any ?more)?"
    r"|leave me alone|(?:reply|text|send)\s+[\"'“‘]?(?:stop|unsubscribe)"
)
_WEAK_EN = r"cancel|end|quit(?: it)?|arr[eê]t|r|t|td|qx|0000"
_POLITE_EN = (
    r"please|pls|plz|thanks?(?: you)?(?: (?:very|so) much| a lot)?|thx|ty|tks|cheers|sorry|hello|"
    r"hi|hey|"
    r"dear (?:sir|madam|sir or madam|all|team)|ok(?:ay)?|yes|now|immediately|kindly|sir|madam|team|"
    r"(?:best |kind |many )?(?:regards|wishes)|sincerely|have a (?:nice|good) day|bye|goodbye|"
    r"asap|at once|"
    r"no(?=[, ]+thank|[,.!]|$)|i(?:['’]d| would) like to|i (?:want|wish|d like) to|can you|"
    r"could you|would you|may i|me|to|and|just"
)
_NEWS = (
    r"(?:短信|消息|信息|通知|提醒|推送|订阅|招聘|"
    r"岗位|服务|微信|邮件|广告|所有|全部|一切|的|此|该|这些|这个|类|我)*"
)
_STRONG_ZH = (
    r"(?:回[复覆]?|发送?|输入)?\s?(?:td|t|r|n|qx|0000)\s?退订|"
    r"退订请?(?:回[复覆]?|发送?)(?:td|t|r|n|qx)|"
    r"(?:回[复覆]|发送)\s?(?:td|t|r|qx)(?![a-z0-9\u4e00-\u9fff])|回t(?![a-z0-9\u4e00-\u9fff])|"
    r"拒收请?回[复覆]?r|"
    rf"退订[阅户]?{_NEWS}|退定|全部退订|取消(?:订阅|推送|接收|短信|通知|消息|提醒|信息|关注|服务)"
    rf"{_NEWS}|"
    rf"(?:停止|停|中止|终止)(?:发送?|推送|接收|订阅|短信|通知|消息|打扰|骚扰){_NEWS}|拒收{_NEWS}|"
    rf"拒绝接收{_NEWS}|"
    rf"(?:不要|别|勿|不用|不必|不许|莫)(?:再|给我|向我|继续|老|总|一直)*(?:发送?|推送|打扰|骚扰|"
    rf"烦|联系|通知|短信)"
    rf"{_NEWS}(?:给我)?|不(?:想|愿意?|要|需要|再)*(?:再)?(?:接收|收到?|收){_NEWS}|"
    r"(?:解除|撤销)(?:订阅|关注)|免打扰|屏蔽|拉黑(?:我|了|吧)*|"
    r"不(?:再)?(?:要|需要?|用)(?:任何|再)*(?:短信|消息|通知|推送|提醒)(?![\u4e00-\u9fff])|"
    r"不(?:用|必|要)再(?:发|推)|(?:敢|要是|如果|你们?)?再(?:发|打扰|骚扰)(?:我)?(?:就|我就|我)?(?:要|会|去)?投诉(?:你们?)?"
)
_WEAK_ZH = r"退|停止|停|取消|不要了|请?勿扰"
_POLITE_ZH = (
    r"请|麻烦(?:您|你们?)?|劳驾|您好|你好|谢谢(?:您|你们?|啦)?|多谢|感谢|拜托|好的?|嗯|啊|吧|了|"
    r"啦|呀|哈|哦|"
    r"我(?:要|想|需要|申请)?|要求|申请|帮我|给我|帮忙|立即|马上|赶紧|尽快|现在|一下|辛苦(?:了|您)"
    r"?|抱歉|"
    r"不好意思|对不起|可以吗|行吗|再见|此致|敬礼"
)
_REASONS = (
    r"(?:i (?:have |ve )?(?:already )?(?:found|got|have) (?:a |another |my )?(?:new )?(?:job|"
    r"work)(?: already)?"
    r"|(?:already )?(?:found|got) (?:a |another )?(?:job|work)|i am (?:already )?(?:working|"
    r"retired)"
    r"|i m (?:already )?(?:working|retired)|wrong (?:number|person)|not interested|"
    r"i am not interested"
    r"|i m not interested|not looking(?: any ?more)?|no longer (?:looking|interested)"
    r"|(?:我)?(?:已经?|早就)?(?:找到|有)(?:了)?(?:新)?工作(?:了)?|(?:我)?(?:已经?)?上班了|"
    r"不找(?:工作)?了|"
    r"不需要了?|(?:你们?|您)?发错(?:了|人了)?|打错了?|我?不是(?:本人|机主)|号码(?:错|换)了|"
    r"我?(?:已经?)?(?:退休|就业|入职|找到活)了?|(?:不然|否则|再发)(?:就|我就)?投诉(?:你们?)?|我?(?:已经?)?不(?:打工|外出)了|"
    r"没兴趣)"
)
_NOT_IN_WORD = r"(?![a-z0-9])"
_STRONG = re.compile(rf"(?:{_STRONG_EN}){_NOT_IN_WORD}|{_STRONG_ZH}", re.IGNORECASE)
_WEAK = re.compile(rf"(?:{_WEAK_EN}){_NOT_IN_WORD}|{_WEAK_ZH}", re.IGNORECASE)
_POLITE = re.compile(rf"(?:{_POLITE_EN}){_NOT_IN_WORD}|{_POLITE_ZH}|[\s_]+", re.IGNORECASE)
_REASON = re.compile(_REASONS, re.IGNORECASE)
_QUOTE = re.compile(
    r"^\s*(?:>|-{2,}\s*(?:original message|forwarded|原始邮件|转发)|_{5,}|on .{5,80}wrote:|"
    r"from: |发件人[:：]|在.{5,60}写道[:：]|(?:发件|发送)时间[:：])",
    re.IGNORECASE | re.MULTILINE,
)
"""Start of the message that is answered, which mail programs append."""
_SIGNATURE = re.compile(
    r"^\s*(?:--\s*$|—+\s*$|sent (?:from|via|with|by) |get outlook|(?:发自|来自|通过)我?的?.{0,20}"
    r"(?:手机|iphone|ipad|华为|小米|荣耀|oppo|vivo|邮箱|客户端|outlook)|从我的.{0,15}发送)",
    re.IGNORECASE | re.MULTILINE,
)
_INLINE_SIGNATURE = re.compile(
    r"\s*[(（\[]?(?:sent from my [\w ]{2,20}|发自我的[\w ]{2,15})[)）\]]?\s*\.?\s*$", re.IGNORECASE
)
_PREFIX = re.compile(
    r"^\s*(?:(?:re|fw|fwd|aw|sv|回[复覆]|答复|转发|短信内容|内容|msg|message|sms|text|reply)"
    r"\s*[:：]\s*"
    r"|\+?\d{5,15}\s*[:：]\s*|\[(?:sms|mms|短信)\]\s*)+",
    re.IGNORECASE,
)
"""Marks of mail programs, gateways and carriers before the text of a reply."""
_CARRIER = re.compile(r"[【\[][^】\]]{1,20}[】\]]")
_CLAUSE_ENDS = re.compile(r"[^\w\s'’+-]+|\n+|(?<=\s)[-+]+(?=\s)|^[-+]+|[-+]+$", re.MULTILINE)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_NAME_ZH = rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}|\+?\d[\d -]{{5,15}}"
_ENDING = re.compile(rf"{_REASONS}|{_NAME_ZH}", re.IGNORECASE)
"""Reason, or name or number, after a plain stop in the same clause."""
_SIGNED = re.compile(
    rf"{_NAME_ZH}|(?!Mon|Tue|Wed|Thu|Fri|Sat|Sun|Tomorrow|Today|Yes)"
    rf"[A-Z][a-z]+(?: [A-Z][a-z]*\.?){{0,2}}"
)
"""Name or number that signs a reply: 王秀英, John Smith, 13800138000."""
_PIECES = re.compile(r"[^\W_]+")


def is_stop(text: str) -> bool:
    """Return whether a reply asks for nothing but the end of all messages.

    Case, width, script, spaces, punctuation, repeats, signatures and quoted text do not matter.
    """
    own = _own_text(short_blanks(plain_characters(text)))  # the patterns read each blank again
    if len(own) > LONGEST:
        return False
    readings = (own, _CARRIER.sub(" ", own), plain(own))
    return any(_is_stop(each) for each in dict.fromkeys(readings))


def _own_text(text: str) -> str:
    """Return the words of the sender, without quoted text, signature and the marks of carriers."""
    for end in (_QUOTE, _SIGNATURE):
        found = end.search(text)
        if found is not None and text[: found.start()].strip():
            text = text[: found.start()]
    return _INLINE_SIGNATURE.sub("", _PREFIX.sub("", text, count=1))


def _is_stop(text: str) -> bool:
    pieces = _PIECES.findall(text.casefold())
    if "".join(pieces) in WORDS or (pieces and WORDS.issuperset(pieces)):
        return True
    clauses = [each.strip() for each in _CLAUSE_ENDS.split(text) if each.strip()]
    return bool(clauses) and _all_stop(clauses)


def _all_stop(clauses: list[str]) -> bool:
    """Return whether a clause says stop, and each other one too or nothing that matters.

    After a plain stop, a clause may also give a reason or sign the reply.
    """
    says = [_said(each) for each in clauses]
    plain_stop = _Said.STRONG in says
    return (plain_stop or _Said.WEAK in says) and all(
        said is not _Said.OTHER
        or (plain_stop and (_REASON.fullmatch(clause) or _SIGNED.fullmatch(clause)))
        for said, clause in zip(says, clauses, strict=True)
    )


class _Said(Enum):
    """Meaning of a clause: a plain stop, a single stop word, politeness alone, anything else."""

    STRONG = auto()
    WEAK = auto()
    POLITE = auto()
    OTHER = auto()


def _said(clause: str) -> _Said:
    """Read a clause from left to right; words that are none of ours make it something else."""
    at, said = 0, _Said.POLITE
    while at < len(clause):
        if found := _STRONG.match(clause, at):
            said = _Said.STRONG
        elif found := _WEAK.match(clause, at):
            said = _Said.WEAK if said is _Said.POLITE else said
        elif not (found := _POLITE.match(clause, at)):
            may_end = said is _Said.STRONG and clause[at - 1].isspace()
            return said if may_end and _ENDING.fullmatch(clause, at) else _Said.OTHER
        at = found.end()
    return said
