"""Notes, texts of other reasons and interview details over the real API and stages."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from roost import ids
from roost.events.account import AccountRole as R
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.topics import MATCH_ACTIONS, NOTES
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.maintenance.rebuild import rebuild
from streams.views.model_files import installed_model
from tests.stack.serving import Serving, headers_for, wait_known
from tests.stack.told import WAIT, records_of, register
from tests.stack.waiting import undisturbed, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600), pytest.mark.usefixtures("stages")]
CLERK = {"actor": {"role": "clerk", "id": "li"}}
NUMBERS = iter(range(13_700_000_000, 13_700_001_000))


async def matched(api: httpx.AsyncClient, reference: str) -> tuple[str, str]:
    """Register a worker and post an opening that matches; return the worker and the match."""
    sms = [{"kind": "inbox"}, {"kind": "sms", "address": str(next(NUMBERS))}]
    skills = [f"备注技能{reference}"]
    worker = await register(api, f"notes-{reference}", skills=skills, channels=sms)
    content = {
        "identifier": f"notes-{reference}",
        "title": "缝纫工",
        "skills": skills,
        "hiringOrganization": {"id": f"notes-{reference}", "name": "备注服装厂"},
        "jobLocation": {"name": "大同市"},
    }
    posted = await api.post("/v1/openings", json=content, headers=WAIT)
    assert posted.status_code in {200, 201}, posted.text
    match = ids.match_id(posted.json()["id"], worker)

    async def claimed() -> bool:
        answer = await api.post(f"/v1/matches/{match}/claim", json=CLERK, headers=WAIT)
        return answer.status_code == 200

    await until("the match to be claimed", claimed)
    return worker, match


async def act(api: httpx.AsyncClient, match: str, kind: str, **details: Any) -> httpx.Response:
    return await api.post(f"/v1/matches/{match}/{kind}", json=CLERK | details, headers=WAIT)


async def note(api: httpx.AsyncClient, path: str, text: str) -> str:
    answer = await api.post(f"{path}/notes", json={"text": text}, headers=WAIT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_note_is_read_edited_and_removed_and_its_history_has_no_text(
    api: httpx.AsyncClient,
) -> None:
    worker, match = await matched(api, "edited")
    opening, _ = ids.split_match_id(match)
    for path in (
        f"/v1/profiles/{worker}",
        f"/v1/matches/{match}",
        f"/v1/openings/{opening}",
        "/v1/employers/notes-edited",
    ):
        id = await note(api, path, "第一稿")
        read = await api.get(f"/v1/notes/{id}")
        tag = {"If-Match": read.headers["etag"]}
        changed = {"text": "第二稿"}
        edited = await api.put(f"/v1/notes/{id}", json=changed, headers=WAIT | tag)
        assert edited.status_code == 200, edited.text
        late = await api.put(f"/v1/notes/{id}", json=changed | {"text": "x"}, headers=tag)
        assert late.status_code == 412
        [shown] = (await api.get(f"{path}/notes")).json()["items"]
        assert (shown["text"], len(shown["edits"])) == ("第二稿", 1)
        removed = await api.delete(f"/v1/notes/{id}", headers=WAIT)
        assert removed.status_code == 200, removed.text
        left = (await api.get(f"/v1/notes/{id}")).text
        assert "removedAt" in left
        assert "稿" not in left


async def test_details_of_an_interview_reach_the_worker_and_no_action(
    api: httpx.AsyncClient, settings: Settings, serving: Serving
) -> None:
    worker, match = await matched(api, "interview")
    details = {"place": "北门 2 号楼", "contact": "王经理 0352-5550101", "documents": "身份证"}
    assert (await act(api, match, "contact", contact="reached")).status_code == 200
    arranged = await act(api, match, "interview", interviewBy="in_person", interview=details)
    assert arranged.status_code == 200, arranged.text
    assert arranged.json()["interviewDetails"] == details
    own = headers_for(settings, R.WORKER, worker_id=worker)
    wait_known(serving.url, own)
    seen = (await api.get(f"/v1/matches/{match}", headers=own)).json()
    assert seen["interviewDetails"] == details
    assert "history" not in seen

    async def told() -> list[str]:
        entries = (await api.get(f"/v1/profiles/{worker}/inbox", headers=own)).json()["items"]
        return [each["body"] for each in entries if each["kind"] == "interview_set"]

    [body] = await until("the message about the interview", told)
    for text in details.values():
        assert text in body
    outbox = settings.data / "outbox" / "messages.jsonl"

    async def sent() -> bool:
        return outbox.exists() and "王经理 0352-5550101" in await asyncio.to_thread(
            outbox.read_text, "utf-8"
        )

    await until("the message in the outbox", sent)
    moved = await act(api, match, "interview", interview=details | {"place": "南门"})
    assert moved.json()["interviewDetails"]["place"] == "南门"
    records = await asyncio.to_thread(records_of, settings, MATCH_ACTIONS, match)
    assert "王经理" not in json.dumps(records, ensure_ascii=False)


async def test_another_reason_needs_words_which_no_action_holds(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    _, match = await matched(api, "reason")
    refused = await act(api, match, "decline", reason="other")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "reasonText"
    declined = await act(api, match, "decline", reason="other", reasonText="家里老人需要照顾")
    assert declined.status_code == 200, declined.text

    async def shown() -> list[str]:
        items = (await api.get(f"/v1/matches/{match}/notes")).json()["items"]
        return [each["text"] for each in items if each["kind"] == "reason"]

    assert await until("the text of the reason", shown) == ["家里老人需要照顾"]
    records = await asyncio.to_thread(records_of, settings, MATCH_ACTIONS, match)
    assert "老人" not in json.dumps(records, ensure_ascii=False)


async def test_an_erasure_erases_the_texts_about_the_person_and_no_others(
    api: httpx.AsyncClient, settings: Settings, elastic: Elastic
) -> None:
    worker, match = await matched(api, "erased")
    opening, _ = ids.split_match_id(match)
    on_worker = await note(api, f"/v1/profiles/{worker}", "仅供一人")
    on_match = await note(api, f"/v1/matches/{match}", "仅供一人")
    on_opening = await note(api, f"/v1/openings/{opening}", "岗位备注")
    late = [note(api, f"/v1/profiles/{worker}", f"仅供一人 {n}") for n in range(5)]
    erase = api.delete(f"/v1/profiles/{worker}", headers=WAIT, params={"confirmEnds": 10})
    erased, *_ = await asyncio.gather(erase, *late, return_exceptions=True)
    assert isinstance(erased, httpx.Response)
    assert erased.is_success, erased.text

    async def gone() -> bool:
        await elastic.refresh(NOTES.name)
        left = [each async for _, _, each in elastic.scan(NOTES.name)]
        return "仅供一人" not in json.dumps(left, ensure_ascii=False)

    await until("the notes to be erased", gone)
    for id in (on_worker, on_match):
        assert (await asyncio.to_thread(records_of, settings, NOTES, id))[-1] is None
        assert (await api.get(f"/v1/notes/{id}")).status_code == 404
    assert (await api.get(f"/v1/notes/{on_opening}")).json()["text"] == "岗位备注"


async def test_the_view_of_notes_is_the_same_live_and_rebuilt(
    api: httpx.AsyncClient, settings: Settings, elastic: Elastic
) -> None:
    worker, match = await matched(api, "rebuilt")
    await note(api, f"/v1/profiles/{worker}", "重建")
    removed = await note(api, f"/v1/matches/{match}", "重建")
    await api.delete(f"/v1/notes/{removed}", headers=WAIT)
    project = EntityProjection(installed_model(settings), gazetteer())

    async def snapshot() -> dict[str, Any]:
        await elastic.refresh(NOTES.name)
        return {id: (version, each) async for id, version, each in elastic.scan(NOTES.name)}

    async def rebuilt() -> bool:
        before = await snapshot()
        await rebuild(elastic, settings.bootstrap_servers, project, views=(NOTES.name,))
        return bool(before) and await snapshot() == before

    assert await undisturbed(settings, rebuilt)
