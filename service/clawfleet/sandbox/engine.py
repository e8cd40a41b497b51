"""The seam to what containers are made with: Docker in earnest, a recorder in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from clawfleet.sandbox.place import Keyboard, Output
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import ContainerSpec


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

    async def image_id(self, image: str) -> str | None:
        """What the name of an image means now; None when there is no such image."""
        ...

    async def has_leftovers(self, found: Found) -> bool:
        """Whether more runs in it than the idle process that keeps it up."""
        ...

    async def stop(self, found: Found) -> None:
        """End everything that runs in it; stopped or gone already is fine."""
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
