"""What the web tools refuse or cannot do."""

from __future__ import annotations

from clawfleet.core.errors import ToolError
from clawfleet.tools.failures import ToolDenied


class AddressBlocked(ToolDenied):
    """The address, or one that it redirects to, is not on the public net."""

    code = "WEB_ADDRESS_BLOCKED"

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"Blocked hostname or private/internal/special-use IP address: {host} ({reason}).",
            hint="An operator opens a host with tools.web.fetch.ssrfPolicy.allowedHostnames.",
        )


class WebFailed(ToolError):
    """The page could not be had, or is nothing that can be read."""

    code = "WEB_FAILED"
