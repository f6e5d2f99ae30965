"""A station with matches in its queue, created through the API by an employer and a roster."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

import httpx
import stamina

from producers import simulator
from roost import ids
from roost.events.profile import ProfileContent
from tests.stack.serving import Serving

NOW = {"Prefer": "wait=20"}
STATION = ids.station_id("console-station")
TITLE = next(iter(simulator.openings(1))).title
LICENCES = ["焊工证", "电工证", "健康证", "B2驾驶证", "保安员证", "叉车证"]
NUMBERS = itertools.count(1)
"""Numbers of people and openings: all modules of tests share one county."""
NAMES = ("王秀英", "赵强", "刘洋", "陈静", "杨帆", "黄磊", "周敏", "吴刚", "徐丽", "孙涛")


class County:
    def __init__(self, serving: Serving) -> None:
        self._client = httpx.Client(base_url=serving.url, headers=serving.headers, timeout=60)

    def close(self) -> None:
        self._client.close()

    def station(
        self,
        id: str = STATION,
        name: str = "岚岭县大同服务站",
        serves: Sequence[str] = ("sample:lanling",),
        **changes: Any,
    ) -> str:
        content = {
            "identifier": id[-12:],
            "name": name,
            "place": {"name": "大同市"},
            "serves": list(serves),
            **changes,
        }
        self._sent("PUT", f"/v1/stations/{id}", content)
        return id

    def opening(self, places: int = 10, **changes: Any) -> str:
        body = next(iter(simulator.openings(1))).to_dict() | {
            "identifier": f"console-{next(NUMBERS)}",
            "hiringOrganization": {"id": "console-test", "name": "大同建筑公司"},
            "jobLocation": {"name": "大同市"},
            "totalJobOpenings": places,
        }
        return str(self._sent("POST", "/v1/openings", body | changes)["id"])

    def workers(self, count: int, **changes: Any) -> list[str]:
        found = []
        for _ in range(count):
            number = next(NUMBERS)
            body = {
                "identifier": f"console-{number}",
                "name": NAMES[number % len(NAMES)],
                "occupationsWanted": [TITLE],
                "licences": LICENCES,
                "experienceYears": 5,
                "home": {"name": "岚岭县"},
                "location": {"name": "大同市"},
                "channels": [{"kind": "sms", "address": f"1380000{number:04d}"}],
            }
            found.append(str(self._sent("POST", "/v1/profiles", body | changes)["id"]))
        return found

    def moves(self, worker: str, place: str) -> None:
        """Change where a worker lives now."""
        stored = self._client.get(f"/v1/profiles/{worker}")
        stored.raise_for_status()
        content = ProfileContent.from_stored(stored.json()).to_dict()
        path = f"/v1/profiles/{worker}?confirmEnds=100"
        self._sent("PUT", path, content | {"location": {"name": place}})

    def erases(self, worker: str) -> None:
        """Erase a worker, whatever it ends."""
        path, all_of_them = f"/v1/profiles/{worker}", {"confirmEnds": 100}
        self._client.delete(path, headers=NOW, params=all_of_them).raise_for_status()

    def match(self, id: str) -> dict[str, Any]:
        """Return a match with its history."""
        answer = self._client.get(f"/v1/matches/{id}")
        answer.raise_for_status()
        return dict(answer.json())

    def slots(self, opening: str) -> list[dict[str, Any]]:
        """Return the interview slots of an opening, the earliest first."""
        answer = self._client.get(f"/v1/openings/{opening}/slots")
        answer.raise_for_status()
        return list(answer.json()["items"])

    def acts(self, match: str, kind: str, body: dict[str, Any]) -> None:
        """Act on a match, and wait for the decision."""
        answer = self._client.post(f"/v1/matches/{match}/{kind}", json=body, headers=NOW)
        answer.raise_for_status()

    def proposes(self, opening: str, worker: str) -> None:
        """Propose a pair by hand, also to a worker whose day is full."""
        body = {"openingId": opening, "workerId": worker, "why": "worker_asked"}
        answer = self._client.post("/v1/matches", json=body, headers=NOW)
        assert answer.status_code in (200, 202, 409), answer.text  # 409: the stage was faster

    def matched_by_hand(self, opening: str, worker: str, within_s: float = 90) -> str:
        """Propose a pair by hand; return its match once it is in the station's queue."""
        self.proposes(opening, worker)
        match, deadline = ids.match_id(opening, worker), time.monotonic() + within_s
        while match not in [each["id"] for each in self.queue()]:
            assert time.monotonic() < deadline, "the match did not come"
            time.sleep(0.2)
        return match

    def answers(self, worker: str, title: str, body: str) -> None:
        """Post the answer to a worker's request."""
        content = {
            "kind": "request_answered",
            "zh": {"title": title, "body": body},
            "audience": {"workerIds": [worker]},
        }
        self._client.post("/v1/notices", json=content, headers=NOW).raise_for_status()

    @stamina.retry(on=httpx.HTTPStatusError, attempts=None, timeout=90, wait_max=2)
    def _sent(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a request, repeated after a timeout: each has its own identifier."""
        answer = self._client.request(method, path, json=body, headers=NOW)
        answer.raise_for_status()
        return dict(answer.json())

    def queue(self, station: str = STATION, **query: Any) -> list[dict[str, Any]]:
        # All modules share one county: its queues are longer than a usual page.
        answer = self._client.get(f"/v1/stations/{station}/queue", params={"limit": 200} | query)
        answer.raise_for_status()
        return list(answer.json()["items"])

    def waits_for(self, count: int, station: str = STATION, within_s: float = 90) -> Sequence[Any]:
        """Return the queue once it holds `number` matches."""
        deadline = time.monotonic() + within_s
        while len(found := self.queue(station)) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} matches"
            time.sleep(0.2)
        return found

    def waits_for_station(self, match: str, station: str, within_s: float = 90) -> None:
        """Return once a match is at a station."""
        deadline = time.monotonic() + within_s
        while (found := self._client.get(f"/v1/matches/{match}").json())["stationId"] != station:
            assert time.monotonic() < deadline, f"{found['state']} at {found['stationId']}"
            time.sleep(0.2)
