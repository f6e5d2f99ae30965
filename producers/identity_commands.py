"""`roost keys` and `roost accounts`, which write to Kafka directly.

Access to Kafka is all the authorisation that they need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from roost.errors import Conflict, NotFound, invalid_field
from roost.events.account import Account, AccountRole, ApiKey, Holder, Permission
from roost.events.envelope import Record, decode
from roost.servers.connections import Brokers, brokers_of
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import topic_of

Identity = TypeVar("Identity", Account, ApiKey)
keys = typer.Typer(
    no_args_is_help=True,
    help="API keys. Writes to Kafka directly: anyone with access to Kafka may use it.",
)
accounts = typer.Typer(
    no_args_is_help=True,
    help="Accounts of people. Writes to Kafka directly: anyone with access to Kafka may use it.",
)
RoleOf = Annotated[AccountRole, typer.Option("--role", help="Role.")]
Employer = Annotated[str | None, typer.Option("--employer", help="Id of its employer.")]
Worker = Annotated[str | None, typer.Option("--worker", help="Id of its worker.")]
Stations = Annotated[
    list[str] | None, typer.Option("--station", help="Id of its station; repeatable.")
]


@keys.command("create")
def create_key(
    role: RoleOf,
    name: Annotated[str, typer.Option("--name", help="Purpose of the key.")],
    employer: Employer = None,
    worker: Worker = None,
    station: Stations = None,
    scope: Annotated[
        list[Permission] | None,
        typer.Option("--scope", help="Permission that it is limited to; repeatable."),
    ] = None,
    days: Annotated[int, typer.Option("--days", help="Days until it expires, at most 365.")] = 90,
) -> None:
    """Create a key and print it. It is shown only once.

    Examples:
        roost keys create --role admin --name operations

        roost keys create --role employer --employer taiyuan-jianzhu --name hr --days 365

        roost keys create --role association --name sms-gateway --scope replies:forward
    """
    from producers import identity_facts as facts

    _install_ids()
    holder = _holder(role, employer, worker, station)
    _check_not_erased(worker)
    _, record, text = facts.key_made(holder, name, scope or (), at=SystemClock().now(), days=days)
    _publish(record)
    typer.echo(text)


@keys.command("list")
def list_keys() -> None:
    """List the keys, without their secrets.

    Example:
        roost keys list
    """
    from roost.rules.key_scopes import scopes_in_force

    for key in sorted(_existing(ApiKey), key=lambda each: each.created_at):
        scopes = " ".join(scopes_in_force(key)) or "all of its role"
        typer.echo(f"{key.id}  {key.role}  until {key.expires_at:%Y-%m-%d}  {key.name}  ({scopes})")


@keys.command("revoke")
def revoke_key(id: Annotated[str, typer.Argument(help="Id of the key, k-…")]) -> None:
    """Revoke a key. Every API process refuses it within seconds.

    Example:
        roost keys revoke k-abcdefghijklmnopqrstuvwxyz
    """
    from producers import identity_facts as facts

    if id not in {key.id for key in _existing(ApiKey)}:
        raise NotFound(f"There is no key {id}; `roost keys list` shows them.")
    _publish(facts.key_revoked(id, at=SystemClock().now()))
    typer.echo(f"{id} is revoked.")


@accounts.command("create")
def create_account(
    login: Annotated[str, typer.Argument(help="Login name.")],
    role: RoleOf,
    name: Annotated[str | None, typer.Option("--name", help="Name that colleagues see.")] = None,
    employer: Employer = None,
    worker: Worker = None,
    station: Stations = None,
    language: Annotated[str, typer.Option("--language", help="zh or en")] = "zh",
) -> None:
    """Create an account and print its first password. It is shown only once.

    Examples:
        roost accounts create admin2 --role admin

        roost accounts create li --role clerk --station s-abcdefghijklmnopqrstuvwxyz --name 李工
    """
    from producers import identity_facts as facts
    from roost.security import passwords

    _install_ids()
    _check_not_erased(worker)
    password = passwords.one_time()
    account, record = facts.account_made(
        _holder(role, employer, worker, station),
        login,
        name or login,
        passwords.hashed(password),
        at=SystemClock().now(),
        language=language,
    )
    if account.login in {each.login for each in _existing(Account)}:
        raise Conflict(f"The login {login} is taken; choose another.")
    _publish(record)
    typer.echo(password)


@accounts.command("list")
def list_accounts() -> None:
    """List the accounts.

    Example:
        roost accounts list
    """
    for each in sorted(_existing(Account), key=lambda account: account.login):
        closed = "  disabled" if each.disabled else ""
        typer.echo(f"{each.login}  {each.role}  {each.name}{closed}")


@accounts.command("reset-password")
def reset_password(login: Annotated[str, typer.Argument(help="Login name.")]) -> None:
    """Set a new password for an account and print it. Its sessions end.

    Example:
        roost accounts reset-password li
    """
    from roost.security import passwords
    from roost.security.account_changes import with_password

    password = passwords.one_time()
    hash = passwords.hashed(password)
    _change(login, lambda account: with_password(account, hash, must_change=True))
    typer.echo(password)


@accounts.command("disable")
def disable_account(login: Annotated[str, typer.Argument(help="Login name.")]) -> None:
    """Disable an account. Signing in is refused, and its sessions end.

    Example:
        roost accounts disable li
    """
    from roost.security.account_changes import altered

    _change(login, lambda account: altered(account, disabled=True))
    typer.echo(f"{login} is disabled.")


@accounts.command("remove-second-factor")
def remove_second_factor(login: Annotated[str, typer.Argument(help="Login name.")]) -> None:
    """Remove the lost second factors of an account. Its sessions end.

    Example:
        roost accounts remove-second-factor admin
    """
    from roost.security.account_changes import without_second_factors

    _change(login, without_second_factors)
    typer.echo(f"{login} has no second factor now.")


def _change(login: str, changed_from: Callable[[Account], Account]) -> None:
    """Publish an account as changed. Raises NotFound."""
    from producers import identity_facts as facts

    found = [each for each in _existing(Account) if each.login == login]
    if not found:
        raise NotFound(f"There is no account {login}; `roost accounts list` shows them.")
    changed = changed_from(found[0])
    _publish(facts.account_put(changed, at=SystemClock().now()))


def _holder(
    role: AccountRole, employer: str | None, worker: str | None, stations: list[str] | None
) -> Holder:
    from pydantic import ValidationError

    from roost.text.references import settled_employer_id

    employer = settled_employer_id(employer) if employer is not None else None
    try:
        return Holder(
            role=role,
            employer_id=employer,
            worker_id=worker,
            station_ids=tuple(stations or ()),
        )
    except ValidationError as error:
        raise invalid_field(
            f"--role {role}", str(error.errors()[0]["msg"]), "该角色缺少所属单位、人员或服务站"
        ) from None


def _check_not_erased(worker_id: str | None) -> None:
    """Raise Suppressed for a worker who has been erased and has not consented again."""
    if worker_id is None:
        return
    from producers.admin import current_values
    from producers.suppressions import check_not_suppressed
    from roost.topics import SUPPRESSIONS

    check_not_suppressed(worker_id, current_values(_servers(), SUPPRESSIONS), "--worker")


def _existing(event: type[Identity]) -> list[Identity]:
    from producers.admin import current_values

    values = current_values(_servers(), topic_of(event)).values()
    return [decode(event, value) for value in values]


def _publish(record: Record) -> None:
    from producers.publisher import publish_once

    publish_once(_servers(), [record])


def _install_ids() -> None:
    """Install the key of the ids; new accounts and keys have ids."""
    import asyncio

    from roost.county_ids import install_ids

    asyncio.run(install_ids(Settings()))


def _servers() -> Brokers:
    return brokers_of(Settings())
