"""docs/access.md shows the current policies."""

from __future__ import annotations

from pathlib import Path

from api.access.policy import GRANTS
from roost.events.account import AccountRole, Permission
from roost.rules.profile_fields import FIELDS, May, Writer

DOCUMENT = Path(__file__).parents[3] / "docs" / "access.md"


def table() -> str:
    """Return the table of permissions by role, each with its reach."""
    rows = []
    for permission in Permission:
        cells = []
        for role in AccountRole:
            reach, permissions = GRANTS[role]
            cells.append(reach.value if permission in permissions else "")
        rows.append(f"| `{permission}` | {' | '.join(cells)} |")
    return "\n".join(rows)


def documented(name: str) -> tuple[str, list[str]]:
    """Return the heading and the rows of a marked table of the document."""
    text = DOCUMENT.read_text("utf-8")
    shown = text.split(f"<!-- {name}", 1)[1].split("-->\n", 1)[1].split(f"<!-- /{name}", 1)[0]
    heading, _, *rows = shown.strip().splitlines()
    return heading, rows


def test_the_table_of_permissions_is_the_policys() -> None:
    heading, rows = documented("grants")
    assert [each.strip() for each in heading.strip("|").split("|")][1:] == list(AccountRole)
    assert "\n".join(rows) == table(), f"write this instead:\n{table()}"


def test_the_table_of_profile_fields_is_the_policys() -> None:
    heading, rows = documented("profile fields")
    assert [each.strip() for each in heading.strip("|").split("|")][1:] == list(Writer)
    cells = {
        field: ["" if rights[writer] is May.NO else rights[writer].value for writer in Writer]
        for field, rights in FIELDS.items()
    }
    expected = "\n".join(f"| `{field}` | {' | '.join(row)} |" for field, row in cells.items())
    assert "\n".join(rows) == expected, f"write this instead:\n{expected}"
