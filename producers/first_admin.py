"""The first administrator, created at the first start with a password that is shown once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from producers import identity_facts as facts
from producers.admin import current_values
from producers.publisher import publish_once
from roost.events.account import AccountRole, Holder
from roost.security import passwords
from roost.security.private_folders import private_folder
from roost.servers.connections import brokers_of
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import ACCOUNTS

LOGIN = "admin"


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Login and one-time password of the first administrator."""

    login: str
    password: str


def create_first_admin(settings: Settings, *, must_change: bool = True) -> FirstAdmin | None:
    """Create the administrator and return it; return None if any account exists."""
    if current_values(brokers_of(settings), ACCOUNTS):
        return None
    password = passwords.one_time()
    _, record = facts.account_made(
        Holder(role=AccountRole.ADMIN),
        LOGIN,
        "管理员 Administrator",
        passwords.hashed(password),
        at=SystemClock().now(),
        must_change=must_change,
    )
    publish_once(brokers_of(settings), [record])
    return FirstAdmin(LOGIN, password)


def first_admin_message(admin: FirstAdmin, settings: Settings, *, terminal: bool) -> str:
    """Return the message to the operator: with the password, or the file that holds it.

    Output that is not a terminal may be a log, which many people read and which is kept for long.
    """
    if terminal:
        return (
            f"First administrator · 首个管理员: login {admin.login}, password {admin.password} "
            "(shown this once · 仅显示一次)"
        )
    path = settings.data / "keys" / "first-admin"
    _write_private_file(path, f"{admin.login} {admin.password}\n")
    return (
        f"First administrator · 首个管理员: login {admin.login}, password in {path} "
        "(delete it after the first sign-in · 首次登录后请删除)"
    )


def _write_private_file(path: Path, text: str) -> None:
    """Create a file that only its owner can read."""
    private_folder(path.parent)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
