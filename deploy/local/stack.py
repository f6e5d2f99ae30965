"""Kafka and Elasticsearch for tests, benches and the supervisor: started, healthy, stopped."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import artifacts
from deploy.local.elasticsearch import elasticsearch_part
from deploy.local.jdk import find_jdk
from deploy.local.jvm import compiler_options
from deploy.local.kafka import kafka_part
from deploy.local.processes import Part, Process
from deploy.local.security import Security, admit, secured
from deploy.local.server_user import check_reachable, private_data
from deploy.local.stack_ports import Ports
from roost.settings import ServerCompiler


def server_parts(
    data: Path,
    ports: Ports,
    say: artifacts.Say = print,
    *,
    advertised: int | None = None,
    security: Security | None = None,
    compiler: ServerCompiler = ServerCompiler.AUTO,
    brief: bool = True,
) -> list[Part]:
    """Return the two servers of a data folder. Raises CannotStart when something is missing.

    `advertised` is the port that Kafka sends its clients to, when it is not its own. `brief` says
    that they run for minutes, as in a demo or a test.
    """
    java_home = find_jdk()
    files, options = artifacts.fetch(say), compiler_options(compiler, brief=brief)
    if user := private_data(data):
        check_reachable(data)
    return [
        kafka_part(files, java_home, data, ports, advertised, security, user, options),
        elasticsearch_part(files, java_home, data, ports, security, user, options),
    ]


class Stack:
    """A running pair of servers whose parts can be killed and paused, for fault tests."""

    def __init__(self, data: Path, ports: Ports, parts: list[Part]) -> None:
        self.data = data
        self.ports = ports
        self.bootstrap_servers = f"127.0.0.1:{ports.kafka}"
        self.elasticsearch_url = f"http://127.0.0.1:{ports.elasticsearch}"
        self.processes = {part.name: Process(part, data) for part in parts}

    def start(self, name: str) -> None:
        """Start a part and wait until it is ready."""
        self.processes[name].start()
        self.processes[name].wait_ready()

    def start_all(self) -> None:
        for process in self.processes.values():
            process.start()
        for process in self.processes.values():
            process.wait_ready()

    def stop(self, name: str) -> None:
        self.processes[name].stop()

    def kill(self, name: str) -> None:
        self.processes[name].kill()

    def pause(self, name: str) -> None:
        """Stop a process, and return once all of its threads stand."""
        self.processes[name].pause()

    def resume(self, name: str) -> None:
        self.processes[name].signal(signal.SIGCONT)

    def kill_all(self) -> None:
        for process in self.processes.values():
            process.kill()


@contextmanager
def local_stack(
    data: Path | None = None,
    ports: Ports | None = None,
    *,
    advertised: int | None = None,
    compiler: ServerCompiler = ServerCompiler.AUTO,
) -> Iterator[Stack]:
    """Run Kafka and Elasticsearch; without `data`, in a temporary folder, and on free ports.

    `advertised` is passed to `server_parts`: fault tests put a proxy there.
    """
    chosen = ports or Ports.free()
    folder = data or Path(tempfile.mkdtemp(prefix="roost-"))
    parts = server_parts(folder, chosen, advertised=advertised, compiler=compiler)
    stack = Stack(folder, chosen, parts)
    try:
        stack.start_all()
        yield stack
    finally:
        stack.kill_all()
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def secured_stack() -> Iterator[Stack]:
    """Run the same with security in a temporary folder; Roost has its credentials."""
    ports = Ports.free()
    folder = Path(tempfile.mkdtemp(prefix="roost-"))
    security = secured(folder)
    stack = Stack(folder, ports, server_parts(folder, ports, security=security))
    try:
        stack.start_all()
        admit(security, ports)
        yield stack
    finally:
        stack.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def only_elasticsearch(compiler: ServerCompiler = ServerCompiler.AUTO) -> Iterator[str]:
    """Run one Elasticsearch on a free port in a temporary folder; yield its address."""
    ports = Ports.free()
    folder = Path(tempfile.mkdtemp(prefix="roost-"))
    parts = server_parts(folder, ports, _quiet, compiler=compiler)
    (part,) = (each for each in parts if each.name == ELASTICSEARCH)
    process = Process(part, folder)
    try:
        process.start()
        process.wait_ready()
        yield f"http://127.0.0.1:{ports.elasticsearch}"
    finally:
        process.kill()
        shutil.rmtree(folder, ignore_errors=True)


ELASTICSEARCH = "elasticsearch"


def _quiet(step: str) -> None:
    """Report nothing, since downloads happen only once."""
