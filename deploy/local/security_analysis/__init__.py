"""Elasticsearch's index of users and API keys, on the smallest distribution.

That distribution lacks three text-analysis components that the index names. They are compiled once,
against the node's own libraries, into a copy of the node (hard links).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from deploy.local.artifacts import made_once
from deploy.local.child_environment import server_environment
from deploy.local.stack_errors import CannotStart

SOURCE = Path(__file__).with_name("SecurityAnalysis.java")
DESCRIPTOR = Path(__file__).with_name("plugin-descriptor.properties")
PLUGIN = "roost-security-analysis"


def home_with_security(home: Path, java_home: Path) -> Path:
    """Return the node's folder with the plugin. Raises CannotStart without a Java compiler."""
    recipe = SOURCE.read_bytes() + DESCRIPTOR.read_bytes() + str(home).encode()
    return (
        made_once(
            "secured-elasticsearch", recipe, lambda made: _make(home, java_home, made / "node")
        )
        / "node"
    )


def keep_password(home: Path, java_home: Path, config: Path, password: str) -> None:
    """Store the superuser's first password in the node's keystore."""
    keystore = config / "elasticsearch.keystore"
    if keystore.exists():
        return
    tool = str(home / "bin" / "elasticsearch-keystore")
    environment = server_environment(os.environ) | {
        "ES_JAVA_HOME": str(java_home),
        "ES_PATH_CONF": str(config),
    }
    for arguments, given in ((["create"], ""), (["add", "-x", "bootstrap.password"], password)):
        _run([tool, *arguments], "Elasticsearch's keystore", given, environment)


def _make(home: Path, java_home: Path, made: Path) -> None:
    shutil.rmtree(made, ignore_errors=True)
    made.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(home, made, copy_function=os.link)
    plugin, classes = made / "plugins" / PLUGIN, made.parent / "classes"
    plugin.mkdir()
    compiler = [str(java_home / "bin" / "javac"), "--release", "21", "-cp", f"{home}/lib/*"]
    _run([*compiler, "-d", str(classes), str(SOURCE)], "The plugin for security")
    jar = [str(java_home / "bin" / "jar"), "cf", str(plugin / f"{PLUGIN}.jar")]
    _run([*jar, "-C", str(classes), "."], "The plugin for security")
    shutil.copyfile(DESCRIPTOR, plugin / DESCRIPTOR.name)


def _run(
    command: list[str], what: str, given: str = "", environment: dict[str, str] | None = None
) -> None:
    """Run a program. Raises CannotStart with its output."""
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, env=environment
        )
    except FileNotFoundError as error:
        raise CannotStart(
            f"{what} could not be made: {command[0]} is missing; a whole JDK is needed, "
            "not only its runtime."
        ) from error
    if done.returncode:
        raise CannotStart(f"{what} could not be made:\n{done.stdout}{done.stderr}")
