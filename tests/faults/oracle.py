"""Invariants after every run, whatever the fault. Pure: evidence in, sentences out.

L  nothing is lost: every accepted event has exactly one end, every expected match exists, its
   recipients have been notified, and dead letters are exactly the poison
D  nothing is duplicated: a recipient sees at most one message of a notification
T  nothing goes to strangers: every delivery traces to accepted events of one tenant
E  every view equals its record: each document is the newest version of its event
Q  no work is left: lag 0 and everything committed, in time

A check that holds returns an empty list.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from roost.ids import split_match_id
from roost.topics import DELIVERIES, MATCHES, NOTIFICATIONS
from tests.faults.evidence import ENTITIES, Evidence, Json, TopicRecord, newest

IN_TIME_S = 120.0
GIVEN_UP = {"failed", "parked"}
FINAL = {"sent", "failed", "suppressed", "parked"}


def judge(evidence: Evidence) -> dict[str, list[str]]:
    """Return the violations of every check, by its letter."""
    return {letter: list(check(evidence)) for letter, check in CHECKS.items()}


def lost(evidence: Evidence) -> Iterator[str]:
    """Check L: nothing is lost."""
    yield from _ends(evidence)
    yield from _matches(evidence)
    yield from _notified(evidence)
    yield from _letters(evidence)
    if evidence.delivers:
        yield from _delivered(evidence)


def _ends(evidence: Evidence) -> Iterator[str]:
    """Yield accepted events without exactly one end: indexed, superseded, erased, dead-lettered."""
    letters = evidence.letters
    last: dict[tuple[str, str], int] = {}
    places = set()
    for topic in ENTITIES:
        places |= {each.place for each in evidence.records(topic)}
        last |= {
            (topic, key): record.version for key, record in newest(evidence.records(topic)).items()
        }
    for each in evidence.accepted:
        if each.topic not in ENTITIES:
            continue
        what = f"{each.topic}/{each.partition}/{each.offset} ({each.key})"
        version, document = evidence.view(each.topic).get(each.key, (0, {}))
        superseded = last.get((each.topic, each.key), 0) > each.version
        if each.place not in places:
            yield f"{what} was accepted and is not in its topic"
        elif each.place in letters:
            if version == each.version:
                yield f"{what} has two ends: a dead letter and a document"
        elif superseded:
            continue
        elif version != each.version:
            yield f"{what} was accepted and the view is at version {version}: it has no end"
        elif each.value is None and not document.get("erased"):
            yield f"{what} erases its key, and the view still has it"


def _matches(evidence: Evidence) -> Iterator[str]:
    for id in sorted(evidence.wanted - evidence.active_matches.keys()):
        yield f"match {id} is missing: an undisturbed computation has it"
    for id in sorted(evidence.active_matches.keys() - evidence.wanted):
        yield f"match {id} exists, and an undisturbed computation does not have it"


def _notified(evidence: Evidence) -> Iterator[str]:
    notified = {
        (notification.get("matchId"), notification["recipient"]["id"])
        for notification in evidence.notifications.values()
    }
    for id, document in sorted(evidence.active_matches.items()):
        worker = split_match_id(id)[1]
        if document["state"] == "proposed" and (id, worker) not in notified:
            yield f"match {id} is proposed, and its worker was not notified"


def _letters(evidence: Evidence) -> Iterator[str]:
    letters = evidence.letters
    for place in sorted(evidence.poison - letters.keys()):
        yield f"{'/'.join(map(str, place))} cannot be processed and has no dead letter"
    for place in sorted(letters.keys() - evidence.poison):
        if place[0] == DELIVERIES.name:
            continue  # a failed delivery: no event is at fault
        reason = letters[place].get("reason")
        yield f"{'/'.join(map(str, place))} is a good event and became a dead letter: {reason}"


def _delivered(evidence: Evidence) -> Iterator[str]:
    rows: dict[str, list[Json]] = defaultdict(list)
    for _, document in evidence.view(DELIVERIES.name).values():
        rows[str(document.get("notification_id"))].append(document)
    for id in sorted(evidence.notifications):
        if not rows[id]:
            yield f"notification {id} has no delivery"
        for row in rows[id]:
            if row["status"] not in FINAL and row.get("held_by") is None:
                yield f"delivery {row['id']} is {row['status']} and nothing holds it"
    yield from _given_up(evidence)


def _given_up(evidence: Evidence) -> Iterator[str]:
    """Yield violations of: exactly the failed and parked deliveries leave a dead letter."""
    letters = evidence.letters.keys()
    parked = [each for each in evidence.records(DELIVERIES.name) if each.place in letters]
    shown = {each["id"]: each["status"] for record in parked if (each := record.json) is not None}
    for id, status in sorted(shown.items()):
        if status not in GIVEN_UP:
            yield f"delivery {id} is {status} and has a dead letter"
    for id, (_, row) in sorted(evidence.view(DELIVERIES.name).items()):
        if row["status"] in GIVEN_UP and id not in shown:
            yield f"delivery {id} is {row['status']}, and no dead letter shows it"


def doubled(evidence: Evidence) -> Iterator[str]:
    """Check D: nothing is duplicated.

    A receiver that honours ids shows each message once. Two visible messages of one delivery are
    therefore duplicates.
    """
    messages: dict[str, set[str]] = defaultdict(set)
    for delivery in evidence.deliveries:
        if message := delivery.get("messageId"):
            messages[str(delivery["id"])].add(str(message))
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for attempt in evidence.attempts:
        if attempt.visible:
            seen[attempt.address, attempt.id] += 1
            if not attempt.id:
                yield f"a message to {attempt.target} has no id: its receiver cannot drop repeats"
    for (address, id), times in sorted(seen.items()):
        if times > 1:
            yield f"{address} saw message {id} {times} times"
    visible = {id for _, id in seen}
    for delivery_id, ids in sorted(messages.items()):
        if len(ids & visible) > 1:
            yield f"delivery {delivery_id} was seen as {len(ids & visible)} different messages"
    yield from _notified_twice(evidence)


def _notified_twice(evidence: Evidence) -> Iterator[str]:
    """Yield causes with several notifications to one recipient, whatever their ids."""
    same: dict[tuple[str, str, str | None, int], set[str]] = defaultdict(set)
    for id, notification in evidence.notifications.items():
        cause = (
            notification["recipient"]["id"],
            notification["kind"],
            notification.get("matchId"),
            notification["version"],
        )
        same[cause].add(id)
    for (recipient, _, match, _), ids in same.items():
        if len(ids) > 1 and match:
            yield f"{recipient} has {len(ids)} notifications of {match}"


def misdirected(evidence: Evidence) -> Iterator[str]:
    """Check T: nothing goes to strangers."""
    tenants, matches = evidence.tenants, evidence.view(MATCHES.name)
    for id in matches:
        opening, worker = split_match_id(id)
        if opening not in tenants or worker not in tenants:
            yield f"match {id} has an opening or a worker that was never posted"
        elif tenants[opening] != tenants[worker]:
            yield f"match {id} joins tenants {tenants[opening]} and {tenants[worker]}"
    for id, notification in evidence.notifications.items():
        yield from _misdirected_notification(id, notification, evidence)
    if evidence.delivers:
        yield from _untraced(evidence)


def _misdirected_notification(id: str, notification: Json, evidence: Evidence) -> Iterator[str]:
    match, recipient = notification.get("matchId"), notification["recipient"]
    if match is None:
        return
    if match not in evidence.view(MATCHES.name):
        yield f"notification {id} is about {match}, which does not exist"
    elif recipient["kind"] == "worker" and recipient["id"] != split_match_id(match)[1]:
        yield f"notification {id} went to {recipient['id']}, but match {match} is another worker's"


def _untraced(evidence: Evidence) -> Iterator[str]:
    known = {str(each.get("messageId")) for each in evidence.deliveries}
    known |= {str(document.get("message_id")) for _, document in _rows(evidence)}
    known |= evidence.notifications.keys()
    for attempt in evidence.attempts:
        if attempt.visible and attempt.id not in known:
            yield f"{attempt.address} saw message {attempt.id}, which no delivery names"
    for id, row in _rows(evidence):
        if row.get("notification_id") not in evidence.notifications:
            yield f"delivery {id} belongs to a notification that was never published"


def _rows(evidence: Evidence) -> list[tuple[str, Json]]:
    return [(id, document) for id, (_, document) in evidence.view(DELIVERIES.name).items()]


def stale(evidence: Evidence) -> Iterator[str]:
    """Check E: every view equals its record."""
    for topic in (*ENTITIES, MATCHES.name):
        parked = evidence.letters.keys()
        readable = [each for each in evidence.records(topic) if each.place not in parked]
        yield from _unequal(topic, newest(readable), evidence)
    by_id = {
        str((each.json or {}).get("id")): each for each in evidence.records(NOTIFICATIONS.name)
    }
    yield from _unequal(NOTIFICATIONS.name, by_id, evidence)
    yield from _stale_deliveries(evidence)


def _unequal(view: str, records: Mapping[str, TopicRecord], evidence: Evidence) -> Iterator[str]:
    for key, record in sorted(records.items()):
        version, document = evidence.view(view).get(key, (0, {}))
        if version != record.version:
            yield f"{view}/{key} is at version {version}, its newest event at {record.version}"
        elif record.value is None:
            if set(document) - {"id", "version", "erased"}:
                yield f"{view}/{key} is erased, and its document still has content"
        elif document.get("fact") != json.loads(record.value):
            yield f"{view}/{key} has the newest version {version} and other content"


def _stale_deliveries(evidence: Evidence) -> Iterator[str]:
    last: dict[str, Json] = {}
    for each in evidence.deliveries:
        if each["revision"] >= last.get(each["id"], {"revision": 0})["revision"]:
            last[each["id"]] = each
    for id, event in sorted(last.items()):
        version, document = evidence.view(DELIVERIES.name).get(id, (0, {}))
        revision = event["revision"]
        if version < revision:
            yield f"deliveries/{id} is at revision {version}, its newest event at {revision}"
        elif version == revision and document.get("status") != event["status"]:
            yield f"deliveries/{id} is {document.get('status')}, its event {event['status']}"
        elif version > revision and document.get("status") in FINAL:
            yield f"deliveries/{id} is {document['status']} in the view only, without an event"


def unfinished(evidence: Evidence) -> Iterator[str]:
    """Check Q: no work is left."""
    for each in evidence.backlogs:
        if each.lag:
            yield f"{each.group} has {each.lag} events of {each.topic} left"
    if evidence.settled_s is None or evidence.settled_s > IN_TIME_S:
        yield f"work was left after {IN_TIME_S:.0f} s"


CHECKS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "L": lost,
    "D": doubled,
    "T": misdirected,
    "E": stale,
    "Q": unfinished,
}
