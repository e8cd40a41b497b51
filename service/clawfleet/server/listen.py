"""The sockets of the one port, bound by ourselves so that a taken port is known before anything heavy is built."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from contextlib import suppress

from clawfleet.core.errors import ConfigError, HostError
from clawfleet.host.tailnet import tailnet_address

BACKLOG = 2048
EVERYWHERE = "0.0.0.0"
LOOPBACK = ("127.0.0.1", "::1")


class CannotBind(HostError):
    """The port is taken or the address is not ours."""

    code = "CANNOT_BIND"

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(f"failed to bind gateway socket on ws://{host}:{port}: {error.strerror or error}")
        self.is_taken = error.errno == errno.EADDRINUSE


class NoSuchAddress(ConfigError):
    """`bind` names an address that this machine does not have."""

    code = "BIND_ADDRESS_MISSING"


def hosts_of(bind: str, custom_host: str | None) -> tuple[str, ...]:
    """The addresses to listen on. Loopback is both families, as clients resolve `localhost` to either.

    On a machine that has no address in the tailnet yet, `tailnet` is loopback alone.
    """
    match bind:
        case "lan" | "auto":
            return (EVERYWHERE,)
        case "custom" if custom_host == EVERYWHERE:
            return (EVERYWHERE,)  # loopback is among them
        case "custom" if custom_host:
            return tuple(dict.fromkeys((custom_host, "127.0.0.1")))
        case "custom":
            raise NoSuchAddress(
                "gateway.bind=custom names no address", hint="set gateway.customBindHost to an IPv4 address"
            )
        case "tailnet":
            address = tailnet_address()
            return LOOPBACK if address is None else (address, "127.0.0.1")
        case _:
            return LOOPBACK


def listen(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """Listening sockets on `port` of every host; port 0 lets the kernel choose one for all.

    The first host must work, `::1` may be missing. Raises `CannotBind`, `NoSuchAddress`.
    """
    sockets: list[socket.socket] = []
    try:
        for host in hosts:
            try:
                sockets.append(_bind(host, port))
            except OSError as error:
                if host == "::1" and sockets and error.errno != errno.EADDRINUSE:
                    continue
                raise _explained(host, port, error) from error
            port = port or sockets[0].getsockname()[1]
    except BaseException:
        for made in sockets:
            made.close()
        raise
    return sockets


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(AttributeError, OSError):
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen(BACKLOG)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made


def _explained(host: str, port: int, error: OSError) -> HostError:
    if error.errno == errno.EADDRNOTAVAIL:
        return NoSuchAddress(  # type: ignore[return-value]
            f"gateway bind requested {host}, which is no address of this machine; refusing fallback.",
            hint="set gateway.customBindHost to an address that `ip addr` lists",
        )
    return CannotBind(host, port, error)
