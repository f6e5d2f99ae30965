"""Kafka and Elasticsearch from Maven Central, downloaded once into the cache folder.

Every file is pinned by its hash in `servers.lock` (`pinning`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local import folders
from deploy.local.child_environment import download_environment
from deploy.local.pinning import check_pinned
from deploy.local.stack_errors import CannotStart

POM = Path(__file__).with_name("pom.xml")
LOCK = Path(__file__).with_name("servers.lock")
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The servers' files."""

    kafka_jars: Path
    """Folder of jars: Kafka and its dependencies."""
    elasticsearch_home: Path


def fetch(say: Say = print) -> Artifacts:
    """Return the servers' files; download them when the cache lacks them.

    Raises CannotStart without Maven, when Maven cannot resolve them, or when a file is not the
    pinned one.
    """
    recipe = POM.read_bytes() + LOCK.read_bytes()
    home = made_once("servers", recipe, lambda home: _download(home, say))
    elasticsearch = next(home.glob("elasticsearch-*"))
    return Artifacts(home / "kafka", elasticsearch)


def made_once(name: str, recipe: bytes, make: Callable[[Path], None]) -> Path:
    """Return a cached folder; `make` fills it, once for every recipe, under a lock.

    After an interruption, `make` runs again on the folder that it left.
    """
    root = folders.reachable_folder(folders.cache())
    home = root / f"{name}-{hashlib.sha256(recipe).hexdigest()[:12]}"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several stacks may start at once
        if not (home / "complete").exists():
            with folders.readable_by_all():
                make(home)
            (home / "complete").touch()
    return home


def _download(home: Path, say: Say) -> None:
    _maven("Kafka and Elasticsearch")
    folders.check_space(home)
    shutil.rmtree(home, ignore_errors=True)
    jars = folders.reachable_folder(home / "kafka")
    say("Fetching Kafka 4.3.1 and Elasticsearch 9.5.0 (about 140 MB, once)")
    copy_dependencies(POM, jars, "the servers", say)
    check_pinned(jars, LOCK)
    (archive,) = jars.glob("elasticsearch-*.zip")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(home)
    archive.unlink()
    (elasticsearch,) = home.glob("elasticsearch-*")
    for script in (elasticsearch / "bin").iterdir():
        script.chmod(0o755)


def _maven(what: str) -> str:
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotStart(
            f"Maven is needed once to fetch {what}, and `mvn` was not found; "
            "install it (Debian and Ubuntu: apt-get install maven; macOS: brew install maven)."
        )
    return maven


def copy_dependencies(pom: Path, into: Path, what: str, say: Say) -> None:
    """Let Maven copy the dependencies of a POM into a folder.

    Raises CannotStart with Maven's output.
    """
    command = [
        _maven(what),
        "--batch-mode",
        "--file",
        str(pom),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={into}",
    ]
    tail: list[str] = []
    fetched = 0
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=download_environment(os.environ),
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            tail = [*tail[-19:], line.rstrip()]
            if "Downloaded from" in line and (fetched := fetched + 1) % 20 == 0:
                say(f"  {fetched} files")
    if running.returncode:
        output = "\n".join(line for line in tail if "ERROR" in line) or "\n".join(tail)
        raise CannotStart(
            f"Maven could not fetch {what}; check the network and Maven's settings, "
            f"then try again. Its output:\n{output}"
        )
