"""Start-up of Roost on one machine: servers, topics and views, the stages, the API."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from deploy.environment import environment_of, settings_for
from deploy.local.child_environment import roost_environment
from deploy.local.machine import is_small
from deploy.local.processes import Part, rotate
from deploy.local.security import admit, secured, security_of
from deploy.local.stack import server_parts
from deploy.local.stack_errors import CannotStart
from deploy.local.supervisor import Supervisor
from deploy.model_setup import ensure_artefact
from matcher import models
from producers.admin import declare_topics
from roost.county_ids import DUE, DUE_ZH, install_ids
from roost.kafka.reader import KafkaReader
from roost.logs import configure
from roost.places.gazetteer import gazetteer
from roost.security.private_folders import private_folder
from roost.servers.connections import brokers_of, node_of
from roost.settings import Settings, StageProcesses
from roost.time.clock import SystemClock
from roost.time.station_hours import check_hours, missing_notice
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.kernel import crash
from streams.maintenance.rebuild import ensure_views, is_replay_due
from streams.stages import READS
from streams.views.model_files import installed_model, installed_version, model_folder, model_path

STAGES = tuple(READS)
SHOWN_LINES = 15
"""Last lines of a child that are shown when it fails."""
SHARED = "stages"
"""Name of the process that all stages share."""


def prepare(settings: Settings, say: Callable[[str], None] = lambda sentence: None) -> None:
    """Create missing topics, views and the similarity model; leave existing ones unchanged.

    Views of an older definition, or with vectors of another model than the installed one, are
    rebuilt before anything else starts. The key of the ids is installed in this process. `say`
    receives each step. Raises IdKeyError if the record belongs to another county key.
    """
    declare_topics(brokers_of(settings))
    if asyncio.run(install_ids(settings)):
        say(f"{DUE} · {DUE_ZH}")
    asyncio.run(_make_views(settings, _stored_model(settings, say), say))


async def _is_replay_due(settings: Settings, version: str) -> bool:
    elastic = Elastic(node_of(settings))
    try:
        return await is_replay_due(elastic, KafkaReader(brokers_of(settings)), version)
    finally:
        await elastic.close()


def run_apart(
    command: Sequence[str], environment: Mapping[str, str], say: Callable[[str], None], log: Path
) -> None:
    """Run a command of Roost to its end; `say` receives its lines, and `log` its standard error.

    Raises CannotStart, with the last lines of both, when it fails.
    """
    said: deque[str] = deque(maxlen=SHOWN_LINES)
    with private_log(log) as errors:
        before = errors.tell()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=roost_environment(os.environ) | dict(environment),
        )
        assert child.stdout is not None
        try:
            for line in child.stdout:
                said.append(line.rstrip())
                say(said[-1])
        except BaseException:
            child.terminate()
            raise
        finally:
            status = child.wait()
    if status:
        said.extend(log.read_bytes()[before:].decode("utf-8", "replace").splitlines())
        raise CannotStart("The servers could not be prepared:\n" + "\n".join(said))


def private_log(log: Path) -> TextIO:
    """Open a log of the data folder, which only its owner can read, for further lines."""
    private_folder(log.parent)
    rotate(log)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    file = os.fdopen(descriptor, "a", buffering=1, encoding="utf-8")
    file.seek(0, os.SEEK_END)
    return file


def _check_calendar(settings: Settings, say: Callable[[str], None]) -> None:
    """Check the opening hours and the county's calendar; say if a year's days are unknown."""
    hours, now = settings.read_county_hours(), SystemClock().now()
    check_hours(hours, now)
    if (warning := missing_notice(hours, now)) is not None:
        say(" · ".join(warning))


def _stored_model(settings: Settings, say: Callable[[str], None]) -> models.StoredModel:
    """Return the installed model; compose and keep the shipped one as well."""
    path = model_path(settings)
    ensure_artefact(path, say)
    models.keep_artefact(path, model_folder(settings))
    return models.StoredModel(installed_version(settings), lambda: installed_model(settings))


async def _make_views(
    settings: Settings, model: models.StoredModel, say: Callable[[str], None]
) -> None:
    elastic, project = Elastic(node_of(settings)), EntityProjection(model, gazetteer())
    try:
        await ensure_views(elastic, brokers_of(settings), project, say=say)
    finally:
        await elastic.close()


def roost_command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "deploy", *arguments)


def stage_parts(settings: Settings) -> list[Part]:
    """Return a process for every stage, ready when its mark shows that its agent runs."""
    parts = []
    for number, stage in enumerate(STAGES):
        port = settings.metrics_port + number if settings.metrics_port else 0
        mark = settings.data / "run" / f"{stage}.started"
        mark.unlink(missing_ok=True)
        parts.append(
            Part(
                name=stage,
                command=roost_command("worker", stage),
                environment=environment_of(settings)
                | {"ROOST_STARTED_MARK": str(mark), "ROOST_METRICS_PORT": str(port)},
                inherit=roost_environment,
                ready=mark.exists,
                stop_within_s=25,
                halted_status=crash.STOPPED,
            )
        )
    return parts


def shared_stages_part(settings: Settings) -> Part:
    """Return one process for all stages, ready when the agents of all of them run."""
    mark = settings.data / "run" / f"{SHARED}.started"
    mark.unlink(missing_ok=True)
    return Part(
        name=SHARED,
        command=roost_command("worker", *STAGES),
        environment=environment_of(settings) | {"ROOST_STARTED_MARK": str(mark)},
        inherit=roost_environment,
        ready=mark.exists,
        stop_within_s=25,
    )


def chosen_stage_parts(settings: Settings) -> list[Part]:
    """Return the processes of the stages, as the settings choose."""
    chosen = settings.stage_processes
    if chosen is StageProcesses.ONE or (chosen is StageProcesses.AUTO and is_small()):
        return [shared_stages_part(settings)]
    return stage_parts(settings)


def api_part(settings: Settings) -> Part:
    url = f"http://{settings.api_host}:{settings.api_port}/health/live"
    return Part(
        name="api",
        command=roost_command("serve"),
        environment=environment_of(settings),
        inherit=roost_environment,
        ready=lambda: _answers(url),
        port=settings.api_port,
    )


def sources_part(settings: Settings) -> Part:
    """Return the process that reads the sources of openings on their schedules."""
    mark = settings.data / "run" / "sources.started"
    mark.unlink(missing_ok=True)
    return Part(
        name="sources",
        command=roost_command("sources", "work"),
        environment=environment_of(settings) | {"ROOST_STARTED_MARK": str(mark)},
        inherit=roost_environment,
        ready=mark.exists,
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def bring_up(
    supervisor: Supervisor,
    *,
    only_servers: bool = False,
    say: Callable[[str], None] = lambda sentence: None,
    but: Mapping[str, object] = MappingProxyType({}),
    guarded: bool = False,
    brief: bool = False,
    welcome: Callable[[Settings], None] = lambda settings: None,
) -> Settings:
    """Start everything inside `supervisor.held()`; return the settings once all is ready.

    `but` overrides settings. `guarded` gives new servers TLS, passwords and ACLs, which the folder
    keeps. `brief` prefers a quick start of the servers to their speed after some minutes.
    `welcome` is called before the API starts. Raises CalendarError and NoOpenTime before anything
    starts.
    """
    # The terminal is for status lines: routine events of this process go to a file.
    configure(stream=private_log(supervisor.data / "logs" / "supervisor.log"))
    supervisor.ports.check()
    before = settings_for(supervisor.data, supervisor.ports)
    _check_calendar(before, say)
    security = secured(supervisor.data) if guarded else security_of(supervisor.data)
    servers = server_parts(
        supervisor.data,
        supervisor.ports,
        security=security,
        compiler=before.server_compiler,
        brief=brief,
    )
    supervisor.start(servers)
    if security is not None:
        admit(security, supervisor.ports)
    settings = settings_for(supervisor.data, supervisor.ports).model_copy(update=but)
    if not only_servers:
        _start_roost(supervisor, settings, say, welcome)
    return settings


def _start_roost(
    supervisor: Supervisor,
    settings: Settings,
    say: Callable[[str], None],
    welcome: Callable[[Settings], None],
) -> None:
    """Start the stages, which load while missing views are created; then the API and the sources.

    If records have to be replayed, a child process does so before anything else starts. It loads
    the similarity model, for which the supervisor has no use, and its memory is free when it ends.
    """
    declare_topics(brokers_of(settings))
    migration_due = asyncio.run(install_ids(settings))
    model = _stored_model(settings, say)
    mark = settings.data / "run" / "views.prepared"
    mark.unlink(missing_ok=True)
    stages = chosen_stage_parts(settings.model_copy(update={"prepared_mark": mark}))
    if asyncio.run(_is_replay_due(settings, model.version)):
        log = settings.data / "logs" / "prepare.log"
        run_apart(roost_command("prepare"), environment_of(settings), say, log)
    elif migration_due:
        say(f"{DUE} · {DUE_ZH}")
    supervisor.launch(stages)
    asyncio.run(_make_views(settings, model, say))
    welcome(settings)
    mark.touch()
    others = [api_part(settings), sources_part(settings)]
    supervisor.launch(others)
    supervisor.wait_ready([*stages, *others])
