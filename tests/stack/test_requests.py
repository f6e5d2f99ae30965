"""The API on real servers: idempotency keys, conditional edits, lists, imports, public data."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from producers import simulator
from producers.admin import end_offsets
from producers.importing.local_import import ImportOptions, run_import
from producers.importing.verdicts import Summary
from roost.settings import Settings
from roost.topics import OPENINGS, WEBHOOKS
from tests.stack.serving import Serving, headers_for, served, wait_known
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
NOW = {"Prefer": "wait=30"}
EMPLOYER = "requests-test"


def opening(reference: str, **changes: Any) -> dict[str, Any]:
    return next(simulator.openings(1)).to_dict() | {
        "identifier": reference,
        "hiringOrganization": {"id": EMPLOYER, "name": "请求测试"},
        "jobLocation": {"name": "大同市"},
    } | changes  # fmt: skip


def events(settings: Settings, topic: Any = OPENINGS) -> int:
    return sum(end_offsets(settings.bootstrap_servers, [topic])[topic.name].values())


# --- Idempotency-Key


async def test_the_same_key_again_is_answered_the_same_and_does_nothing(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    key = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    first = await api.post("/v1/openings", json=opening("once"), headers=key)
    stood = events(settings)
    again = await api.post("/v1/openings", json=opening("once"), headers=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert events(settings) == stood


async def test_the_same_key_with_another_body_or_path_is_refused(api: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "another-body"}
    posted = await api.post("/v1/openings", json=opening("reuse"), headers=key | NOW)
    other = await api.post("/v1/openings", json=opening("reuse-2"), headers=key)
    assert other.status_code == 409
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    elsewhere = await api.patch(posted.headers["location"], json=opening("reuse"), headers=key)
    assert elsewhere.status_code == 409


async def test_a_key_is_its_principals_own(api: httpx.AsyncClient, settings: Settings) -> None:
    key = {"Idempotency-Key": "mine"}
    await api.post("/v1/openings", json=opening("mine-1"), headers=key)
    theirs = headers_for(settings)
    await asyncio.to_thread(wait_known, str(api.base_url), theirs)
    answer = await api.post("/v1/openings", json=opening("mine-2"), headers=key | theirs)
    assert answer.status_code == 202
    assert "idempotent-replayed" not in answer.headers


async def test_what_was_refused_may_be_put_right_under_the_same_key(
    api: httpx.AsyncClient,
) -> None:
    key = {"Idempotency-Key": "put-right"}
    wrong = await api.post("/v1/openings", json=opening("right", title=5), headers=key)
    assert wrong.status_code == 422
    right = await api.post("/v1/openings", json=opening("right"), headers=key)
    assert right.status_code == 202


async def test_of_two_at_once_one_is_done_and_the_other_told_to_wait(
    api: httpx.AsyncClient,
) -> None:
    key = {"Idempotency-Key": "at-once"} | NOW
    answers = await asyncio.gather(
        *(api.post("/v1/openings", json=opening("at-once"), headers=key) for _ in range(4))
    )
    waits = [each for each in answers if each.status_code == 409]
    done = [each for each in answers if each.status_code == 201]
    assert len(waits) + len(done) == 4
    assert done
    assert all(each.headers["retry-after"] == "1" for each in waits)
    assert len({each.json()["version"] for each in done}) == 1


async def test_a_secret_is_shown_once_and_kept_nowhere(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    key = {"Idempotency-Key": "secret"}
    body = {"url": "https://hr.example.com/roost"}
    first = await api.post("/v1/webhooks", json=body, headers=key)
    assert first.json()["secret"]
    stood = events(settings, WEBHOOKS)
    again = await api.post("/v1/webhooks", json=body, headers=key)
    assert again.status_code == 409
    assert again.json()["type"] == "/problems/done-already"
    assert first.json()["self"] in again.json()["detail"]
    assert events(settings, WEBHOOKS) == stood
    # Nothing listens there: its messages would be retried for as long as this stack runs.
    assert (await api.delete(first.json()["self"])).is_success


async def test_another_process_and_a_later_one_answer_the_same(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    key = {"Idempotency-Key": "elsewhere"}
    first = await api.post("/v1/openings", json=opening("elsewhere"), headers=key)
    with served(settings) as other:
        headers = key | {"Authorization": api.headers["authorization"]}
        async with httpx.AsyncClient(base_url=other.url, timeout=30) as client:
            again = await client.post("/v1/openings", json=opening("elsewhere"), headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


# --- ETag


async def test_what_has_not_changed_is_not_sent_again(api: httpx.AsyncClient) -> None:
    where = (await api.post("/v1/openings", json=opening("tag"), headers=NOW)).headers["location"]
    read = await api.get(where)
    assert read.headers["etag"] == f'"{read.json()["version"]}"'
    known = await api.get(where, headers={"If-None-Match": read.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    await api.patch(where, json={"totalJobOpenings": 3}, headers=NOW)
    changed = await api.get(where, headers={"If-None-Match": read.headers["etag"]})
    assert changed.status_code == 200


async def test_of_two_editors_the_second_is_told_and_loses_nothing(
    api: httpx.AsyncClient,
) -> None:
    where = (await api.post("/v1/openings", json=opening("two"), headers=NOW)).headers["location"]
    read = {"If-Match": (await api.get(where)).headers["etag"]}
    answers = await asyncio.gather(
        api.patch(where, json={"totalJobOpenings": 4}, headers=read),
        api.patch(where, json={"lodging": True}, headers=read),
    )
    assert sorted(each.status_code for each in answers) == [202, 412]
    # without If-Match, each change applies to the newest version, before any view shows it
    await asyncio.gather(
        api.patch(where, json={"title": "砌筑工"}),
        api.patch(where, json={"meals": True}),
    )
    last = await api.patch(where, json={"description": "砌墙"}, headers=NOW)
    now = (await api.get(where)).json()
    assert (now["title"], now["meals"], now["description"]) == ("砌筑工", True, "砌墙")
    assert last.headers["etag"] == f'"{now["version"]}"'


# --- fields and filters


async def test_a_list_is_filtered_and_shows_what_was_asked_for(api: httpx.AsyncClient) -> None:
    await api.post("/v1/openings", json=opening("list-1", title="独一无二的Welder"), headers=NOW)
    await api.post(
        "/v1/openings",
        json=opening("list-2", title="独一无二的 cook", jobLocation={"name": "太原市"}),
        headers=NOW,
    )

    async def titles(**asked: Any) -> list[str]:
        answer = await api.get("/v1/openings", params={"employer": EMPLOYER} | asked)
        assert answer.status_code == 200, answer.text
        return sorted(each["title"] for each in answer.json()["items"])

    assert await titles(q="独一无二") == ["独一无二的 cook", "独一无二的Welder"]
    assert await titles(q="独一无二 WELDER") == ["独一无二的Welder"]
    assert await titles(q="独一*") == []
    await api.post("/v1/openings", json=opening("list-3", title="ＣＮＣ操作工"), headers=NOW)
    await api.post("/v1/openings", json=opening("list-4", title="𠮷記電焊工"), headers=NOW)
    assert await titles(q="CNC") == await titles(q="ｃｎｃ操作") == ["ＣＮＣ操作工"]
    assert await titles(q="电焊") == await titles(q="𠮷记") == ["𠮷記電焊工"]
    assert await titles(q="独一无二", place="太原市") == ["独一无二的 cook"]
    assert len(await titles(q="独一无二", place="山西省")) == 2
    assert await titles(q="独一无二", postedTo="2001-01-01") == []
    assert await titles(q="独一无二", status="closed") == []
    sparse = await api.get("/v1/openings", params={"fields": "title,status", "limit": 1})
    assert set(sparse.json()["items"][0]) == {"id", "version", "title", "status"}
    strange = await api.get("/v1/openings", params={"fields": "salary"})
    assert (strange.status_code, strange.json()["errors"][0]["field"]) == (422, "fields")
    nowhere = await api.get("/v1/openings", params={"place": "无此地方"})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "place")


async def test_workers_and_matches_are_listed_and_paged(api: httpx.AsyncClient) -> None:
    for number in range(3):
        body = {
            "identifier": f"listed-{number}",
            "name": "测试",
            "home": {"name": "岚岭县"},
            "location": {"name": "大同市"},
        }
        await api.post("/v1/profiles", json=body, headers=NOW)
    first = (await api.get("/v1/profiles", params={"place": "大同市", "limit": 2})).json()
    assert len(first["items"]) == 2
    rest = await api.get(
        "/v1/profiles", params={"place": "大同市", "limit": 2, "cursor": first["next"]}
    )
    ids = {each["id"] for each in first["items"]}
    assert rest.json()["items"]
    assert not ids & {each["id"] for each in rest.json()["items"]}
    matches = await api.get("/v1/matches", params={"state": "proposed", "fields": "state"})
    assert matches.status_code == 200
    assert all(set(each) == {"id", "version", "state"} for each in matches.json()["items"])


# --- imports


def rows(count: int, prefix: str) -> list[dict[str, Any]]:
    return [opening(f"{prefix}-{number}") for number in range(count)]


async def finished(api: httpx.AsyncClient, where: str) -> dict[str, Any]:
    async def over() -> dict[str, Any]:
        job = (await api.get(where)).json()
        return job if job["state"] not in {"waiting", "running"} else {}

    return await until("the import is over", over)


async def test_a_file_is_imported_and_its_bad_rows_are_told(api: httpx.AsyncClient) -> None:
    good = rows(700, "bulk")
    bad = [opening("bad-1", title=""), opening("bad-2", jobLocation={"name": "无此地方"})]
    lines = [json.dumps(each, ensure_ascii=False) for each in [*good[:3], *bad, *good[3:]]]
    lines.append("{no json")
    content = "\n".join(lines).encode()
    kind = {"content-type": "application/x-ndjson"}
    sent = await api.post("/v1/imports", content=content, headers=kind | {"Idempotency-Key": "b"})
    assert sent.status_code == 202
    job = await finished(api, sent.headers["location"])
    assert (job["state"], job["progress"]) == ("done", 1.0)
    assert (job["read"], job["published"], job["rejected"]) == (703, 700, 3)
    found = (await api.get(job["errors"], params={"limit": 2})).json()
    assert [each["row"] for each in found["items"]] == [4, 5]
    assert found["items"][0]["problems"][0]["field"] == "title"
    assert "无此地方" in found["items"][1]["problems"][0]["zh"]
    rest = (await api.get(job["errors"], params={"cursor": found["next"]})).json()
    assert [each["row"] for each in rest["items"]] == [704 - 1]
    again = await api.post("/v1/imports", content=content, headers=kind | {"Idempotency-Key": "b"})
    assert again.json()["id"] == job["id"]
    assert again.headers["idempotent-replayed"] == "true"
    other = await api.post("/v1/imports", content=b"{}", headers=kind | {"Idempotency-Key": "b"})
    assert other.status_code == 409


async def test_a_csv_a_dry_run_and_an_array_are_taken(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    table = "identifier,title,hiringOrganization.id,hiringOrganization.name,jobLocation,skills\n"
    table += f"csv-1,砌筑工,{EMPLOYER},请求测试,大同市,砌墙;抹灰\n"
    kind = {"content-type": "text/csv; charset=utf-8"}
    stood = events(settings)
    dry = await api.post("/v1/imports?dryRun=true", content=table.encode(), headers=kind)
    assert (await finished(api, dry.headers["location"]))["published"] == 1
    assert events(settings) == stood
    sent = await api.post("/v1/imports", content=table.encode(), headers=kind)
    assert (await finished(api, sent.headers["location"]))["published"] == 1
    array = await api.post("/v1/imports", json=rows(2, "array"))
    assert (await finished(api, array.headers["location"]))["published"] == 2
    for content, content_type, status in (
        (b"x", "application/pdf", 415),
        (b'{"a": 1}', "application/json", 422),
    ):
        answer = await api.post(
            "/v1/imports", content=content, headers={"content-type": content_type}
        )
        assert answer.status_code == status
    strange = await api.post(
        "/v1/imports?mapping=/etc/passwd", content=table.encode(), headers=kind
    )
    assert strange.status_code == 422


async def test_a_roster_is_imported_once_the_order_of_its_days_is_known(
    api: httpx.AsyncClient,
) -> None:
    table = "编号,姓名,家乡,现居住地,到岗日期\n请求-1,王小红,岭泉镇,太原市,1/5/2027\n"
    kind = {"content-type": "text/csv; charset=utf-8"}
    asked = {"kind": "profiles", "mapping": "zh_profiles"}
    sent = await api.post("/v1/imports", params=asked, content=table.encode(), headers=kind)
    job = await finished(api, sent.headers["location"])
    assert (job["kind"], job["state"], job["read"]) == ("profiles", "failed", 0)
    assert "dayOrder=到岗日期=day-first" in job["why"]
    asked["dayOrder"] = "到岗日期=day-first"
    sent = await api.post("/v1/imports", params=asked, content=table.encode(), headers=kind)
    job = await finished(api, sent.headers["location"])
    assert (job["state"], job["published"], job["rejected"]) == ("done", 1, 0)

    async def stored() -> list[dict[str, Any]]:
        found = (await api.get("/v1/profiles", params={"identifier": "请求-1"})).json()
        return [await api_profile(api, each["id"]) for each in found["items"]]

    [profile] = await until("the worker is stored", stored)
    assert profile["availableFrom"] == "2027-05-01"


async def api_profile(api: httpx.AsyncClient, id: str) -> dict[str, Any]:
    return dict((await api.get(f"/v1/profiles/{id}")).json())


async def test_the_command_recognises_a_roster_that_it_has_imported(
    settings: Settings, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    lines = [f"命令-{number},工人{number},岭泉镇,太原市" for number in range(600)]  # two chunks
    roster.write_text("\n".join(["编号,姓名,家乡,现居住地", *lines]), "utf-8")

    async def imported(*, dry_run: bool) -> Summary:
        options = ImportOptions("zh_profiles", dry_run)
        rejects = tmp_path / "rejects.jsonl"
        return await asyncio.to_thread(run_import, settings, "profiles", roster, rejects, options)

    first = await imported(dry_run=False)
    assert (first.read, first.published, first.rejected) == (600, 600, 0)

    async def recognised() -> bool:
        return (await imported(dry_run=True)).unchanged == 600

    await until("the views have all rows", recognised)
    again = await imported(dry_run=False)
    assert (again.published, again.unchanged) == (0, 600)


async def test_an_employer_imports_its_own_openings_only(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    own = {"id": "imports-test", "name": "导入测试"}  # another test fills the quota of EMPLOYER
    theirs = headers_for(settings, "employer", employer_id=own["id"])  # type: ignore[arg-type]
    await asyncio.to_thread(wait_known, str(api.base_url), theirs)
    mixed = [opening("own", hiringOrganization=own)]
    mixed.append(opening("x", hiringOrganization={"id": "other", "name": "他人"}))
    sent = await api.post("/v1/imports", json=mixed, headers=theirs)
    job = await finished(api, sent.headers["location"])
    assert (job["published"], job["rejected"]) == (1, 1)


# --- public data


async def test_open_openings_are_public_and_closed_ones_are_not(
    api: httpx.AsyncClient, serving: Serving
) -> None:
    body = opening(
        "public",
        title="公开的岗位",
        description="<b>砌墙</b>\n电话见服务站",
        validThrough="2099-12-31",
    )
    posted = await api.post("/v1/openings", json=body, headers=NOW)
    where = f"/v1/public/openings/{posted.json()['id']}"
    async with httpx.AsyncClient(base_url=serving.url, timeout=30) as anybody:

        async def there() -> httpx.Response | None:
            answer = await anybody.get(where)
            return answer if answer.status_code == 200 else None

        read = await until("the opening is public", there)
        assert read.headers["content-type"].startswith("application/ld+json")
        said = read.json()
        assert (said["@context"], said["@type"]) == ("https://schema.org/", "JobPosting")
        assert said["description"].startswith("<p>&lt;b&gt;砌墙")
        assert said["jobLocation"]["address"]["addressCountry"] == "CN"
        assert said["validThrough"].startswith("2099-12-31")
        assert said["directApply"] is False

        async def listed() -> bool:
            answer = await anybody.get("/v1/public/openings", params={"q": body["title"]})
            return said["@id"] in [each["@id"] for each in answer.json()["items"]]

        await until("the opening is found", listed)
        feed = ElementTree.fromstring((await anybody.get("/feeds/openings.atom")).content)
        atom = "{http://www.w3.org/2005/Atom}"
        assert said["@id"] in [each.findtext(f"{atom}id") for each in feed.iter(f"{atom}entry")]
        lines = (await anybody.get("/feeds/openings.jsonl")).text.splitlines()
        assert said in [json.loads(line) for line in lines]
        await api.post(f"{posted.headers['location']}/close", headers=NOW)

        async def gone() -> bool:
            return (await anybody.get(where)).status_code == 404

        await until("the closed opening is gone", gone)

        async def not_listed() -> bool:
            return not await listed()

        await until("the closed opening is found no more", not_listed)
