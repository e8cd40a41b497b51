"""Whether the running gateway lets this command in and can do its work; asked only with `--deep`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.target import Ask, open_gateway
from clawfleet.core.errors import GatewayError

PATIENCE_MS = 5_000


def answers(scene: Scene) -> Iterator[Finding]:
    """A gateway that holds its lock and does not answer, and channels of it that are down."""
    running = scene.running
    if running is None:
        return
    try:
        with open_gateway(scene.context, Ask(timeout_ms=PATIENCE_MS), scopes=("operator.read",)) as gateway:
            health = gateway.call("health")
    except GatewayError as error:
        yield Finding(
            "gateway.probe_failed",
            "error",
            error.message,
            "gateway",
            evidence=f"pid {running.pid}, port {running.port}",
            fix=(error.hint or "openclaw logs").splitlines()[0],
        )
        return
    yield from judge_health(health)


def judge_health(health: dict[str, Any]) -> Iterator[Finding]:
    """One finding for each channel that is configured and not connected."""
    for name, row in (health.get("channels") or {}).items():
        if isinstance(row, dict) and row.get("configured") and row.get("lastError"):
            text = f"The channel does not work: {row['lastError']}"
            fix = "openclaw channels status --probe"
            yield Finding("channels.down", "warning", text, f"channels.{name}", fix=fix)
