"""Calls: read aloud in daytime, shortened for speech, with their result by report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from threading import Thread
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.simulators.aliyun_server import AliyunVoiceServer
from roost.carriers.speech import LONGEST, speech
from roost.events.notification import Hold, NotificationKind
from roost.events.preferences import ChannelKind, DeliveryPreferences, QuietHours
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.time.leases import UNBOUNDED
from streams.deliver.delivery_errors import DeliveryRefused
from streams.deliver.providers.provider_sinks import provider_sink
from streams.deliver.retries import Failure, next_attempt
from streams.deliver.timing import CountyDefaults, county_defaults, pause
from tests.unit.streams.in_memory import notification
from tests.unit.streams.test_planning import KNOWN
from tests.unit.streams.test_sms_providers import KEY, MESSAGE, NOW, SECRET

VOICE = ChannelKind.VOICE
SHANGHAI = ZoneInfo("Asia/Shanghai")
COUNTY = county_defaults(Settings())
NOBODY = DeliveryPreferences()


def at(clock: str, day: int = 24) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("09:00", None),
        ("19:59", None),
        ("20:00", at("09:00", 25)),
        ("23:30", at("09:00", 25)),
        ("07:30", at("09:00")),
    ],
)
def test_a_call_waits_for_the_hours_of_calls(now: str, until: datetime | None) -> None:
    held = pause(NOBODY, COUNTY, notification(), VOICE, at(now), None)
    assert (held.until if held else None) == until
    assert held is None or held.why is Hold.QUIET
    text = pause(NOBODY, COUNTY, notification(), ChannelKind.SMS, at("20:30"), None)
    assert text is None


def test_an_urgent_call_is_made_at_any_time_and_retried_in_daytime_only() -> None:
    urgent = notification(urgent=True)
    assert pause(NOBODY, COUNTY, urgent, VOICE, at("03:00"), None) is None
    due = next_attempt(Failure(VOICE, 1), [(urgent, KNOWN)], COUNTY, at("21:00"), 10, Random(1))
    assert due == at("09:00", 25)


def test_a_code_by_telephone_wakes_nobody() -> None:
    code = notification(NotificationKind.ADDRESS_CODE)
    held = pause(NOBODY, COUNTY, code, VOICE, at("22:30"), None)
    assert held is not None
    assert held.until == at("09:00", 25)
    assert pause(NOBODY, COUNTY, code, VOICE, at("10:00"), None) is None
    assert pause(NOBODY, COUNTY, code, ChannelKind.SMS, at("22:30"), None) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.times(),
    st.times(),
)
def test_no_call_is_within_quiet_hours_or_outside_the_hours_of_calls(
    moment: datetime, begins: time, ends: time
) -> None:
    county = CountyDefaults(
        SHANGHAI,
        QuietHours(begins=time(22), ends=time(7)),
        timedelta(0),
        no_calls=QuietHours(begins=time(20), ends=time(9)),
    )
    own = DeliveryPreferences(quiet_hours=QuietHours(begins=begins, ends=ends))
    now = moment.replace(tzinfo=UTC)
    held = pause(own, county, notification(), VOICE, now, None)
    local = (held.until if held else now).astimezone(SHANGHAI).time()
    quiet = begins <= local < ends if begins <= ends else not ends <= local < begins
    assert not quiet
    free = [
        hour
        for hour in range(9, 20)
        if not (begins <= time(hour) < ends if begins <= ends else not ends <= time(hour) < begins)
    ]
    assert time(9) <= local < time(20) or not free


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("482913", "4 8 2 9 1 3"),
        ("，5,500–7,000 元/月", "5500至7000 元每月"),
        ("大同机械（二分厂）", "大同机械"),
        (
            "山西省大同市云冈区口泉街道工业园区一号，二楼大厅，请从北门进入并登记",
            "山西省大同市云冈区口泉街道工业园区一号，二楼大厅",
        ),
        ("（无）", "（无）"),
    ],
)
def test_a_value_is_shortened_for_speech(text: str, spoken: str) -> None:
    assert speech(text) == spoken


@given(st.text(min_size=1, max_size=200))
def test_a_spoken_value_is_short_and_never_empty(text: str) -> None:
    assert 1 <= len(speech(text)) <= LONGEST


@pytest.fixture
def server() -> Iterator[AliyunVoiceServer]:
    with AliyunVoiceServer(0, KEY, SECRET, now=lambda: NOW) as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


async def test_a_call_reads_the_template_to_the_number(
    server: AliyunVoiceServer, templates: Path
) -> None:
    url = (
        f"aliyun-voice://{KEY}:{quote(SECRET, safe='')}@127.0.0.1:{server.server_port}/"
        f"?templates={quote(str(templates))}&number=057100000000&plain=yes"
    )
    sink = provider_sink(VOICE, url, FixedClock(NOW))
    assert sink is not None
    answer = await sink.send(MESSAGE, "w-1", "+8613800138000", NOW, UNBOUNDED)
    (call,) = server.messages
    assert answer is not None
    assert answer.reference == call.reference
    assert (call.number, call.out_id) == ("13800138000", MESSAGE.id)
    assert list(call.values.values()) == ["电焊工"]
    server.behaviour.codes.append("isv.CALLED_NUMBER_ILLEGAL")
    with pytest.raises(DeliveryRefused):
        await sink.send(MESSAGE, "w-1", "+8613800138000", NOW, UNBOUNDED)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    text = {"id": "TTS_1", "text": "有新岗位${title}", "values": {"title": "opening.title"}}
    path = tmp_path / "calls.json"
    path.write_text(json.dumps({"new_match": {"zh": text}}), encoding="utf-8")
    return path
