"""Examples of every stored event, as JSON values: together they set every field of every model.

`python -m tests.record_event_fixtures <release>` writes them as that release would. When an event
gains a field or an enum value, set it in an example here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from producers import simulator
from roost import ids
from roost.topics import Topic

Json = dict[str, Any]

AT = "2026-11-02T01:30:00Z"
LATER = "2026-11-02T06:05:00.250000Z"
DAY_AFTER = "2026-11-03T01:30:00Z"

WORKER = ids.worker_id("roster-2026", "18")
OTHER_WORKER = ids.worker_id("roster-2026", "19")
OPENING = ids.opening_id("taiyuan-jianzhu", "2026-118")
OTHER_OPENING = ids.opening_id("parks", "B-7")
STATION = ids.station_id("lin-bei")
MATCH = ids.match_id(OPENING, WORKER)
OTHER_MATCH = ids.match_id(OTHER_OPENING, OTHER_WORKER)
NOTICE = ids.derive("b", "notice", "1")
EMPLOYER = ids.employer_key("taiyuan-jianzhu")
MESSAGE = ids.derive("d", "message", "1")
ANSWER = ids.derive("d", "message", "2")
WEBHOOK = ids.derive("h", "webhook", "1")
ACCOUNT = ids.derive("u", "account", "li")
KEY = ids.derive("k", "key", "hr")
ACTION = ids.derive("a", "action", "1")
NOTIFICATION = ids.notification_id(WORKER, MATCH, "new_match", 1)
DIGEST = ids.notification_id(WORKER, "digest", "new_match", 1)
REQUEST = ids.derive("y", "candidates", OPENING)
SLOT = ids.slot_id(OPENING, "taiyuan-jianzhu", "1")
HASH = "3b" * 32

BEFORE: Json = {
    "state": "declined",
    "assignedTo": ACCOUNT,
    "claimedAt": AT,
    "firstContactAt": AT,
    "contactedAt": AT,
    "callAgainAt": LATER,
    "acceptedAt": AT,
    "referredAt": AT,
    "interviewedAt": AT,
    "interviewAt": LATER,
    "interviewBy": "phone",
    "booking": {"slotId": SLOT, "arrangedAt": AT},
    "sharing": "asked",
    "sharingAskedAt": AT,
    "sharingAnsweredAt": LATER,
    "answerBy": DAY_AFTER,
    "placedAt": LATER,
    "declinedAt": LATER,
    "expiredAt": LATER,
    "cause": "wage",
}
"""Progress of a match with every field set, more than one real match ever has."""
BY_HAND: Json = {
    "id": ACTION,
    "actor": {"role": "clerk", "id": ACCOUNT},
    "at": AT,
    "why": "at_counter",
    "waives": ["place", "wage", "currency", "availability", "shift", "lodging"],
    "refer": True,
}
TAIYUAN: Json = {
    "name": "山西省太原市",
    "code": "1401",
    "scheme": "cn",
    "latitude": 37.87,
    "longitude": 112.55,
}
PREFERENCES: Json = {
    "muted": False,
    "mutedKinds": ["policy_news"],
    "channelsByKind": {"interview_set": ["sms", "inbox"], "new_match": ["inbox"]},
    "timeZone": "Asia/Shanghai",
    "quietHours": {"begins": "21:30:00", "ends": "08:00:00"},
    "snoozedUntil": "2026-11-05T00:00:00+08:00",
    "digest": {"pace": "weekly", "at": "09:15:00", "weekday": 3},
    "language": "zh",
}


def _openings() -> Iterator[Json]:
    yield {
        "id": OPENING,
        "status": "open",
        "source": "taiyuan-jianzhu",
        "identifier": "2026-118",
        "hiringOrganization": {"id": "taiyuan-jianzhu", "name": "太原示例建筑公司"},
        "title": "砌筑工",
        "description": "住宅楼主体砌筑，包工期三个月。\n有工友同去更好。",
        "skills": ["砌墙", "抹灰"],
        "preferredSkills": ["看图纸"],
        "licencesRequired": ["高处作业证"],
        "occupationalCategory": "6-29-01-01",
        "baseSalary": {
            "currency": "CNY",
            "minValue": 280,
            "maxValue": 350,
            "unitText": "DAY",
        },
        "jobLocation": TAIYUAN,
        "totalJobOpenings": 6,
        "employmentType": "TEMPORARY",
        "shifts": ["day", "rotating"],
        "lodging": True,
        "meals": True,
        "experienceRequirements": 1.5,
        "educationRequirements": "junior",
        "createdAt": AT,
        "datePosted": "2026-11-02",
        "jobStartDate": "2026-11-09",
        "validThrough": "2026-12-31",
        "workplace": "enterprise",
        "jobBenefits": ["包吃住", "意外险"],
        "inLanguage": "zh",
        "awaitingApproval": True,
        "decision": {
            "approved": False,
            "at": LATER,
            "refusal": {"reasons": ["fees_charged"], "text": "体检不得收费。"},
            "takenDown": True,
            "decider": "d-" + "a" * 26,
            "appeal": {"text": "费用由单位承担。", "at": LATER},
            "final": True,
        },
        "firstAlike": ["~k7w2m4q1x9a3c", "~b5t8n6r2d0f4h"],
        "review": [
            {
                "field": "jobBenefits.1",
                "criterion": "age",
                "words": "35岁以下",
                "start": 0,
                "end": 5,
                "approved": True,
            }
        ],
    }
    yield {
        "id": OTHER_OPENING,
        "status": "filled",
        "source": "api",
        "hiringOrganization": {"id": "east-workshop", "name": "东沟扶贫车间"},
        "title": "缝纫工",
        "jobLocation": {"name": "东沟村"},
        "workplace": "workshop",
        "baseSalary": {"minValue": 1.2, "unitText": "PIECE", "piecesPerDay": 120},
    }
    for number, language in enumerate(("zh", "en")):
        for content in simulator.openings(2, language=language):
            yield content.to_dict() | {"id": ids.opening_id(f"simulated-{number}", content.title)}


def _profiles() -> Iterator[Json]:
    yield {
        "id": WORKER,
        "ownChanges": [{"field": "skills", "at": AT}],
        "otherNumbers": [{"source": "zh-roster", "identifier": "B-7"}],
        "source": "roster-2026",
        "identifier": "18",
        "name": "王示例",
        "summary": "做过八年砌筑，带过徒弟。",
        "skills": ["砌墙", "贴砖"],
        "licences": ["高处作业证"],
        "occupationsWanted": ["砌筑工"],
        "experienceYears": 8,
        "education": "junior",
        "wageWanted": {
            "currency": "CNY",
            "minValue": 1.1,
            "maxValue": 1.4,
            "unitText": "PIECE",
            "piecesPerDay": 150,
        },
        "home": {"name": "山西省吕梁市临县", "code": "141124", "scheme": "cn"},
        "location": TAIYUAN,
        "willing": {"places": ["cn:1401", "cn:1301"], "radiusKm": 120, "nearHomeOnly": False},
        "availableFrom": "2026-11-10",
        "shifts": ["day"],
        "needsLodging": True,
        "ofWorkingAge": True,
        "createdAt": AT,
        "registeredHousehold": {"registered": True, "consent": True},
        "languages": ["zh"],
        "channels": [
            {"kind": "inbox", "address": ""},
            {"kind": "sms", "address": "19900000018", "confirmed": False},
        ],
        "preferences": PREFERENCES,
        "shownToEmployers": {"name": True, "contact": False, "experience": True},
        "status": "active",
    }
    yield {
        "id": OTHER_WORKER,
        "name": "示例",
        "home": {"name": "临县"},
        "location": {"name": "临县"},
        "willing": {"nearHomeOnly": True},
        "status": "paused",
    }
    for number, language in enumerate(("zh", "en")):
        for content in simulator.profiles(2, language=language):
            yield content.to_dict() | {"id": ids.worker_id(f"simulated-{number}", content.name)}


def _stations() -> Iterator[Json]:
    yield {
        "id": STATION,
        "source": "registry",
        "identifier": "lin-bei",
        "name": "临县驻太原服务站",
        "kind": "branch",
        "place": TAIYUAN,
        "serves": ["cn:1401"],
        "language": "zh",
        "channels": [{"kind": "wecom", "address": "station-7", "confirmed": False}],
        "preferences": {name: PREFERENCES[name] for name in PREFERENCES if name != "language"},
        "telephone": "+863525550101-12",
        "openingHours": [
            {"dayOfWeek": ["Monday", "Friday"], "opens": "08:30", "closes": "12:00"},
            {"validFrom": "2026-10-01", "validThrough": "2026-10-02"},
        ],
    }
    yield {
        "id": ids.station_id("total"),
        "identifier": "total",
        "name": "临县务工人员总会",
        "kind": "association",
        "place": {"name": "临县"},
    }


def _searchable() -> Iterator[Json]:
    yield {"kind": "opening", "id": OPENING, "version": 41, "postedAt": AT}
    yield {"kind": "profile", "id": WORKER, "version": 7, "postedAt": LATER}


def _proposals() -> Iterator[Json]:
    yield {
        "openingId": OPENING,
        "workerIds": [WORKER, OTHER_WORKER],
        "subject": OPENING,
        "postedAt": AT,
        "evaluatedAt": LATER,
    }
    yield {
        "openingId": OPENING,
        "workerIds": [WORKER],
        "subject": WORKER,
        "postedAt": AT,
        "evaluatedAt": AT,
        "byHand": BY_HAND,
    }


def _matches() -> Iterator[Json]:
    judged = {
        "openingId": OPENING,
        "workerId": WORKER,
        "score": 81.25,
        "workerSide": 0.84,
        "employerSide": 0.79,
        "openingVersion": 41,
        "profileVersion": 7,
        "model": "roost-1",
        "proposedAt": AT,
        "firstProposedAt": AT,
        "changedAt": LATER,
        "causedAt": AT,
    }
    clerk = {"role": "clerk", "id": ACCOUNT}
    yield judged | {"id": MATCH, "state": "proposed", "revision": 1}
    yield judged | {
        "id": MATCH,
        "state": "interviewed",
        "revision": 9,
        "round": 2,
        "renewed": 1,
        "stationId": STATION,
        "formerStationId": "s-" + "b" * 26,
        "assignedTo": ACCOUNT,
        "claimedAt": AT,
        "firstContactAt": AT,
        "contactedAt": LATER,
        "callAgainAt": DAY_AFTER,
        "acceptedAt": LATER,
        "referredAt": LATER,
        "interviewedAt": LATER,
        "interviewAt": DAY_AFTER,
        "interviewBy": "video",
        "sharing": "agreed",
        "sharingAskedAt": AT,
        "sharingAnsweredAt": LATER,
        "answerBy": DAY_AFTER,
        "booking": {"slotId": SLOT, "arrangedAt": AT},
        "reasons": [
            {"part": "occupation", "points": 31.0, "en": "Same occupation", "zh": "同一职业"}
        ],
        "missingSkills": ["看图纸"],
        "actBy": DAY_AFTER,
        "soonAt": LATER,
        "contactDueAt": DAY_AFTER,
        "waitedS": 3600,
        "about": {
            "title": "砌筑工",
            "occupation": "zh:6-29-01-01",
            "occupationName": "砌筑工",
            "employerId": "taiyuan-jianzhu",
            "workPlaces": ["cn:1401", "cn:14"],
            "alike": ["~5ifajlg26slgk"],
            "firstAlike": ["~2c5hbw7iqfzou"],
            "livesAt": ["cn:1401"],
            "home": ["cn:141124"],
            "headcount": 6,
            "startsOn": "2026-11-09",
            "lastDay": "2026-12-31",
            "priority": True,
        },
        "interviews": 1,
        "pause": {"at": AT, "resumedAt": LATER, "openingVersion": 40, "again": 1},
        "restedS": 1800,
        "changes": [
            {"kind": "expired", "at": AT, "cause": "opening_closed"},
            {
                "kind": "proposed",
                "at": LATER,
                "actor": {"role": "clerk", "id": ACCOUNT},
                "why": "at_counter",
            },
        ],
        "byHand": BY_HAND | {"over": "worker"},
        "undoable": {"actionId": ACTION, "before": BEFORE},
        "history": [
            {
                "actionId": ACTION,
                "kind": "contact",
                "actor": clerk,
                "at": AT,
                "outcome": "accepted",
                "contact": "call_back",
                "callAgainAt": DAY_AFTER,
                "answerBy": DAY_AFTER,
                "slotId": SLOT,
                "undone": True,
            },
            {
                "actionId": ids.derive("a", "action", "2"),
                "kind": "assign",
                "actor": {"role": "chief", "id": "u-chief"},
                "at": LATER,
                "outcome": "refused",
                "why": "held",
                "holder": ACCOUNT,
                "assignee": "u-zhao",
            },
            {
                "actionId": ids.derive("a", "action", "3"),
                "kind": "interview",
                "actor": clerk,
                "at": LATER,
                "outcome": "accepted",
                "interviewAt": DAY_AFTER,
                "interviewBy": "video",
            },
            {
                "actionId": ids.derive("a", "action", "4"),
                "kind": "decline",
                "actor": {"role": "worker", "id": WORKER},
                "at": LATER,
                "outcome": "refused",
                "why": "too_late",
                "reason": "place",
            },
            {
                "actionId": ids.derive("a", "action", "5"),
                "kind": "accept",
                "actor": {"role": "worker", "id": WORKER},
                "at": LATER,
                "outcome": "accepted",
                "shares": ["name", "contact"],
            },
        ],
        "refusals": [
            {
                "actionId": ids.derive("a", "action", "5"),
                "kind": "claim",
                "actor": {"role": "clerk", "id": "u-wang"},
                "at": LATER,
                "outcome": "refused",
                "why": "held",
                "holder": ACCOUNT,
            },
        ],
    }
    yield judged | {
        "id": MATCH,
        "state": "placed",
        "revision": 12,
        "placedAt": LATER,
        "placings": 1,
        "cause": "erased",
    }
    yield judged | {
        "id": MATCH,
        "state": "declined",
        "revision": 4,
        "declinedAt": LATER,
        "cause": "wage",
    }
    yield judged | {
        "id": MATCH,
        "state": "expired",
        "revision": 3,
        "expiredAt": LATER,
        "cause": "opening closed",
    }


def _match_actions() -> Iterator[Json]:
    clerk = {"role": "clerk", "id": ACCOUNT}
    action = {"id": ACTION, "matchId": MATCH, "actor": clerk, "at": AT}
    yield action | {"kind": "claim"}
    yield action | {"kind": "assign", "assignee": "u-zhao"}
    yield action | {"kind": "contact", "contact": "no_answer", "callAgainAt": DAY_AFTER}
    yield action | {"kind": "ask_sharing", "answerBy": DAY_AFTER}
    yield action | {"kind": "book", "slotId": SLOT}
    yield action | {"kind": "interview", "interviewAt": DAY_AFTER, "interviewBy": "in_person"}
    yield action | {"kind": "decline", "reason": "wage", "actor": {"role": "worker", "id": WORKER}}
    worker = {"role": "worker", "id": WORKER}
    yield action | {"kind": "accept", "actor": worker, "shares": ["name", "contact"]}
    yield action | {"kind": "undo", "actor": {"role": "system", "id": "queue"}}


def _notification(**changes: Any) -> Json:
    return {
        "id": NOTIFICATION,
        "recipient": {"kind": "worker", "id": WORKER},
        "kind": "new_match",
        "matchId": MATCH,
        "openingId": OPENING,
        "version": 1,
        "causedAt": AT,
    } | changes


def _notifications() -> Iterator[Json]:
    yield _notification()
    yield _notification(kind="match_waiting", recipient={"kind": "station", "id": STATION})
    yield _notification(kind="sharing_asked")
    yield _notification(kind="interview_reminder", slotId=SLOT)
    yield _notification(kind="candidates_requested", requestId=REQUEST)
    search = ids.derive("q", "1")
    found = {
        name: value
        for name, value in _notification(kind="saved_search").items()
        if name not in {"matchId", "openingId"}
    }
    yield found | {"savedSearchId": search, "openingId": OPENING}
    yield found | {"savedSearchId": search, "further": 12, "inDigest": True, "version": 739_586}
    yield _notification(kind="sharing_answered", recipient={"kind": "station", "id": STATION})
    yield _notification(kind="opening_closed", recipient={"kind": "webhook", "id": WEBHOOK})
    employers = ("opening_approved", "opening_refused", "opening_held", "candidate_referred")
    for kind in (*employers, "interview_set", "interview_cancelled", "candidates_answered"):
        yield _notification(kind=kind, recipient={"kind": "employer", "id": EMPLOYER})
    yield {
        "id": ids.notification_id(EMPLOYER, OPENING, "address_code", 1),
        "recipient": {"kind": "employer", "id": EMPLOYER},
        "kind": "address_code",
        "channel": "email",
        "urgent": True,
        "version": 1,
        "causedAt": AT,
    }
    yield {
        "id": ids.notification_id(EMPLOYER, WEBHOOK, "webhook_disabled", 2),
        "recipient": {"kind": "employer", "id": EMPLOYER},
        "kind": "webhook_disabled",
        "webhookId": WEBHOOK,
        "version": 2,
        "causedAt": AT,
    }
    yield {
        "id": ids.notification_id(WORKER, NOTICE, "policy_news", 2),
        "recipient": {"kind": "worker", "id": WORKER},
        "kind": "policy_news",
        "noticeId": NOTICE,
        "urgent": True,
        "version": 2,
        "causedAt": AT,
    }
    yield {
        "id": ids.notification_id(WORKER, ANSWER, "station_message", 1),
        "recipient": {"kind": "worker", "id": WORKER},
        "kind": "station_message",
        "conversationMessageId": ANSWER,
        "version": 1,
        "causedAt": LATER,
    }
    yield {
        "id": ids.notification_id(WORKER, OPENING, "sign_in_code", 1),
        "recipient": {"kind": "worker", "id": WORKER},
        "kind": "sign_in_code",
        "channel": "sms",
        "urgent": True,
        "version": 1,
        "causedAt": AT,
    }
    yield {
        "id": ids.notification_id(WORKER, OPENING, "address_code", 1),
        "recipient": {"kind": "worker", "id": WORKER},
        "kind": "address_code",
        "channel": "sms",
        "urgent": True,
        "version": 1,
        "causedAt": AT,
    }


def _deliveries() -> Iterator[Json]:
    delivery = {
        "notification": _notification(
            channel="sms", conversationMessageId=ANSWER, slotId=SLOT, requestId=REQUEST
        ),
        "dueAt": AT,
        "at": AT,
    }
    yield delivery | {"id": f"{NOTIFICATION}.inbox", "channel": "inbox", "status": "waiting"}
    counted = {"savedSearchId": ids.derive("q", "1"), "further": 12, "inDigest": True}
    yield delivery | {
        "id": f"{NOTIFICATION}.inbox",
        "notification": _notification(kind="saved_search") | counted,
        "channel": "inbox",
        "status": "waiting",
    }
    yield delivery | {
        "id": f"{NOTIFICATION}.sms",
        "channel": "sms",
        "status": "waiting",
        "revision": 3,
        "heldBy": "quiet",
        "attempts": 1,
        "messageId": DIGEST,
        "leaseUntil": LATER,
        "detail": "quiet hours",
        "history": [{"at": AT, "status": "waiting", "why": "planned"}],
        "answers": [
            {
                "at": AT,
                "status": 503,
                "elapsedMs": 41,
                "error": "no answer",
                "excerpt": "service unavailable",
                "reference": "9006197469364984400",
                "requestId": "873043ac-bcda",
            }
        ],
        "planned": ["inbox", "sms"],
    }
    yield delivery | {
        "id": f"{NOTIFICATION}.inbox",
        "notification": _notification(
            kind="policy_news", noticeId=NOTICE, webhookId=WEBHOOK, urgent=True
        ),
        "channel": "inbox",
        "status": "sent",
        "revision": 4,
        "postedToToldMs": 1840,
        "readAt": LATER,
        "answeredAt": LATER,
        "deliveredAt": LATER,
        "costMilliYuan": 90,
        "segments": 2,
        "chargedAt": LATER,
        "stationId": STATION,
    }


def _receipts() -> Iterator[Json]:
    receipt = {
        "id": ids.derive("r", NOTIFICATION, "read"),
        "notificationId": NOTIFICATION,
        "recipient": {"kind": "worker", "id": WORKER},
        "at": LATER,
    }
    yield receipt | {"kind": "read"}
    yield receipt | {"kind": "answered", "channel": "sms"}
    yield receipt | {"kind": "resend", "channel": "webhook"}
    yield receipt | {"kind": "undelivered", "channel": "sms", "code": "MK:0001"}


def _own_preferences() -> Iterator[Json]:
    yield PREFERENCES | {"workerId": WORKER, "chosenAt": AT}
    yield {"workerId": OTHER_WORKER, "chosenAt": AT, "muted": True, "language": "en"}


def _stops() -> Iterator[Json]:
    yield {"workerId": WORKER, "stopped": True, "by": "link", "at": AT}
    yield {"workerId": WORKER, "stopped": False, "by": "api", "at": LATER}
    yield {"workerId": EMPLOYER, "stopped": True, "by": "word", "at": LATER}


def _employers() -> Iterator[Json]:
    yield {
        "id": EMPLOYER,
        "employerId": "taiyuan-jianzhu",
        "channels": [{"kind": "email", "address": "hr@example.com", "confirmed": False}],
        "preferences": {name: PREFERENCES[name] for name in PREFERENCES if name != "language"},
        "language": "zh",
    }
    yield {"id": EMPLOYER, "employerId": "taiyuan-jianzhu"}


def _suppressions() -> Iterator[Json]:
    yield {"workerId": WORKER, "suppressed": True, "at": AT, "by": ACCOUNT}
    yield {
        "workerId": WORKER,
        "suppressed": False,
        "at": LATER,
        "by": ACCOUNT,
        "basis": "written",
        "consentedOn": "2026-11-02",
    }


def _notices() -> Iterator[Json]:
    yield {
        "id": NOTICE,
        "postedAt": AT,
        "kind": "policy_news",
        "zh": {"title": "技能补贴开始申报", "body": "请在月底前到服务站办理。"},
        "en": {"title": "Skills subsidy open", "body": "Apply at your station this month."},
        "audience": {"stationIds": [STATION], "places": ["cn:1401"]},
        "urgent": True,
    }
    yield {
        "id": ids.derive("b", "notice", "2"),
        "postedAt": AT,
        "kind": "request_answered",
        "zh": {"title": "您的诉求已答复", "body": "请联系服务站。"},
        "audience": {"workerIds": [WORKER]},
    }


def _saved_searches() -> Iterator[Json]:
    saved = {
        "id": ids.derive("q", "1"),
        "workerId": WORKER,
        "name": "县城缝纫",
        "by": WORKER,
        "createdAt": AT,
        "countsFrom": LATER,
    }
    yield saved | {"words": "缝纫 锁边", "place": "cn:140223", "wage": 4_500.0}
    yield saved | {
        "notice": "digest",
        "paused": True,
        "occupation": "zh:6-29-01-01",
        "occupationName": "砌筑工",
        "shift": "day",
        "lodging": True,
        "employer": "site-1",
        "withinKm": 20.0,
        "centre": {"latitude": 39.76, "longitude": 114.28},
        "nearHome": True,
        "home": "cn:140223",
        "homeCentre": {"latitude": 39.76, "longitude": 114.28},
    }


def _notes() -> Iterator[Json]:
    yield {
        "id": ids.derive("j", "1"),
        "kind": "note",
        "about": "worker",
        "workerId": WORKER,
        "text": "周三以后致电，白天不便接听。",
        "by": "u-1",
        "writtenAt": AT,
        "edits": [{"by": "u-2", "at": LATER}],
    }
    yield {
        "id": ids.derive("j", "2"),
        "kind": "reason",
        "about": "match",
        "workerId": WORKER,
        "matchId": MATCH,
        "actionId": ids.derive("a", "1"),
        "text": "家里老人需要照顾",
        "by": "u-1",
        "writtenAt": AT,
    }
    yield {
        "id": ids.derive("j", "3"),
        "kind": "interview",
        "about": "match",
        "workerId": WORKER,
        "matchId": MATCH,
        "actionId": ids.derive("a", "2"),
        "interview": {
            "place": "北门 2 号楼 301 室",
            "contact": "王经理 0352-5550101",
            "documents": "身份证、焊工证",
        },
        "by": "u-1",
        "writtenAt": AT,
    }
    yield {
        "id": ids.derive("j", "4"),
        "kind": "note",
        "about": "opening",
        "openingId": OPENING,
        "by": "u-1",
        "writtenAt": AT,
        "removedBy": "u-2",
        "removedAt": LATER,
    }
    yield {
        "id": ids.derive("j", "5"),
        "kind": "note",
        "about": "employer",
        "employerId": "taiyuan-jianzhu",
        "text": "每月 15 日发工资。",
        "by": "u-1",
        "writtenAt": AT,
    }


def _slots() -> Iterator[Json]:
    yield {
        "id": SLOT,
        "openingId": OPENING,
        "at": DAY_AFTER,
        "by": "in_person",
        "places": 4,
        "interview": {
            "place": "厂区东门接待室",
            "contact": "王经理 0351-5550101",
            "documents": "身份证",
        },
        "arrangedAt": AT,
        "changedBy": {"role": "employer", "id": ACCOUNT},
    }


def _candidate_requests() -> Iterator[Json]:
    asked = {
        "id": REQUEST,
        "openingId": OPENING,
        "employerId": "taiyuan-jianzhu",
        "stationId": STATION,
        "wanted": 3,
        "neededBy": "2026-12-20",
        "note": "早班优先。",
        "number": 2,
        "askedAt": AT,
        "askedBy": ACCOUNT,
    }
    decided = {"decidedAt": LATER, "decidedBy": ACCOUNT}
    yield asked | {"decision": "open"}
    yield asked | decided | {"decision": "accepted", "candidatesOn": "2026-12-10"}
    yield asked | decided | {"decision": "withdrawn"}
    for because in (
        "nobody_suitable",
        "terms",
        "no_capacity",
        "opening_unclear",
        "other_station",
    ):
        yield asked | decided | {"decision": "declined", "declinedBecause": because}


def _conversations() -> Iterator[Json]:
    yield {
        "id": MESSAGE,
        "workerId": WORKER,
        "author": "worker",
        "text": "明天几点面试？",
        "shortened": True,
        "channel": "sms",
        "sentAt": AT,
        "settledAt": LATER,
        "answerId": ANSWER,
    }
    yield {
        "id": ANSWER,
        "workerId": WORKER,
        "author": "worker",
        "text": "好的",
        "repeats": MESSAGE,
        "channel": "sms",
        "sentAt": LATER,
    }
    yield {
        "id": ANSWER,
        "workerId": WORKER,
        "author": "station",
        "text": "上午九点，请带身份证。",
        "by": ACCOUNT,
        "sentAt": LATER,
    }


def _webhooks() -> Iterator[Json]:
    yield {
        "id": WEBHOOK,
        "url": "https://hr.example.com/roost",
        "employerId": "taiyuan-jianzhu",
        "kinds": ["match_placed", "opening_closed"],
        "description": "人事系统",
        "enabled": False,
        "secretNumber": 2,
        "rotatedAt": LATER,
        "enabling": 2,
        "privateOrigin": "http://10.20.0.8:80",
    }
    yield {"id": ids.derive("h", "webhook", "2"), "url": "https://partner.example.org/in?county=1"}


def _outages() -> Iterator[Json]:
    yield {
        "webhookId": WEBHOOK,
        "enabling": 2,
        "cause": "failing",
        "since": AT,
        "at": LATER,
        "lastAnswer": {
            "at": AT,
            "status": 503,
            "elapsedMs": 41,
            "error": "",
            "excerpt": "unavailable",
            "reference": "9006197469364984400",
            "requestId": "873043ac-bcda",
        },
    }
    yield {"webhookId": WEBHOOK, "cause": "gone", "since": AT, "at": AT}


def _requests() -> Iterator[Json]:
    yield {
        "process": "api-1",
        "answered": [
            {
                "key": "3b" * 16,
                "asked": "4c" * 16,
                "status": 201,
                "body": {"id": OPENING, "version": 41, "searchable": True},
                "headers": {"location": f"/v1/openings/{OPENING}", "etag": '"41"'},
                "repeatable": True,
                "at": AT,
            },
            {"key": "5d" * 16, "asked": "6e" * 16, "status": 204, "at": LATER},
        ],
    }


SOURCE = "f-" + "a" * 26


def _sources() -> Iterator[Json]:
    yield {
        "id": SOURCE,
        "name": "市人才网",
        "url": "https://jobs.example.com/changes?since={cursor}",
        "mapping": "nyc_jobs",
        "mode": "changes",
        "schedule": {"everyMinutes": 60, "at": []},
        "cursor": {"field": "meta.next", "start": "2026-01-01"},
        "removal": {"field": "status", "values": ["INACTIVE"]},
        "mostWithdrawnPercent": 20,
        "paused": True,
        "createdAt": AT,
        "changedAt": AT,
        "runAskedAt": LATER,
        "confirmedAt": LATER,
        "confirmedWithdrawals": 7,
    }
    yield {
        "id": "f-" + "c" * 26,
        "name": "Partner",
        "url": "https://jobs.example.com/all.json",
        "mapping": "nyc_jobs",
        "cursor": {"header": "x-next"},
        "createdAt": AT,
        "changedAt": AT,
    }
    yield {
        "id": "f-" + "b" * 26,
        "name": "招聘会岗位表",
        "folder": "fair/2026",
        "mapping": "sample_workshops",
        "near": "cn:1401",
        "schedule": {"at": ["06:30", "12:00"]},
        "createdAt": AT,
        "changedAt": AT,
    }


def _source_runs() -> Iterator[Json]:
    times = {"startedAt": AT, "endedAt": LATER}
    counts = {
        "read": 9,
        "published": 2,
        "unchanged": 6,
        "rejected": 1,
        "closed": 1,
        "reopened": 1,
        "endedMatches": 3,
    }
    yield {
        "sourceId": SOURCE,
        "definition": "5f2c",
        "etag": 'W/"5"',
        "lastModified": "Mon, 23 Nov 2026 08:00:00 GMT",
        "cursor": "2026-11-23",
        "dueAt": DAY_AFTER,
        "runningSince": LATER,
        "failures": 1,
        "succeededAt": LATER,
        "held": 7,
        "heldReason": "share",
        "heldMatches": 4,
        "listed": 20,
        "runs": [
            {**times, "outcome": "held", **counts},
            {**times, "outcome": "failed", "fault": "status", "why": "404", "whyZh": "404"},
        ],
        "problems": [
            {
                "row": 3,
                "problems": [
                    {"field": "地点", "en": "is unclear", "zh": "不明确", "candidates": ["cn:1401"]}
                ],
            }
        ],
    }


def _source_entries() -> Iterator[Json]:
    yield {
        "sourceId": SOURCE,
        "openingId": OPENING,
        "reference": "J-1",
        "listed": True,
        "since": AT,
    }
    yield {
        "sourceId": SOURCE,
        "openingId": OPENING,
        "listed": False,
        "since": LATER,
        "closed": "5f2c",
    }


STATION_GROUP = f"station:{ids.station_id('s')}"


def _import_mappings() -> Iterator[Json]:
    yield {
        "id": ids.derive("g", STATION_GROUP, "openings", "春季招聘会"),
        "owner": STATION_GROUP,
        "name": "春季招聘会",
        "kind": "openings",
        "columns": [
            {"column": "招聘岗位", "field": "title"},
            {"column": "截止日期", "field": "validThrough", "order": "day-first"},
            {"column": "序号"},
        ],
        "savedAt": AT,
        "savedBy": ACCOUNT,
    }


def _saved_replies() -> Iterator[Json]:
    yield {
        "id": ids.derive("y", "reply", STATION, "1"),
        "stationId": STATION,
        "title": "面试材料",
        "text": "面试时请带身份证原件和两张一寸照片，提前十分钟到。",
        "savedAt": AT,
        "savedBy": ACCOUNT,
    }


def _employer_names() -> Iterator[Json]:
    common = {"owner": STATION_GROUP, "decidedAt": AT, "decidedBy": ACCOUNT}
    yield common | {
        "id": ids.derive("l", STATION_GROUP, "岚岭食品厂"),
        "name": "岚岭食品厂",
        "sameAs": "uscc:91110000100000000R",
    }
    yield common | {
        "id": ids.derive("l", STATION_GROUP, "恒岳纺织厂"),
        "name": "恒岳纺织厂",
        "differentFrom": ["uscc:91110000100000000R", "plant-7"],
    }


def _imports() -> Iterator[Json]:
    job = {
        "id": ids.derive("i", "import", "1"),
        "state": "running",
        "owner": ACCOUNT,
        "format": "csv",
        "rows": 1200,
        "sent": "7f" * 16,
        "createdAt": AT,
        "updatedAt": LATER,
    }
    yield {"job": job}
    yield {
        "job": job
        | {
            "state": "failed",
            "mapping": "zh_profiles",
            "encoding": "gb18030",
            "dryRun": True,
            "read": 500,
            "published": 480,
            "unchanged": 8,
            "repeated": 2,
            "rejected": 10,
            "doubtful": 3,
            "undecided": 1,
            "group": STATION_GROUP,
            "kind": "profiles",
            "undoes": ids.derive("i", "import", "0"),
            "why": "Kafka cannot be reached",
            "whyZh": "无法连接消息服务",
        },
        "errors": [
            {
                "row": 14,
                "sheet": "岭泉镇",
                "problems": [{"field": "name", "zh": "请填写姓名", "en": "Write the name"}],
            },
            {
                "row": 15,
                "problems": [
                    {"field": "家乡", "zh": "不明确", "en": "is unclear", "candidates": ["cn:1401"]}
                ],
                "id": WORKER,
                "people": [{"id": WORKER, "signs": ["telephone"]}],
                "employer": "岚岭食品厂",
                "employers": [{"id": "plant-7", "name": "岚岭食品厂"}],
            },
        ],
    }


def _accounts() -> Iterator[Json]:
    yield {
        "id": ACCOUNT,
        "login": "li",
        "name": "李工",
        "publicName": "李老师",
        "role": "clerk",
        "stationIds": [STATION],
        "language": "zh",
        "largeText": True,
        "passwordHash": "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaA",
        "totpSecret": "gAAAAAexample",
        "passkeys": [
            {
                "id": "bm90LWEtY3JlZGVudGlhbA",
                "publicKey": "cHVibGljLWtleQ",
                "signCount": 4,
                "name": "办公室电脑",
                "createdAt": AT,
            }
        ],
        "oidcSubject": "auth0|7",
        "disabled": True,
        "mustChangePassword": True,
        "generation": 3,
        "createdAt": AT,
    }
    yield {
        "id": ids.derive("u", "account", "jianzhu"),
        "login": "jianzhu",
        "name": "人事",
        "role": "employer",
        "employerId": "taiyuan-jianzhu",
        "createdAt": AT,
    }
    yield {
        "id": ids.derive("u", "account", "wang"),
        "login": "wang",
        "name": "王示例",
        "role": "worker",
        "workerId": WORKER,
        "createdAt": AT,
    }


def _api_keys() -> Iterator[Json]:
    yield {
        "id": KEY,
        "name": "人事系统",
        "role": "employer",
        "employerId": "taiyuan-jianzhu",
        "scopes": ["openings:read", "openings:write"],
        "secretHash": HASH,
        "namesForwarding": True,
        "formerHash": "4c" * 32,
        "formerUntil": LATER,
        "createdAt": AT,
        "expiresAt": "2027-11-02T01:30:00Z",
    }
    yield {
        "id": ids.derive("k", "key", "station"),
        "name": "服务站终端",
        "role": "chief",
        "stationIds": [STATION],
        "secretHash": HASH,
        "createdAt": AT,
        "expiresAt": "2027-11-02T01:30:00Z",
    }
    yield {
        "id": ids.derive("k", "key", "kiosk"),
        "name": "自助终端",
        "role": "worker",
        "workerId": WORKER,
        "secretHash": HASH,
        "createdAt": AT,
        "expiresAt": "2027-11-02T01:30:00Z",
    }


def _sessions() -> Iterator[Json]:
    yield {
        "id": ids.derive("t", "session", "1"),
        "accountId": ACCOUNT,
        "tokenHash": HASH,
        "generation": 3,
        "beganAt": AT,
        "seenAt": LATER,
        "expiresAt": DAY_AFTER,
        "totpStep": 59462118,
        "byProvider": True,
        "ended": True,
    }


def _audit() -> Iterator[Json]:
    yield {
        "id": ids.derive("t", "entry", "1"),
        "requestId": "0123456789abcdef",
        "who": ACCOUNT,
        "role": "clerk",
        "method": "GET",
        "route": "/v1/profiles/{id}",
        "objects": [{"kind": "profiles", "id": WORKER}],
        "persons": [WORKER],
        "status": 200,
        "at": AT,
    }
    yield {
        "id": ids.derive("t", "entry", "2"),
        "requestId": "fedcba9876543210",
        "method": "GET",
        "route": "/v1/overview",
        "status": 401,
        "at": AT,
    }
    kinds = (
        "signed-in",
        "sign-in-failed",
        "sign-in-throttled",
        "sign-in-code-asked",
        "second-factor-asked",
        "second-factor-failed",
        "password-check-failed",
        "key-refused",
        "forged-write",
        "out-of-reach",
        "anonymous-refused",
    )
    for number, kind in enumerate(kinds):
        yield {
            "id": ids.derive("t", "event", str(number)),
            "requestId": "",
            "method": "POST",
            "route": "/v1/sign-in",
            "status": 401,
            "at": AT,
            "event": kind,
            "cause": "password",
            "loginHash": "0123456789abcdef0123456789abcdef",
            "network": "2001:db8:1:2::/64",
            "count": 3,
        }


def _county() -> Iterator[Json]:
    yield {"id": "key-3b3b3b3b3b3b3b3b", "fingerprint": "3b" * 8, "at": AT}
    yield {
        "id": "key-4c4c4c4c4c4c4c4c",
        "fingerprint": "4c" * 8,
        "state": "migrating",
        "at": LATER,
        "migratedUntil": {"profiles": {"0": 118, "1": 96}},
    }


def _dead_letters() -> Iterator[Json]:
    yield {
        "id": "openings/3/40@index",
        "topic": "openings",
        "partition": 3,
        "offset": 40,
        "stage": "index",
        "reason": "invalid",
        "detail": "title: Field required",
        "size": 812,
        "at": AT,
        "status": "retried",
        "attempts": 2,
        "handledBefore": 61,
    }


def _stage_stops() -> Iterator[Json]:
    yield {
        "id": "index",
        "topic": "openings",
        "partition": 2,
        "offset": 118,
        "reason": "ValueError",
        "detail": "The view refuses 20 documents: strict_dynamic_mapping_exception",
        "failed": 21,
        "events": 100,
        "at": AT,
        "continued": True,
    }


_EXAMPLES = {
    "openings": _openings,
    "profiles": _profiles,
    "stations": _stations,
    "searchable": _searchable,
    "proposals": _proposals,
    "matches": _matches,
    "match-actions": _match_actions,
    "notifications": _notifications,
    "deliveries": _deliveries,
    "receipts": _receipts,
    "preferences": _own_preferences,
    "stops": _stops,
    "employers": _employers,
    "suppressions": _suppressions,
    "notices": _notices,
    "conversations": _conversations,
    "notes": _notes,
    "slots": _slots,
    "candidate-requests": _candidate_requests,
    "saved-searches": _saved_searches,
    "webhooks": _webhooks,
    "outages": _outages,
    "requests": _requests,
    "imports": _imports,
    "import-mappings": _import_mappings,
    "saved-replies": _saved_replies,
    "employer-names": _employer_names,
    "sources": _sources,
    "source-runs": _source_runs,
    "source-entries": _source_entries,
    "accounts": _accounts,
    "api-keys": _api_keys,
    "sessions": _sessions,
    "audit": _audit,
    "county": _county,
    "dead-letters": _dead_letters,
    "stage-stops": _stage_stops,
}


def examples_of(topic: Topic) -> list[Json]:
    """Return the examples of a topic's event. Raises KeyError for a topic without any."""
    return list(_EXAMPLES[topic.name]())
