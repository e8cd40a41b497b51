"""Takes away the sandbox containers of an instance: they outlive its gateway, and its files once those are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import PurePosixPath

from clawfleet.cli.checks.sandbox import wanted_images
from clawfleet.config.env import Instance
from clawfleet.config.models.root import Config
from clawfleet.core.counts import counted
from clawfleet.sandbox.daemon import Daemon
from clawfleet.sandbox.docker import Docker
from clawfleet.sandbox.failures import SandboxUnavailable
from clawfleet.sandbox.spec import instance_tag

PATIENCE_S = 30.0


def remove_containers(instance: Instance, config: Config | None, *, dry_run: bool = False) -> str:
    """What there is to say about it: how many went, or would, or why they could not; empty when there were none.

    Docker is asked only where a sandbox was ever wanted.
    """
    wanted = bool(wanted_images(config)) if config else False
    try:
        instance_id = (instance.store_dir / "instance-id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    if not wanted and not (instance.state_dir / "sandboxes").is_dir():
        return ""
    tag = instance_tag(instance_id, PurePosixPath(instance.state_dir))
    try:
        count = asyncio.run(_remove(instance.environ, tag, dry_run=dry_run))
    except (SandboxUnavailable, TimeoutError) as error:
        why = str(error) or "Docker did not answer"
        return f"Sandbox containers may be left ({why}): they have the label openclaw.instance={tag}"
    word = "Would remove" if dry_run else "Removed"
    return f"{word} {counted(count, 'sandbox container')}" if count else ""


async def _remove(environ: Mapping[str, str], tag: str, *, dry_run: bool) -> int:
    daemon = Daemon(environ)
    docker = Docker(daemon)
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await docker.of_instance(tag)
            for container in [] if dry_run else found:
                await docker.remove(container)
            return len(found)
    finally:
        daemon.close()
