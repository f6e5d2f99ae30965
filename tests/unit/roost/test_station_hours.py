"""Opening hours of stations in the county's calendar, and the county's own file."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from roost.events.opening_hours import DayOfWeek, OpeningHours, StationHours, parse_hours
from roost.events.station import Station
from roost.time.county_calendar import CalendarError, DayKind, parse_own_days, read_own_days
from roost.time.open_time import add_working_time, is_open
from roost.time.public_holidays import has_notice, public_days
from roost.time.station_hours import CountyHours, county_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
USUAL = "Mo-Fr 08:30-12:00,14:30-18:00"
CHINA = county_hours("CN", None, USUAL, SHANGHAI)
HOURS: TypeAdapter[tuple[OpeningHours, ...]] = TypeAdapter(StationHours)
STATED_2026 = {
    "off": "01-01/03 02-15/23 04-04/06 05-01/05 06-19/21 09-25/27 10-01/07",
    "made_up": "01-04 02-14 02-28 05-09 09-20 10-10",
}
"""Ranges of days in the State Council's notice for 2026.

Source: https://www.gov.cn/zhengce/content/202511/content_7047090.htm
"""


def days_2026(text: str) -> set[date]:
    found = set()
    for each in text.split():
        first, _, last = each.partition("/")
        begins = date.fromisoformat(f"2026-{first}")
        number = int(last or begins.day) - begins.day + 1
        found |= {begins + timedelta(days=each) for each in range(number)}
    return found


def station(*hours: dict[str, object]) -> Station:
    return Station.model_validate(
        {
            "id": "s-" + "a" * 26,
            "identifier": "one",
            "name": "One",
            "place": {"name": "Here"},
            **({"openingHours": hours} if hours else {}),
        }
    )


def open_at(hours: CountyHours, text: str, at: Station | None = None) -> bool:
    return is_open(datetime.fromisoformat(text).replace(tzinfo=hours.zone), hours.of(at))


def test_the_library_has_the_days_of_the_notice_for_2026() -> None:
    known = public_days("CN", 2026)
    assert set(known.off) == days_2026(STATED_2026["off"])
    assert known.made_up == days_2026(STATED_2026["made_up"])


def test_it_is_known_until_which_year_the_notices_are_complete() -> None:
    assert [year for year in range(2020, 2035) if has_notice("CN", year)] == list(range(2020, 2027))
    assert has_notice("US/NY", 2040)
    assert CHINA.calendar.is_complete(2026)
    assert not CHINA.calendar.is_complete(2027)


def test_another_country_has_its_own_holidays() -> None:
    new_york = county_hours("US/NY", None, "Mo-Fr 09:00-17:00", ZoneInfo("America/New_York"))
    assert not open_at(new_york, "2026-02-12 10:00")  # Lincoln's Birthday, in New York only
    assert not open_at(new_york, "2026-07-03 10:00")  # observed
    assert open_at(new_york, "2026-10-01 10:00")
    assert open_at(new_york, "2026-10-10 10:00") is False  # a Saturday


def test_a_station_has_hours_of_its_own() -> None:
    saturday = station({"dayOfWeek": ["Saturday"], "opens": "09:00", "closes": "11:00"})
    assert open_at(CHINA, "2026-09-12 09:30", saturday)
    assert not open_at(CHINA, "2026-09-11 09:30", saturday)
    assert not open_at(CHINA, "2026-10-03 09:30", saturday)  # National Day
    assert open_at(CHINA, "2026-09-20 09:30", saturday)  # a make-up Sunday has working-day hours
    assert not open_at(CHINA, "2026-09-20 11:30", saturday)


def test_a_period_replaces_weekly_hours_and_holidays() -> None:
    fair = station(
        {
            "validFrom": "2026-10-01",
            "validThrough": "2026-10-02",
            "opens": "09:00",
            "closes": "10:00",
        },
        {"validFrom": "2026-09-14", "validThrough": "2026-09-18", "dayOfWeek": ["Monday"]},
    )
    assert open_at(CHINA, "2026-10-01 09:30", fair)
    assert not open_at(CHINA, "2026-10-03 09:30", fair)
    assert not open_at(CHINA, "2026-09-14 09:30", fair)  # closed that Monday
    assert open_at(CHINA, "2026-09-15 09:30", fair)  # else the county's hours


def test_hours_may_end_on_the_following_day() -> None:
    night = station({"dayOfWeek": ["Monday"], "opens": "22:00", "closes": "06:00"})
    assert open_at(CHINA, "2026-09-15 05:59", night)
    assert not open_at(CHINA, "2026-09-16 05:59", night)


def test_the_hours_of_a_station_are_written_to_the_minute_and_absent_by_default() -> None:
    stated = station({"dayOfWeek": ["Monday"], "opens": "08:30:00", "closes": "23:59"})
    assert json.loads(stated.to_json())["openingHours"] == [
        {"dayOfWeek": ["Monday"], "opens": "08:30", "closes": "23:59"}
    ]
    assert "openingHours" not in station().to_dict()


def test_hours_are_written_as_text() -> None:
    found = parse_hours("Mo-Fr 08:30-12:00,14:30-24:00; Sa,Su 09:00-12:00")
    assert [len(each.day_of_week) for each in found] == [5, 5, 2]
    assert str(found[1].closes) == "23:59:00"
    assert parse_hours("Fr-Mo 09:00-12:00")[0].day_of_week == (
        DayOfWeek.MONDAY,
        DayOfWeek.FRIDAY,
        DayOfWeek.SATURDAY,
        DayOfWeek.SUNDAY,
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mo-Fr",
        "08:30-12:00",
        "Mo-Fr 8:30-12:00",
        "Mo-Fr 08:30-25:00",
        "Mo-Fr 08:30-08:30",
        "Mo-Fr 08:30-12:00,11:00-13:00",
        "Mo 08:30-08:40",
        "Xx 08:30-12:00",
        "Mo-Fr 08:30-12:00;",
        "Mo-Fr 00:00-24:00 x",
    ],
)
def test_text_that_states_no_hours_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        parse_hours(text)


WEEKLY = {"dayOfWeek": ["Monday"], "opens": "08:00", "closes": "12:00"}


@pytest.mark.parametrize(
    "entries",
    [
        [{"dayOfWeek": ["Monday"], "opens": "08:00"}],
        [{"opens": "08:00", "closes": "12:00"}],
        [{"dayOfWeek": ["Monday"]}],
        [WEEKLY | {"closes": "08:00"}],
        [WEEKLY | {"closes": "08:30"}],
        [WEEKLY | {"opens": "08:00:01"}],
        [WEEKLY | {"opens": "08:00+08:00"}],
        [WEEKLY, WEEKLY | {"opens": "11:00", "closes": "13:00"}],
        [WEEKLY | {"validFrom": "2026-01-01"}],
        [{"validFrom": "2026-02-01", "validThrough": "2026-01-01"}],
        [{"validFrom": "2026-01-01", "validThrough": "2027-01-02"}],
        [{"validFrom": "0001-01-01", "validThrough": "9999-12-31"}],
    ],
)
def test_hours_that_contradict_themselves_are_refused(entries: list[dict[str, object]]) -> None:
    with pytest.raises(ValidationError):
        HOURS.validate_python(entries)


OWN = """first,last,kind,name
2027-02-06,2027-02-12,holiday,Spring Festival
2027-02-14,,working,
2026-10-10,,usual,
2026-07-06,,放假,County fair
"""


def test_the_countys_file_overrides_the_public_calendar(tmp_path: Path) -> None:
    (tmp_path / "calendar.csv").write_text("\ufeff" + OWN, "utf-8")
    hours = county_hours("CN", tmp_path / "calendar.csv", USUAL, SHANGHAI)
    assert not open_at(hours, "2026-10-10 09:00")
    assert not open_at(hours, "2026-07-06 09:00")
    assert open_at(hours, "2027-02-14 09:00")
    assert hours.calendar.is_complete(2027)
    assert hours.calendar.day(date(2026, 7, 6)).name == "County fair"
    kinds = {day: each.kind for day, each in hours.calendar.year(2026)}
    assert date(2026, 10, 10) not in kinds
    assert kinds[date(2026, 9, 20)] is DayKind.WORKING


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ("2026-10-1,,holiday,", "line 2: first"),
        ("2026-10-01,x,holiday,", "line 2: last"),
        ("2026-10-01,,off,", "line 2: kind"),
        ("2026-10-02,2026-10-01,holiday,", "line 2: last is before first"),
        ("2026-10-01,2028-10-01,holiday,", "line 2: the period"),
        ("1026-10-01,,holiday,", "line 2: first: write a year"),
        ("\n2026-10-01", "line 3: write 4 values"),
        ("2026-10-01,,holiday,\n2026-10-01,,working,", "line 3: 2026-10-01 is in an earlier row"),
    ],
)
def test_a_mistake_in_the_countys_file_names_its_line(rows: str, named: str) -> None:
    with pytest.raises(CalendarError, match=f"mine.csv: {named}"):
        parse_own_days(f"first,last,kind,name\n{rows}\n", "mine.csv")


def test_a_file_without_the_columns_or_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="line 1: write the columns first,last,kind,name"):
        parse_own_days("date,kind\n", "mine.csv")
    with pytest.raises(CalendarError, match="cannot be read"):
        read_own_days(tmp_path / "absent.csv")
    (tmp_path / "gbk.csv").write_bytes("first,last,kind,name\n2026-10-01,,放假,".encode("gbk"))
    with pytest.raises(CalendarError, match="save it as UTF-8"):
        read_own_days(tmp_path / "gbk.csv")


def test_schedules_are_kept_by_hours() -> None:
    one, other = station(WEEKLY), station(WEEKLY)
    assert CHINA.of(one) is CHINA.of(other)
    assert CHINA.of(None) is CHINA.of(station()) is CHINA.schedule


def test_the_least_hours_a_week_still_end_a_long_target() -> None:
    hour = station({"dayOfWeek": ["Monday"], "opens": "08:00", "closes": "09:00"})
    start = datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)
    due = add_working_time(start, timedelta(hours=52), CHINA.of(hour))
    assert date(2027, 1, 1) < due.date() < date(2027, 6, 1)
