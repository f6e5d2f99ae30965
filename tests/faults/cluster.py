"""Servers, proxies, sink, stages and API as one cluster that can be harmed and healed.

Roost's processes know only the proxies' ports; the tests themselves query Elasticsearch directly.
Processes are started from the main thread, since they die with it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from deploy.environment import AT_ANY_HOUR, settings_for
from deploy.local.processes import Part, Process
from deploy.local.stack import Stack, local_stack
from deploy.local.stack_ports import Ports
from deploy.up import SHARED, api_part, prepare, shared_stages_part, sources_part, stage_parts
from producers.admin import declare_topics
from tests.faults.evidence import Place
from tests.faults.proxy import Proxy
from tests.faults.sink import Attempt, read_log
from tests.stack.serving import headers_for, wait_known

ROOT = Path(__file__).parents[2]
TUNED = {
    "ROOST_QUIET_HOURS": "",
    "ROOST_MESSAGE_GAP_MINUTES": "0",
    "ROOST_WEBHOOKS_MAY_BE_PRIVATE": "true",
    "ROOST_STANDSTILL_S": "20",
    "PYTHONPATH": str(ROOT),
}
"""Environment of all processes: only faults delay a message, never the hour or a minimum gap.

Webhooks may lead to the sink, which is on loopback.
"""
SERVERS_START_S = 300.0
"""Deadline for a server that starts under load on a busy machine, in seconds."""


class Cluster:
    """A running Roost; create it with `cluster()`."""

    def __init__(
        self, stack: Stack, kafka: Proxy, elasticsearch: Proxy, stages: Collection[str]
    ) -> None:
        self.stack = stack
        self.kafka, self.elasticsearch = kafka, elasticsearch
        self.own = settings_for(stack.data, stack.ports).model_copy(update=AT_ANY_HOUR)
        """Settings of the tests themselves: directly to the servers, past the proxies."""
        self.settings = self.own.model_copy(
            update={
                "bootstrap_servers": f"127.0.0.1:{kafka.port}",
                "elasticsearch_url": f"http://127.0.0.1:{elasticsearch.port}",
            }
        )
        for process in stack.processes.values():
            process.part = replace(process.part, ready_within_s=SERVERS_START_S)
        prepare(self.own)
        self.headers = headers_for(self.own)
        """Headers with a key that has all permissions at the API."""
        self.stages = tuple(stages)
        parts = (*stage_parts(self.settings), shared_stages_part(self.settings))
        self._parts = {part.name: part for part in parts}
        self.plan = stack.data / "plan"
        self.restarts = 0
        self.poisoned: set[Place] = set()
        """Unreadable records of earlier runs; when read again, they are parked again."""
        self._sink_port = Ports.free().kafka
        self._sink_log = stack.data / "sink.jsonl"
        self.sink = Process(self._sink_part(), stack.data)
        self.sink.start()
        self._workers: dict[str, Process] = {}
        self._held: set[str] = set()
        self.api = Process(self._tuned(api_part(self.settings), {}), stack.data)

    # --- the processes

    def up(self) -> None:
        """Restore the normal state: all stages and the API run, leftovers of a run are undone."""
        self.kafka.heal()
        self.elasticsearch.heal()
        self.set_sink_behaviour([])
        for name in ("kafka", "elasticsearch"):
            if not self.stack.processes[name].alive():
                self.stack.start(name)
        declare_topics(self.own.bootstrap_servers)
        for name in [each for each in self._workers if each not in self.stages]:
            self.stop(name)
        self.start(*(name for name in self.stages if not self.alive(name)))
        if not self.api.alive():
            self.api.start()
        self._held.clear()
        for name in self.stages:
            self.worker(name).wait_ready()
        self.wait_api()

    def start(
        self,
        *names: str,
        plan: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start stages by name; "match-2" is a second worker of match, "stages" are all in one.

        With a plan of traps or a sabotage (`launcher`) they are the same stages, patched from
        outside.
        """
        for name in names:
            part = self._stage_part(name, plan, environment or {})
            self._mark(part).unlink(missing_ok=True)
            self._workers[name] = Process(part, self.stack.data)
            self._workers[name].start()
        for name in names:
            self._workers[name].wait_ready()

    def worker(self, name: str) -> Process:
        return self._workers[name]

    def alive(self, name: str) -> bool:
        return name in self._workers and self._workers[name].alive()

    def kill(self, name: str, *, stay_down: bool = False) -> None:
        if stay_down:
            self._held.add(name)
        self._workers[name].kill()

    def stop(self, name: str) -> None:
        self._workers.pop(name).stop()

    def share_process(self) -> None:
        """Replace the processes of the stages by one process of all stages."""
        for name in self.stages:
            self.stop(name)
        self.start(SHARED)

    def separate_processes(self) -> None:
        """Undo `share_process`."""
        self.stop(SHARED)
        self.start(*self.stages)

    def let_restart(self, name: str) -> None:
        self._held.discard(name)

    def look(self) -> None:
        """Restart dead processes as the supervisor does, but without back-off."""
        for name, process in self._workers.items():
            if not process.alive() and name not in self._held:
                self._mark(process.part).unlink(missing_ok=True)
                process.start()
                self.restarts += 1
        if not self.api.alive() and "api" not in self._held:
            self.api.start()
            self.restarts += 1

    async def start_server(self, name: str) -> None:
        """Start Kafka or Elasticsearch and wait until it is ready, without blocking others."""
        process = self.stack.processes[name]
        process.start()
        await asyncio.to_thread(process.wait_ready)

    def restart_api(
        self,
        plan: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Restart the API, with or without traps and extra environment variables."""
        self.api.stop()
        extra, part = dict(environment or {}), api_part(self.settings)
        if plan is not None:
            extra |= self._planned("api", plan)
            part = replace(part, command=(sys.executable, "-m", "tests.faults.launcher", "api"))
        self.api = Process(self._tuned(part, extra), self.stack.data)
        self.api.start()
        self.wait_api()

    def source_runner(self) -> Process:
        """Return the process that reads the sources, not started."""
        return Process(self._tuned(sources_part(self.settings), {}), self.stack.data)

    def wait_api(self) -> None:
        """Wait until the API accepts the key."""
        self.api.wait_ready()
        wait_known(self.settings.public_url, self.headers)

    def api_client(self) -> httpx.AsyncClient:
        """Return an API client with all permissions."""
        url = self.settings.public_url
        return httpx.AsyncClient(base_url=url, headers=self.headers, timeout=30)

    async def keep_up(self) -> None:
        """Restart dead processes until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(0.2)

    def hold(self, name: str) -> None:
        self._held.add(name)

    def down(self) -> None:
        for process in (self.api, *self._workers.values()):
            process.kill()
        self.sink.kill()
        self.kafka.close()
        self.elasticsearch.close()

    def count_stalls(self) -> int:
        """Count the log entries of stages that ended because they stalled."""
        logs = (self.stack.data / "logs").glob("*.log")
        return sum(each.read_bytes().count(b'"stage_stalled"') for each in logs)

    # --- the sink

    @property
    def sink_url(self) -> str:
        return f"127.0.0.1:{self._sink_port}"

    def set_sink_behaviour(self, ways: Sequence[Mapping[str, Any]]) -> None:
        """Set how the sink answers from now on."""
        request = urllib.request.Request(
            f"http://{self.sink_url}/__ways", json.dumps(list(ways)).encode(), method="PUT"
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                with closing(urllib.request.urlopen(request, timeout=5)):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def attempts(self) -> list[Attempt]:
        return read_log(self._sink_log)

    # --- the parts

    def _stage_part(
        self, name: str, plan: Mapping[str, Any] | None, environment: Mapping[str, str]
    ) -> Part:
        stage = name.split("-")[0]
        part = self._parts[stage]
        mark = self.stack.data / "run" / f"{name}.started"
        extra = {"ROOST_STARTED_MARK": str(mark), **environment}
        if plan is not None:
            extra |= self._planned(name, plan)
            command = (sys.executable, "-m", "tests.faults.launcher", stage)
            part = replace(part, command=command)
        return replace(self._tuned(part, extra), name=name, ready=mark.exists)

    def last_fired(self) -> float | None:
        """Return the time of the last trap that fired, in seconds since the epoch."""
        fired = self.plan.parent.glob("plan-*.fired")
        return max((each.stat().st_mtime for each in fired), default=None)

    def _planned(self, name: str, plan: Mapping[str, Any]) -> dict[str, str]:
        path = self.plan.with_name(f"plan-{name}.json")
        path.write_text(json.dumps(plan), encoding="utf-8")
        for fired in path.parent.glob(f"{path.name}.*.fired"):
            fired.unlink()
        return {"FAULTS_PLAN": str(path)}

    def fired(self, name: str) -> int:
        """Count the traps of a stage's plan that have fired."""
        return len(list(self.plan.parent.glob(f"plan-{name}.json.*.fired")))

    def _tuned(self, part: Part, extra: Mapping[str, str]) -> Part:
        urls = {"sms": f"json://{self.sink_url}/sms/{{address}}"}
        channels = {"ROOST_CHANNEL_URLS": json.dumps(urls)}
        return replace(part, environment={**part.environment, **TUNED, **channels, **extra})

    def _mark(self, part: Part) -> Path:
        return Path(part.environment["ROOST_STARTED_MARK"])

    def _sink_part(self) -> Part:
        command = ("-m", "tests.faults.sink", str(self._sink_port), str(self._sink_log))
        return Part(
            name="sink",
            command=(sys.executable, *command),
            environment={"PYTHONPATH": str(ROOT)},
            ready=lambda: True,
            port=self._sink_port,
        )


@contextmanager
def cluster(stages: Collection[str], data: Path | None = None) -> Iterator[Cluster]:
    """Run a cluster; without `data`, in a temporary folder."""
    ports = Ports.free()
    kafka, elasticsearch = Proxy(ports.kafka), Proxy(ports.elasticsearch, http=True)
    with local_stack(data, ports, advertised=kafka.port) as stack:
        made = Cluster(stack, kafka, elasticsearch, stages)
        try:
            yield made
        finally:
            made.down()


def wait_ended(process: Process, within_s: float) -> int | None:
    """Return the exit status of a process; None when it does not end within the time."""
    deadline = time.monotonic() + within_s
    while process.alive():
        if time.monotonic() > deadline:
            return None
        with suppress(InterruptedError):
            time.sleep(0.05)
    return process.status
