"""`exec`: one shell command, in the sandbox or on the host. Source: tools-and-sessions §2, §2.1 and §3.1."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field, field_validator

from clawfleet.core.messages import ToolSpec
from clawfleet.sandbox.place import Command, Exit, Place
from clawfleet.tools.arguments import Arguments
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.host_shell import HostShell
from clawfleet.tools.output import LiveOutput
from clawfleet.tools.seat import Seat

log = logging.getLogger("clawfleet.tools.exec")

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
REFUSED = re.compile(r"PATH|LD_.*|DYLD_.*")
"""Variables that decide which program a name means, or load code into it. A command may still set them for itself."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain a NUL character")
    return text


Plain = Annotated[str, AfterValidator(_without_nul)]


Gate = Callable[[ToolContext, Command], Awaitable[None]]
"""Stands before a command: returns when it may run, raises `ToolDenied`."""


class ExecArguments(Arguments):
    """What a model may ask of exec."""

    command: Annotated[Plain, Field(min_length=1, description="Shell command to run.")]
    workdir: Annotated[Plain | None, Field(description="Directory to run it in; default: the workspace.")] = None
    env: Annotated[dict[str, Plain], Field(default_factory=dict, description="Additional environment variables.")]
    timeout_seconds: Annotated[
        float | None,
        Field(
            ge=0,
            validation_alias=AliasChoices("timeoutSeconds", "timeout"),
            description="Stop the command after this many seconds; 0 is no limit.",
        ),
    ] = None

    @field_validator("env")
    @classmethod
    def _portable_names(cls, env: dict[str, str]) -> dict[str, str]:
        if bad := [name for name in env if not VARIABLE.fullmatch(name)]:
            raise ValueError(f"{bad[0]!r} is not a name for an environment variable")
        return env


class ExecTool:
    """Runs what the model asks for in one `Place`; its time limit starts with the command and kills it."""

    spec = ToolSpec(
        name="exec",
        description=(
            "Run a shell command and return its output (stdout and stderr together) and exit code. "
            "It has no terminal and no input; it is stopped when its time is over."
        ),
        parameters=ExecArguments.parameters(),
    )

    def __init__(self, place: Place, *, timeout_s: float, gate: Gate | None = None) -> None:
        """`timeout_s` holds for calls that name no limit; 0 is none. `gate` may refuse a command, or have it asked."""
        self._gate = gate
        self._place = place
        self._timeout_s = timeout_s

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The output as the model reads it. An exit code other than 0 is a result, a timeout or signal an error.

        Raises `BadArguments`, `ToolDenied`, and what the place raises when it cannot start the command.
        """
        asked = ExecArguments.read(self.spec.name, arguments)
        _refuse_overrides(asked.env)
        command = Command(asked.command, context.workspace, asked.workdir, asked.env)
        if self._gate is not None:
            await self._gate(context, command)
        limit = self._timeout_s if asked.timeout_seconds is None else asked.timeout_seconds
        output = LiveOutput(context.report)
        started = time.monotonic()
        try:
            end = await self._within(limit, command, output)
        finally:
            text = output.close().rstrip()
        details: dict[str, object] = {
            "durationMs": round((time.monotonic() - started) * 1000),
            "aggregated": text,
            "cwd": self._place.directory(command),
            **_details(end),
        }
        _log(context, self._place, command, details)
        return ToolResult(_text(text, end, limit), is_error=details["status"] == "failed", details=details)

    async def _within(self, limit: float, command: Command, output: LiveOutput) -> Exit | None:
        """How the command ended, None when its time was over (it is gone then)."""
        try:
            async with asyncio.timeout(limit or None) as clock:
                return await self._place.run(command, output.feed)
        except TimeoutError:
            if not clock.expired():
                raise
            return None


def for_seat(seat: Seat) -> ExecTool:
    """exec as one session has it: asked for on the host; a sandbox is the protection there."""
    settings, place = seat.config.tools.exec, seat.place
    if not isinstance(place, HostShell):
        return ExecTool(place, timeout_s=settings.timeout_seconds)

    async def gate(context: ToolContext, command: Command) -> None:
        await seat.gate.check(settings, context, command.line, place.directory(command), place.search_path)

    return ExecTool(place, timeout_s=settings.timeout_seconds, gate=gate)


def _refuse_overrides(env: Mapping[str, str]) -> None:
    if refused := sorted(name for name in env if REFUSED.fullmatch(name.upper())):
        raise ToolDenied(
            f"exec denied: env must not set {', '.join(refused)}.",
            hint="set it inside the command; tools.exec.pathPrepend adds directories for every command",
        )


def _text(output: str, end: Exit | None, limit: float) -> str:
    if end is None:
        note = (
            f"Command timed out after {limit:g} seconds. "
            "Call exec again with a larger timeoutSeconds if it needs longer, or split the work."
        )
        return f"{output}\n\n{note}" if output else note
    if end.signal:
        note = f"Command aborted by signal {end.signal}. Something outside the command ended it, or it ended itself."
        return f"{output}\n\n{note}" if output else note
    said = output or "(no output)"
    return said if end.code == 0 else f"{said}\n\n(Command exited with code {end.code})"


def _details(end: Exit | None) -> dict[str, object]:
    failed = end is None or end.signal is not None
    reason = "overall-timeout" if end is None else "signal" if end.signal else "exit"
    details: dict[str, object] = {
        "status": "failed" if failed else "completed",
        "exitCode": end.code if end else None,
        "exitSignal": end.signal if end else "SIGTERM",
        "exitReason": reason,
        "timedOut": end is None,
        "noOutputTimedOut": False,
    }
    return {**details, "failureKind": reason} if failed else details


def _log(context: ToolContext, place: Place, command: Command, details: Mapping[str, object]) -> None:
    """The command itself may hold secrets: its length and digest are enough to find it in the transcript."""
    log.info(
        "exec on %s for %s: %d characters, sha256 %s, %s, exit code %s, %s ms",
        place.host,
        context.session_key,
        len(command.line),
        hashlib.sha256(command.line.encode(errors="replace")).hexdigest()[:12],
        details["exitReason"],
        details["exitCode"],
        details["durationMs"],
    )
