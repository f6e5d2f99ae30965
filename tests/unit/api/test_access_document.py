"""docs/access.md shows the current policy."""

from __future__ import annotations

from pathlib import Path

from api.access.policy import GRANTS
from roost.events.account import AccountRole, Permission

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


def test_the_table_of_permissions_is_the_policys() -> None:
    text = DOCUMENT.read_text("utf-8")
    shown = text.split("<!-- grants", 1)[1].split("-->\n", 1)[1].split("<!-- /grants", 1)[0]
    heading, _, *rows = shown.strip().splitlines()
    assert [each.strip() for each in heading.strip("|").split("|")][1:] == list(AccountRole)
    assert "\n".join(rows) == table(), f"write this instead:\n{table()}"
