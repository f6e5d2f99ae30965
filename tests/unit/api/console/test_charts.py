"""Charts: everything lies inside the drawing, and the numbers are those that were given."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from api.console.overview.charts import HEIGHT, WIDTH, axis_scale, bar_chart, line_chart
from api.console.overview.pages import daily_chart, placement_chart
from api.console.shell.translations import say_in
from api.overview.schemas import OverviewRow

TODAY = date(2026, 11, 30)
numbers = st.floats(0, 1e6, allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=60))
def test_every_point_lies_inside_and_says_its_value(rows: list[tuple[float, ...]]) -> None:
    labels = [str(number) for number in range(len(rows))]
    chart = line_chart(labels, [(str(at), [row[at] for row in rows]) for at in range(3)])
    for at, line in enumerate(chart.lines):
        assert [point.value for point in line.points] == [row[at] for row in rows]
        assert all(0 <= point.x <= WIDTH and 0 <= point.y <= HEIGHT for point in line.points)
    assert len(chart.across) <= 9


@given(st.lists(st.tuples(st.text(max_size=9), numbers), min_size=1, max_size=30), numbers)
def test_a_bar_past_the_target_is_told_apart(rows: list[tuple[str, float]], target: float) -> None:
    chart = bar_chart(rows, target)
    assert [bar.over for bar in chart.bars] == [value > target for _, value in rows]
    assert all(chart.left + bar.width <= chart.width for bar in chart.bars)
    assert chart.target is not None
    assert chart.left <= chart.target <= chart.width


@given(numbers)
def test_an_axis_ends_at_or_above_the_greatest_value(most: float) -> None:
    top, step = axis_scale(most)
    assert top >= most
    assert step > 0
    assert top / step <= 10


@settings(max_examples=40)
@given(st.integers(0, 1_000_000), st.sampled_from([1, 14]))
def test_an_axis_of_counts_has_whole_steps_only(most: int, days: int) -> None:
    top, step = axis_scale(most, whole=True)
    assert (top % 1, step % 1) == (0, 0)
    rows = [OverviewRow.model_construct(day=TODAY, waiting=most, claimed=0, placed=most)] * days
    drawn = daily_chart(rows, say_in("en"))
    stations = [
        OverviewRow.model_construct(station="s", station_name="S", placed=most) for _ in rows
    ]
    bars = placement_chart(stations)
    ticks = [*drawn.up, *(bars.across if bars else ())]
    assert all(re.fullmatch(r"\d+", each.label) for each in ticks)
    assert len(drawn.up) == len({each.label for each in drawn.up})


def test_a_chart_of_nothing_is_an_empty_one() -> None:
    assert line_chart([], [("a", [])]).lines[0].path == ""
    assert bar_chart([], None).bars == ()
