"""The current state, in the views, of the entities that a notification names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from roost.contact.confirmed_channels import reachable_channels
from roost.events.candidate_request import CandidateRequest
from roost.events.notification import (
    STOPPABLE,
    Notification,
    RecipientKind,
)
from roost.events.opening_hours import OpeningHours, stored_hours
from roost.events.preferences import ChannelKind, DeliveryPreferences
from roost.events.profile import Channel
from roost.ids import delivery_id
from roost.rules.interview_details import details_in_force, interview_note_id
from roost.rules.interview_news import OF_ARRANGED
from roost.rules.saved_search_news import pair_of
from roost.topics import (
    CANDIDATE_REQUESTS,
    CONVERSATIONS,
    DELIVERIES,
    EMPLOYERS,
    MATCHES,
    NOTES,
    NOTICES,
    OPENINGS,
    OUTAGES,
    PREFERENCES,
    PROFILES,
    SAVED_SEARCHES,
    SLOTS,
    STATIONS,
    STOPS,
    WEBHOOKS,
)
from roost.views.elastic import Elastic, Json
from roost.views.remembered import Remembered, Versioned

VIEW_OF_RECIPIENT = {
    RecipientKind.WORKER: PROFILES.name,
    RecipientKind.STATION: STATIONS.name,
    RecipientKind.WEBHOOK: WEBHOOKS.name,
    RecipientKind.EMPLOYER: EMPLOYERS.name,
}
ABSENT: Versioned[Json] = Versioned(0, None)
FIELDS_BY_VIEW = {
    PROFILES.name: ("fact.channels", "fact.preferences"),
    STATIONS.name: (
        "fact.channels",
        "fact.preferences",
        "fact.language",
        "fact.openingHours",
    ),
    EMPLOYERS.name: ("fact.channels", "fact.preferences", "fact.language"),
    WEBHOOKS.name: (
        "fact.enabled",
        "fact.enabling",
        "fact.kinds",
        "fact.url",
        "fact.employerId",
    ),
    OUTAGES.name: ("fact",),
    CANDIDATE_REQUESTS.name: ("fact",),
    PREFERENCES.name: ("fact",),
    STOPS.name: ("fact.stopped",),
    NOTICES.name: ("fact",),
    CONVERSATIONS.name: ("fact.text",),
    NOTES.name: ("fact.interview", "fact.actionId"),
    SLOTS.name: ("fact.interview", "fact.id"),
    SAVED_SEARCHES.name: ("fact",),
    OPENINGS.name: (
        "fact.title",
        "fact.hiringOrganization",
        "fact.jobLocation",
        "fact.totalJobOpenings",
        "fact.baseSalary",
        "fact.status",
        "fact.review",
        "fact.decision",
    ),
}
MATCH_FIELDS = (
    "version",
    "fact.reasons",
    "fact.score",
    "fact.missingSkills",
    "fact.proposedAt",
    "fact.state",
    "fact.round",
    "fact.interviewAt",
    "fact.booking",
    "fact.interviews",
    "fact.referredAt",
    "fact.revision",
    "fact.sharing",
    "fact.sharingAskedAt",
    "fact.sharingAnsweredAt",
    "fact.answerBy",
    "fact.history.actionId",
    "fact.history.at",
    "fact.history.kind",
    "fact.history.outcome",
    "fact.history.undone",
    "active",
    "erased",
    "station_id",
)


Key = tuple[str, str]
"""View and id of a document."""


@dataclass(frozen=True, slots=True)
class Context:
    """The entities that one notification names; None for those erased or absent."""

    recipient: Json | None
    stopped: bool = False
    opening: Json | None = None
    opening_version: int = 0
    """The version of the opening in the view; 0 if it is not there yet."""
    match: Json | None = None
    """The document of the match, with `active` and its reasons."""
    notice: Json | None = None
    webhook: Json | None = None
    """The webhook that a message to its owner is about."""
    outage: Json | None = None
    """The newest outage of that webhook."""
    message: Json | None = None
    """The message of the conversation."""
    interview: Json | None = None
    """Details of the arranged interview; None while none are in force."""
    request: CandidateRequest | None = None
    """The request for candidates."""
    search: Json | None = None
    """The saved search that found the opening."""
    text_pending: bool = False
    """True while the view lacks the notice or message: the index stage has not written it yet."""
    read: bool = False
    """True once the inbox entry was read or answered."""
    channels: tuple[Channel, ...] = field(default=())
    """Channels that may carry personal content: without unconfirmed addresses."""
    unconfirmed: tuple[Channel, ...] = field(default=())
    """Addresses that may receive their code and nothing else."""
    telling: DeliveryPreferences = field(default_factory=DeliveryPreferences)
    language: str = "zh"
    opening_hours: tuple[OpeningHours, ...] = ()
    """A station's own opening hours; empty for the county's."""
    versions: Mapping[Key, int] = field(default_factory=dict)
    """The versions of the documents it was read from, 0 for an absent one; not the inbox entry."""
    planned: bool = False
    """True if it was read to plan the row, and not to judge it."""


class Contexts:
    """A reader of contexts that caches what seldom changes."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._views = {
            view: Remembered(elastic, view, fields, _fact)
            for view, fields in FIELDS_BY_VIEW.items()
        }

    async def read(
        self, notifications: Sequence[Notification], *, inbox: bool = True
    ) -> list[Context]:
        """Return a context for each notification, in order.

        Without `inbox` the inbox entries are not read, and count as unread: those of new
        notifications. Raises Transient when the views cannot be read.
        """
        wanted = dict.fromkeys(key for each in notifications for key in _seldom_changed(each))
        documents, found = await asyncio.gather(
            self._documents(notifications, inbox=inbox), self._remembered(wanted)
        )
        return [_context(each, found, documents) for each in notifications]

    async def outdated(self, contexts: Sequence[Context]) -> list[bool]:
        """Return whether any document of each context has another version now. Raises Transient."""
        keys = dict.fromkeys(key for each in contexts for key in each.versions)
        if not keys:
            return [False] * len(contexts)
        current = await self._elastic.versions(list(keys))
        return [
            any(current.get(key, 0) != version for key, version in each.versions.items())
            for each in contexts
        ]

    async def _remembered(self, keys: Iterable[Key]) -> dict[str, dict[str, Versioned[Json]]]:
        """Return documents that seldom change, by view and id.

        One request reads the versions of cached documents and the whole of the others.
        """
        wanted = {(view, id): self._views[view].fields_to_read(id) for view, id in keys}
        found: dict[str, dict[str, Versioned[Json]]] = {view: {} for view, _ in wanted}
        newest: dict[str, dict[str, int]] = {}
        for (view, id), (version, document) in (await self._elastic.versioned(wanted)).items():
            if document:
                found[view][id] = self._views[view].keep(id, document)
            else:
                newest.setdefault(view, {})[id] = version
        answers = await asyncio.gather(
            *(self._views[view].at_least(versions) for view, versions in newest.items())
        )
        for view, answer in zip(newest, answers, strict=True):
            found[view] |= answer
        return found

    async def _documents(
        self, notifications: Iterable[Notification], *, inbox: bool
    ) -> dict[Key, Json]:
        """Return the matches and the inbox entries, which are never cached."""
        keys: dict[Key, None] = {}
        for each in notifications:
            if match_id := _match_of(each):
                keys[MATCHES.name, match_id] = None
            if inbox:
                keys[DELIVERIES.name, delivery_id(each.id, ChannelKind.INBOX.value)] = None
        return await self._elastic.mget(list(keys), (*MATCH_FIELDS, "read", "fact.answeredAt"))


def _seldom_changed(notification: Notification) -> list[Key]:
    """Return the documents that a notification names, apart from its match and inbox entry."""
    recipient = notification.recipient
    keys = [(VIEW_OF_RECIPIENT[recipient.kind], recipient.id)]
    if recipient.kind is RecipientKind.WORKER:
        keys.append((PREFERENCES.name, recipient.id))
    if recipient.kind in STOPPABLE:
        keys.append((STOPS.name, recipient.id))
    if recipient.kind is RecipientKind.WEBHOOK:
        keys.append((OUTAGES.name, recipient.id))
    if notification.webhook_id:
        keys += [(WEBHOOKS.name, notification.webhook_id), (OUTAGES.name, notification.webhook_id)]
    if notification.opening_id:
        keys.append((OPENINGS.name, notification.opening_id))
    if notification.request_id:
        keys.append((CANDIDATE_REQUESTS.name, notification.request_id))
    if notification.notice_id:
        keys.append((NOTICES.name, notification.notice_id))
    if notification.conversation_message_id:
        keys.append((CONVERSATIONS.name, notification.conversation_message_id))
    if notification.saved_search_id:
        keys.append((SAVED_SEARCHES.name, notification.saved_search_id))
    if note_id := _interview_note(notification):
        keys.append((NOTES.name, note_id))
    if slot_id := _interview_slot(notification):
        keys.append((SLOTS.name, slot_id))
    return keys


def _match_of(notification: Notification) -> str | None:
    """Return the match that a notification names, or that of the pair of a saved search."""
    return notification.match_id or pair_of(notification)


def _interview_note(notification: Notification) -> str | None:
    """Return the id of the interview details that a message states.

    None for other kinds, and for webhooks, whose receivers may be other companies.
    """
    if not _states_details(notification) or notification.match_id is None:
        return None
    return interview_note_id(notification.match_id)


def _interview_slot(notification: Notification) -> str | None:
    """Return the id of the slot whose details a message states."""
    return notification.slot_id if _states_details(notification) else None


def _states_details(notification: Notification) -> bool:
    told = notification.recipient.kind in {RecipientKind.WORKER, RecipientKind.STATION}
    return told and notification.kind in OF_ARRANGED


def _versions(
    notification: Notification,
    found: Mapping[str, Mapping[str, Versioned[Json]]],
    documents: Mapping[Key, Json],
) -> dict[Key, int]:
    """Return the versions of the documents that a notification names, as they were read."""
    versions = {
        (view, id): found.get(view, {}).get(id, ABSENT).version
        for view, id in _seldom_changed(notification)
    }
    if match_id := _match_of(notification):
        key = (MATCHES.name, match_id)
        versions[key] = documents.get(key, {}).get("version", 0)
    return versions


def _context(
    notification: Notification,
    found: dict[str, dict[str, Versioned[Json]]],
    documents: dict[Key, Json],
) -> Context:
    def fact(view: str, id: str | None) -> Json | None:
        return found.get(view, {}).get(id or "", ABSENT).value

    recipient_id = notification.recipient.id
    recipient = fact(VIEW_OF_RECIPIENT[notification.recipient.kind], recipient_id)
    if recipient is not None and (outage := fact(OUTAGES.name, recipient_id)) is not None:
        out = outage.get("enabling", 1) == recipient.get("enabling", 1)
        recipient = {**recipient, "enabled": recipient.get("enabled", True) and not out}
    own = fact(PREFERENCES.name, recipient_id)
    inbox = documents.get((DELIVERIES.name, delivery_id(notification.id, ChannelKind.INBOX.value)))
    known = _channels(notification, recipient)
    match = documents.get((MATCHES.name, _match_of(notification) or ""))
    note = fact(NOTES.name, _interview_note(notification))
    slot = fact(SLOTS.name, _interview_slot(notification))
    preferences = own or (recipient or {}).get("preferences") or {}
    return Context(
        recipient=recipient,
        stopped=bool((fact(STOPS.name, recipient_id) or {}).get("stopped")),
        opening=fact(OPENINGS.name, notification.opening_id),
        opening_version=found.get(OPENINGS.name, {})
        .get(notification.opening_id or "", ABSENT)
        .version,
        match=match,
        interview=details_in_force((match or {}).get("fact"), note, slot),
        notice=fact(NOTICES.name, notification.notice_id),
        webhook=fact(WEBHOOKS.name, notification.webhook_id),
        outage=fact(OUTAGES.name, notification.webhook_id),
        message=fact(CONVERSATIONS.name, notification.conversation_message_id),
        request=_request(fact(CANDIDATE_REQUESTS.name, notification.request_id)),
        search=fact(SAVED_SEARCHES.name, notification.saved_search_id),
        text_pending=_lacks_text(notification, found),
        read=bool(inbox and (inbox.get("read") or inbox.get("fact", {}).get("answeredAt"))),
        channels=reachable_channels(known),
        unconfirmed=tuple(each for each in known if not each.confirmed),
        telling=DeliveryPreferences.from_stored(preferences),
        language=str(preferences.get("language") or (recipient or {}).get("language") or "zh"),
        opening_hours=stored_hours((recipient or {}).get("openingHours")),
        versions=_versions(notification, found, documents),
    )


def _request(fact: Json | None) -> CandidateRequest | None:
    return CandidateRequest.from_stored(fact) if fact else None


def _lacks_text(notification: Notification, found: dict[str, dict[str, Versioned[Json]]]) -> bool:
    """Return whether the view lacks the notice or message that a notification names."""
    texts = (
        (NOTICES.name, notification.notice_id),
        (CONVERSATIONS.name, notification.conversation_message_id),
    )
    return any(id is not None and id not in found.get(view, {}) for view, id in texts)


def _channels(notification: Notification, recipient: Json | None) -> tuple[Channel, ...]:
    if notification.recipient.kind is RecipientKind.WEBHOOK:
        return (Channel.model_construct(kind=ChannelKind.WEBHOOK, address=""),)
    stored = (recipient or {}).get("channels") or []
    return tuple(Channel.from_stored(each) for each in stored)


def _fact(document: Json) -> Json:
    return dict(document.get("fact", {}))
