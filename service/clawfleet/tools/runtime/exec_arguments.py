"""What a model may ask of `exec`, and what of it is never let through. Source: tools-and-sessions §2 and §3.1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, field_validator

from clawfleet.tools.arguments import Arguments, Plain
from clawfleet.tools.failures import ToolDenied

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
REFUSED = re.compile(
    r"PATH|LD_.*|DYLD_.*|BASH_ENV|BASH_FUNC_.*|ENV|SHELL|SHELLOPTS|BASHOPTS|PS4|IFS|PROMPT_COMMAND|GCONV_PATH|ZDOTDIR"
    r"|NODE_OPTIONS|NODE_PATH|PYTHONHOME|PYTHONPATH|PYTHONSTARTUP|PERL5LIB|PERL5OPT|RUBYLIB|RUBYOPT|JAVA_TOOL_OPTIONS"
    r"|GIT_EXTERNAL_DIFF|GIT_SSH|GIT_SSH_COMMAND|GIT_EXEC_PATH|SSLKEYLOGFILE|OPENCLAW_.*"
)
"""Variables that decide which program a name means, or load code into it. A command may still set them itself, where
who has to allow it can see them."""
COMMANDS_OF_CHATS = re.compile(r"\s*/approve\b")
"""What a person types into a chat and a shell must not stand in for."""


class ExecArguments(Arguments):
    """What a model may ask of exec."""

    command: Annotated[Plain, Field(min_length=1, description="Shell command to run.")]
    title: Annotated[str | None, Field(max_length=120, description="What it does, in a few words.")] = None
    workdir: Annotated[Plain | None, Field(description="Directory to run it in; default: the workspace.")] = None
    env: Annotated[dict[str, Plain], Field(default_factory=dict, description="Additional environment variables.")]
    yield_ms: Annotated[
        float | None,
        Field(
            ge=0,
            validation_alias=AliasChoices("yieldMs", "yield_ms"),
            description="Go to the background after so many milliseconds; `process` goes on with it.",
        ),
    ] = None
    background: Annotated[bool, Field(description="Go to the background at once.")] = False
    timeout_seconds: Annotated[
        float | None,
        Field(
            ge=0,
            validation_alias=AliasChoices("timeoutSeconds", "timeout"),
            description="Stop the command after this many seconds, in the background too; 0 is no limit.",
        ),
    ] = None
    pty: Annotated[bool, Field(description="Run it on a terminal of its own, which takes input.")] = False
    host: Annotated[
        Literal["auto", "sandbox", "gateway", "node"] | None, Field(description="Where; default: as configured.")
    ] = None
    elevated: Annotated[
        bool | None, Field(description="On the gateway's host instead of the sandbox, if the sender may have that.")
    ] = None
    security: Annotated[
        Literal["deny", "allowlist", "full"] | None, Field(description="Stricter than configured, never looser.")
    ] = None
    ask: Annotated[
        Literal["off", "on-miss", "always"] | None, Field(description="Ask a person more often than configured.")
    ] = None
    node: Annotated[str | None, Field(description="A node to run it on, with host node.")] = None

    @field_validator("env")
    @classmethod
    def _portable_names(cls, env: dict[str, str]) -> dict[str, str]:
        if bad := [name for name in env if not VARIABLE.fullmatch(name)]:
            raise ValueError(f"{bad[0]!r} is not a name for an environment variable")
        return env


def refuse_on_host(asked: ExecArguments) -> None:
    """Return when nothing about the call itself is forbidden on the gateway's host. Raises `ToolDenied`."""
    refuse_overrides(asked.env)
    if COMMANDS_OF_CHATS.match(asked.command):
        raise ToolDenied("exec denied: /approve is a command of the chat; exec cannot run it.")


def refuse_overrides(env: Mapping[str, str]) -> None:
    """Return when `env` changes no program. Raises `ToolDenied`."""
    if refused := sorted(name for name in env if REFUSED.fullmatch(name.upper())):
        raise ToolDenied(
            f"exec denied: env must not set {', '.join(refused)}.",
            hint="set it inside the command; tools.exec.pathPrepend adds directories for every command",
        )
