"""Whether a gateway may be started with this config; pure. Whether its secrets and addresses work is found out later.

Source: config-and-cli §4.1. A missing file is no gate: then the built-in config serves loopback with a kept token.
"""

from __future__ import annotations

from clawfleet.access.gateway_auth import UnsafeBind
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


def may_open(snapshot: Snapshot, *, bind: str | None = None, auth: str | None = None, has_secret: bool = False) -> None:
    """Return if the gateway may listen where it shall. Raises UnsafeBind (exit 78).

    Beyond loopback it needs a secret that somebody chose: by flag (`has_secret`), config or environment. One that
    the gateway would make for itself is known to nobody who is meant to come in. `bind` and `auth` are the flags.
    """
    gateway = snapshot.config.gateway
    where, mode = bind or gateway.bind, auth or gateway.auth.mode
    names = ("OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD")
    chosen = has_secret or gateway.auth.token or gateway.auth.password or any(snapshot.environ.get(n) for n in names)
    if where != "loopback" and (mode == "none" or not chosen):
        raise UnsafeBind(where)
