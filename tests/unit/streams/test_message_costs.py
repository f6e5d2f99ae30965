"""The cost of messages: prices, segments, caps, and which messages a cap admits. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.events.preferences import ChannelKind
from roost.message_cost_settings import CostCap
from roost.settings import Settings
from roost.wording import Message
from streams.deliver.message_costs import (
    CostRules,
    Reservation,
    Spent,
    caps_reached,
    cost_rules,
    message_cost,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
SMS, VOICE = ChannelKind.SMS, ChannelKind.WECOM
STATION = "s-aaaaaaaaaaaaaaaaaaaaaaaaaa"


def test_settings_in_fen_and_yuan_become_integers_of_a_thousandth_of_a_yuan() -> None:
    settings = Settings(message_prices_fen={"sms": 4.5}, message_caps_yuan={"day": 200.5})
    rules = cost_rules(settings, SHANGHAI)
    assert (rules.price(SMS), rules.price(ChannelKind.EMAIL)) == (45, 0)
    assert rules.caps == {CostCap.DAY: 200_500}


@pytest.mark.parametrize(
    ("channel", "length", "cost"),
    [(SMS, 1, 45), (SMS, 70, 45), (SMS, 71, 90), (SMS, 134, 90), (SMS, 135, 135), (VOICE, 500, 45)],
)
def test_a_text_message_costs_its_segments_and_another_one_its_price(
    channel: ChannelKind, length: int, cost: int
) -> None:
    message = Message("n-1", "", "short")
    assert message_cost(channel, message, "字" * length, 45)[0] == cost


@pytest.mark.parametrize(
    ("now", "day", "month", "next_day", "next_month"),
    [
        ("2026-11-30T15:59:59", "11-29T16", "10-31T16", "11-30T16", "11-30T16"),
        ("2026-11-30T16:00:00", "11-30T16", "11-30T16", "12-01T16", "12-31T16"),
        ("2026-12-31T20:00:00", "12-31T16", "12-31T16", "01-01T16", "01-31T16"),
    ],
)
def test_days_and_months_are_those_of_the_county(
    now: str, day: str, month: str, next_day: str, next_month: str
) -> None:
    rules, at = CostRules(SHANGHAI), datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = (
        rules.day_begins(at),
        rules.month_begins(at),
        rules.released_at(CostCap.DAY, at),
        rules.released_at(CostCap.STATION_MONTH, at),
    )
    assert [f"{each:%m-%dT%H}" for each in found] == [day, month, next_day, next_month]


def test_of_two_caps_the_one_that_is_released_last_counts() -> None:
    one = Reservation(45, 1, None, urgent=False)
    spent = Spent({CostCap.DAY: 45, CostCap.MONTH: 45})
    assert caps_reached({CostCap.DAY: 0, CostCap.MONTH: 0}, spent, [one]) == [CostCap.MONTH]


RESERVATIONS = st.lists(
    st.builds(
        Reservation,
        st.integers(0, 200),
        st.just(1),
        st.sampled_from([None, STATION]),
        st.booleans(),
    ),
    max_size=12,
)


@given(RESERVATIONS, st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_no_cap_is_exceeded_except_by_urgent_messages(
    made: list[Reservation], cap: int, station_cap: int, before: int
) -> None:
    caps = {CostCap.DAY: cap, CostCap.STATION_DAY: station_cap}
    spent = Spent({CostCap.DAY: before}, {(CostCap.STATION_DAY, STATION): before})
    for each in made:
        spent.add(each)
    verdicts = caps_reached(caps, spent, made)
    sent = [each for each, verdict in zip(made, verdicts, strict=True) if verdict is None]
    usual = sum(each.cost for each in sent if not each.urgent)
    assert usual == 0 or before + usual <= cap
    of_station = sum(each.cost for each in sent if each.station and not each.urgent)
    assert of_station == 0 or before + of_station <= station_cap
    assert all(verdict is None for each, verdict in zip(made, verdicts, strict=True) if each.urgent)
    assert spent.of(CostCap.DAY, None) == before + sum(each.cost for each in sent)
