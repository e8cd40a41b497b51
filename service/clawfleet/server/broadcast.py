"""Events to every connected client that may see them: encoded once, numbered per connection, bounded per client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from clawfleet.agents.events import RunEvent
from clawfleet.protocol.frames import event_head
from clawfleet.protocol.scopes import may_see
from clawfleet.server.run_frames import frames

EVENTS = ("connect.challenge", "agent", "chat", "presence", "tick", "health", "shutdown")
"""What `hello-ok` announces."""


class Receiver(Protocol):
    """One connected client."""

    scopes: tuple[str, ...]
    caps: tuple[str, ...]

    def post(self, head: str, *, droppable: bool = False) -> None:
        """Queue an event frame; it gets this connection's next number even when it is dropped."""
        ...


class Broadcast:
    """The connected clients."""

    def __init__(self) -> None:
        self._receivers: set[Receiver] = set()

    def __len__(self) -> int:
        return len(self._receivers)

    def join(self, receiver: Receiver) -> None:
        """From now on `receiver` gets events."""
        self._receivers.add(receiver)

    def leave(self, receiver: Receiver) -> None:
        """`receiver` gets no more events."""
        self._receivers.discard(receiver)

    def tell(
        self,
        name: str,
        payload: Any,
        *,
        state_version: Mapping[str, int] | None = None,
        needs: str | None = None,
        droppable: bool = False,
    ) -> None:
        """Send the event to everybody who may see it and, when `needs` is given, announced that capability."""
        receivers = [r for r in self._receivers if may_see(r.scopes, name) and (needs is None or needs in r.caps)]
        if not receivers:
            return
        head = event_head(name, payload, state_version)
        for receiver in receivers:
            receiver.post(head, droppable=droppable)

    def tell_run(self, event: RunEvent) -> None:
        """Send what happened in a run."""
        if not self._receivers:
            return
        for name, payload, needs in frames(event):
            self.tell(name, payload, needs=needs)
