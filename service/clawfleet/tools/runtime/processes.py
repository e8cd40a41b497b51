"""Every command that runs, and those in the background that ended a while ago. In memory only.

A command belongs to an agent and the place its session works in: sessions of that agent in the same place see it, so
that a session in a sandbox never reaches a shell on the host. One that was let out of the sandbox is its session's own.
When the gateway stops, all of them end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from clawfleet.core.clock import now_ms
from clawfleet.core.tasks import Tasks
from clawfleet.sandbox.place import Command, Exit, Place
from clawfleet.tools.failures import ToolDenied
from clawfleet.tools.output import LiveOutput
from clawfleet.tools.runtime.running import Limits, Notify, Owner, Running
from clawfleet.tools.runtime.slugs import new_slug

MOST_RUNNING = 64
"""Commands of one agent in one place that run at once."""
MOST_FINISHED = 50
MOST_CHARS = 2_000_000
"""Of all finished commands together; the newest one stays whatever its length."""
TOLD = 400
"""Characters of output in the note about a command that ended."""


class Processes:
    """All commands of one gateway. `notify` is set by who knows how to tell sessions."""

    def __init__(self) -> None:
        self._all: dict[str, Running] = {}
        self._tasks = Tasks()
        self.notify: Notify = _tell_nobody

    def begin(
        self, place: Place, command: Command, owner: Owner, limits: Limits, report: Callable[[str], None]
    ) -> Running:
        """Start `command`; `report` hears of its output until it goes to the background.

        Raises `ToolDenied` when too many run already.
        """
        at_once = sum(1 for each in self._all.values() if not each.over.is_set() and _may_see(owner, each))
        if at_once >= MOST_RUNNING:
            raise ToolDenied(f"{at_once} commands run already.", hint="end some of them with process kill or remove")
        running = Running(
            new_slug(self._all), owner, command, place, limits, LiveOutput(report), keyboard=command.keyboard
        )
        self._all[running.id] = running
        running.task = self._tasks.start(self._run(running), name=f"exec {running.id}")
        return running

    def visible(self, owner: Owner) -> list[Running]:
        """Commands in the background that `owner` may see, oldest first."""
        return [each for each in self._all.values() if each.in_background and _may_see(owner, each)]

    def told(self, owner: Owner) -> str | None:
        """What runs in the background of `owner`, as part of a prompt; None when nothing does."""
        rows = [f"- {each.id}: {each.name}" for each in self.visible(owner) if not each.over.is_set()]
        return "\n".join(["# Commands in the background (see `process`)", *rows]) if rows else None

    def find(self, owner: Owner, running_id: str) -> Running | None:
        """The one of that id, in the background and to be seen by `owner`."""
        running = self._all.get(running_id)
        return running if running is not None and running.in_background and _may_see(owner, running) else None

    def to_background(self, running: Running) -> None:
        """Its caller does not wait any more."""
        running.output.hush()
        running.in_background = True

    def forget(self, running: Running) -> None:
        """Nobody will ask for it; if it still runs, it ends."""
        running.stop()
        if self._all.get(running.id) is running:
            del self._all[running.id]

    async def close(self) -> None:
        """End every command and all that it started."""
        for running in list(self._all.values()):
            running.stop()
        await self._tasks.close()
        self._all.clear()

    async def _run(self, running: Running) -> None:
        try:
            running.exit = await self._within_limit(running)
        except asyncio.CancelledError:
            running.stopped = True
        except Exception as failure:  # whoever waits raises it
            running.failure = failure
        finally:
            self._end(running)
        await self._tell(running)

    async def _within_limit(self, running: Running) -> Exit | None:
        """How it ended; None when its time was over, which ends it."""

        def started(pid: int | None) -> None:
            running.pid = pid
            running.begun.set()

        asked = running.command
        command = Command(asked.line, asked.workspace, asked.workdir, asked.env, asked.keyboard, started)
        try:
            async with asyncio.timeout(running.limits.timeout_s or None) as clock:
                return await running.place.run(command, running.hear)
        except TimeoutError:
            if not clock.expired():
                raise
            running.timed_out = True
            return None

    def _end(self, running: Running) -> None:
        running.ended_at_ms = now_ms()
        running.output.close()
        running.begun.set()
        running.over.set()
        if running.in_background:
            self._retain(running)

    def _retain(self, running: Running) -> None:
        """Keep its result for a while; older ones go when there are too many."""
        asyncio.get_running_loop().call_later(running.limits.kept_s, self.forget, running)
        finished = [each for each in self._all.values() if each.in_background and each.over.is_set()]
        finished.sort(key=lambda each: each.ended_at_ms or 0)
        chars = sum(len(each.text()) for each in finished)
        while len(finished) > 1 and (len(finished) > MOST_FINISHED or chars > MOST_CHARS):
            oldest = finished.pop(0)
            chars -= len(oldest.text())
            self.forget(oldest)

    async def _tell(self, running: Running) -> None:
        """Let the session know of the end, unless somebody asked for it or waits for it."""
        limits, text = running.limits, running.text().strip()
        is_quiet = running.status == "completed" and not text
        if (
            not running.in_background
            or not limits.notify
            or running.stopped
            or running.watchers
            or (is_quiet and not limits.notify_empty)
        ):
            return
        how = _how(running)
        told = f" :: {text[-TOLD:]}" if text else ""
        note = f"Exec {running.status} ({running.id}, {how}): {running.name}{told}"
        await self.notify(running.owner.session_key, note)


def _may_see(owner: Owner, running: Running) -> bool:
    mine = running.owner
    is_mine = mine.agent_id == owner.agent_id and mine.scope == owner.scope
    return is_mine and (not running.is_outside or mine.session_key == owner.session_key)


async def _tell_nobody(session_key: str, text: str) -> None:
    """For who has no sessions."""


def _how(running: Running) -> str:
    if running.timed_out:
        return "timed out"
    if running.exit is None:
        return "could not run"
    return f"signal {running.exit.signal}" if running.exit.signal else f"code {running.exit.code}"
