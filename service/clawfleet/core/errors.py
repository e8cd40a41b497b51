"""The tree of expected failures: each has a stable code, says what was wrong and how to mend it.

    GatewayError
    ├── ConfigError     wire INVALID_REQUEST  exit 78   what the operator wrote cannot be used
    ├── AccessError     wire FORBIDDEN        exit 1    who asked may not
    ├── RequestError    wire INVALID_REQUEST  exit 2    what was asked makes no sense
    ├── ProviderError   wire UNAVAILABLE      exit 1    the model's side failed
    ├── ChannelError    wire UNAVAILABLE      exit 1    a messaging platform failed
    ├── ToolError       to the model          –         a tool could not do its work
    └── HostError       wire UNAVAILABLE      exit 1    the machine underneath

Rooms add leaves beside the code that raises them. A builtin exception that escapes means a bug:
it is logged with its traceback and answered without detail. Source: the style guide's table of errors.
"""

from __future__ import annotations

from typing import ClassVar


class GatewayError(Exception):
    """An expected failure. `message` is one line; `hint` names the command or key that mends it.

    `details` travels to protocol clients as `error.details`; it never holds a secret.
    """

    code: ClassVar[str] = "GATEWAY_ERROR"
    wire_code: ClassVar[str] = "UNAVAILABLE"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return self.message

    @property
    def is_retryable(self) -> bool:
        """Whether the same again, later, may succeed."""
        return self.wire_code == "UNAVAILABLE"


class ConfigError(GatewayError):
    """The configuration cannot be used; nothing was started. Service managers do not retry exit 78."""

    code = "CONFIG_INVALID"
    wire_code = "INVALID_REQUEST"
    exit_code = 78


class AccessError(GatewayError):
    """The caller is unknown or may not do this."""

    code = "FORBIDDEN"
    wire_code = "FORBIDDEN"


class RequestError(GatewayError):
    """The request itself is wrong; sending it again unchanged fails again."""

    code = "INVALID_REQUEST"
    wire_code = "INVALID_REQUEST"
    exit_code = 2


class NotFoundError(RequestError):
    """The request names something that is not there."""

    code = "NOT_FOUND"
    exit_code = 1


class ProviderError(GatewayError):
    """A model provider failed. `models.providers.failures` has the leaves and their classification."""

    code = "PROVIDER_ERROR"


class ChannelError(GatewayError):
    """A messaging platform refused, or its connection is down. `is_final`: trying again would fail again."""

    code = "CHANNEL_ERROR"
    is_final: ClassVar[bool] = False


class ToolError(GatewayError):
    """A tool could not do its work; the text goes to the model as the tool's result."""

    code = "TOOL_FAILED"


class HostError(GatewayError):
    """The machine underneath: a port, a lock, a disk, a service manager, Docker."""

    code = "HOST_ERROR"
