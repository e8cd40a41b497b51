"""What the tools for conversations refuse or do not find."""

from __future__ import annotations

from typing import Literal

from clawfleet.core.errors import ToolError
from clawfleet.tools.failures import ToolDenied


class NoSession(ToolError):
    """Nothing of that key, id or label."""

    code = "NO_SESSION"

    def __init__(self, name: str) -> None:
        super().__init__(f"No session found: {name}", hint="sessions_list shows those that can be reached.")


class OutOfReach(ToolDenied):
    """The session is there and the config keeps it from the one that asks."""

    code = "SESSION_OUT_OF_REACH"


class NotSent(ToolError):
    """A message could not go out, or the call does not say where to."""

    code = "MESSAGE_NOT_SENT"


class SpawnRefused(ToolError):
    """Nothing was spawned. `status` and `role` are told beside the message."""

    code = "SPAWN_REFUSED"

    def __init__(
        self, message: str, status: Literal["forbidden", "error"] = "forbidden", role: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.role = role
