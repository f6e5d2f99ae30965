"""Ids of live events serve the caller that received them and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sse_starlette import ServerSentEvent

from api.live.own_positions import OwnPositions
from api.live.streaming import event_stream
from tests.unit.api.test_hub import KEY, Live, running

MINE, OTHER = OwnPositions(KEY, "u-1"), OwnPositions(KEY, "u-2")


async def events(live: Live, last_id: str | None, own: OwnPositions, count: int) -> list[str]:
    """Return the ids of `ready` and of the events that follow at once."""
    found: list[ServerSentEvent] = []
    async for event in event_stream(live.hub, "s-1", "s-1", last_id, lambda: True, own):
        found.append(event)
        if len(found) == count:
            break
    return [str(each.id) for each in found]


async def test_the_id_of_an_event_resumes_for_its_caller_only() -> None:
    async with running() as live:
        await live.put()
        [begin] = await events(live, None, MINE, 1)
        await live.put(b"s-1:a")
        now = await live.hub.position()
        [same, missed] = await events(live, begin, MINE, 2)
        assert same == begin
        assert await events(live, missed, MINE, 1) == [missed]
        for foreign in (OTHER.marked(MINE.opened(begin) or ""), MINE.opened(begin), "", "x.y"):
            assert MINE.opened(foreign) is None
            [start] = await events(live, foreign, MINE, 1)
            assert await live.missed("s-1", MINE.opened(start) or "") == []
            assert await live.missed("s-1", now) == []


@given(st.text(), st.text())
def test_no_text_but_an_issued_one_is_a_position(position: str, other: str) -> None:
    assert MINE.opened(position) is None
    assert MINE.opened(f"{position}.{other}") is None
    if position.isascii():
        assert MINE.opened(MINE.marked(position)) == position
        assert OTHER.opened(MINE.marked(position)) is None
