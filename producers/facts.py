"""Facts derived from user input: checked, with an id, and with places known to the gazetteer.

Functions return the event and the record that carries it, or the record alone. They do not
publish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from producers import lawful
from producers.located_places import gazetteer_key, located_wishes, settle_place
from producers.notification_kinds import check_preferences
from roost import ids
from roost.contact.addresses import accepted_address
from roost.contact.confirmed_channels import settled_channels, with_confirmed
from roost.contact.telephones import telephone
from roost.errors import conflicting_field, invalid_field
from roost.events.common import Place
from roost.events.envelope import Record, content_id, record, tombstone
from roost.events.match import ByHand, MatchAction, Proposals
from roost.events.notification import (
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.opening import (
    Decision,
    Opening,
    OpeningContent,
    OpeningStatus,
    ReviewMark,
)
from roost.events.preferences import ChannelKind
from roost.events.profile import (
    MOST_NUMBERS,
    Channel,
    Profile,
    ProfileContent,
    RosterNumber,
)
from roost.events.station import Station, StationContent
from roost.likeness.alike_openings import alike_keys
from roost.places.resolutions import PlaceContext
from roost.rules.profile_fields import Writer, own_changes
from roost.topics import PROFILES

API = "/api"
SOURCE = "api"
"""Source of openings and profiles that are posted through the API."""


def opening_posted(
    content: OpeningContent,
    *,
    at: datetime,
    today: date,
    source: str = "api",
    id: str | None = None,
    stored: Opening | None = None,
    for_review: bool = False,
    context: PlaceContext | None = None,
) -> tuple[Opening, Record]:
    """Create an opening; its id derives from source, employer and identifier, or else its content.

    A caller who has derived the `id` already gives it.

    With the `stored` opening of that id, its content is edited: it keeps its status, its source and
    the dates of its first posting.

    With `for_review`, unlawful demands are marked instead of refused, and the opening waits until a
    station or the association edits or approves it. The `context` decides between places of one
    name.

    Raises:
        Unlawful: It has a forbidden criterion.
        Invalid: A place is unknown, or `validThrough` is new and in the past.
    """
    last_day = content.valid_through
    is_new = stored is None or last_day != stored.valid_through
    if last_day is not None and last_day < today and is_new:
        raise invalid_field(
            "validThrough",
            "is in the past; give a day from today on, or leave it out",
            "已过期，请填写今天或以后的日期，或留空",
        )
    if stored is not None:
        posted = stored.date_posted or content.date_posted
        edited = content.model_copy(update={"date_posted": posted})
        return opening_edited(edited, stored, at=at, for_review=for_review, context=context)
    return _opening_record(
        content,
        id or opening_id_of(content, source),
        OpeningStatus.OPEN,
        source,
        at,
        created_at=at,
        review=lawful.review_of(content, refuse=not for_review),
        context=context,
    )


def readable_opening(fact: Mapping[str, Any] | None) -> Opening | None:
    """Return a stored opening; None if it is absent, or of a form that this release cannot read."""
    try:
        return None if fact is None else Opening.from_stored(fact)
    except ValidationError:
        return None


def readable_profile(fact: Mapping[str, Any]) -> Profile:
    """Return a stored profile. Raises Conflict for a form that this release cannot read."""
    try:
        return Profile.from_stored(fact)
    except ValidationError:
        message = "belongs to a record of a newer release; update this one first"
        message_zh = "该编号的记录由更新的版本写入，请先升级"
        raise conflicting_field("identifier", message, message_zh) from None


def opening_id_of(content: OpeningContent, source: str) -> str:
    """Return the id of an opening from a source."""
    employer = content.hiring_organization.id
    if content.identifier:
        return referenced_opening(employer, content.identifier, source)
    return ids.opening_id(f"{source}/{employer}", content_id("", "", content.to_json()))


def referenced_opening(employer: str, identifier: str, source: str = SOURCE) -> str:
    """Return the id of the opening with an employer's own reference."""
    return ids.opening_id(f"{source}/{employer}", identifier)


def opening_edited(
    content: OpeningContent,
    current: Opening,
    *,
    at: datetime,
    for_review: bool = False,
    context: PlaceContext | None = None,
) -> tuple[Opening, Record]:
    """Replace the content of an opening; its status, source, creation and approval stay.

    Words that were approved stay approved. So do the keys of the content as it was first posted:
    an old opening that is edited into another's text does not count as the first with it. Raises
    as `opening_posted` does.
    """
    return _opening_record(
        content,
        current.id,
        current.status,
        current.source,
        at,
        created_at=current.created_at,
        awaiting_approval=current.awaiting_approval,
        review=lawful.review_of(content, current.review, refuse=not for_review),
        decision=current.decision,
        before=current,
        context=context,
    )


def _first_alike(edited: Opening, before: Opening) -> tuple[str, ...] | None:
    """Return the keys of the first content, once an edit changes them."""
    if before.first_alike is not None:
        return before.first_alike
    first = alike_keys(before)
    return tuple(first) if first != alike_keys(edited) else None


def opening_status_set(
    current: Opening, status: OpeningStatus, *, at: datetime
) -> tuple[Opening, Record]:
    changed = current.model_copy(update={"status": status})
    return changed, record(changed, changed.id, source=API, at=at)


def _opening_record(
    content: OpeningContent,
    id: str,
    status: OpeningStatus,
    source: str,
    at: datetime,
    *,
    created_at: datetime | None,
    awaiting_approval: bool = False,
    review: tuple[ReviewMark, ...] | None,
    decision: Decision | None = None,
    before: Opening | None = None,
    context: PlaceContext | None = None,
) -> tuple[Opening, Record]:
    former = None if before is None else before.job_location
    opening = Opening.from_content(
        content,
        id=id,
        status=status,
        source=source,
        created_at=created_at,
        awaiting_approval=awaiting_approval,
        review=review,
        decision=decision,
        job_location=settle_place(content.job_location, "jobLocation", former, context),
    )
    if before is not None:
        # By the settled place, as the keys of the stored opening are.
        opening = opening.model_copy(update={"first_alike": _first_alike(opening, before)})
    return opening, record(opening, id, source=f"/{source}", at=at)


def profile_put(
    content: ProfileContent,
    *,
    at: datetime,
    source: str = "api",
    id: str | None = None,
    stored: Profile | None = None,
    writer: Writer = Writer.STATION,
    context: PlaceContext | None = None,
) -> tuple[Profile, Record]:
    """Create a profile, or replace the content of the `stored` one: its id and source stay.

    A new profile without an id gets one that derives from source and `identifier`. Whether an
    address is confirmed depends on the `writer` (`roost.contact.confirmed_channels`). The `context`
    decides between places of one name.

    Raises Invalid if both are missing, a place is unknown, or an address is not accepted.
    """
    if stored is not None:
        id, source, created_at = stored.id, stored.source, stored.created_at
    else:
        id, created_at = id or worker_id_of(content, source), at
    check_preferences(content.preferences, "preferences.")
    home, location = (stored.home, stored.location) if stored is not None else (None, None)
    at_home = settle_place(content.home, "home", home, context)
    residence = settle_place(content.location, "location", location, context)
    before = stored.channels if stored is not None else ()
    profile = Profile.from_content(
        content,
        id=id,
        source=source,
        created_at=created_at,
        other_numbers=stored.other_numbers if stored is not None else (),
        own_changes=stored.own_changes if stored is not None else (),
        home=at_home,
        location=residence,
        willing=located_wishes(content.willing, residence, context),
        channels=settled_channels(writer, accepted_channels(content.channels), before),
    )
    marked = own_changes(writer, stored, profile, at)
    if marked != profile.own_changes:
        profile = profile.model_copy(update={"own_changes": marked})
    return profile, record(profile, id, source=f"/{source}", at=at)


def number_assigned(stored: Profile, source: str, number: str) -> Profile:
    """Return a stored profile with one more number of the same person, from another roster.

    The profile's own number, and one that is assigned already, change nothing. Raises Invalid if
    the person has too many.
    """
    id = referenced_worker(number, source)
    known = {referenced_worker(each.identifier, each.source) for each in stored.other_numbers}
    if id == stored.id or id in known:
        return stored
    if len(known) >= MOST_NUMBERS:
        raise invalid_field(
            "identifier",
            f"is one number more than a person may have in other rosters ({MOST_NUMBERS})",
            f"超过一人可关联的其他编号数量（{MOST_NUMBERS} 个）",
        )
    assigned = RosterNumber(source=source, identifier=number)
    return stored.model_copy(update={"other_numbers": (*stored.other_numbers, assigned)})


def channel_confirmed(stored: Profile, channel: Channel, *, at: datetime) -> Record:
    """Confirm one of a worker's addresses, which replaces the former ones of its kind."""
    channels = with_confirmed(stored.channels, channel)
    changed = stored.model_copy(update={"channels": channels})
    return record(changed, stored.id, source=API, at=at)


def address_code_asked(
    recipient: Recipient, channel: ChannelKind, cause: str, *, at: datetime
) -> Record:
    """Ask for a code to a recipient's unconfirmed address; the record holds neither of them."""
    kind = NotificationKind.ADDRESS_CODE
    notification = Notification(
        id=ids.notification_id(recipient.id, cause, kind.value, 1),
        recipient=recipient,
        kind=kind,
        channel=channel,
        urgent=True,
        version=1,
        caused_at=at,
    )
    return record(notification, recipient.id, source=API, at=at)


def sign_in_code_asked(worker_id: str, cause: str, *, at: datetime) -> Record:
    """Ask for a code to the telephone that a worker signs in with; the record holds neither."""
    kind = NotificationKind.SIGN_IN_CODE
    notification = Notification(
        id=ids.notification_id(worker_id, cause, kind.value, 1),
        recipient=Recipient(kind=RecipientKind.WORKER, id=worker_id),
        kind=kind,
        channel=ChannelKind.SMS,
        urgent=True,
        version=1,
        caused_at=at,
    )
    return record(notification, worker_id, source=API, at=at)


def accepted_channels(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Return the channels with their addresses in one spelling. Raises Invalid."""
    return tuple(_accepted_channel(each, number) for number, each in enumerate(channels))


def _accepted_channel(channel: Channel, number: int) -> Channel:
    field = f"channels.{number}.address"
    address = accepted_address(channel.kind, channel.address, field)
    if address == channel.address:
        return channel
    return channel.model_copy(update={"address": address})


def worker_id_of(content: ProfileContent, source: str) -> str:
    """Return the id of a worker from a source. Raises Invalid without an `identifier`."""
    if not content.identifier:
        raise invalid_field(
            "identifier",
            "is missing; give the worker's number in your roster",
            "缺失，请填写该人员在名册中的编号",
        )
    return referenced_worker(content.identifier, source)


def referenced_worker(identifier: str, source: str = SOURCE) -> str:
    """Return the id of the worker with a number in a roster."""
    return ids.worker_id(source, identifier)


def profile_erased(id: str, *, at: datetime) -> Record:
    return tombstone(PROFILES, id, source=API, at=at)


def station_put(
    content: StationContent,
    *,
    at: datetime,
    source: str = "api",
    id: str | None = None,
    former: Place | None = None,
    context: PlaceContext | None = None,
) -> tuple[Station, Record]:
    """Put a station into the registry; `former` is the place of the stored one.

    The station's place decides between places of one name that it serves.
    """
    check_preferences(content.preferences, "preferences.")
    place = settle_place(content.place, "place", former, context)
    around = PlaceContext((str(place.key), *(context.near if context else ())))
    station = Station.from_content(
        content,
        id=id or ids.station_id(content.identifier),
        source=source,
        place=place,
        serves=tuple(
            gazetteer_key(each, f"serves.{number}", around)
            for number, each in enumerate(content.serves)
        ),
        channels=settled_channels(Writer.STATION, accepted_channels(content.channels), ()),
        telephone=_station_telephone(content.telephone) if content.telephone else None,
    )
    return station, record(station, station.id, source=f"/{source}", at=at)


def _station_telephone(text: str) -> str:
    """Return a station's number in its one spelling. Raises Invalid."""
    found = telephone(text)
    if found is None:
        raise invalid_field(
            "telephone",
            "is not a telephone number; enter one with its area code, such as 0352-5550101",
            "不是有效的电话号码，请填写带区号的号码，例如 0352-5550101",
        )
    return f"{found.number}-{found.extension}" if found.extension else found.number


def pair_proposed(opening_id: str, worker_id: str, by_hand: ByHand) -> Record:
    """Return the proposal of one pair by a member of staff, which the queue stage decides."""
    event = Proposals(
        opening_id=opening_id,
        worker_ids=(worker_id,),
        subject=worker_id,
        posted_at=by_hand.at,
        evaluated_at=by_hand.at,
        by_hand=by_hand,
    )
    return record(event, opening_id, source=API, at=by_hand.at)


def match_action_taken(action: MatchAction) -> Record:
    return record(action, action.match_id, source=API, at=action.at)
