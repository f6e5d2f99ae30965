"""The rules of notification: which event notifies whom. Pure.

| cause | worker | station | webhooks |
|---|---|---|---|
| proposed | new_match | queue_new, once a round of the opening | new_match |
| claimed | match_claimed | | match_claimed |
| referred | | | candidate_referred |
| interviewed | interview_set | interview_set, when the employer or worker set it | interview_set |
| its arrangement was undone | interview_cancelled | | interview_cancelled |
| its slot was moved | interview_set | interview_set, when the employer moved it | interview_set |
| its slot was cancelled | interview_cancelled | interview_cancelled | interview_cancelled |
| the day before the interview | interview_reminder | | |
| declined before the interview | interview_cancelled, for the employer | interview_cancelled, \
unless by staff | interview_cancelled |
| expired before the interview | interview_cancelled, or opening_closed | match_withdrawn | as the \
worker |
| placed | match_placed | match_placed | match_placed |
| expired, the opening is over | opening_closed, if it was in progress | | opening_closed |
| expired, it was in progress | | match_withdrawn | |
| asked about sharing | sharing_asked | | |
| that question is answered, or not in time | | sharing_answered, unless by staff | |
| paused by the opening | opening_paused | opening_paused, if claimed | |
| resumed | opening_resumed | opening_resumed, if claimed | |
| a notice | its kind | its kind | |
| a station's message in a conversation | station_message | | |
| unclaimed for too long | | match_waiting, once a day | |

An employer with a contact is notified when an interview for its opening is set, moved or cancelled
by somebody else (interview_set, interview_cancelled), and when a candidate is referred to it
(candidate_referred, once a referral). It is also notified when one of its webhooks was disabled
(webhook_disabled, once for each time that it was switched on), when its opening was approved or
refused (opening_approved, opening_refused, once a decision), when words of its opening wait for
review (opening_held, once for the same words), and when its request for candidates was accepted,
declined or fulfilled, or has expired (candidates_answered, once each). The station that is asked
for candidates is notified once a request (candidates_requested).

Each is notified once per round of a match, however often the match is published. A pair that is
withdrawn and proposed again several times on one day is announced to its worker and its station
twice (`renewed_pairs`): an opening that is closed and opened all day must not fill their channels.
So is a pause of an opening
and its end: twice a day, and a station once for all its claimed matches. Again when an
interview is set to another time, and when a placement was undone and is made again. A placement
whose worker has been erased notifies nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from matcher.eligibility import NO_LONGER_OPEN
from roost import ids
from roost.events.match import DeclineReason, Match, MatchState, Role
from roost.events.notification import (
    URGENT,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.opening import Opening, OpeningStatus
from roost.events.webhook import Outage, Webhook
from roost.rules.interview_news import (
    INTERVIEW_NEWS,
    OF_ARRANGED,
    arrangement,
    decided_by,
    is_cancelled,
    is_cancelled_by_slot,
    remind_at,
)
from roost.rules.opening_news import decision_id, kind_of_decision, referral_id, review_id
from roost.rules.sharing_news import sharing_news

K = NotificationKind
MOST_PAUSES = 2
"""Pauses of an opening a day that are announced, each with its end."""
ANNOUNCEMENTS = frozenset({K.NEW_MATCH, K.QUEUE_NEW})
"""Kinds that announce a pair; their version is the round of the match."""


def notifications_for(match: Match) -> Iterator[Notification]:
    """Yield the notifications to the worker and the station of a match in its current state."""
    news = news_of(match)
    if news is not None and _concerns_worker(match, news):
        yield _of_match(match, RecipientKind.WORKER, match.worker_id, news)
    kind = _news_for_station(match)
    if kind is not None and match.station_id:
        cause = match.opening_id if kind is K.QUEUE_NEW else match.id
        yield _of_match(match, RecipientKind.STATION, match.station_id, kind, cause)
    yield from _of_pause(match)
    yield from sharing_news(match)


def _of_pause(match: Match) -> Iterator[Notification]:
    """Yield the notifications of a pause, or of its end, to the worker and the match's station.

    Only the record that changes it yields them. Their version is that of the opening that was
    paused, so a station is notified once for all its claimed matches.
    """
    pause = match.pause
    if pause is None or not match.state.active or pause.again >= MOST_PAUSES:
        return
    if match.changed_at != (pause.resumed_at or pause.at):
        return
    kind = K.OPENING_PAUSED if pause.lasts else K.OPENING_RESUMED
    told = [(RecipientKind.WORKER, match.worker_id, match.id)]
    if match.station_id and match.assigned_to is not None:
        told.append((RecipientKind.STATION, match.station_id, match.opening_id))
    for to, id, cause in told:
        yield Notification(
            id=ids.notification_id(id, cause, kind.value, pause.opening_version),
            recipient=Recipient(kind=to, id=id),
            kind=kind,
            opening_id=match.opening_id,
            match_id=match.id,
            version=pause.opening_version,
            caused_at=match.caused_at,
        )


def earlier_ids(match: Match, announcement: Notification, most: int) -> list[str]:
    """Return the ids that the day's earlier announcements of a pair have, the newest `most`."""
    cause = match.opening_id if announcement.kind is K.QUEUE_NEW else match.id
    first = max(1, match.round - min(match.renewed, most))
    recipient, kind = announcement.recipient.id, announcement.kind.value
    return [
        ids.notification_id(recipient, cause, kind, version)
        for version in range(first, match.round)
    ]


def webhook_notifications(
    match: Match, webhooks: Iterable[Webhook], employer_id: str | None
) -> Iterator[Notification]:
    """Yield the notifications to the webhooks that subscribe to the state of a match.

    An employer's webhook is notified of that employer's openings only.
    """
    news = news_of(match)
    for webhook in webhooks:
        if news is not None and wants(webhook, news, employer_id):
            yield _of_match(match, RecipientKind.WEBHOOK, webhook.id, news)
        referred = _referral(match, RecipientKind.WEBHOOK, webhook.id)
        if referred is not None and wants(webhook, referred.kind, employer_id):
            yield referred


def wants(webhook: Webhook, kind: NotificationKind, employer_id: str | None) -> bool:
    """Return whether a webhook subscribes to this kind of notification of this employer."""
    return (
        webhook.enabled
        and (not webhook.kinds or kind.value in webhook.kinds)
        and webhook.employer_id in (None, employer_id)
    )


def news_of(match: Match) -> NotificationKind | None:
    """Return the kind of news that a match in its current state is; None if it is none."""
    match match.state:
        case MatchState.PROPOSED if match.assigned_to is None:
            return K.NEW_MATCH
        case MatchState.CLAIMED:
            return K.MATCH_CLAIMED
        case MatchState.INTERVIEWED:
            return K.INTERVIEW_SET
        case MatchState.PLACED if not match.nameless:
            return K.MATCH_PLACED
        case MatchState.EXPIRED if match.cause in NO_LONGER_OPEN:
            return K.OPENING_CLOSED
        case _ if is_cancelled(match):
            return K.INTERVIEW_CANCELLED
        case _:
            return None


def interview_news(match: Match, employer_id: str) -> Notification | None:
    """Return the news of an interview to the employer; None if it is none, or the employer's own.

    The end of an opening is no news to its employer.
    """
    kind = news_of(match)
    if kind is None or kind not in INTERVIEW_NEWS:
        return None
    by_end = match.state is MatchState.EXPIRED
    if not by_end and decided_by(match) is Role.EMPLOYER:
        return None
    return _of_match(match, RecipientKind.EMPLOYER, ids.employer_key(employer_id), kind)


def _concerns_worker(match: Match, kind: NotificationKind) -> bool:
    """Return whether the worker is notified of the news: not of an own decision."""
    if kind is K.OPENING_CLOSED:
        return _was_in_progress(match)
    if kind is K.INTERVIEW_CANCELLED and match.state is MatchState.DECLINED:
        chose_other = match.cause == DeclineReason.EMPLOYER_CHOSE_OTHER.value
        return chose_other or decided_by(match) is Role.EMPLOYER
    return True


def waiting_alert(
    station_id: str, match_id: str, opening_id: str, day: date, at: datetime
) -> Notification:
    """Return the day's alert for a station.

    There is one a day however many matches wait: the match, only the oldest, is not in its id.
    """
    kind, version = K.MATCH_WAITING, day.toordinal()
    return Notification(
        id=ids.notification_id(station_id, station_id, kind.value, version),
        recipient=Recipient(kind=RecipientKind.STATION, id=station_id),
        kind=kind,
        opening_id=opening_id,
        match_id=match_id,
        version=version,
        caused_at=at,
    )


def webhook_disabled(outage: Outage, employer_id: str) -> Notification:
    """Return the notification of an outage to the employer that the webhook belongs to."""
    kind, recipient_id = K.WEBHOOK_DISABLED, ids.employer_key(employer_id)
    return Notification(
        id=ids.notification_id(recipient_id, outage.webhook_id, kind.value, outage.enabling),
        recipient=Recipient(kind=RecipientKind.EMPLOYER, id=recipient_id),
        kind=kind,
        webhook_id=outage.webhook_id,
        version=outage.enabling,
        caused_at=outage.at,
    )


def opening_news(opening: Opening, version: int, at: datetime) -> Iterator[Notification]:
    """Yield the notifications of an opening to its employer.

    `version` and `at` are those of the opening's record.
    """
    recipient_id = ids.employer_key(opening.hiring_organization.id)
    decision = opening.decision
    if decision is not None:
        id, kind = decision_id(recipient_id, opening.id, decision), kind_of_decision(decision)
        yield _of_opening(id, recipient_id, kind, opening, version, decision.at)
    held = review_id(recipient_id, opening.id, opening.review or ())
    if held is not None and opening.status is OpeningStatus.OPEN:
        yield _of_opening(held, recipient_id, K.OPENING_HELD, opening, version, at)


def referral(match: Match, employer_id: str) -> Notification | None:
    """Return the notification of a referred candidate to the employer; None in other states."""
    return _referral(match, RecipientKind.EMPLOYER, ids.employer_key(employer_id))


def _referral(match: Match, to: RecipientKind, recipient_id: str) -> Notification | None:
    if match.state is not MatchState.REFERRED or match.referred_at is None:
        return None
    return Notification(
        id=referral_id(recipient_id, match.id, match.referred_at),
        recipient=Recipient(kind=to, id=recipient_id),
        kind=K.CANDIDATE_REFERRED,
        opening_id=match.opening_id,
        match_id=match.id,
        version=match.revision,
        caused_at=match.referred_at,
    )


def _of_opening(
    id: str, recipient_id: str, kind: NotificationKind, opening: Opening, version: int, at: datetime
) -> Notification:
    return Notification(
        id=id,
        recipient=Recipient(kind=RecipientKind.EMPLOYER, id=recipient_id),
        kind=kind,
        opening_id=opening.id,
        version=version,
        caused_at=at,
    )


def _news_for_station(match: Match) -> NotificationKind | None:
    match match.state:
        case MatchState.PROPOSED if match.assigned_to is None:
            return K.QUEUE_NEW
        case MatchState.INTERVIEWED if decided_by(match) in {Role.EMPLOYER, Role.WORKER}:
            return K.INTERVIEW_SET
        case MatchState.PLACED if not match.nameless:
            return K.MATCH_PLACED
        case MatchState.EXPIRED if _was_in_progress(match):
            return K.MATCH_WITHDRAWN
        case MatchState.DECLINED if is_cancelled(match):
            by = decided_by(match)
            return None if by is None or by.staff else K.INTERVIEW_CANCELLED
        case _ if is_cancelled_by_slot(match):
            return K.INTERVIEW_CANCELLED
        case _:
            return None


def _was_in_progress(match: Match) -> bool:
    """Return whether somebody worked on an ended match, or the worker had accepted it."""
    return match.assigned_to is not None or match.accepted_at is not None


def interview_reminder(match: Match) -> Notification:
    """Return the reminder of an interview with a time to its worker, one for each arrangement."""
    assert match.interview_at is not None
    told = _of_match(match, RecipientKind.WORKER, match.worker_id, K.INTERVIEW_REMINDER)
    return told.model_copy(update={"caused_at": remind_at(match.interview_at)})


def _of_match(
    match: Match, to: RecipientKind, id: str, kind: NotificationKind, cause: str | None = None
) -> Notification:
    version = match.round + _times_before(match, kind)
    return Notification(
        id=ids.notification_id(id, cause or match.id, kind.value, version),
        recipient=Recipient(kind=to, id=id),
        kind=kind,
        opening_id=match.opening_id,
        match_id=match.id,
        slot_id=match.slot_id if kind in OF_ARRANGED else None,
        urgent=kind in URGENT,
        version=version,
        caused_at=match.caused_at,
    )


def _times_before(match: Match, kind: NotificationKind) -> int:
    """Return how often it was set before; neither counter ever falls, so no version repeats."""
    if kind in INTERVIEW_NEWS or kind is K.INTERVIEW_REMINDER:
        return arrangement(0, match.interviews)
    return max(0, match.placings - 1) if kind is K.MATCH_PLACED else 0
