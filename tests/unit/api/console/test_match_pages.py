"""Pages of matches in memory: of the staff, of an employer, of a worker, and the queue.

The views are in memory, and an action is judged at once as the queue stage judges it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from producers import simulator
from producers.publisher import Position
from roost import ids
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.match import Match, MatchAction, MatchState
from roost.topics import MATCHES
from roost.views.answers import Hit, Page
from streams.queue.action_effects import apply_action
from streams.queue.match_projection import match_write
from tests.made import a_match
from tests.unit.api.builders import NOW
from tests.unit.api.clause_evaluation import meets
from tests.unit.api.console.pages import Signed

STATION = ids.station_id("here")
OPENING, WORKER = ids.opening_id("t", "1"), ids.worker_id("t", "1")
MATCH = ids.match_id(OPENING, WORKER)
EMPLOYER = "acme"
PAGE = f"/console/matches/{MATCH}"
NOTHING_COUNTED: dict[str, Any] = {
    "states": {"buckets": []},
    "days": {"buckets": []},
    "active": {
        "doc_count": 1,
        "kinds": {
            "buckets": {
                kind: {"doc_count": 0}
                for kind in ("overdue", "soon", "mine", "unassigned", "accepted", "priority")
            }
        },
        "township": {"buckets": []},
        "occupation": {"buckets": []},
        "assigned_to": {"buckets": []},
        "oldest": {},
    },
}


class County:
    """Views in memory, and the queue stage behind the publisher."""

    def __init__(self) -> None:
        opening = next(simulator.openings(1)).to_dict() | {
            "id": OPENING,
            "source": "t",
            "status": "open",
        }
        worker = next(simulator.profiles(1)).to_dict() | {"id": WORKER, "source": "t"}
        opening["hiringOrganization"] = {"id": EMPLOYER, "name": "示例公司"}
        self.documents: dict[tuple[str, str], dict[str, Any]] = {
            ("openings", OPENING): self._document(opening) | {"employer_id": EMPLOYER},
            ("profiles", WORKER): self._document(worker) | {"places": [], "features": ""},
            ("stations", STATION): self._document(
                {"id": STATION, "identifier": "1", "name": "本站", "place": {"name": "大同市"}}
            ),
        }
        self.put(a_match(OPENING, WORKER, NOW, station_id=STATION))

    @staticmethod
    def _document(fact: dict[str, Any]) -> dict[str, Any]:
        return {"id": fact["id"], "version": 1, "fact": fact}

    def put(self, match: Match) -> None:
        """Show a match in the view."""
        document = match_write(match, match.to_json(), match.revision).document
        self.documents[MATCHES.name, match.id] = document | {
            "fact": match.to_dict(),
            "version": match.revision,
            "employer_id": EMPLOYER,
            "worker_id": match.worker_id,
        }

    @property
    def match(self) -> Match:
        """The match as it is now."""
        return Match.from_stored(self.documents[MATCHES.name, MATCH]["fact"])

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        """Judge an action as the queue stage does."""
        for record in records:
            assert record.value is not None
            changed = apply_action(self.match, MatchAction.model_validate_json(record.value))
            if changed is not None:
                self.put(changed)
        return [Position(each.topic.name, 0, 0) for each in records]

    async def get(self, view: str, id: str) -> dict[str, Any] | None:
        """Return a document."""
        return self.documents.get((view, id))

    async def mget(self, keys: Any, fields: Any = ()) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the documents that exist."""
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def search(self, view: str, body: Any) -> Page:
        """Return all documents of a view."""
        found = [
            Hit(id, None, document, (id,))
            for (of, id), document in self.documents.items()
            if of == view
        ]
        return Page(tuple(found), len(found))

    async def refresh(self, view: str) -> None:
        """Do nothing: every search is fresh."""

    async def count(self, view: str, query: Any) -> int:
        """Return the number of documents that meet a query."""
        shown = [each for (of, _), each in self.documents.items() if of == view]
        return sum(meets(each, query) for each in shown)

    async def aggregate(self, view: str, query: Any, aggregations: Any) -> Any:
        """Return counts of nothing."""
        return 1, NOTHING_COUNTED

    async def tallies(self, view: str, questions: Any) -> list[dict[str, int]]:
        """Return no counts."""
        return [{} for _ in questions]


@pytest.fixture
def county() -> County:
    return County()


def signed(county: County, role: AccountRole, **confined: Any) -> Signed:
    return Signed(role, elastic=county, others=county, **confined)


@pytest.fixture
def clerk(county: County) -> Signed:
    return signed(county, AccountRole.CLERK, station_ids=(STATION,))


async def test_a_clerk_claims_a_match_calls_and_undoes_it(clerk: Signed, county: County) -> None:
    assert (await clerk.get(PAGE)).status_code == 200
    claimed = await clerk.send(f"{PAGE}/act", kind="claim", view="page")
    assert claimed.status_code == 303
    assert county.match.assigned_to == clerk.account.id
    assert (await clerk.get(f"{PAGE}/contact")).status_code == 200
    await clerk.send(f"{PAGE}/act", kind="contact", contact="reached", view="page")
    assert county.match.state is MatchState.CONTACTED
    await clerk.send(f"{PAGE}/act", kind="undo", view="page")
    assert county.match.state is MatchState.CLAIMED
    assert (await clerk.get(PAGE)).status_code == 200


async def test_a_missing_detail_is_named_in_the_form(clerk: Signed) -> None:
    answer = await clerk.send(f"{PAGE}/act", kind="decline", view="page")
    assert answer.status_code == 422
    assert 'name="reason"' in answer.text


async def test_a_call_that_is_agreed_needs_its_time_and_the_form_suggests_one(
    clerk: Signed, county: County
) -> None:
    dialog = await clerk.get(f"{PAGE}/contact")
    assert 'data-suggested="2026-' in dialog.text
    answer = await clerk.send(f"{PAGE}/act", kind="contact", contact="call_back", view="page")
    assert answer.status_code == 422
    assert re.search(r'name="callAgainAt"[^>]* value="2026-\d\d-\d\dT', answer.text)
    assert county.match.state is MatchState.PROPOSED


async def test_the_way_back_to_the_queue_keeps_the_filters(clerk: Signed) -> None:
    came = f"http://127.0.0.1:8000/console/queue?station={STATION}&whose=me"
    page = await clerk.client.get(PAGE, headers={"referer": came})
    assert f'href="/console/queue?station={STATION}&amp;whose=me"' in page.text


def referred_of(county: County, clerk: Signed, places: int, **others: dict[str, Any]) -> None:
    """Let the clerk hold a referred match, and its opening have places and other matches."""
    changes = {"state": MatchState.REFERRED, "assigned_to": clerk.account.id}
    county.put(county.match.model_copy(update=changes))
    county.documents["openings", OPENING]["fact"]["totalJobOpenings"] = places
    for number, changed in others.items():
        match = a_match(OPENING, ids.worker_id("t", number), NOW, station_id=STATION)
        county.put(match.model_copy(update=changed))


ASKED = re.compile(r'<input type="hidden" name="confirmEnds" value="(\d+)">')
PROPOSED: dict[str, Any] = {}
PLACED = {"state": MatchState.PLACED}
ACCEPTED = {"accepted_at": NOW}
CLAIMED = {"state": MatchState.CLAIMED, "assigned_to": "u-wang"}
DECLINED = {"state": MatchState.DECLINED}


async def test_filling_the_last_place_is_confirmed_with_the_number_of_matches_that_it_ends(
    clerk: Signed, county: County
) -> None:
    referred_of(
        county, clerk, 2, a=PROPOSED, b=PROPOSED, c=ACCEPTED, d=CLAIMED, e=PLACED, f=DECLINED
    )
    asked = await clerk.send(f"{PAGE}/act", kind="place", view="page")
    assert asked.status_code == 409
    assert ASKED.findall(asked.text) == ["2"]
    assert "2 matches that nobody works on yet end" in asked.text
    assert "2 other matches in progress go on" in asked.text
    assert county.match.state is MatchState.REFERRED, "nothing is written before the answer"
    fewer = await clerk.send(f"{PAGE}/act", kind="place", view="page", confirmEnds="1")
    assert fewer.status_code == 409
    done = await clerk.send(f"{PAGE}/act", kind="place", view="page", confirmEnds="2")
    assert done.status_code == 303
    assert county.match.state is MatchState.PLACED


@pytest.mark.parametrize(
    ("places", "others"),
    [
        (2, {"a": PROPOSED, "b": CLAIMED}),
        (1, {"b": CLAIMED, "c": ACCEPTED, "f": DECLINED}),
        (1, {}),
    ],
    ids=["a place is left", "nothing ends", "no other match"],
)
async def test_a_placement_that_ends_nothing_asks_nothing(
    clerk: Signed, county: County, places: int, others: dict[str, Any]
) -> None:
    referred_of(county, clerk, places, **others)
    assert (await clerk.send(f"{PAGE}/act", kind="place", view="page")).status_code == 303
    assert county.match.state is MatchState.PLACED


async def test_a_script_shows_the_question_about_the_last_place_in_the_dialog(
    clerk: Signed, county: County
) -> None:
    referred_of(county, clerk, 1, a=PROPOSED)
    clerk.client.headers["hx-request"] = "true"
    asked = await clerk.send(f"{PAGE}/act", kind="place", view="row")
    assert asked.headers["hx-retarget"] == "#dialog"
    assert "<html" not in asked.text
    done = await clerk.send(f"{PAGE}/act", kind="place", view="row", confirmEnds="1")
    assert done.status_code == 200
    assert done.headers["hx-trigger-after-swap"] == "closeDialog"


async def test_what_a_colleague_holds_is_a_conflict(clerk: Signed, county: County) -> None:
    county.put(
        county.match.model_copy(update={"state": MatchState.CLAIMED, "assigned_to": "u-wang"})
    )
    answer = await clerk.send(f"{PAGE}/act", kind="contact", contact="reached", view="page")
    assert answer.status_code == 409


@pytest.mark.parametrize(("view", "part"), [("row", "<li id="), ("page", '<div id="match">')])
async def test_a_script_gets_the_part_that_changed_with_a_button_to_undo(
    clerk: Signed, county: County, view: str, part: str
) -> None:
    clerk.client.headers["hx-request"] = "true"
    done = await clerk.send(f"{PAGE}/act", kind="claim", view=view)
    assert done.status_code == 200
    assert part in done.text
    assert 'value="undo"' in done.text
    county.put(county.match.model_copy(update={"assigned_to": "u-wang"}))
    refused = await clerk.send(f"{PAGE}/act", kind="contact", contact="reached", view=view)
    assert refused.status_code == 200
    assert "u-wang" in refused.text


@pytest.mark.parametrize("path", ["/console/queue/more", "/console/queue/counts"])
async def test_the_parts_of_a_queue_are_shown(clerk: Signed, path: str) -> None:
    assert (await clerk.get(path)).status_code == 200
    assert (await clerk.get(path, station=ids.station_id("there"))).status_code == 404


@pytest.mark.parametrize("path", ["/console/queue/more", "/console/queue/counts"])
async def test_a_queue_without_a_station_is_empty(county: County, path: str) -> None:
    del county.documents["stations", STATION]
    nobody = signed(county, AccountRole.CLERK, station_ids=(STATION,))
    assert (await nobody.get(path)).status_code == 200


async def test_an_employer_sees_the_shortlist_and_declines(county: County) -> None:
    employer = signed(county, AccountRole.EMPLOYER, employer_id=EMPLOYER)
    shown = await employer.get(f"/console/employer/openings/{OPENING}")
    assert shown.status_code == 200
    assert f"/console/employer/matches/{MATCH}/decline" in shown.text
    assert f"/console/employer/matches/{MATCH}/place" not in shown.text
    declined = await employer.send(f"/console/employer/matches/{MATCH}/decline", reason="skills")
    assert declined.status_code == 303
    assert county.match.state is MatchState.DECLINED


async def test_a_worker_accepts_and_is_not_asked_again(county: County) -> None:
    worker = signed(county, AccountRole.WORKER, worker_id=WORKER)
    path = f"/console/me/matches/{MATCH}"
    assert f"{path}/accept" in (await worker.get(path)).text
    assert (await worker.send(f"{path}/accept")).status_code == 303
    assert county.match.accepted_at is not None
    shown = (await worker.get(path)).text
    assert f"{path}/accept" not in shown
    assert f"{path}/decline" in shown
    assert (await worker.send(f"{path}/claim")).status_code == 422


@pytest.mark.parametrize("state", list(MatchState))
async def test_a_letter_is_printed_once_the_worker_is_referred(
    clerk: Signed, county: County, state: MatchState
) -> None:
    worker = county.documents["profiles", WORKER]["fact"]
    worker["channels"] = [{"kind": "sms", "address": "+8613812345678", "confirmed": True}]
    changes = {"state": state, "assigned_to": clerk.account.id, "interview_at": NOW}
    county.put(county.match.model_copy(update=changes))
    page, letter = await clerk.get(PAGE), await clerk.get(f"{PAGE}/letter")
    if state in {MatchState.REFERRED, MatchState.INTERVIEWED}:
        assert letter.status_code == 200
        for part in (worker["name"], "+8613812345678", "示例公司", MATCH, "本站"):
            assert part in letter.text
        assert f'href="{PAGE}/letter"' in page.text
    elif state is MatchState.PLACED:  # ended: only who reaches the worker otherwise may print it
        assert letter.status_code in {200, 404}
    else:
        assert letter.status_code == 409
        assert f'href="{PAGE}/letter"' not in page.text


async def test_no_letter_is_printed_of_an_erased_worker(clerk: Signed, county: County) -> None:
    changes = {"state": MatchState.REFERRED, "assigned_to": clerk.account.id}
    county.put(county.match.model_copy(update=changes))
    county.documents["profiles", WORKER] = {"id": WORKER, "version": 2, "erased": True}
    assert (await clerk.get(f"{PAGE}/letter")).status_code == 404


async def test_another_stations_clerk_prints_no_letter(county: County) -> None:
    changes = {"state": MatchState.REFERRED}
    county.put(county.match.model_copy(update=changes))
    other = signed(county, AccountRole.CLERK, station_ids=(ids.station_id("there"),))
    assert (await other.get(f"{PAGE}/letter")).status_code == 404
