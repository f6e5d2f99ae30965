"""Decisions on people and employers, from lines that `roost import … --dry-run --json` prints.

A person adds `"decision"` to a doubtful line: `"another"`, or the id of one of its `people`
or `employers`. A decision on an employer counts for all rows with its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from producers.importing.recognition import IdentityDecision
from roost.errors import Invalid

ANOTHER = "another"
MOST_BYTES = 50_000_000
"""Largest file of decisions."""


def load_decisions(path: Path) -> dict[str, IdentityDecision]:
    """Return the decisions of a file by the row's id or its employer's name.

    Lines without a decision are passed over. Raises Invalid, which names the line.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(
            f"{path.name}: keep the lines with a decision only; the file is too large.",
            f"{path.name}：文件过大，请只保留含 decision 的行。",
        )
    found = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise _unreadable(path, number) from None
        if not isinstance(row, dict):
            raise _unreadable(path, number)
        if "decision" in row:
            found[str(row.get("employer" if "employers" in row else "id"))] = _answer(
                row, path, number
            )
    return found


def _answer(row: dict[str, Any], path: Path, number: int) -> IdentityDecision:
    people = row.get("employers" if "employers" in row else "people")
    if not isinstance(people, list) or not all(isinstance(each, dict) for each in people):
        raise _unreadable(path, number)
    alike = {str(each.get("id")) for each in people}
    if row["decision"] == ANOTHER:
        return IdentityDecision(different_from=frozenset(alike))
    if row["decision"] not in alike:
        raise _unreadable(path, number)
    return IdentityDecision(same_as=row["decision"])


def _unreadable(path: Path, number: int) -> Invalid:
    return Invalid(
        f'{path.name}, line {number}: write a line of --json with "decision": "another", or the id '
        "of one of its people or employers.",
        f"{path.name} 第 {number} 行：请使用 --json 输出的行，并将 decision 写为 another "
        "或其中一人（或一个单位）的编号。",
    )
