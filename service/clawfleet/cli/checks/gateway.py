"""The gateway's place on this host: its lock, its port, its version."""

from __future__ import annotations

from collections.abc import Iterator

from clawfleet import __version__
from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.mends import DropStaleLock
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.target import foreign_listener, foreign_mend
from clawfleet.config.env import gateway_port
from clawfleet.host.lock import LOCK_NAME


def lock(scene: Scene) -> Iterator[Finding]:
    """A lock file whose process is gone, or is not the one that wrote it."""
    note = scene.lock
    if note is None or note.alive:
        return
    path = scene.shown(scene.instance.store_dir / LOCK_NAME)
    yield Finding(
        "lock.stale",
        "warning",
        f"The gateway that wrote it (pid {note.pid}) ended without cleaning up; the next one takes it over.",
        path,
        fix="openclaw doctor --fix",
        mend=DropStaleLock(scene.instance.store_dir, path),
    )


def port_owner(scene: Scene) -> Iterator[Finding]:
    """Somebody else on the port where this instance's gateway is, or should be."""
    occupant = scene.occupant
    if occupant is not None and occupant.kind != "own":
        check_id = "port.other_gateway" if occupant.kind == "gateway" else "port.foreign_process"
        yield Finding(
            check_id,
            "error",
            foreign_listener(occupant, scene.place),
            f"port {occupant.port}",
            evidence=occupant.owner.address,
            fix=foreign_mend(occupant).removeprefix("Fix: "),
        )


def port_moved(scene: Scene) -> Iterator[Finding]:
    """A running gateway that serves another port than the config says."""
    running, snapshot = scene.running, scene.snapshot
    if running is None or snapshot is None:
        return
    port, source = gateway_port(scene.instance, snapshot.config)
    if port != running.port:
        yield Finding(
            "port.differs_from_config",
            "warning",
            f"The gateway serves port {running.port}; the config means {port} ({source}).",
            "gateway.port",
            evidence=f"pid {running.pid}",
            fix="openclaw gateway restart",
        )


def version(scene: Scene) -> Iterator[Finding]:
    """A gateway of another version than this command."""
    running = scene.running
    if running is not None and running.version and running.version != __version__:
        yield Finding(
            "gateway.version_differs",
            "warning",
            f"The running gateway has version {running.version}, this command {__version__}.",
            "gateway",
            evidence=f"pid {running.pid}",
            fix="openclaw gateway restart",
        )
