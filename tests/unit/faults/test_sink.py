"""The sink logs before it answers, shows a message once, and behaves as configured."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from roost.security.signing import secret_of, signature
from tests.faults.sink import address_of, message_id, read_log

SECRET, OTHER = (secret_of(b"k" * 32, "h-" + "a" * 26, number) for number in (1, 2))


class Running:
    def __init__(self, log: Path) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.log, self.url = log, f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.faults.sink", str(port), str(log)]
        self.process = subprocess.Popen(command)
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.put(f"{self.url}/__ways", json=[])
                return
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def send(self, id: str, path: str = "/sms/199") -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json={}, headers={"webhook-id": id}, timeout=0.5)

    def ways(self, *ways: dict[str, object]) -> None:
        httpx.put(f"{self.url}/__ways", json=list(ways))

    @property
    def visible(self) -> list[str]:
        return [each.id for each in read_log(self.log) if each.visible]


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path / "sink.jsonl")
    yield made
    made.process.kill()
    made.process.wait()


def test_a_repeat_is_logged_and_not_seen(sink: Running) -> None:
    for id in ("a", "a", "b"):
        assert sink.send(id).status_code == 200
    assert sink.visible == ["a", "b"]
    assert [each.id for each in read_log(sink.log)] == ["a", "a", "b"]
    assert {each.address for each in read_log(sink.log)} == {"199"}


def test_what_it_refuses_is_not_seen(sink: Running) -> None:
    sink.ways({"answer": "500", "times": 1}, {"answer": "429", "times": 1})
    assert sink.send("a").status_code == 500
    refused = sink.send("a")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    assert sink.visible == []
    assert sink.send("a").status_code == 200
    assert sink.visible == ["a"]


@pytest.mark.parametrize(("answer", "seen"), [("hang", []), ("taken_then_silence", ["a"])])
def test_it_can_be_silent(sink: Running, answer: str, seen: list[str]) -> None:
    sink.ways({"answer": answer, "about": "/sms"})
    with pytest.raises(httpx.ReadTimeout):
        sink.send("a")
    assert sink.visible == seen
    assert sink.send("b", "/webhook/7").status_code == 200


def test_who_follows_its_redirect_is_found_out(sink: Running) -> None:
    sink.ways({"answer": "redirect", "about": "/sms"})
    assert sink.send("a").status_code == 302
    assert sink.visible == []
    httpx.post(f"{sink.url}/sms/199", json={}, follow_redirects=True)
    assert sink.visible[:1] == ["redirect followed"]


@pytest.mark.parametrize(
    ("signed_with", "age_s", "status"),
    [(SECRET, 0, 200), (SECRET, -7_200, 401), (SECRET, 7_200, 401), (OTHER, 0, 401)],
    ids=["well", "too old", "of the future", "by somebody else"],
)
def test_a_careful_receiver_takes_what_is_signed_well_and_now(
    sink: Running, signed_with: str, age_s: int, status: int
) -> None:
    sink.ways({"about": "/hook", "answer": "checks", "secret": SECRET})
    at = round(time.time()) + age_s
    headers = {
        "webhook-id": "a",
        "webhook-timestamp": str(at),
        "webhook-signature": signature([signed_with], "a", at, b"{}"),
    }
    answer = httpx.post(f"{sink.url}/hook/x", content=b"{}", headers=headers)
    assert answer.status_code == status
    assert sink.visible == (["a"] if status == 200 else [])


def test_where_the_id_and_the_address_are_looked_for() -> None:
    assert message_id({"webhook-id": "x"}, b"") == "x"
    assert message_id({}, b'{"id": "y"}') == "y"
    assert message_id({}, b"nothing") == message_id({}, b"[]") == ""
    assert address_of("/sms/%2B86199?x=1") == "+86199"
    assert address_of("/sms?to=199") == "199"
