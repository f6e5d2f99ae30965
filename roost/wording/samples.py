"""Invented subjects of every kind, for previews and for checks of a county's own templates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from roost import ids
from roost.events.employer import EMPLOYER_KINDS, REQUIRED_KINDS
from roost.events.notification import (
    CODES,
    URGENT,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.rules.interview_news import ABOUT_INTERVIEWS, INTERVIEW_NEWS
from roost.rules.request_states import STEPS
from roost.rules.sharing_news import SHARING_NEWS
from roost.views.mappings import Json
from roost.wording import templates
from roost.wording.message import Message, Subject
from roost.wording.request_words import REQUEST_KINDS
from roost.wording.template_facts import NOTICES
from roost.wording.writing import is_chinese, write

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
POSTED = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
STOP_URL = "https://example.org/stop/sample"
TO_STATIONS = frozenset(
    {
        NotificationKind.QUEUE_NEW,
        NotificationKind.MATCH_WITHDRAWN,
        NotificationKind.MATCH_WAITING,
        NotificationKind.SHARING_ANSWERED,
        NotificationKind.CANDIDATES_REQUESTED,
    }
)
TO_EMPLOYERS = frozenset({*EMPLOYER_KINDS, *REQUIRED_KINDS}) - INTERVIEW_NEWS
"""Kinds for employers alone; workers get news of interviews as well."""
IN_DIGEST = (
    NotificationKind.NEW_MATCH,
    NotificationKind.MATCH_CLAIMED,
    NotificationKind.POLICY_NEWS,
)
WORKER = Recipient(kind=RecipientKind.WORKER, id=ids.derive_public("w", "sample", "1"))
STATION = Recipient(kind=RecipientKind.STATION, id=ids.station_id("sample"))
EMPLOYER = Recipient(kind=RecipientKind.EMPLOYER, id=ids.derive_public("e", "sample"))
OPENING_ID = ids.derive_public("o", "sample", "1")
MATCH_ID = ids.match_id(OPENING_ID, WORKER.id)
WEBHOOK_ID = ids.derive_public("h", "sample")
NOTICE_ID = ids.derive_public("b", "sample")
MESSAGE_ID = ids.derive_public("d", "sample")
SEARCH_ID = ids.derive_public("q", "sample")

OPENINGS: dict[str, Json] = {
    "zh": {
        "id": OPENING_ID,
        "hiringOrganization": {"id": "e-sample", "name": "示例服装有限公司"},
        "title": "缝纫工",
        "skills": ["平缝", "锁边"],
        "jobLocation": {"name": "示例县城关镇"},
        "totalJobOpenings": 8,
        "baseSalary": {
            "currency": "CNY",
            "minValue": 4500,
            "maxValue": 6000,
            "unitText": "MONTH",
        },
    },
    "en": {
        "id": OPENING_ID,
        "hiringOrganization": {"id": "e-sample", "name": "Sample Garments"},
        "title": "Sewing machine operator",
        "skills": ["flat seaming", "overlocking"],
        "jobLocation": {"name": "Sample Town"},
        "totalJobOpenings": 8,
        "baseSalary": {"currency": "USD", "minValue": 19, "maxValue": 24, "unitText": "HOUR"},
    },
}
MATCH: Json = {
    "id": MATCH_ID,
    "state": "proposed",
    "score": 82.0,
    "reasons": [
        {
            "part": "occupation",
            "points": 41.5,
            "en": "Matches the work you want (sewing)",
            "zh": "与您想做的工作（缝纫）一致",
        },
        {
            "part": "wage",
            "points": 20.0,
            "en": "The wage is above the wage wanted",
            "zh": "工资高于期望",
        },
        {
            "part": "distance",
            "points": 14.5,
            "en": "6 km from the current residence, near home",
            "zh": "距现居住地 6 公里，家门口就业",
        },
        {"part": "education", "points": 6.0, "en": "No education required", "zh": "学历无要求"},
        {
            "part": "next_step",
            "points": 0.0,
            "en": "A course in overlocking would add 3 points",
            "zh": "参加“锁边”培训可提高 3 分",
        },
    ],
    "missingSkills": ["锁边"],
    "proposedAt": POSTED.isoformat(),
}
ANSWER: Json = {
    "zh": {
        "title": "创业担保贷款咨询",
        "body": "您咨询的贷款可在县就业服务中心窗口办理，请携带身份证和营业执照。",
    },
    "en": {
        "title": "A loan for starting a business",
        "body": "You can apply at the county's employment centre; bring your identity card and "
        "business licence.",
    },
}
NEWS: Json = {
    "zh": {
        "title": "返乡就业交通补贴开始申领",
        "body": "今年在本县就业满三个月的返乡人员，可于 12 月 31 日前到服务站申领。",
    },
    "en": {
        "title": "Travel allowance for returning workers",
        "body": "Workers who returned and have worked here for three months this year can apply at "
        "a station until 31 December.",
    },
}

SHARING: dict[NotificationKind, Json] = {
    NotificationKind.SHARING_ASKED: {"sharing": "asked", "answerBy": "2026-11-27T17:30:00+08:00"},
    NotificationKind.SHARING_ANSWERED: {"sharing": "unanswered"},
}
CODE = "204816"
LINK = "https://example.org/console/employer/openings/sample"
SIGN_IN_LINK = "https://example.org/console/sign-in/telephone/link/sample"
REVIEW: dict[str, Json] = {
    "zh": {"field": "description", "criterion": "age", "words": "35岁以下", "start": 0, "end": 5},
    "en": {"field": "description", "criterion": "age", "words": "under 35", "start": 0, "end": 8},
}
REFUSED: dict[str, Json] = {
    written: {
        "approved": False,
        "at": POSTED.isoformat(),
        "refusal": {"reasons": ["fees_charged", "other"], "text": text},
    }
    for written, text in {
        "zh": "体检由单位统一安排，不得收费。",
        "en": "The employer arranges the medical examination and must not charge for it.",
    }.items()
}
WEBHOOK: Json = {
    "host": "hr.example.com",
    "cause": "failing",
    "since": POSTED.isoformat(),
    "status": 503,
    "link": "https://example.org/console/employer/webhooks",
}
TEXTS = {
    "zh": "面试改到周四上午九点，请带身份证。",
    "en": "The interview is now on Thursday at 9; please bring your identity card.",
}


NOTES = {"zh": "早班优先。", "en": "Early shifts first."}
REQUEST: Json = {
    "id": ids.derive_public("y", "sample"),
    "openingId": OPENING_ID,
    "employerId": "e-sample",
    "wanted": 3,
    "neededBy": "2026-12-04",
    "askedAt": POSTED.isoformat(),
    "askedBy": "u-sample",
    "decision": "accepted",
    "candidatesOn": "2026-12-01",
}
SEARCHES: dict[str, Json] = {
    "zh": {"name": "县城缝纫", "words": "缝纫", "wage": 4500},
    "en": {"name": "Sewing in town", "words": "sewing", "wage": 3000},
}
SEARCH_LINK = "https://example.org/v1/search-end/sample"
INTERVIEW_AT = "2026-11-27T14:00:00+08:00"
INTERVIEWS: dict[str, Json] = {
    "zh": {
        "place": "北门 2 号楼 301 室",
        "contact": "王经理 0352-5550101",
        "documents": "身份证、缝纫工证书",
        "time": INTERVIEW_AT,
    },
    "en": {
        "place": "North gate, building 2, room 301",
        "contact": "Ms Wang, 0352-5550101",
        "documents": "identity card and certificates",
        "time": INTERVIEW_AT,
    },
}


def sample(kind: NotificationKind, language: str) -> Subject:
    """Return an invented subject of a kind, as the views would hold it."""
    written = "zh" if is_chinese(language) else "en"
    match = {**MATCH, "missingSkills": [OPENINGS[written]["skills"][1]]}
    if kind in NOTICES:
        notice = ANSWER if kind is NotificationKind.REQUEST_ANSWERED else NEWS
        return Subject(_notification(kind, notice_id=NOTICE_ID), notice=notice)
    if kind in CODES:
        link = SIGN_IN_LINK if kind is NotificationKind.SIGN_IN_CODE else ""
        return Subject(_notification(kind, channel=ChannelKind.SMS), code=CODE, link=link)
    if kind is NotificationKind.WEBHOOK_DISABLED:
        return Subject(_notification(kind, webhook_id=WEBHOOK_ID), webhook=WEBHOOK)
    if kind in REQUEST_KINDS:
        about = _notification(kind, opening_id=OPENING_ID, request_id=REQUEST["id"])
        about = about.model_copy(update={"version": STEPS})
        request = REQUEST | {"note": NOTES[written]}
        return Subject(about, opening=OPENINGS[written], link=LINK, request=request)
    if kind in TO_EMPLOYERS:
        opening = OPENINGS[written] | {"review": [REVIEW[written]]}
        if kind is NotificationKind.OPENING_REFUSED:
            opening["decision"] = REFUSED[written]
        return Subject(_notification(kind, opening_id=OPENING_ID), opening=opening, link=LINK)
    if kind is NotificationKind.STATION_MESSAGE:
        about = _notification(kind, conversation_message_id=MESSAGE_ID)
        return Subject(about, message={"text": TEXTS[written]})
    if kind is NotificationKind.SAVED_SEARCH:
        about = _notification(kind, opening_id=OPENING_ID, saved_search_id=SEARCH_ID)
        search = SEARCHES[written]
        return Subject(about, opening=OPENINGS[written], search=search, link=SEARCH_LINK)
    notification = _notification(kind, opening_id=OPENING_ID, match_id=MATCH_ID)
    interview = INTERVIEWS[written] if kind in ABOUT_INTERVIEWS else None
    if kind in SHARING_NEWS:
        match = SHARING[kind]
    return Subject(notification, opening=OPENINGS[written], match=match, interview=interview)


def preview(kind: NotificationKind, language: str, folder: Path | None = None) -> Message:
    """Return the message of a sample. Raises BadTemplate."""
    return _written([sample(kind, language)], language, folder)


def preview_digest(language: str, folder: Path | None = None) -> Message:
    """Return a digest of samples, six of them matches of one employer. Raises BadTemplate."""
    return _written(_several(language), language, folder)


def check(folder: Path) -> None:
    """Render all cases that a county's templates must handle. Raises BadTemplate for a fault."""
    if strange := _strange(folder):
        raise templates.BadTemplate(
            f"{strange} belongs to no message; name it LANGUAGE/KIND.txt.j2, with a language of "
            f"{', '.join(templates.LANGUAGES)} and a kind of {', '.join(templates.NAMES)}.",
            f"{strange} 不对应任何消息，请使用 语言/种类.txt.j2。",
        )
    for language in templates.LANGUAGES:
        _whole(_several(language), templates.DIGEST, language, folder)
        for kind, recipient in product(NotificationKind, (WORKER, STATION, EMPLOYER)):
            full = sample(kind, language)
            addressed = full.notification.model_copy(update={"recipient": recipient})
            subject = replace(full, notification=addressed)
            for each in (subject, _sparse(subject), *_counted(subject)):
                _whole([each], kind.value, language, folder)


def _strange(folder: Path) -> str:
    templates.environment(folder)  # raises if the folder does not exist
    return next(iter(templates.unknown(folder)), "")


def _whole(subjects: list[Subject], name: str, language: str, folder: Path) -> None:
    if not _written(subjects, language, folder, stop_url="").body:
        path = templates.path_of(name, language)
        raise templates.BadTemplate(
            f"The template {path} has no body: the first line is the title, the rest the body.",
            f"模板 {path} 没有正文：第一行为标题，其余为正文。",
        )


def _sparse(subject: Subject) -> Subject:
    """Return the subject without its optional fields."""
    if subject.opening is None:
        return subject
    opening = {key: each for key, each in subject.opening.items() if key != "baseSalary"}
    match = {**(subject.match or {}), "reasons": [], "missingSkills": []}
    return replace(subject, opening=opening, match=match)


def _counted(subject: Subject) -> list[Subject]:
    """Return the other form of a saved search's message: the number of further openings."""
    if subject.notification.kind is not NotificationKind.SAVED_SEARCH:
        return []
    update = {"opening_id": None, "further": 12}
    told = subject.notification.model_copy(update=update)
    return [replace(subject, notification=told, opening=None)]


def _notification(kind: NotificationKind, **about: Any) -> Notification:
    recipient = _recipient(kind)
    return Notification(
        id=ids.derive_public("n", recipient.id, "sample", kind.value),
        recipient=recipient,
        kind=kind,
        urgent=kind in URGENT,
        version=1,
        caused_at=POSTED,
        **about,
    )


def _recipient(kind: NotificationKind) -> Recipient:
    if kind in TO_EMPLOYERS:
        return EMPLOYER
    return STATION if kind in TO_STATIONS else WORKER


def _several(language: str) -> list[Subject]:
    new, *others = (sample(kind, language) for kind in IN_DIGEST)
    scores = (82.0 - number for number in range(6))
    return [*(replace(new, match={**(new.match or {}), "score": each}) for each in scores), *others]


def _written(
    subjects: list[Subject], language: str, folder: Path | None, stop_url: str = STOP_URL
) -> Message:
    id = subjects[0].notification.id
    return write(id, language, subjects, stop_url=stop_url, at=NOW, folder=folder)
