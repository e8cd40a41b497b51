"""What a tool refuses or cannot do; the text goes to the model as the tool's result."""

from __future__ import annotations

from clawfleet.core.errors import ToolError


class BadArguments(ToolError):
    """The model's arguments do not fit the tool's parameters; nothing was done."""

    code = "TOOL_ARGUMENTS"


class ToolDenied(ToolError):
    """The arguments fit, but ask for something that is not allowed; nothing was done."""

    code = "TOOL_DENIED"
