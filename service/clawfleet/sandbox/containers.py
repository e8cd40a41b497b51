"""The containers of one gateway: made when first needed, found again by name, replaced when the config changed.

One container per sandbox scope. It outlives turns and the gateway itself: after a restart it is adopted, or replaced
when its settings are no longer the configured ones. `close()` leaves containers as they are; what is idle or old as of
`sandbox.prune` is removed while others are used. Other gateways' containers are never touched.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from clawfleet.config.models.sandbox import SandboxPrune
from clawfleet.core.clock import now_ms
from clawfleet.core.tasks import Tasks
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.place import Keyboard, Output
from clawfleet.sandbox.reuse import HOT_S, Found, choose
from clawfleet.sandbox.spec import ContainerSpec

log = logging.getLogger("clawfleet.sandbox")

PRUNE_EVERY_S = 300.0


@dataclass(frozen=True, slots=True)
class Execution:
    """One program inside a container. `env` comes on top of the container's own.

    `stdin` is all of its input; with a `keyboard` it runs on a terminal and is typed to instead. `started` is
    called when it runs.
    """

    argv: Sequence[str]
    workdir: str
    env: Mapping[str, str] = field(repr=False)
    stdin: bytes = field(default=b"", repr=False)
    keyboard: Keyboard | None = None
    started: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)


class Engine(Protocol):
    """What containers are made with. Everything raises `SandboxUnavailable` when it cannot be done."""

    async def find(self, name: str) -> Found | None:
        """The container of that name, running or not."""
        ...

    async def of_instance(self, tag: str) -> list[Found]:
        """Every sandbox container of one gateway."""
        ...

    async def create(self, spec: ContainerSpec) -> Found:
        """A new container that does not run yet."""
        ...

    async def start(self, found: Found) -> None:
        """Start it; running already is fine."""
        ...

    async def remove(self, found: Found) -> None:
        """End and remove it; gone already is fine."""
        ...

    async def execute(self, container_id: str, execution: Execution, output: Output) -> int:
        """The exit code of a program run inside. When cancelled, ends the program and all its children first."""
        ...

    async def close(self) -> None:
        """Let go of the engine; containers stay."""
        ...


@dataclass(slots=True)
class _Seat:
    """What this gateway remembers of one container. `used_at` is monotonic; None: not used by this process."""

    seen_at: float
    used_at: float | None = None
    running: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def idle_s(self) -> float | None:
        if self.running:
            return 0.0
        return None if self.used_at is None else time.monotonic() - self.used_at


class Containers:
    """Runs programs in containers that are what their spec says."""

    def __init__(self, engine: Engine, tag: str, prune_for: Callable[[str], SandboxPrune]) -> None:
        """`prune_for` says how long the container of a scope key is kept."""
        self._engine = engine
        self._tag = tag
        self._prune_for = prune_for
        self._seats: dict[str, _Seat] = {}
        self._pruned_at = time.monotonic()
        self._tasks = Tasks()

    async def execute(self, spec: ContainerSpec, execution: Execution, output: Output) -> int:
        """The exit code of `execution` in the container of `spec`, which is made ready first."""
        self._prune_when_due()
        seat = self._seats.setdefault(spec.name, _Seat(time.monotonic()))
        async with seat.lock:
            found = await self._ready(spec, seat.idle_s())
            seat.running += 1
        try:
            return await self._engine.execute(found.id, execution, output)
        finally:
            seat.running -= 1
            seat.used_at = time.monotonic()

    async def close(self) -> None:
        """Stop looking after containers; they stay, and the next start finds them."""
        await self._tasks.close()
        await self._engine.close()

    async def _ready(self, spec: ContainerSpec, idle_s: float | None) -> Found:
        """A running container for `spec`."""
        found = await self._engine.find(spec.name)
        step = choose(found, spec, idle_s)
        if step == "foreign":
            raise SandboxUnavailable(
                f"The container {spec.name} belongs to another gateway.",
                hint="give this gateway its own agents.defaults.sandbox.docker.containerPrefix",
            )
        if step in ("keep", "refuse"):
            changed = f"Sandbox config changed for {spec.name} (recently used)."
            if step == "refuse":
                raise SandboxUnavailable(
                    f"{changed} It holds other directories than configured. "
                    f"Recreate to apply: docker rm -f {spec.name}",
                    hint=f"it is recreated by itself after {HOT_S / 60:.0f} minutes without use",
                )
            log.warning("%s Recreate to apply: docker rm -f %s", changed, spec.name)
        if found is None or step in ("create", "replace"):
            return await self._make(spec, found)
        if step == "start":
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
        code = await self._engine.execute(found.id, execution, said.extend)
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
        seat = self._seats.setdefault(found.name, _Seat(time.monotonic()))
        if _is_held(seat):
            return
        idle_s = time.monotonic() - (seat.used_at or seat.seen_at)
        age_s = (now_ms() - found.created_at_ms) / 1000
        limits = self._prune_for(found.labels.get("openclaw.sessionKey", ""))
        if _is_stale(idle_s, age_s, limits):
            async with seat.lock:
                await self._engine.remove(found)
            log.info("sandbox container %s removed: idle %d h, age %d h", found.name, idle_s // 3600, age_s // 3600)


def _is_held(seat: _Seat) -> bool:
    return seat.running > 0 or seat.lock.locked()


def _is_stale(idle_s: float, age_s: float, limits: SandboxPrune) -> bool:
    if limits.idle_hours and idle_s >= limits.idle_hours * 3600:
        return True
    return bool(limits.max_age_days) and age_s >= limits.max_age_days * 86_400 and idle_s >= HOT_S
