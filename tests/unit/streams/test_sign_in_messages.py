"""The code of a sign-in at the deliver stage: at once, and to the telephone alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from producers import facts
from roost import ids
from roost.contact.address_codes import VALID_FOR
from roost.contact.sign_in_codes import sign_in_code, sign_in_link
from roost.events.envelope import decode, value_of
from roost.events.notification import Notification
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.topics import PROFILES
from streams.deliver import rows
from streams.deliver.contexts import Context, Contexts
from streams.deliver.message_texts import MessageWriter
from streams.deliver.planning import Drop, Go, judge, plan
from tests.unit.streams.in_memory import NOON, WORKER, InMemoryElastic, Process, World, run
from tests.unit.streams.test_timing import OPEN

KEY = b"k" * 32
NUMBER = "+8613800138000"
SMS = ChannelKind.SMS
PHONE = Channel(kind=SMS, address=NUMBER)
ASKED = decode(
    Notification,
    value_of(facts.sign_in_code_asked(WORKER, ids.derive("t", "1"), at=NOON)),
)
QUIET = {"begins": "00:00", "ends": "23:59"}


def context_of(*channels: Channel, **telling: Any) -> Context:
    around = World()
    stored = [each.to_dict() for each in channels]
    around.put(PROFILES.name, WORKER, 1, {"channels": stored, "preferences": telling})
    (found,) = run(Contexts(InMemoryElastic(Process(around))).read([ASKED]))
    made: Context = found
    return made


def verdict(context: Context, at: timedelta = timedelta()) -> Any:
    row = rows.waiting(ASKED, SMS, NOON, NOON, None)
    return judge(row, context, OPEN, NOON + at, NOON)


@pytest.mark.parametrize(
    "telling",
    [
        {},
        {"quietHours": QUIET},
        {"pace": "weekly"},
        {"muted": True},
        {"mutedKinds": ["sign_in_code"]},
        {"snoozedUntil": (NOON + timedelta(days=1)).isoformat()},
    ],
)
def test_no_preference_holds_it_back(telling: dict[str, Any]) -> None:
    context = context_of(PHONE, **telling)
    assert [row.channel for row in plan(ASKED, context, OPEN, NOON)] == [SMS]
    assert verdict(context) == Go(PHONE)


def test_it_goes_to_the_telephone_of_sign_ins_and_to_no_other_channel() -> None:
    unconfirmed = Channel(kind=SMS, address="+8613700137000", confirmed=False)
    second = Channel(kind=SMS, address="+8613900139000")
    assert verdict(context_of(unconfirmed, PHONE, second)) == Go(PHONE)
    assert isinstance(verdict(context_of(unconfirmed)), Drop)
    assert isinstance(verdict(context_of(Channel(kind=ChannelKind.EMAIL, address="a"))), Drop)


def test_it_is_dropped_after_a_stop_and_after_ten_minutes() -> None:
    assert isinstance(verdict(replace(context_of(PHONE), stopped=True)), Drop)
    assert isinstance(verdict(context_of(PHONE), VALID_FOR), Drop)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_message_has_code_and_link_and_no_stop_link(language: str) -> None:
    context = context_of(PHONE, language=language)
    row = rows.waiting(ASKED, SMS, NOON, NOON, None)
    writer = MessageWriter("https://roost.example", KEY)
    text = writer.write(ASKED.id, [row], [context], NOON).body
    assert sign_in_code(KEY, NUMBER, NOON) in text
    link = sign_in_link("https://roost.example", KEY, NUMBER, NOON)
    assert link.rpartition("/")[0] in text
    assert "/v1/stop/" not in text


def test_the_topic_holds_neither_number_nor_code() -> None:
    value = value_of(facts.sign_in_code_asked(WORKER, ids.derive("t", "1"), at=NOON)).decode()
    assert NUMBER[3:] not in value
    assert sign_in_code(KEY, NUMBER, NOON) not in value
