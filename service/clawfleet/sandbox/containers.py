"""The containers of one gateway: made when first needed, found again by name, replaced when the config changed.

One container per sandbox scope. It outlives turns and the gateway itself: after a restart it is adopted, or replaced
when its settings are no longer the configured ones. What a gateway that died left running in it is ended first.
`close()` leaves containers as they are; what is idle or old as of `sandbox.prune` is removed at the start and while
others are used. Other gateways' containers are never touched.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from clawfleet.config.models.sandbox import SandboxPrune
from clawfleet.core.clock import now_ms
from clawfleet.core.tasks import Tasks
from clawfleet.sandbox.engine import Engine, Execution
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.place import Output
from clawfleet.sandbox.reuse import HOT_S, Found, choose, is_cold
from clawfleet.sandbox.spec import ContainerSpec, agent_of
from clawfleet.sandbox.uses import Uses

log = logging.getLogger("clawfleet.sandbox")

PRUNE_EVERY_S = 300.0
SETUP_S = 600.0
"""Longest life of a setup command."""


@dataclass(slots=True)
class _Seat:
    """What this gateway remembers of one container. `used_at` is monotonic; None: not used by this process.

    `is_swept`: nothing runs in it that this process did not start.
    """

    used_at: float | None = None
    running: int = 0
    is_swept: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def idle_s(self) -> float | None:
        if self.running:
            return 0.0
        return None if self.used_at is None else time.monotonic() - self.used_at


class Containers:
    """Runs programs in containers that are what their spec says."""

    def __init__(self, engine: Engine, tag: str, uses: Uses, prune_for: Callable[[str], SandboxPrune]) -> None:
        """`prune_for` says how long the container of a scope key is kept."""
        self._engine = engine
        self._uses = uses
        self._tag = tag
        self._prune_for = prune_for
        self._seats: dict[str, _Seat] = {}
        self._pruned_at = time.monotonic()
        self._tasks = Tasks()

    async def execute(self, spec: ContainerSpec, execution: Execution, output: Output) -> int:
        """The exit code of `execution` in the container of `spec`, which is made ready first."""
        self._prune_when_due()
        seat = self._seats.setdefault(spec.name, _Seat())
        async with seat.lock:
            found = await self._ready(spec, seat)
            seat.running += 1
        self._uses.note(spec.name)
        try:
            return await self._engine.execute(found.id, execution, output)
        finally:
            seat.running -= 1
            seat.used_at = time.monotonic()

    async def close(self) -> None:
        """Stop looking after containers; they stay, and the next start finds them."""
        await self._tasks.close()
        await self._engine.close()

    async def recover(self) -> None:
        """End what a gateway that died left running in its containers, and remove those that nobody needs."""
        try:
            for found in await self._engine.of_instance(self._tag):
                seat = self._seats.setdefault(found.name, _Seat())
                async with seat.lock:
                    await self._sweep(found, seat)
        except SandboxUnavailable as error:
            log.warning("sandbox containers could not be looked after: %s", error)
            return
        await self.prune()

    async def _sweep(self, found: Found, seat: _Seat) -> bool:
        """Whether the container had to be stopped. Once per container: what this process starts there may run."""
        if seat.is_swept:
            return False
        left = found.running and await self._engine.has_leftovers(found)
        if left:
            log.warning("sandbox container %s is stopped: commands of a gateway that ended still ran in it", found.name)
            await self._engine.stop(found)
        seat.is_swept = True
        return left

    async def _ready(self, spec: ContainerSpec, seat: _Seat) -> Found:
        """A running container for `spec`."""
        found = await self._engine.find(spec.name)
        idle_s = seat.idle_s()
        image_id = await self._engine.image_id(spec.image) if found and is_cold(idle_s) else None
        step = choose(found, spec, idle_s, image_id)
        if step == "foreign":
            raise SandboxUnavailable(
                f"The container {spec.name} belongs to another gateway.",
                hint="give this gateway its own agents.defaults.sandbox.docker.containerPrefix",
            )
        if step in ("keep", "refuse"):
            changed = f"Sandbox config changed for {spec.name} (recently used)."
            mend = f"openclaw sandbox recreate {selector(spec.scope_key)}"
            if step == "refuse":
                raise SandboxUnavailable(
                    f"{changed} It holds other directories than configured. Recreate to apply: {mend}",
                    hint=f"it is recreated by itself after {HOT_S / 60:.0f} minutes without use",
                )
            log.warning("%s Recreate to apply: %s", changed, mend)
        if found is None or step in ("create", "replace"):
            seat.is_swept = True
            return await self._make(spec, found)
        if await self._sweep(found, seat) or step == "start":
            await self._engine.start(found)
        return found

    async def _make(self, spec: ContainerSpec, old: Found | None) -> Found:
        """A fresh, started container on which the setup command has run; on failure none is left."""
        if old is not None:
            await self._engine.remove(old)
        found = await self._engine.create(spec)
        try:
            await self._engine.start(found)
            if spec.setup_command:
                await self._set_up(found, spec, spec.setup_command)
        except BaseException:
            await asyncio.shield(self._tasks.start(self._discard(found), name=f"removal of {spec.name}"))
            raise
        log.info("sandbox container %s created from %s", spec.name, spec.image)
        return found

    async def _discard(self, found: Found) -> None:
        try:
            await self._engine.remove(found)
        except SandboxUnavailable as error:
            log.warning("the unfinished container %s could not be removed: %s", found.name, error)

    async def _set_up(self, found: Found, spec: ContainerSpec, line: str) -> None:
        said = bytearray()
        execution = Execution(("/bin/sh", "-lc", line), spec.workdir, {"HOME": spec.workdir})
        try:
            async with asyncio.timeout(SETUP_S):
                code = await self._engine.execute(found.id, execution, said.extend)
        except TimeoutError:
            raise SandboxUnavailable(f"Sandbox setupCommand did not end within {SETUP_S:.0f} seconds.") from None
        if code == 0:
            return
        walls = [
            *(["it has no network"] if spec.network == "none" else []),
            *(["its root file system is read-only"] if spec.read_only_root else []),
            *([f"it runs as {spec.user}"] if not spec.user.startswith("0") else []),
        ]
        raise SandboxUnavailable(
            f"Sandbox setupCommand failed with exit code {code}: {said[-2000:].decode(errors='replace').strip()}",
            hint=f"in this sandbox {', '.join(walls)}: see agents.defaults.sandbox.docker" if walls else None,
        )

    def _prune_when_due(self) -> None:
        if time.monotonic() - self._pruned_at >= PRUNE_EVERY_S:
            self._pruned_at = time.monotonic()
            self._tasks.start(self.prune(), name="sandbox prune")

    async def prune(self) -> None:
        """Remove containers of this gateway that are idle or old; one in use or hot is left for the next time."""
        try:
            containers = await self._engine.of_instance(self._tag)
            for found in containers:
                await self._remove_when_stale(found)
        except SandboxUnavailable as error:
            log.warning("sandbox containers could not be pruned: %s", error)
            return
        names = {found.name for found in containers}
        for name in [name for name, seat in self._seats.items() if name not in names and not _is_held(seat)]:
            del self._seats[name]

    async def _remove_when_stale(self, found: Found) -> None:
        seat = self._seats.setdefault(found.name, _Seat())
        if _is_held(seat):
            return
        used_at_ms = self._uses.at_ms(found.name) or found.created_at_ms
        idle_s = seat.idle_s() or (now_ms() - used_at_ms) / 1000
        age_s = (now_ms() - found.created_at_ms) / 1000
        limits = self._prune_for(found.labels.get("openclaw.sessionKey", ""))
        if _is_stale(idle_s, age_s, limits):
            async with seat.lock:
                await self._engine.remove(found)
            self._uses.forget(found.name)
            log.info("sandbox container %s removed: idle %d h, age %d h", found.name, idle_s // 3600, age_s // 3600)


def selector(scope_key: str) -> str:
    """How `sandbox recreate` is told of the container of a scope key."""
    if scope_key == "shared":
        return "--all"
    if scope_key == f"agent:{agent_of(scope_key)}":
        return f"--agent {agent_of(scope_key)}"
    return f"--session {scope_key}"


def _is_held(seat: _Seat) -> bool:
    return seat.running > 0 or seat.lock.locked()


def _is_stale(idle_s: float, age_s: float, limits: SandboxPrune) -> bool:
    if limits.idle_hours and idle_s >= limits.idle_hours * 3600:
        return True
    return bool(limits.max_age_days) and age_s >= limits.max_age_days * 86_400 and idle_s >= HOT_S
