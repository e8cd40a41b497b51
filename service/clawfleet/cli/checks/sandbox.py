"""Where tools run: Docker and the image when a sandbox is asked for, and settings that no sandbox uses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from operator import methodcaller
from pathlib import Path, PurePosixPath

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.config.models.root import Config
from clawfleet.config.models.sandbox import Sandbox, SandboxDocker
from clawfleet.routing.roster import Roster
from clawfleet.sandbox.daemon import Daemon
from clawfleet.sandbox.directories import resolved_binds
from clawfleet.sandbox.failures import SandboxForbidden, SandboxUnavailable
from clawfleet.sandbox.spec import Site, mounts_for, settings_for

PATIENCE_S = 5.0


def docker(scene: Scene) -> Iterator[Finding]:
    """Whether Docker answers and has the images of all agents that want a sandbox."""
    assert scene.snapshot is not None
    images = wanted_images(scene.snapshot.config)
    if images:
        yield from asyncio.run(_look(scene.instance.environ, images))


def unused_settings(scene: Scene) -> Iterator[Finding]:
    """Docker settings while no sandbox is used: somebody may believe that tools are confined."""
    assert scene.snapshot is not None
    sandbox = scene.snapshot.config.agents.defaults.sandbox
    if sandbox.mode == "off" and sandbox.docker != SandboxDocker():
        yield Finding(
            "sandbox.docker_config_mode_off",
            "warning",
            "Docker settings are there, but agents.defaults.sandbox.mode is off: tools run on this host.",
            "agents.defaults.sandbox.mode",
            fix="openclaw config set agents.defaults.sandbox.mode non-main",
        )


def mounts(scene: Scene) -> Iterator[Finding]:
    """What sandboxes are to be shown and never will be: until it is mended no tool works there."""
    assert scene.snapshot is not None
    agents = scene.snapshot.config.agents
    roster = Roster.of(scene.snapshot.config, scene.instance.workspace)
    state_dir = PurePosixPath(scene.instance.state_dir.resolve())
    site = Site("", state_dir, state_dir / "sandboxes", PurePosixPath(scene.instance.environ.get("HOME") or "/root"))
    seen: set[str] = set()
    for agent in roster.agents.values():
        sandbox = settings_for(agents, agent.id)
        try:
            if sandbox.mode != "off":
                workspace = PurePosixPath(Path(agent.workspace).resolve())
                mounts_for(sandbox, site, f"agent:{agent.id}", workspace, resolved_binds(sandbox.docker))
        except SandboxForbidden as error:
            if error.message not in seen:
                key = f"agents.entries.{agent.id}.sandbox" if agent.id in agents.entries else "agents.defaults.sandbox"
                yield Finding("sandbox.mount_refused", "error", error.message, key, fix=error.hint or "")
            seen.add(error.message)


def wanted_images(config: Config) -> Mapping[str, str]:
    """The images of the sandboxes that are switched on, each with the key that asks for it."""
    found: dict[str, str] = {}
    places: list[tuple[str, Sandbox | None]] = [("agents.defaults", config.agents.defaults.sandbox)]
    places += [(f"agents.entries.{name}", entry.sandbox) for name, entry in config.agents.entries.items()]
    for place, sandbox in places:
        if sandbox is not None and sandbox.mode != "off":
            found.setdefault(sandbox.docker.image, f"{place}.sandbox")
    return found


async def _look(environ: Mapping[str, str], images: Mapping[str, str]) -> list[Finding]:
    daemon = Daemon(environ)
    found = []
    try:
        for image, key in images.items():
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await daemon.call(methodcaller("inspect_image", image), image=image)
            except SandboxUnavailable as error:
                missing = error.message.startswith("Sandbox image not found")
                check_id = "sandbox.image_missing" if missing else "sandbox.docker_unavailable"
                found.append(Finding(check_id, "error", error.message, key, fix=error.hint or ""))
            except TimeoutError:
                text = f"Docker did not answer within {PATIENCE_S:g} seconds."
                found.append(Finding("sandbox.docker_unavailable", "error", text, key, fix="docker info"))
    finally:
        daemon.close()
    return found
