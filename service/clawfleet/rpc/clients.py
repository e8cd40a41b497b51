"""The connected clients, as methods see them: who is here, what each watches, how to tell them something.

`server.broadcast` is what stands behind this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from clawfleet.core.requester import WEBCHAT, Requester
from clawfleet.protocol.handshake import Client
from clawfleet.protocol.scopes import ADMIN, APPROVALS, grants
from clawfleet.rpc.registry import Role

MAX_WATCHED = 1000
"""Sessions whose messages one client may watch."""


@dataclass(slots=True)
class ConnectionState:
    """What a connection became since it came in, by its own requests only.

    `watches_sessions` and `watched_messages` (session keys) are what it is told besides what everybody is told.
    """

    watches_sessions: bool = False
    watched_messages: set[str] = field(default_factory=set)
    role_errors: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """One connected client and what it may do.

    `address` is its socket's, None where there is none; `device_id` that of its key pair, None without one;
    `auth_method` is what let it in, as `hello-ok` names it.
    """

    conn_id: str
    client: Client
    scopes: tuple[str, ...]
    is_local: bool
    role: Role = "operator"
    caps: tuple[str, ...] = ()
    address: str | None = None
    device_id: str | None = None
    auth_method: str = "token"
    state: ConnectionState = field(default_factory=ConnectionState)

    @property
    def requester(self) -> Requester:
        """The caller as policies see who asks: by its device, else by the name of its program."""
        return Requester(
            WEBCHAT,
            chat_type="direct",
            sender_id=self.device_id or self.client.id,
            name=self.client.display_name,
            is_owner=grants(self.scopes, ADMIN),
            may_approve=grants(self.scopes, APPROVALS),
        )


Who = Callable[[Caller], bool]


def everybody(caller: Caller) -> bool:
    """Nobody is left out."""
    return True


def watching_sessions(caller: Caller) -> bool:
    """Those who subscribed to the list of sessions."""
    return caller.state.watches_sessions


def watching_messages(session_key: str) -> Who:
    """Those who subscribed to the messages of one session."""
    return lambda caller: session_key in caller.state.watched_messages


def with_capability(capability: str) -> Who:
    """Those who announced a capability in `connect`."""
    return lambda caller: capability in caller.caps


class Clients(Protocol):
    """The connected clients."""

    def callers(self) -> tuple[Caller, ...]:
        """Everybody who is connected, in the order they came."""
        ...

    def tell(
        self,
        name: str,
        payload: Any,
        *,
        to: Who = everybody,
        state_version: Mapping[str, int] | None = None,
        droppable: bool = False,
    ) -> None:
        """Send an event to those of `to` whose scopes allow it (`protocol.scopes.may_see`)."""
        ...

    def send(self, name: str, payload: Any, *, to: Who) -> int:
        """Send an event without a sequence number to just those, whatever their scopes; to how many it went."""
        ...

    def hang_up(self, who: Who, code: int, reason: str) -> int:
        """Close the sockets of `who`, after what is queued for them has gone out; how many."""
        ...
