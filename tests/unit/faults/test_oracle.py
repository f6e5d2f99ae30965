"""The oracle accepts a good run, and each check rejects corrupted evidence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from producers.admin import Backlog
from roost import ids
from roost.topics import DELIVERIES, MATCHES, NOTIFICATIONS, OPENINGS, PROFILES
from tests.faults.evidence import Evidence
from tests.faults.oracle import judge
from tests.unit.faults.builders import (
    DELIVERY,
    DELIVERY_EVENT,
    DELIVERY_SAID,
    GOOD,
    MATCH,
    MATCH_SAID,
    NOTIFICATION,
    NOTIFICATION_EVENT,
    OPENING,
    OPENING_SAID,
    PROFILE_SAID,
    SEEN,
    WORKER,
    document,
    letter_of,
    row,
    said,
    with_topic,
    with_view,
)

STRANGER = ids.worker_id("elsewhere", "9")
OTHER = ids.notification_id(WORKER, MATCH, "new_match", 9)
EDIT = said(PROFILES.name, 10, WORKER, {"id": WORKER, "name": "new"})
ERASURE = said(PROFILES.name, 10, WORKER, None)


def test_a_good_run_holds() -> None:
    assert judge(GOOD) == {letter: [] for letter in "LDTEQ"}


SPOILT: dict[str, tuple[str, Evidence]] = {
    "an accepted event is not in its topic": (
        "L",
        with_topic(PROFILES.name, instead=True),
    ),
    "an accepted event never reached its view": ("L", with_view(OPENINGS.name, {})),
    "an event has two ends": (
        "L",
        replace(with_topic("dead-letters", letter_of(OPENING_SAID)), poison=frozenset()),
    ),
    "a good event became a dead letter": ("L", with_topic("dead-letters", letter_of(PROFILE_SAID))),
    "poison has no dead letter": ("L", replace(GOOD, poison=frozenset({("profiles", 0, 77)}))),
    "a match is missing": ("L", with_view(MATCHES.name, {})),
    "a match stands that nothing asks for": ("L", replace(GOOD, wanted=frozenset())),
    "a worker is not notified of a match": ("L", with_topic(NOTIFICATIONS.name, instead=True)),
    "a notification has no delivery": ("L", with_view(DELIVERIES.name, {})),
    "a delivery hangs in sending": (
        "L",
        with_view(DELIVERIES.name, {DELIVERY: row(status="sending")}),
    ),
    "a delivery was given up in silence": (
        "L",
        with_view(DELIVERIES.name, {DELIVERY: row(status="failed")}),
    ),
    "a delivery that went well has a dead letter": (
        "L",
        with_topic("dead-letters", letter_of(DELIVERY_SAID)),
    ),
    "a message is seen twice": ("D", replace(GOOD, attempts=(SEEN, SEEN))),
    "one delivery is seen as two messages": (
        "D",
        replace(
            with_topic(
                DELIVERIES.name,
                said(DELIVERIES.name, 9, NOTIFICATION, DELIVERY_EVENT | {"messageId": OTHER}),
            ),
            attempts=(SEEN, replace(SEEN, id=OTHER)),
        ),
    ),
    "a message has no id": ("D", replace(GOOD, attempts=(replace(SEEN, id=""),))),
    "one thing is notified twice": (
        "D",
        with_topic(
            NOTIFICATIONS.name,
            said(NOTIFICATIONS.name, 8, WORKER, NOTIFICATION_EVENT | {"id": OTHER}),
        ),
    ),
    "a match is of a worker nobody posted": ("T", replace(GOOD, tenants={OPENING: "county"})),
    "a match joins two tenants": ("T", replace(GOOD, tenants={OPENING: "a", WORKER: "b"})),
    "somebody else is told": (
        "T",
        with_topic(
            NOTIFICATIONS.name,
            said(
                NOTIFICATIONS.name,
                8,
                STRANGER,
                NOTIFICATION_EVENT | {"id": OTHER, "recipient": {"kind": "worker", "id": STRANGER}},
            ),
        ),
    ),
    "a message is seen that no delivery names": (
        "T",
        replace(GOOD, attempts=(SEEN, replace(SEEN, id=OTHER))),
    ),
    "a delivery is of no notification": (
        "T",
        with_view(DELIVERIES.name, {DELIVERY: row(notification_id=OTHER)}),
    ),
    "a document is older than its event": ("E", with_topic(PROFILES.name, EDIT)),
    "a document has the newest version and old content": (
        "E",
        with_view(
            MATCHES.name,
            {MATCH: (MATCH_SAID.version, document(MATCH_SAID)[1] | {"fact": {"id": MATCH}})},
        ),
    ),
    "an erased document still speaks": (
        "E",
        replace(
            with_topic(PROFILES.name, ERASURE),
            views={**GOOD.views, PROFILES.name: {WORKER: (11, document(PROFILE_SAID)[1])}},
        ),
    ),
    "a delivery's row is behind its event": (
        "E",
        with_view(DELIVERIES.name, {DELIVERY: row(version=2)}),
    ),
    "a delivery ended in the view alone": (
        "E",
        with_view(DELIVERIES.name, {DELIVERY: row(version=4)}),
    ),
    "events are left": ("Q", replace(GOOD, backlogs=(Backlog("roost-match", "searchable", 1, 2),))),
    "it took too long": ("Q", replace(GOOD, settled_s=121.0)),
    "it never ended": ("Q", replace(GOOD, settled_s=None)),
}


@pytest.mark.parametrize("what", SPOILT)
def test_it_is_red_when(what: str) -> None:
    letter, evidence = SPOILT[what]
    found = judge(evidence)
    assert found[letter], found
    assert all(isinstance(sentence, str) and sentence for sentence in found[letter])


def test_every_check_has_been_seen_red() -> None:
    assert {letter for letter, _ in SPOILT.values()} == set(judge(GOOD))


def test_what_is_superseded_or_erased_is_not_lost() -> None:
    edited = with_topic(PROFILES.name, EDIT)
    assert judge(replace(edited, accepted=(PROFILE_SAID,)))["L"] == []
    gone = replace(
        with_topic(PROFILES.name, ERASURE),
        accepted=(PROFILE_SAID, ERASURE),
        views={
            **GOOD.views,
            PROFILES.name: {WORKER: (11, {"id": WORKER, "version": 11, "erased": True})},
        },
    )
    assert judge(gone)["L"] == judge(gone)["E"] == []


def test_poison_that_is_parked_is_where_it_belongs() -> None:
    bad = said(PROFILES.name, 20, "poison", {})
    evidence = replace(with_topic("dead-letters", letter_of(bad)), poison=frozenset({bad.place}))
    assert judge(evidence)["L"] == []


def test_a_delivery_that_is_given_up_and_shown_is_not_lost() -> None:
    parked = said(DELIVERIES.name, 9, NOTIFICATION, DELIVERY_EVENT | {"status": "parked"})
    evidence = replace(
        with_view(DELIVERIES.name, {DELIVERY: row(status="parked")}),
        topics={
            **GOOD.topics,
            DELIVERIES.name: (parked,),
            "dead-letters": (letter_of(parked),),
        },
    )
    assert judge(evidence)["L"] == judge(evidence)["E"] == []


def test_a_receiver_that_drops_repeats_sees_one() -> None:
    repeat = replace(SEEN, visible=False)
    assert judge(replace(GOOD, attempts=(SEEN, repeat, repeat)))["D"] == []


def test_a_row_that_is_held_is_not_lost() -> None:
    waits = row(status="waiting", held_by="digest")
    last = said(DELIVERIES.name, 9, NOTIFICATION, DELIVERY_EVENT | {"status": "waiting"})
    evidence = replace(
        with_view(DELIVERIES.name, {DELIVERY: waits}),
        topics={**GOOD.topics, DELIVERIES.name: (DELIVERY_SAID, last)},
    )
    assert judge(evidence)["L"] == []


def test_a_record_that_is_not_json_is_no_event() -> None:
    assert replace(PROFILE_SAID, value=b"[" * 100_000).json is None
    assert replace(PROFILE_SAID, value=b"\xff").json is None
    assert replace(PROFILE_SAID, value=json.dumps([]).encode()).json is None
