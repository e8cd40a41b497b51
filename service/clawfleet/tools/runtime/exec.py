"""`exec`: one shell command, in the sandbox or on the host. Source: tools-and-sessions §2, §2.1 and §3.1."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from clawfleet.config.models.tools import ExecConfig
from clawfleet.core.messages import ToolSpec
from clawfleet.sandbox.place import Command, Keyboard, Place
from clawfleet.tools.base import ToolContext, ToolResult
from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.host_shell import HostShell
from clawfleet.tools.runtime.endings import details_of, text_of
from clawfleet.tools.runtime.exec_arguments import ExecArguments, refuse_on_host
from clawfleet.tools.runtime.orders import restricted
from clawfleet.tools.runtime.processes import Processes
from clawfleet.tools.runtime.running import Limits, Owner, Running, within
from clawfleet.tools.seat import Elevation, Seat

log = logging.getLogger("clawfleet.tools.exec")

LONGEST_YIELD_S = 120.0
SHORTEST_KEPT_S, LONGEST_KEPT_S = 60.0, 10_800.0
TAIL = 1_000
"""Characters of output told when a command goes to the background."""

Choose = Callable[[ExecArguments, ToolContext], Place]
"""Where a call runs. Raises `ToolDenied` for where it must not."""
Gate = Callable[[ToolContext, Place, Command, ExecArguments], Awaitable[None]]
"""Stands before a command: returns when it may run, raises `ToolDenied`."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every command of one session. `home` is the place that its session works in.

    Without `may_background` there is no tool to go on with a command, so each call waits for its end.
    """

    config: ExecConfig
    home: Place
    may_background: bool = True


class ExecTool:
    """Runs what the model asks for; its time limit starts with the command and ends all of it."""

    spec = ToolSpec(
        name="exec",
        description=(
            "Run a shell command and return its output (stdout and stderr together) and exit code. It has no input "
            "unless it runs on a terminal (pty). A command that takes long goes to the background and is looked after "
            "with `process`; what it leaves running with & is stopped when it ends."
        ),
        parameters=ExecArguments.parameters(),
    )

    def __init__(self, terms: Terms, processes: Processes, *, choose: Choose, gate: Gate | None = None) -> None:
        """`choose` says where a call runs; `gate` may refuse its command, or have it asked."""
        self._terms = terms
        self._processes = processes
        self._choose = choose
        self._gate = gate

    async def run(self, context: ToolContext, arguments: Mapping[str, object]) -> ToolResult:
        """The output as the model reads it. An exit code other than 0 is a result, a timeout or signal an error.

        Raises `BadArguments`, `ToolDenied`, and what the place raises when it cannot start the command.
        """
        asked = ExecArguments.read(self.spec.name, arguments)
        place = self._choose(asked, context)
        if place.host == "gateway":
            refuse_on_host(asked)
        keyboard = Keyboard() if asked.pty else None
        command = Command(asked.command, context.workspace, asked.workdir, asked.env, keyboard)
        if self._gate is not None:
            await self._gate(context, place, command, asked)
        running = self._begin(context, asked, place, command)
        try:
            is_over = await self._wait(running, asked)
        except BaseException:
            self._processes.forget(running)
            await running.over.wait()
            raise
        if not is_over:
            self._processes.to_background(running)
            return _still_running(running)
        self._processes.forget(running)
        if running.failure is not None:
            raise running.failure
        details = details_of(running)
        _log(running, details)
        return ToolResult(text_of(running), is_error=details["status"] == "failed", details=details)

    def _begin(self, context: ToolContext, asked: ExecArguments, place: Place, command: Command) -> Running:
        config = self._terms.config
        limit = config.timeout_seconds if asked.timeout_seconds is None else asked.timeout_seconds
        kept_s = min(max(config.cleanup_ms / 1000, SHORTEST_KEPT_S), LONGEST_KEPT_S)
        limits = Limits(limit, kept_s, config.notify_on_exit, config.notify_on_exit_empty_success)
        owner = Owner(context.agent_id, context.session_key, self._terms.home.scope)
        return self._processes.begin(place, command, owner, limits, context.report)

    async def _wait(self, running: Running, asked: ExecArguments) -> bool:
        """Whether it ended before it was to go to the background."""
        if not self._terms.may_background:
            return await within(running.over, None)
        yield_ms = self._terms.config.background_ms if asked.yield_ms is None else asked.yield_ms
        if asked.background:  # what cannot be started is told at once
            await within(running.begun, LONGEST_YIELD_S)
            return running.over.is_set()
        return await within(running.over, min(yield_ms / 1000, LONGEST_YIELD_S))


def for_seat(seat: Seat) -> ExecTool:
    """exec where the session works; on the host behind its gate."""
    config, home = seat.exec, seat.place

    async def gate(context: ToolContext, place: Place, command: Command, asked: ExecArguments) -> None:
        if isinstance(place, HostShell):  # a sandbox is the protection there
            held = restricted(config, asked.security, asked.ask)
            await seat.gate.check(held, context, command.line, place.directory(command), place.search_path)

    def choose(asked: ExecArguments, context: ToolContext) -> Place:
        if is_elevated(asked, seat.elevation) and home.host == "sandbox" and seat.elevation is not None:
            return seat.elevation.outside()
        refuse_other_host("node" if asked.node else asked.host, home, config.host)
        return home

    terms = Terms(config, home, may_background="process" in seat.allowed)
    return ExecTool(terms, seat.processes, choose=choose, gate=gate)


def is_elevated(asked: ExecArguments, elevation: Elevation | None) -> bool:
    """Whether a call leaves the sandbox: as it says, else as the session is set. Raises `ToolDenied`."""
    if elevation is None or asked.elevated is False:
        return False
    if asked.elevated and elevation.refusal is not None:
        raise ToolDenied(elevation.refusal)
    return bool(asked.elevated) or elevation.level != "off"


def refuse_other_host(asked: str | None, home: Place, configured: str) -> None:
    """Return when a call that names a host would run there anyway. Raises `ToolDenied`."""
    if asked in (None, "auto", home.host):
        return
    raise ToolDenied(
        f"exec host not allowed (requested {asked}; configured host is {configured}; "
        f"set tools.exec.host={asked} to allow this override)."
        if asked != "node"
        else "exec host not allowed (requested node; no node runs commands for this gateway)."
    )


def _still_running(running: Running) -> ToolResult:
    which = f"session {running.id}" + (f", pid {running.pid}" if running.pid else "")
    text = (
        f"Command still running ({which}). "
        "Use process (list/poll/log/write/send-keys/submit/paste/kill/clear/remove) for follow-up."
    )
    tail = running.text()[-TAIL:]
    details = {
        "status": "running",
        "sessionId": running.id,
        "pid": running.pid,
        "startedAt": running.started_at_ms,
        "cwd": running.cwd,
        "tail": tail,
    }
    return ToolResult(f"{text}\n\n{tail}" if tail.strip() else text, details=details)


def _log(running: Running, details: Mapping[str, object]) -> None:
    """The command itself may hold secrets: its length and digest are enough to find it in the transcript."""
    line = running.command.line
    log.info(
        "exec on %s for %s: %d characters, sha256 %s, %s, exit code %s, %s ms",
        running.place.host,
        running.owner.session_key,
        len(line),
        hashlib.sha256(line.encode(errors="replace")).hexdigest()[:12],
        details["exitReason"],
        details["exitCode"],
        details["durationMs"],
    )
