"""What keeps a command from running in a sandbox. Both close the door: nothing runs on the host instead."""

from __future__ import annotations

from clawfleet.core.errors import ToolError


class SandboxUnavailable(ToolError):
    """The sandbox cannot be used now: Docker, its daemon, the image or the container is missing or broken."""

    code = "SANDBOX_UNAVAILABLE"


class PackageMissing(SandboxUnavailable):
    """This installation came without the package that speaks to Docker, so it has no containers either."""

    def __init__(self) -> None:
        super().__init__(
            'Sandbox mode requires Docker, but the "docker" Python package is not installed.',
            hint="pip install 'clawfleet[sandbox]', or set agents.defaults.sandbox.mode to \"off\"",
        )


class SandboxForbidden(ToolError):
    """The configured sandbox would not be one: it shares the host's network or its system directories."""

    code = "SANDBOX_FORBIDDEN"
