"""Run of the mutations: each in a copy of the repository, with the tests that have to fail.

`python -m tests.mutations [--servers] [--jobs N] [LINE ...]` prints a line for each test and ends
with status 1 if a test survives, which means that it passes although its defence is off. A test
that ends with an error of the mutation itself, such as an unknown name, proves nothing and counts
as survived.
"""

from __future__ import annotations

import argparse
import compileall
import importlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.mutations.catalogue import ROOT, Edit, Mutation, mutations

LIBRARIES = (
    "aiokafka",
    "argon2",
    "elasticsearch",
    "fastapi",
    "hypothesis",
    "kafka",
    "numpy",
    "openpyxl",
    "schemathesis",
    "sse_starlette",
    "structlog",
)
"""Libraries that take long to import; imported once, then shared with the process of each run."""
PROVES_NOTHING = ("ImportError", "ModuleNotFoundError", "NameError", "SyntaxError", "fixture '")
"""Beginnings of failures that come from the mutation instead of from the absent defence."""
PROFILE = "mutations"
"""Profile of Hypothesis that does not shrink: any failing example suffices."""
FORK = multiprocessing.get_context("fork")


@dataclass(slots=True, eq=False)  # pytest keeps its plugins in a set
class Recorder:
    """Plugin of pytest that records the failure of each test; "" for one that passed."""

    failures: dict[str, str] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record a failure in the test itself, not in its fixtures."""
        test = report.nodeid.partition("[")[0]
        if report.when == "call":
            message = report.longrepr.reprcrash.message if report.failed else ""
            self.failures[test] = self.failures.get(test) or message


def copied(folder: Path) -> Path:
    """Copy the files under version control into a folder; return the copy, compiled."""
    tree = Path(tempfile.mkdtemp(dir=folder))
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.split("\0"):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    compileall.compile_dir(tree, quiet=2)
    return tree


def run_tests(tree: Path, tests: tuple[str, ...], answer: Connection) -> None:
    """Run tests in this process, with the modules of a tree."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "tests"]:
        del sys.modules[name]
    os.chdir(tree)
    sys.path[:] = [str(tree), *(each for each in sys.path if each not in {"", str(ROOT)})]
    sys.dont_write_bytecode = True
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    os.environ["PYTHONPATH"] = str(tree)  # of the processes that tests start
    recorder = Recorder()
    rewritten = "ignore::pytest.PytestAssertRewriteWarning"  # of libraries imported before
    settings.register_profile(
        PROFILE, deadline=None, phases=set(Phase) - {Phase.shrink, Phase.explain}
    )
    options = ["-q", "-p", "no:cacheprovider", "-W", rewritten, f"--hypothesis-profile={PROFILE}"]
    pytest.main([*options, *tests], plugins=[recorder])
    answer.send(recorder.failures)
    answer.close()
    os._exit(0)  # threads of a mutated program may never end


def failures_of(tree: Path, mutation: Mutation) -> dict[str, str]:
    """Return the failure of each test under a mutation; a test that did not run is missing."""
    with ExitStack() as mutated:
        for edit in mutation.edits:
            mutated.enter_context(edited(tree / edit.file, edit))
        return failures_in(tree, mutation.tests)


@contextmanager
def edited(path: Path, edit: Edit) -> Iterator[None]:
    """Edit a file within the block; then its compiled file is valid again."""
    before, times = path.read_text("utf-8"), path.stat()
    path.write_text(edit.edited(before), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def failures_in(tree: Path, tests: tuple[str, ...]) -> dict[str, str]:
    """Run tests in a separate process; return the failure of each, none if it ends early."""
    ours, theirs = FORK.Pipe(duplex=False)
    process = FORK.Process(target=run_tests, args=(tree, tests, theirs))
    process.start()
    theirs.close()
    failures: dict[str, str] = {}
    with suppress(EOFError):  # the process has ended early
        failures = ours.recv()
    process.join()
    return failures


_tree: list[Path] = []


def _prepare(folder: str) -> None:
    _tree.append(copied(Path(folder)))


def _judge(mutation: Mutation) -> tuple[Mutation, dict[str, str]]:
    return mutation, failures_of(_tree[0], mutation)


def verdicts(mutation: Mutation, failures: dict[str, str]) -> Iterator[tuple[bool, str, str]]:
    """Yield for each test whether it failed as it has to, the test, and its failure."""
    for test in mutation.tests:
        words = failures.get(test, "DID NOT RUN").partition("\n")[0]
        yield bool(failures.get(test)) and not words.startswith(PROVES_NOTHING), test, words


def main(arguments: Any = None) -> int:
    """Run the mutations; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--servers", action="store_true", help="those that need servers, instead of the others"
    )
    parser.add_argument("lines", nargs="*", type=int)
    options = parser.parse_args(arguments)
    chosen = [each for each in mutations(options.lines) if each.needs_servers is options.servers]
    for name in LIBRARIES:
        importlib.import_module(name)
    survived = failed = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(options.jobs, FORK, _prepare, (folder,)) as pool,
    ):
        for mutation, failures in pool.map(_judge, chosen):
            print(
                f"{mutation.line}: without {mutation.without} ({mutation.edits[0].file})",
                flush=True,
            )
            for is_killed, test, words in verdicts(mutation, failures):
                failed, survived = failed + is_killed, survived + (not is_killed)
                sign = "failed  " if is_killed else "SURVIVED"
                print(f"    {sign} {test.rpartition('/')[2]}: {words[:150]}", flush=True)
    print(f"{failed} tests failed as they have to, {survived} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
