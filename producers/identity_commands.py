"""`roost keys` and `roost accounts`: straight to Kafka. Whoever reaches Kafka is trusted."""

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

Kept = TypeVar("Kept", Account, ApiKey)
keys = typer.Typer(
    no_args_is_help=True,
    help="Keys of machines. Works on Kafka itself: whoever reaches Kafka is trusted.",
)
accounts = typer.Typer(
    no_args_is_help=True,
    help="Accounts of people. Works on Kafka itself: whoever reaches Kafka is trusted.",
)
RoleOf = Annotated[AccountRole, typer.Option("--role", help="What it may do.")]
Employer = Annotated[str | None, typer.Option("--employer", help="Id of the employer it is of.")]
Worker = Annotated[str | None, typer.Option("--worker", help="Id of the worker it is of.")]
Stations = Annotated[
    list[str] | None, typer.Option("--station", help="Id of a station it is of; several may be.")
]


@keys.command("create")
def create_key(
    role: RoleOf,
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    employer: Employer = None,
    worker: Worker = None,
    station: Stations = None,
    scope: Annotated[
        list[Permission] | None,
        typer.Option("--scope", help="A permission it is limited to; several may be."),
    ] = None,
    days: Annotated[int, typer.Option("--days", help="Until it expires, at most 365.")] = 90,
) -> None:
    """Make a key and print it: it is shown this once.

    Examples:
        roost keys create --role admin --name operations

        roost keys create --role employer --employer taiyuan-jianzhu --name hr --days 365

        roost keys create --role association --name sms-gateway --scope inbox:write
    """
    from producers import identity_facts as facts

    holder = _holder(role, employer, worker, station)
    _, record, text = facts.key_made(holder, name, scope or (), at=SystemClock().now(), days=days)
    _publish(record)
    typer.echo(text)


@keys.command("list")
def list_keys() -> None:
    """List the keys, without their secrets.

    Example:
        roost keys list
    """
    for key in sorted(_standing(ApiKey), key=lambda each: each.created_at):
        scopes = " ".join(key.scopes) or "all of its role"
        typer.echo(f"{key.id}  {key.role}  until {key.expires_at:%Y-%m-%d}  {key.name}  ({scopes})")


@keys.command("revoke")
def revoke_key(id: Annotated[str, typer.Argument(help="Its id, k-…")]) -> None:
    """Revoke a key: every process of the API refuses it within a moment.

    Example:
        roost keys revoke k-abcdefghijklmnopqrstuvwxyz
    """
    from producers import identity_facts as facts

    if id not in {key.id for key in _standing(ApiKey)}:
        raise NotFound(f"There is no key {id}; `roost keys list` shows them.")
    _publish(facts.key_revoked(id, at=SystemClock().now()))
    typer.echo(f"{id} is revoked.")


@accounts.command("create")
def create_account(
    login: Annotated[str, typer.Argument(help="What the person signs in as.")],
    role: RoleOf,
    name: Annotated[str | None, typer.Option("--name", help="As colleagues see it.")] = None,
    employer: Employer = None,
    worker: Worker = None,
    station: Stations = None,
    language: Annotated[str, typer.Option("--language", help="zh or en")] = "zh",
) -> None:
    """Make an account and print its first password: it is shown this once.

    Examples:
        roost accounts create admin2 --role admin

        roost accounts create li --role clerk --station s-abcdefghijklmnopqrstuvwxyz --name 李工
    """
    from producers import identity_facts as facts
    from roost.security import passwords

    password = passwords.one_time()
    account, record = facts.account_made(
        _holder(role, employer, worker, station),
        login,
        name or login,
        passwords.hashed(password),
        at=SystemClock().now(),
        language=language,
    )
    if account.login in {each.login for each in _standing(Account)}:
        raise Conflict(f"The login {login} is taken; choose another.")
    _publish(record)
    typer.echo(password)


@accounts.command("list")
def list_accounts() -> None:
    """List the accounts.

    Example:
        roost accounts list
    """
    for each in sorted(_standing(Account), key=lambda account: account.login):
        closed = "  disabled" if each.disabled else ""
        typer.echo(f"{each.login}  {each.role}  {each.name}{closed}")


@accounts.command("reset-password")
def reset_password(login: Annotated[str, typer.Argument(help="Whose.")]) -> None:
    """Give an account a new password and print it; its sessions end.

    Example:
        roost accounts reset-password li
    """
    from roost.security import passwords

    password = passwords.one_time()
    hash = passwords.hashed(password)
    _change(
        login,
        lambda account: {
            "password_hash": hash,
            "must_change_password": True,
            "generation": account.generation + 1,
        },
    )
    typer.echo(password)


@accounts.command("disable")
def disable(login: Annotated[str, typer.Argument(help="Whose.")]) -> None:
    """Close an account: nobody signs in with it, and its sessions end.

    Example:
        roost accounts disable li
    """
    _change(login, lambda account: {"disabled": True})
    typer.echo(f"{login} is disabled.")


def _change(login: str, changes: Callable[[Account], dict[str, object]]) -> None:
    from producers import identity_facts as facts

    found = [each for each in _standing(Account) if each.login == login]
    if not found:
        raise NotFound(f"There is no account {login}; `roost accounts list` shows them.")
    changed = found[0].model_copy(update=changes(found[0]))
    _publish(facts.account_put(changed, at=SystemClock().now()))


def _holder(
    role: AccountRole, employer: str | None, worker: str | None, stations: list[str] | None
) -> Holder:
    from pydantic import ValidationError

    try:
        return Holder(
            role=role, employer_id=employer, worker_id=worker, station_ids=tuple(stations or ())
        )
    except ValidationError as error:
        raise invalid_field(
            f"--role {role}", str(error.errors()[0]["msg"]), "该角色缺少所属单位、人员或服务站"
        ) from None


def _standing(event: type[Kept]) -> list[Kept]:
    from producers.admin import current_values

    kept = current_values(_servers(), topic_of(event)).values()
    return [decode(event, value) for value in kept]


def _publish(record: Record) -> None:
    from producers.publisher import Publisher

    with Publisher(_servers()) as publisher:
        publisher.publish([record])


def _servers() -> Brokers:
    return brokers_of(Settings())
