"""An engine without Docker: containers in a dict, programs as told, everything that was asked in order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from clawfleet.core.clock import now_ms
from clawfleet.sandbox.engine import Execution
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.place import Output
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import ContainerSpec


class RecordingEngine:
    """`steps` has what was done; `codes` answers programs by their last argument; `hold` keeps programs running.

    `entered` and `removed` count up with every program begun and container removed; acquire them to wait for one.
    """

    def __init__(self) -> None:
        self.containers: dict[str, Found] = {}
        self.steps: list[str] = []
        self.executions: list[Execution] = []
        self.image_ids: dict[str, str] = {}
        self.leftovers: set[str] = set()
        self.codes: dict[str, int] = {}
        self.said = b""
        self.hold: asyncio.Event | None = None
        self.entered = asyncio.Semaphore(0)
        self.removed = asyncio.Semaphore(0)
        self.broken: SandboxUnavailable | None = None
        self.is_closed = False
        self._count = 0

    async def find(self, name: str) -> Found | None:
        if self.broken:
            raise self.broken
        return self.containers.get(name)

    async def of_instance(self, tag: str) -> list[Found]:
        if self.broken:
            raise self.broken
        return [each for each in self.containers.values() if each.labels.get("openclaw.instance") == tag]

    async def create(self, spec: ContainerSpec) -> Found:
        self.steps.append(f"create {spec.image}")
        await asyncio.sleep(0)
        return self.put(spec.name, spec.labels, running=False)

    async def image_id(self, image: str) -> str | None:
        return self.image_ids.get(image)

    async def has_leftovers(self, found: Found) -> bool:
        self.steps.append("look")
        return found.name in self.leftovers

    async def stop(self, found: Found) -> None:
        self.steps.append("stop")
        self.leftovers.discard(found.name)
        self.put(found.name, found.labels, running=False)

    async def start(self, found: Found) -> None:
        self.steps.append("start")
        self.put(found.name, found.labels, running=True)

    async def remove(self, found: Found) -> None:
        self.steps.append("remove")
        self.containers.pop(found.name, None)
        self.removed.release()

    async def execute(self, container_id: str, execution: Execution, output: Output) -> int:
        self.executions.append(execution)
        self.entered.release()
        output(self.said)
        if self.hold is not None:
            await self.hold.wait()
        return self.codes.get(execution.argv[-1], 0)

    async def close(self) -> None:
        self.is_closed = True

    def put(
        self, name: str, labels: Mapping[str, str], *, running: bool = True, created_at_ms: int | None = None
    ) -> Found:
        """A container that is simply there."""
        self._count += 1
        created = now_ms() if created_at_ms is None else created_at_ms
        self.containers[name] = Found(f"id{self._count}", name, running, created, labels, "image:1", "old")
        return self.containers[name]
