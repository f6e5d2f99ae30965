"""Values that a template may use of a subject: plain values in one language, cleaned and cut.

Each is short enough that the whole text, including the next step at its end, fits one message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from roost.contact.address_codes import VALID_FOR
from roost.events.notification import CODES, Notification, NotificationKind, RecipientKind
from roost.events.opening import Decision
from roost.law.findings import CRITERIA
from roost.rules.sharing_news import SHARING_NEWS
from roost.saved_searches.condition_words import condition_lines
from roost.views.mappings import Json
from roost.wording import inert
from roost.wording.message import Subject
from roost.wording.opening_refusals import refusal_lines
from roost.wording.request_words import REQUEST_KINDS, request_words
from roost.wording.to_the_worker import to_the_worker

# Maximum lengths in characters, and maximum numbers of entries.
TITLE = 80
NAME = 60
HOST = 120
WORDS = 40
PASSAGES = 5
REASON = 180
REASONS = 3
SKILL = 30
DETAIL = 160
SKILLS = 5
MOST_COUNTED = 100
"""Number of further openings from which on it means: or more."""
NOT_A_PART = "next_step"
"""Part whose text is advice for the clerk, not for the worker."""

PERIODS = {
    "HOUR": ("an hour", "小时"),
    "DAY": ("a day", "天"),
    "WEEK": ("a week", "周"),
    "MONTH": ("a month", "月"),
    "YEAR": ("a year", "年"),
    "PIECE": ("a piece", "件"),
}
NOTICES = frozenset({NotificationKind.REQUEST_ANSWERED, NotificationKind.POLICY_NEWS})
WEBHOOK = ("webhook.host", "webhook.since", "webhook.link")
OPENING = ("opening.title", "opening.hiringOrganization.name", "opening.jobLocation.name")


@dataclass(frozen=True, slots=True)
class OpeningWords:
    """Opening in a template."""

    title: str
    employer: str
    place: str
    count: int
    wage: str
    """Wage, with a leading comma or `for` so that it can follow a name; empty without a wage."""
    refused_for: tuple[str, ...] = ()
    """Reasons of a refusal, each with its remedy."""
    refusal_text: str = ""
    """Words of the person who refused it."""
    taken_down: bool = False
    """True if it was published before its refusal."""
    can_appeal: bool = False


@dataclass(frozen=True, slots=True)
class MatchWords:
    """Match in a template."""

    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    sharing: str = ""
    """State of the question about sharing: asked, agreed, refused or unanswered; empty if none."""
    answer_by: str = ""
    """Day and time until which the worker can answer it."""
    waiting: str = ""
    """Time for which it has been unclaimed; empty if the current time is not given."""


@dataclass(frozen=True, slots=True)
class ReviewWords:
    """Words of an opening that wait for review, the demand that they make, and the remedy."""

    words: str
    demand: str
    remedy: str


@dataclass(frozen=True, slots=True)
class WebhookWords:
    """Disabled webhook in a template."""

    host: str
    since: str
    """Day and time of the first failure since the last success."""
    gone: bool
    """True if its receiver wants no more messages (410)."""
    status: int | None
    """Last HTTP status; None if there was no answer."""
    link: str
    """Page on which it is switched on."""


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """Notice in a template."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class InterviewWords:
    """Details of an interview in a template; a text is empty if it is not stated."""

    place: str = ""
    contact: str = ""
    documents: str = ""
    time: str = ""
    """Day and time, in the recipient's zone."""


@dataclass(frozen=True, slots=True)
class SearchWords:
    """Saved search in a template."""

    name: str
    reasons: tuple[str, ...]
    """Conditions of the search, which the opening meets."""
    further: str = ""
    """Number of further openings of a day; empty for a single opening."""


@dataclass(frozen=True, slots=True)
class MessageText:
    """Message of a conversation in a template."""

    text: str


def missing(subject: Subject, *, scored: bool, at: datetime | None) -> list[str]:
    """Return the facts that a message needs and the views no longer hold, e.g. `opening.title`.

    `scored`: the subject is one of several, whose matches are ordered by score.
    """
    facts: Json = {"opening": subject.opening, "match": subject.match, "notice": subject.notice}
    facts |= {"request": subject.request}
    facts |= {"code": subject.code or None, "webhook": subject.webhook, "message": subject.message}
    facts["search"] = subject.search
    needed = _needed(subject.notification, scored, at is not None)
    lacking = [path for path in needed if not _holds(facts, path)]
    whole = [name for name, fact in facts.items() if fact is None]
    return list(dict.fromkeys(_named(path, whole) for path in lacking)) or _unsaid(subject)


def _named(path: str, whole: list[str]) -> str:
    """Return the name of the whole fact if all of it is missing, else the path."""
    return next((name for name in whole if path.startswith(f"{name}.")), path)


def _needed(notification: Notification, scored: bool, timed: bool) -> Iterator[str]:
    kind = notification.kind
    if kind is NotificationKind.SAVED_SEARCH:
        yield "search.name"
        yield from OPENING if notification.opening_id is not None else ()
        return
    if kind in NOTICES:
        yield "notice"
        return
    if kind in CODES:
        yield "code"
        return
    if kind is NotificationKind.WEBHOOK_DISABLED:
        yield from WEBHOOK
        return
    if kind is NotificationKind.STATION_MESSAGE:
        yield "message.text"
        return
    yield from OPENING
    if kind in REQUEST_KINDS:
        yield "request"
    if kind is NotificationKind.OPENING_HELD:
        yield "opening.review"
    if kind is NotificationKind.NEW_MATCH:
        yield "match.score" if scored else "match.reasons"
    if kind is NotificationKind.MATCH_WAITING and timed:
        yield "match.proposedAt"
    if kind in SHARING_NEWS:
        yield "match.sharing"


def _holds(facts: Json, path: str) -> bool:
    value: Any = facts
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value is not None


def _unsaid(subject: Subject) -> list[str]:
    """Return the missing texts of a notice: it needs title and body in one language."""
    if subject.notification.kind not in NOTICES:
        return []
    assert subject.notice is not None
    languages = [language for language in ("zh", "en") if subject.notice.get(language)]
    paths = [f"{language}.{part}" for language in languages for part in ("title", "body")]
    lacking = [f"notice.{path}" for path in paths if not _holds(subject.notice, path)]
    return lacking if languages else ["notice.zh or notice.en"]


def in_chinese(subject: Subject, wanted: bool) -> bool:
    """Return whether to write Chinese: as wanted, unless a notice has only the other language."""
    if subject.notification.kind not in NOTICES or subject.notice is None:
        return wanted
    return wanted if subject.notice.get("zh" if wanted else "en") else not wanted


def facts_for_template(subject: Subject, chinese: bool, at: datetime | None) -> dict[str, Any]:
    """Return the variables of a template. Call it only if `missing` returns nothing."""
    notification = subject.notification
    known: dict[str, Any] = {
        "kind": notification.kind.value,
        "recipient": notification.recipient.kind.value,
    }
    if notification.kind in NOTICES:
        return {**known, "notice": _notice(subject.notice or {}, chinese)}
    if notification.kind in CODES:
        minutes = VALID_FOR // timedelta(minutes=1)
        return {**known, "code": subject.code, "minutes": minutes, "link": subject.link}
    if notification.kind is NotificationKind.WEBHOOK_DISABLED:
        return {**known, "webhook": _webhook(subject.webhook or {}, chinese)}
    if notification.kind is NotificationKind.STATION_MESSAGE:
        text = inert.own_text((subject.message or {})["text"])
        return {**known, "message": MessageText(text)}
    if notification.kind is NotificationKind.SAVED_SEARCH:
        return {**known, **_of_search(subject, chinese)}
    known |= {"link": subject.link, "review": _review(subject.opening or {}, chinese)}
    to_worker = subject.notification.recipient.kind is RecipientKind.WORKER
    match = _match(subject.match or {}, chinese, at, to_worker=to_worker)
    known["request"] = request_words(subject.request, notification, chinese=chinese)
    known["interview"] = _interview(subject.interview or {}, chinese)
    return {**known, "opening": opening(subject.opening or {}, chinese), "match": match}


def _of_search(subject: Subject, chinese: bool) -> dict[str, Any]:
    """Return the variables of a saved search; without an opening `opening` is none."""
    found = SearchWords(
        name=inert.own_line((subject.search or {})["name"], NAME),
        reasons=tuple(
            inert.own_line(each, REASON)
            for each in condition_lines(subject.search or {}, chinese=chinese)
        ),
        further=further_openings(subject.notification.further, chinese=chinese),
    )
    about = opening(subject.opening, chinese) if subject.opening else None
    return {"search": found, "opening": about, "link": subject.link}


def further_openings(number: int | None, *, chinese: bool) -> str:
    """Return a number of further openings in words; empty for none."""
    if number is None:
        return ""
    if chinese:
        return f"{number} 个以上" if number >= MOST_COUNTED else f"{number} 个"
    return f"{number} or more" if number >= MOST_COUNTED else str(number)


def opening(fact: Json, chinese: bool) -> OpeningWords:
    """Return an opening in one language."""
    return OpeningWords(
        title=inert.line(fact["title"], TITLE, chinese=chinese),
        employer=inert.line(fact["hiringOrganization"]["name"], NAME, chinese=chinese),
        place=inert.line(fact["jobLocation"]["name"], NAME, chinese=chinese),
        count=fact.get("totalJobOpenings", 1),
        wage=_wage(fact.get("baseSalary"), chinese),
        **_refused(fact.get("decision") or {}, chinese),
    )


def _refused(decision: Json, chinese: bool) -> Json:
    """Return what a template needs of a refusal."""
    refusal = decision.get("refusal") or {}
    if decision.get("approved", True):
        return {}
    return {
        "refused_for": tuple(refusal_lines(refusal, chinese=chinese)),
        "refusal_text": inert.own_text(refusal["text"]) if refusal.get("text") else "",
        "taken_down": bool(decision.get("takenDown")),
        "can_appeal": Decision.from_stored(decision).can_be_appealed,
    }


def _match(fact: Json, chinese: bool, at: datetime | None, *, to_worker: bool) -> MatchWords:
    parts = [each for each in fact.get("reasons", []) if each.get("part") != NOT_A_PART]
    parts.sort(key=lambda each: -each.get("points", 0))
    language = "zh" if chinese else "en"
    until = fact.get("answerBy")
    proposed = (fact.get("pause") or {}).get("resumedAt") or fact.get("proposedAt")
    return MatchWords(
        reasons=tuple(
            inert.line(
                to_the_worker(each[language]) if to_worker else each[language],
                REASON,
                chinese=chinese,
            )
            for each in parts[:REASONS]
        ),
        missing=tuple(
            inert.line(each, SKILL, chinese=chinese)
            for each in fact.get("missingSkills", [])[:SKILLS]
        ),
        sharing=fact.get("sharing", ""),
        answer_by=moment(datetime.fromisoformat(until), chinese) if until else "",
        waiting=_time(at - datetime.fromisoformat(proposed), chinese) if at and proposed else "",
    )


def _interview(fact: Json, chinese: bool) -> InterviewWords:
    names = ("place", "contact", "documents")
    texts = {name: inert.own_line(fact[name], DETAIL) for name in names if fact.get(name)}
    if at := fact.get("time"):
        texts["time"] = moment(datetime.fromisoformat(at), chinese)
    return InterviewWords(**texts)


def _webhook(fact: Json, chinese: bool) -> WebhookWords:
    return WebhookWords(
        host=inert.own_line(fact["host"], HOST),
        since=moment(datetime.fromisoformat(fact["since"]), chinese),
        gone=fact.get("cause") == "gone",
        status=fact.get("status"),
        link=fact["link"],
    )


def _review(fact: Json, chinese: bool) -> tuple[ReviewWords, ...]:
    """Return the passages of an opening that wait for review, each once."""
    waiting = [each for each in fact.get("review") or () if not each.get("approved")]
    criteria = {each.name: each for each in CRITERIA}
    passages = {
        (each["criterion"], each["words"]): criteria.get(each["criterion"]) for each in waiting
    }
    return tuple(
        ReviewWords(
            words=inert.line(words, WORDS, chinese=chinese),
            demand=(found.name_zh if chinese else found.name) if found else criterion,
            remedy=(found.remedy_zh if chinese else found.remedy) if found else "",
        )
        for (criterion, words), found in list(passages.items())[:PASSAGES]
    )


def moment(at: datetime, chinese: bool) -> str:
    """Return a day of the year with its time, in the zone of `at`: 11月27日 14:05."""
    return f"{at.month}月{at.day}日 {at:%H:%M}" if chinese else f"{at.day} {at:%B, %H:%M}"


def _notice(fact: Json, chinese: bool) -> NoticeWords:
    words = fact["zh" if chinese else "en"]
    return NoticeWords(inert.own_line(words["title"], 120), inert.own_text(words["body"]))


def _time(passed: timedelta, chinese: bool) -> str:
    hours = int(passed / timedelta(hours=1))
    if hours < 1:
        return "不到 1 小时" if chinese else "less than an hour"
    count, unit, unit_zh = (hours // 24, "day", "天") if hours >= 24 else (hours, "hour", "小时")
    return f"{count} {unit_zh}" if chinese else f"{count} {unit}{'' if count == 1 else 's'}"


def _wage(wage: Json | None, chinese: bool) -> str:
    if not wage:
        return ""
    ends = [f"{wage[end]:,.10g}" for end in ("minValue", "maxValue") if end in wage]
    amount = ends[0] if len(set(ends)) == 1 else "–".join(ends)
    period = PERIODS[wage["unitText"]][chinese]
    if chinese:
        currency = "元" if wage["currency"] == "CNY" else wage["currency"]
        return f"，{amount} {currency}/{period}"
    return f" for {wage['currency']} {amount} {period}"
