"""Whether a gateway may be started with this config; pure. Secrets and addresses are judged where they are used.

Source: config-and-cli §4.1. A missing file is no gate: then the built-in config serves loopback with a kept token.
"""

from __future__ import annotations

from clawfleet.config.load import Snapshot
from clawfleet.core.errors import ConfigError


class StartBlocked(ConfigError):
    """The config is valid, but does not say that this machine runs a gateway."""

    code = "START_BLOCKED"


def may_start(snapshot: Snapshot, *, allow_unconfigured: bool) -> None:
    """Return if `gateway.mode` lets this machine run the gateway. Raises StartBlocked (exit 78)."""
    mode = snapshot.config.gateway.mode
    if mode == "local" or allow_unconfigured:
        return
    if mode is None:
        raise StartBlocked(
            "Gateway start blocked: existing config is missing gateway.mode.",
            hint="openclaw config set gateway.mode local (or pass --allow-unconfigured)",
        )
    raise StartBlocked(
        f"Gateway start blocked: set gateway.mode=local (current: {mode}) or pass --allow-unconfigured.",
        hint="openclaw config set gateway.mode local",
    )
