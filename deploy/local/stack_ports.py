"""Ports of the stack: the usual ones, an offset from them, or free ones."""

from __future__ import annotations

import socket
from dataclasses import astuple, dataclass, fields, replace

import psutil

from deploy.local.stack_errors import CannotStart


@dataclass(frozen=True, slots=True)
class Ports:
    kafka: int = 9092
    controller: int = 9093
    elasticsearch: int = 9200
    transport: int = 9300
    api: int = 8000

    @classmethod
    def offset(cls, by: int) -> Ports:
        return cls(*(int(port) + by for port in astuple(cls())))

    def with_api(self, port: int) -> Ports:
        """Return the same ports with another one for the API."""
        return replace(self, api=port)

    @classmethod
    def free(cls) -> Ports:
        """Return ports that nothing listens on now."""
        sockets = [socket.socket() for _ in fields(cls)]
        try:
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            return cls(*(each.getsockname()[1] for each in sockets))
        finally:
            for each in sockets:
                each.close()

    @classmethod
    def usual_or_free(cls) -> Ports:
        """Return the usual ports if all of them are free, else other free ones."""
        usual = cls()
        return usual if all(is_free(port) for port in astuple(usual)) else cls.free()

    def check(self) -> None:
        """Raise CannotStart for the first port that is in use."""
        for each in fields(self):
            port = getattr(self, each.name)
            if not is_free(port):
                raise CannotStart(
                    f"Port {port} ({each.name}) is in use{_holder(port)}; "
                    "stop what uses it, or start with --port-offset 1000 or --ports auto."
                )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # only root may look at other people's processes
        return ""
    for each in connections:
        if (
            each.laddr
            and each.laddr.port == port
            and each.status == psutil.CONN_LISTEN
            and each.pid
        ):
            return f" by {psutil.Process(each.pid).name()} (process {each.pid})"
    return ""
