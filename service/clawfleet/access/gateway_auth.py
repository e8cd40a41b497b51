"""The shared secret of a gateway: where it comes from, and whether a caller knows it.

Source: protocol §6–7, config-and-cli §4.3. Comparison takes the same time whatever is sent.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from clawfleet.config.load import Snapshot
from clawfleet.config.substitute import unresolved
from clawfleet.core.errors import ConfigError
from clawfleet.core.ids import new_token
from clawfleet.protocol.handshake import CONTROL_UI, Client, Credentials
from clawfleet.store.files import write_private

log = logging.getLogger("clawfleet.access")

Mode = Literal["token", "password", "none"]
TOKEN_FILE = "gateway-token"  # noqa: S105 - a file's name


class NoSecret(ConfigError):
    """Authentication is asked for, but its secret is missing."""

    code = "AUTH_NOT_CONFIGURED"


class UnsafeBind(ConfigError):
    """The gateway would be open to the network."""

    code = "UNSAFE_BIND"

    def __init__(self, bind: str) -> None:
        super().__init__(
            f"Refusing to bind gateway to {bind} without auth.",
            hint="Set OPENCLAW_GATEWAY_TOKEN or OPENCLAW_GATEWAY_PASSWORD, or pass --token/--password.",
        )


@dataclass(frozen=True, slots=True)
class Denied:
    """A caller that is turned away: the text people know, and the structured details of the protocol."""

    message: str
    details: dict[str, Any]


@dataclass(slots=True)
class GatewayAuth:
    """How this gateway recognises its users. `secret` is None only in mode `none`; another one may be adopted."""

    mode: Mode
    secret: str | None = field(default=None, repr=False)
    source: str = "none"

    def adopt(self, other: GatewayAuth) -> bool:
        """Take over the secret of another auth of this mode; whether it is another one."""
        is_other = other.secret != self.secret
        self.secret, self.source = other.secret, other.source
        return is_other

    def admits(self, shown: str | None) -> bool:
        """Whether `shown` is the shared secret; always in mode `none`."""
        if self.secret is None:
            return self.mode == "none"
        return shown is not None and hmac.compare_digest(shown.encode(), self.secret.encode())

    def check(self, shown: Credentials, client: Client, *, local: bool) -> Denied | None:
        """None for a caller who knows the secret, whichever of the two fields it is in; else the refusal."""
        if self.mode == "none" or self.admits(shown.token) or self.admits(shown.password):
            return None
        missing = not (shown.token or shown.password)
        what, word = self.mode.upper(), "MISSING" if missing else "MISMATCH"
        hint = _hint(self.mode, client, local=local, missing=missing)
        return Denied(
            f"unauthorized: gateway {self.mode} {word.lower()} ({hint})",
            {
                "code": f"AUTH_{what}_{word}",
                "authReason": f"{self.mode}_{word.lower()}",
                "canRetryWithDeviceToken": False,
                "recommendedNextStep": "update_auth_configuration" if missing else "update_auth_credentials",
            },
        )


def _hint(mode: str, client: Client, *, local: bool, missing: bool) -> str:
    if client.id == CONTROL_UI:
        if mode == "password":
            return "enter the password in Control UI settings"
        if missing:
            return "paste in Control UI settings or openclaw doctor --generate-gateway-token; restart"
        return "open the dashboard URL and paste the token in Control UI settings"
    if client.id in ("cli", "openclaw-tui"):
        if local:
            return f"use this gateway's gateway.auth.{mode}" + (" or pair the device" if mode == "token" else "")
        return f"set gateway.remote.{mode} to match gateway.auth.{mode}"
    return "provide gateway auth token/password"


def resolve_auth(
    snapshot: Snapshot, store_dir: Path, *, token: str | None = None, password: str | None = None
) -> GatewayAuth:
    """The gateway's authentication: flags, then config, then environment, then the token kept in `store_dir`.

    With nothing configured, a token is made once and kept owner-only, so that it is the same after a restart.
    Raises `NoSecret` when the configured one cannot be had.
    """
    auth, environ = snapshot.config.gateway.auth, snapshot.environ
    configured_token = token or (auth.token.get_secret_value() if auth.token else None)
    configured_password = password or (auth.password.get_secret_value() if auth.password else None)
    for name, value in (("token", configured_token), ("password", configured_password)):
        if value is not None and (variable := unresolved(value)) is not None:
            raise NoSecret(
                f"gateway.auth.{name} needs {variable}; not set in process env, <stateDir>/.env or env.vars",
                hint=f"put {variable}=… into the .env file of the state directory",
            )
    mode = auth.mode or ("password" if configured_password and not configured_token else "token")
    if mode == "none":
        return GatewayAuth("none")
    if mode == "password":
        if secret := configured_password or environ.get("OPENCLAW_GATEWAY_PASSWORD"):
            return GatewayAuth("password", secret, "config" if configured_password else "environment")
        raise NoSecret(
            "Gateway auth is set to password, but no password is configured.",
            hint="Set gateway.auth.password (or OPENCLAW_GATEWAY_PASSWORD), or pass --password.",
        )
    if mode != "token":
        raise NoSecret(f"gateway.auth.mode {mode!r} is not supported by this release", hint="use token or password")
    if configured_token:
        return GatewayAuth("token", configured_token, "config")
    if secret := environ.get("OPENCLAW_GATEWAY_TOKEN"):
        return GatewayAuth("token", secret, "environment")
    return GatewayAuth("token", kept_token(store_dir) or _make_token(store_dir), str(store_dir / TOKEN_FILE))


def kept_token(store_dir: Path) -> str | None:
    """The token that a gateway of this state directory made for itself, None when there is none."""
    try:
        return (store_dir / TOKEN_FILE).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def _make_token(store_dir: Path) -> str:
    token = new_token()
    write_private(store_dir / TOKEN_FILE, f"{token}\n")
    log.info("no gateway token is configured: made one and keep it in %s", store_dir / TOKEN_FILE)
    return token
