"""One command while it runs and after: its output within bounds, its input, how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from clawfleet.core.clock import now_ms
from clawfleet.sandbox.place import Command, Exit, Keyboard, Place
from clawfleet.tools.output import LiveOutput

PENDING = 30_000
"""Most characters kept for the next poll; all that is kept of the output is there in the log."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose command it is. `scope` names the place that its session works in."""

    agent_id: str
    session_key: str
    scope: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How long it may run (0: no limit), how long its result is kept, and when its end is told to its session."""

    timeout_s: float
    kept_s: float = 1800
    notify: bool = True
    notify_empty: bool = False


class Pending:
    """Text since the last look, the end of it when there was too much."""

    def __init__(self) -> None:
        self._text = ""
        self._cut = False

    def add(self, text: str) -> None:
        """Take more."""
        self._text += text
        if len(self._text) > PENDING:
            self._text = self._text[-PENDING:]
            self._cut = True

    def take(self) -> tuple[str, bool]:
        """All of it, and whether something before it was left out; then it is empty."""
        taken = self._text, self._cut
        self._text, self._cut = "", False
        return taken


@dataclass(slots=True)
class Running:
    """A command. `exit` is None while it runs, when its time was over (`timed_out`), and when it was `stopped`.

    `failure` is what kept it from running. `watchers` wait for its end and need not be told of it. `begun` is set when
    it runs, or never will.
    """

    id: str
    owner: Owner
    command: Command
    place: Place
    limits: Limits
    output: LiveOutput
    pending: Pending = field(default_factory=Pending)
    keyboard: Keyboard | None = None
    pid: int | None = None
    in_background: bool = False
    exit: Exit | None = None
    failure: Exception | None = None
    timed_out: bool = False
    stopped: bool = False
    watchers: int = 0
    started_at_ms: int = field(default_factory=now_ms)
    ended_at_ms: int | None = None
    heard_at_ms: int = field(default_factory=now_ms)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    @property
    def cwd(self) -> str:
        """The directory it runs in, as it sees it."""
        return self.place.directory(self.command)

    @property
    def name(self) -> str:
        """Its first two words: enough to tell it from others."""
        return " ".join(self.command.line.split()[:2])[:60]

    @property
    def status(self) -> str:
        """`running`, `completed`, `failed` or `killed`."""
        if not self.over.is_set():
            return "running"
        if self.stopped:
            return "killed"
        return "failed" if self.exit is None or self.exit.signal or self.exit.code else "completed"

    @property
    def duration_ms(self) -> int:
        """How long it ran, or has run so far."""
        return (self.ended_at_ms or now_ms()) - self.started_at_ms

    @property
    def idle_s(self) -> float:
        """Since it last printed something, or began."""
        return (now_ms() - self.heard_at_ms) / 1000

    @property
    def is_outside(self) -> bool:
        """Whether it runs elsewhere than its session works: somebody had the right to let it out of the sandbox."""
        return self.place.scope != self.owner.scope

    @property
    def takes_input(self) -> bool:
        """Whether its session can type to it now. Outside, typing would be a command that nobody had to allow."""
        return self.keyboard is not None and self.keyboard.is_plugged_in and not self.is_outside

    def hear(self, data: bytes) -> None:
        """Take its output. A terminal ends lines with CR LF, which is told as in a pipe."""
        self.heard_at_ms = now_ms()
        if self.keyboard is not None:
            data = data.replace(b"\r\n", b"\n")
        self.pending.add(self.output.feed(data))

    def text(self) -> str:
        """All that is kept of its output."""
        return self.output.kept.text()

    def watched(self) -> Watch:
        """As long as this is entered, somebody waits for the end."""
        return Watch(self)

    def stop(self) -> None:
        """Begin to end it: what it started goes too."""
        if self.task is not None and not self.over.is_set():
            self.stopped = True
            self.task.cancel()


class Watch:
    """Waits for the end of a command."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def __enter__(self) -> Running:
        self._running.watchers += 1
        return self._running

    def __exit__(self, *_: object) -> None:
        self._running.watchers -= 1


async def within(event: asyncio.Event, limit_s: float | None) -> bool:
    """Whether `event` came within the time."""
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


Notify = Callable[[str, str], Awaitable[None]]
"""Tells a session (its key) of something that happened."""
