"""From what people say to facts: checked, with an id and a place that the gazetteer knows.

Each function returns the event and the record that carries it; publishing is the caller's.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

from producers import lawful
from roost import ids
from roost.contact.webhook_targets import check_url
from roost.errors import FieldError, Invalid
from roost.events.common import Place
from roost.events.envelope import Record, content_id, record, tombstone
from roost.events.match import MatchAction
from roost.events.notice import Notice, NoticeContent
from roost.events.notification import Notification, NotificationKind
from roost.events.opening import Opening, OpeningContent, OpeningStatus
from roost.events.preferences import OwnPreferences, Preferences, Stop, StoppedBy
from roost.events.profile import Profile, ProfileContent
from roost.events.receipt import Receipt, ReceiptKind
from roost.events.station import Station, StationContent
from roost.events.webhook import Webhook, WebhookContent
from roost.places.gazetteer import AmbiguousPlace, Gazetteer, UnknownPlace, gazetteer
from roost.topics import NOTICES, PREFERENCES, PROFILES, STOPS, WEBHOOKS

API = "/api"


def opening_posted(
    content: OpeningContent, *, at: datetime, today: date, source: str = "api"
) -> tuple[Opening, Record]:
    """A new opening. Its id comes from source, employer and identifier, or else its content.

    Raises Unlawful for a forbidden criterion; Invalid for a place nobody knows or a past
    `validThrough`.
    """
    if content.valid_through is not None and content.valid_through < today:
        raise _field_error(
            "validThrough",
            "is in the past; give a day from today on, or leave it out",
            "已过期，请填写今天或以后的日期，或留空",
        )
    return _opening(content, opening_id_of(content, source), OpeningStatus.OPEN, source, at)


def opening_id_of(content: OpeningContent, source: str) -> str:
    employer = content.hiring_organization.id
    if content.identifier:
        return ids.opening_id(f"{source}/{employer}", content.identifier)
    return ids.opening_id(f"{source}/{employer}", content_id("", "", content.to_json()))


def opening_edited(
    content: OpeningContent, standing: Opening, *, at: datetime
) -> tuple[Opening, Record]:
    """The opening as it is from now on, in the state it had."""
    return _opening(content, standing.id, standing.status, standing.source, at)


def opening_status_set(
    standing: Opening, status: OpeningStatus, *, at: datetime
) -> tuple[Opening, Record]:
    changed = standing.model_copy(update={"status": status})
    return changed, record(changed, changed.id, source=API, at=at)


def _opening(
    content: OpeningContent, id: str, status: OpeningStatus, source: str, at: datetime
) -> tuple[Opening, Record]:
    lawful.check(content)
    said = {name: getattr(content, name) for name in OpeningContent.model_fields}
    said["job_location"] = located(content.job_location, "jobLocation")
    opening = Opening.model_construct(id=id, status=status, source=source, **said)
    return opening, record(opening, id, source=f"/{source}", at=at)


def profile_put(
    content: ProfileContent, *, at: datetime, source: str = "api", id: str | None = None
) -> tuple[Profile, Record]:
    """A profile as it is from now on; without an id it needs an `identifier` to derive one."""
    if id is None:
        if not content.identifier:
            raise _field_error(
                "identifier",
                "is missing; give the worker's number in your roster",
                "缺失，请填写该人员在名册中的编号",
            )
        id = ids.worker_id(source, content.identifier)
    said = {name: getattr(content, name) for name in ProfileContent.model_fields}
    said["home"] = located(content.home, "home")
    said["location"] = located(content.location, "location")
    said["willing"] = content.willing.model_copy(
        update={
            "places": tuple(
                _key(place, f"willing.places.{number}")
                for number, place in enumerate(content.willing.places)
            )
        }
    )
    profile = Profile.model_construct(id=id, source=source, **said)
    return profile, record(profile, id, source=f"/{source}", at=at)


def profile_erased(id: str, *, at: datetime) -> Record:
    return tombstone(PROFILES, id, source=API, at=at)


def station_put(
    content: StationContent, *, at: datetime, source: str = "api", id: str | None = None
) -> tuple[Station, Record]:
    said = {name: getattr(content, name) for name in StationContent.model_fields}
    said["place"] = located(content.place, "place")
    said["serves"] = tuple(
        _key(place, f"serves.{number}") for number, place in enumerate(content.serves)
    )
    station = Station.model_construct(
        id=id or ids.station_id(content.identifier), source=source, **said
    )
    return station, record(station, station.id, source=f"/{source}", at=at)


def webhook_put(
    content: WebhookContent,
    standing: Webhook | None,
    *,
    at: datetime,
    may_be_private: bool = False,
    seed: str = "",
) -> tuple[Webhook, Record]:
    """A webhook as it is from now on, with the secret it had. The id of a new one comes from
    `seed`, or from chance.

    Raises Invalid for a URL to which nothing would be sent.
    """
    check_url(str(content.url), may_be_private)
    said = {name: getattr(content, name) for name in WebhookContent.model_fields}
    if standing is None:
        webhook = Webhook(id=ids.derive("h", seed or secrets.token_hex(16)), **said)
    else:
        webhook = standing.model_copy(update=said)
    return webhook, record(webhook, webhook.id, source=API, at=at)


def webhook_rotated(standing: Webhook, *, at: datetime) -> tuple[Webhook, Record]:
    """The webhook with its next secret; the former one signs as well for a day."""
    turned = {"secret_number": standing.secret_number + 1, "rotated_at": at}
    webhook = standing.model_copy(update=turned)
    return webhook, record(webhook, webhook.id, source=API, at=at)


def webhook_removed(id: str, *, at: datetime) -> Record:
    return tombstone(WEBHOOKS, id, source=API, at=at)


def match_action_taken(action: MatchAction) -> Record:
    return record(action, action.match_id, source=API, at=action.at)


def stop_said(
    worker_id: str, by: StoppedBy, *, at: datetime, stopped: bool = True
) -> tuple[Stop, Record]:
    """A worker wants no message any more; with `stopped` false, wants them again."""
    stop = Stop(worker_id=worker_id, stopped=stopped, by=by, at=at)
    return stop, record(stop, worker_id, source=API, at=at)


def stop_erased(worker_id: str, *, at: datetime) -> Record:
    return tombstone(STOPS, worker_id, source=API, at=at)


def preferences_chosen(
    content: Preferences, worker_id: str, *, at: datetime
) -> tuple[OwnPreferences, Record]:
    """How a worker chose to be told. Raises Invalid for a kind of notification that is none."""
    _check_kinds(content)
    said = {name: getattr(content, name) for name in Preferences.model_fields}
    chosen = OwnPreferences(worker_id=worker_id, chosen_at=at, **said)
    return chosen, record(chosen, worker_id, source=API, at=at)


def _check_kinds(content: Preferences) -> None:
    kinds = [kind.value for kind in NotificationKind]
    named = [(f"mutedKinds.{number}", kind) for number, kind in enumerate(content.muted_kinds)]
    named += [(f"channelsByKind.{kind}", kind) for kind in content.channels_by_kind]
    message = f"is no kind of notification; write one of {', '.join(kinds)}"
    message_zh = f"不是通知类型，可选：{'、'.join(kinds)}"
    wrong = tuple(
        FieldError(field, message, message_zh) for field, kind in named if kind not in kinds
    )
    if wrong:
        raise Invalid(
            f"{wrong[0].field}: {message}", f"{wrong[0].field}：{message_zh}", fields=wrong
        )


def preferences_erased(worker_id: str, *, at: datetime) -> Record:
    """Back to what the worker's profile says."""
    return tombstone(PREFERENCES, worker_id, source=API, at=at)


def notice_posted(content: NoticeContent, *, at: datetime, reference: str) -> tuple[Notice, Record]:
    """A notice; the same words to the same people under one reference are one notice."""
    places = tuple(
        _key(place, f"audience.places.{number}")
        for number, place in enumerate(content.audience.places)
    )
    said = {name: getattr(content, name) for name in NoticeContent.model_fields}
    said["audience"] = content.audience.model_copy(update={"places": places})
    id = ids.derive("b", reference, content_id("", "", content.to_json()))
    notice = Notice(id=id, posted_at=at, **said)
    return notice, record(notice, id, source=API, at=at)


def notice_erased(id: str, *, at: datetime) -> Record:
    return tombstone(NOTICES, id, source=API, at=at)


def receipt_given(
    notification: Notification, kind: ReceiptKind, *, at: datetime
) -> tuple[Receipt, Record]:
    """The recipient has read a notification in their inbox, or answered it."""
    receipt = Receipt(
        id=ids.derive("r", notification.id, kind.value),
        notification_id=notification.id,
        recipient=notification.recipient,
        kind=kind,
        at=at,
    )
    return receipt, record(receipt, notification.id, source=API, at=at)


def located(place: Place, field: str, places: Gazetteer | None = None) -> Place:
    """The place with its scheme, code and coordinates. Raises Invalid naming the field.

    A place that comes with coordinates of its own may have a name that nobody knows.
    """
    known = places or gazetteer()
    try:
        division = known.find(place.key or place.name)
    except (UnknownPlace, AmbiguousPlace) as error:
        if place.latitude is not None and place.code is None:
            return place
        raise _field_error(field, error.message, error.message_zh) from None
    point = known.coordinates(division.key)
    latitude, longitude = point if point is not None else (None, None)
    return Place(
        name=place.name if place.name != division.key else known.full_name(division.key),
        code=division.code,
        scheme=division.scheme,
        latitude=place.latitude if place.latitude is not None else latitude,
        longitude=place.longitude if place.longitude is not None else longitude,
    )


def _key(place: str, field: str) -> str:
    """A gazetteer key, or a whole country by its two letters (`cn`)."""
    known = gazetteer()
    if place in known.countries:
        return place
    try:
        return known.find(place).key
    except (UnknownPlace, AmbiguousPlace) as error:
        raise _field_error(field, error.message, error.message_zh) from None


def _field_error(field: str, message: str, message_zh: str) -> Invalid:
    return Invalid(
        f"{field}: {message}",
        f"{field}：{message_zh}",
        fields=(FieldError(field, message, message_zh),),
    )


def invalid_row(problem: str) -> Invalid:
    """A row of a file that is no row."""
    return _field_error("(row)", problem, problem)
