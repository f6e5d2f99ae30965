"""Days begin and end in the county's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from roost.settings import Settings
from roost.time.clock import day_of, start_of_day

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def test_a_moment_lies_on_another_day_elsewhere() -> None:
    evening = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert day_of(evening, SHANGHAI) == date(2026, 11, 24)
    assert day_of(evening, NEW_YORK) == date(2026, 11, 23)
    assert start_of_day(evening, SHANGHAI) == evening


def test_a_day_begins_at_midnight_whatever_the_clocks_do_on_it() -> None:
    turned = datetime(
        2026, 11, 1, 20, 0, tzinfo=UTC
    )  # at the end of summer time one hour occurs twice
    assert start_of_day(turned, NEW_YORK) == datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


def test_the_countys_zone_has_to_be_one() -> None:
    assert Settings(time_zone="America/New_York").zone == NEW_YORK
    with pytest.raises(ValidationError, match="Unknown time zone"):
        Settings(time_zone="Beijing")
