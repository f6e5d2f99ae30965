"""The search among stored people is batched and bounded."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from producers import people_search
from producers.people_search import MOST_PEOPLE, WantedPerson, find_people
from roost import ids
from roost.contact.addresses import address_key
from roost.events.common import Place
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel, ProfileContent
from roost.views.answers import Hit, Json, Page

TELEPHONE = "+8613800138000"
SHARED = address_key(ChannelKind.SMS, TELEPHONE)


class Crowd:
    """A view in which many people share one telephone."""

    def __init__(self, people: int) -> None:
        self.requests: list[int] = []
        self._hits = [
            Hit(
                ids.worker_id("crowd", str(number)),
                None,
                {
                    "addresses": [SHARED],
                    "numbers": [],
                    "fact": {"name": f"人{number}", "channels": [{"kind": "sms"}]},
                },
            )
            for number in range(people)
        ]

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        self.requests.append(len(searches))
        return [self._answer(body) for _, body in searches]

    def _answer(self, body: Json) -> Page:
        should = body["query"]["bool"].get("should", [])
        shared = any(SHARED in each["terms"].get("addresses", ()) for each in should)
        hits = self._hits[: body["size"]] if shared else []
        return Page(tuple(hits), len(hits))


def wanted(number: int, *, shares: bool) -> WantedPerson:
    at = Place(name="太原市")
    channels = (Channel(kind=ChannelKind.SMS, address=TELEPHONE),) if shares else ()
    content = ProfileContent(
        identifier=f"X-{number}", name=f"名{number}", home=at, location=at, channels=channels
    )
    return WantedPerson(ids.worker_id("wanted", str(number)), content)


async def test_five_hundred_rows_are_two_requests() -> None:
    crowd = Crowd(3)
    found = await find_people(crowd, [wanted(each, shares=each == 7) for each in range(500)], [])
    assert crowd.requests == [10, 10]
    assert list(found) == [ids.worker_id("wanted", "7")]
    assert len(found[ids.worker_id("wanted", "7")].people) == 3


async def test_a_telephone_of_a_whole_town_is_bounded() -> None:
    crowd = Crowd(5_000)
    some = [wanted(each, shares=True) for each in range(50)]
    found = await find_people(crowd, some, [])
    assert all(len(each.people) == MOST_PEOPLE for each in found.values())
    assert len(found) == 50
    assert sum(crowd.requests) <= 1 + 2 * 50


async def test_a_caller_who_may_read_nobody_searches_for_assigned_numbers_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(people_search, "_alike", None)
    crowd = Crowd(3)
    assert await find_people(crowd, [wanted(1, shares=True)], None) == {}
    assert crowd.requests == [1]


@pytest.mark.parametrize(("name", "asked"), [("人0", True), ("名0", False)])
async def test_another_wanted_person_is_named_only_with_one_name_and_telephone(
    name: str, asked: bool
) -> None:
    crowd = Crowd(1)
    stored = ids.worker_id("crowd", "0")
    new, repeated = wanted(0, shares=True), wanted(1, shares=True)
    content = new.content.model_copy(update={"name": name})
    both = [WantedPerson(new.id, content), WantedPerson(stored, repeated.content)]
    found = await find_people(crowd, both, [])
    assert [each.id for each in found[new.id].people] == [stored] if asked else new.id not in found
    assert stored not in found, "a stored number is that person's own"
