"""What keeps a command from running in a sandbox. Both close the door: nothing runs on the host instead."""

from __future__ import annotations

from clawfleet.core.errors import ToolError


class SandboxUnavailable(ToolError):
    """The sandbox cannot be used now: Docker, its daemon, the image or the container is missing or broken."""

    code = "SANDBOX_UNAVAILABLE"


class SandboxForbidden(ToolError):
    """The configured sandbox would not be one: it shares the host's network or its system directories."""

    code = "SANDBOX_FORBIDDEN"
