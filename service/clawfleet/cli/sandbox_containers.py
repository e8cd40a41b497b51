"""This instance's sandbox containers, as a command sees them: listed and removed through Docker, gateway or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from clawfleet.config.env import Instance
from clawfleet.sandbox.daemon import Daemon
from clawfleet.sandbox.docker import Docker
from clawfleet.sandbox.failures import PackageMissing, SandboxUnavailable
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import instance_tag
from clawfleet.sandbox.uses import Uses

T = TypeVar("T")

PATIENCE_S = 30.0


def scope_of(found: Found) -> str:
    """What the container is for: a session key, `agent:<id>` or `shared`."""
    return found.labels.get("openclaw.sessionKey", "")


def containers_of(instance: Instance) -> list[Found]:
    """The containers of this instance; none when no gateway ever ran here, or none could make one.

    Raises SandboxUnavailable.
    """
    tag = tag_of(instance)
    try:
        return [] if tag is None else _with_docker(instance, lambda docker: docker.of_instance(tag))
    except PackageMissing:
        return []


def images_now(instance: Instance, images: Iterable[str]) -> dict[str, str | None]:
    """What each image's name means now; None when there is no such image. Raises SandboxUnavailable."""

    async def work(docker: Docker) -> dict[str, str | None]:
        return {image: await docker.image_id(image) for image in sorted(set(images))}

    return _with_docker(instance, work)


def remove_containers(instance: Instance, containers: Sequence[Found]) -> list[tuple[Found, str]]:
    """End and remove them; those that could not be, with the reason. Raises SandboxUnavailable without Docker."""
    uses = Uses(instance.state_dir)

    async def work(docker: Docker) -> list[tuple[Found, str]]:
        failed = []
        for found in containers:
            try:
                await docker.remove(found)
                uses.forget(found.name)
            except SandboxUnavailable as error:
                failed.append((found, error.message))
        return failed

    return _with_docker(instance, work)


def tag_of(instance: Instance) -> str | None:
    """What this instance's containers are marked with; None when no gateway ever ran here."""
    try:
        instance_id = (instance.store_dir / "instance-id").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return instance_tag(instance_id, PurePosixPath(instance.state_dir.resolve()))


def _with_docker(instance: Instance, work: Callable[[Docker], Awaitable[T]]) -> T:
    async def run() -> T:
        docker = Docker(Daemon(instance.environ))
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await work(docker)
        except TimeoutError:
            raise SandboxUnavailable(f"Docker did not answer within {PATIENCE_S:.0f} seconds.") from None
        finally:
            await docker.close()

    return asyncio.run(run())
