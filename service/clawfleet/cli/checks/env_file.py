"""The `.env` files: lines that say nothing, whether the gateway's user can read them, and changes since its start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.gateway_report import changed_env


def lines(scene: Scene) -> Iterator[Finding]:
    """Lines that are no assignment, and other things that resolving the instance had to say."""
    for warning in scene.instance.warnings:
        place, separator, what = warning.partition(": ")
        if separator and "not KEY=value" in what:
            file, _, line = place.rpartition(":")
            shown = f"{scene.shown(Path(file))}:{line}"
            yield Finding("env.line_ignored", "warning", what, shown, fix="write it as NAME=value")
        elif warning in scene.instance.unread_env:
            text = f"C{warning[1:]}. Its keys are missing here, and a gateway of this user would not start."
            yield Finding("env.unreadable", "error", text, fix="give it to the user of the gateway, mode 600")
        else:
            yield Finding("instance.overruled", "warning", warning)


def readable_by_gateway(scene: Scene) -> Iterator[Finding]:
    """A `.env` that belongs to somebody else than the state directory does, and that its owner cannot read."""
    state_dir, file = scene.instance.state_dir, scene.instance.state_dir / ".env"
    try:
        owner, info = state_dir.stat().st_uid, file.stat()
    except OSError:
        return
    if owner not in (info.st_uid, 0) and not info.st_mode & 0o004:
        yield Finding(
            "env.unreadable_by_gateway",
            "error",
            f"The user who owns the state dir (uid {owner}) cannot read it; its keys are missing there.",
            scene.shown(file),
            evidence=f"owner uid {info.st_uid}, mode {info.st_mode & 0o777:04o}",
            fix=f"sudo chown {owner} {file}",
        )


def changed_since_start(scene: Scene) -> Iterator[Finding]:
    """Variables of `.env` that the running gateway read before they were changed."""
    running = scene.running
    if running is None:
        return
    if names := changed_env(scene.instance, running):
        yield Finding(
            "env.changed_since_start",
            "warning",
            "The running gateway goes by older values of it.",
            scene.shown(scene.instance.state_dir / ".env"),
            evidence=", ".join(names),
            fix="openclaw secrets reload, or openclaw gateway restart",
        )
