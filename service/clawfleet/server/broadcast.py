"""Events to every connected client that may see them: encoded once, numbered per connection, bounded per client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from clawfleet.agents.events import RunEvent
from clawfleet.protocol.frames import event, event_head
from clawfleet.protocol.scopes import may_see
from clawfleet.rpc.clients import Caller, Who, everybody, with_capability
from clawfleet.server.run_frames import frames

EVENTS = (
    *("connect.challenge", "models.snapshot", "agent", "chat", "presence", "tick", "health", "shutdown"),
    *("config.changed", "users.prefs.changed", "exec.approval.requested", "exec.approval.resolved"),
    *("sessions.changed", "session.message", "progressCard.changed"),
    *("device.pair.requested", "device.pair.resolved", "device.pair.changed"),
)
"""What `hello-ok` announces."""


class Receiver(Protocol):
    """One connected client."""

    @property
    def caller(self) -> Caller:
        """Who it is."""
        ...

    def post(self, head: str, *, droppable: bool = False) -> None:
        """Queue an event frame; it gets this connection's next number even when it is dropped."""
        ...

    def put(self, frame: str) -> None:
        """Queue a whole frame."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close once everything queued has gone out."""
        ...


class Broadcast:
    """The connected clients (`rpc.clients.Clients`)."""

    def __init__(self) -> None:
        self._receivers: dict[str, Receiver] = {}

    def __len__(self) -> int:
        return len(self._receivers)

    def join(self, receiver: Receiver) -> None:
        """From now on `receiver` gets events."""
        self._receivers[receiver.caller.conn_id] = receiver

    def leave(self, receiver: Receiver) -> None:
        """`receiver` gets no more events."""
        self._receivers.pop(receiver.caller.conn_id, None)

    def callers(self) -> tuple[Caller, ...]:
        """Everybody who is connected, in the order they came."""
        return tuple(receiver.caller for receiver in self._receivers.values())

    def tell(
        self,
        name: str,
        payload: Any,
        *,
        to: Who = everybody,
        state_version: Mapping[str, int] | None = None,
        droppable: bool = False,
    ) -> None:
        """Send an event to those of `to` whose scopes allow it."""
        receivers = [r for r in self._of(to) if may_see(r.caller.scopes, name)]
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
            self.tell(name, payload, to=with_capability(needs) if needs else everybody)

    def send(self, name: str, payload: Any, *, to: Who) -> int:
        """Send an event without a sequence number to just those, whatever their scopes; to how many it went."""
        receivers = self._of(to)
        frame = event(name, payload) if receivers else ""
        for receiver in receivers:
            receiver.put(frame)
        return len(receivers)

    def hang_up(self, who: Who, code: int, reason: str) -> int:
        """Close the sockets of `who`, after what is queued for them has gone out; how many."""
        receivers = self._of(who)
        for receiver in receivers:
            receiver.close(code, reason)
        return len(receivers)

    def _of(self, who: Who) -> list[Receiver]:
        return [receiver for receiver in self._receivers.values() if who(receiver.caller)]
