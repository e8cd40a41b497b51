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
from clawfleet.config.models.gateway import Gateway
from clawfleet.config.substitute import lacking, unresolved
from clawfleet.core.errors import ConfigError
from clawfleet.core.ids import new_token
from clawfleet.protocol.handshake import CONTROL_UI, Client, Credentials
from clawfleet.store.files import write_private

log = logging.getLogger("clawfleet.access")

Mode = Literal["token", "password", "none", "trusted-proxy"]
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


class UnsafeTailscale(ConfigError):
    """Tailscale would lead to a gateway that is not made for it."""

    code = "UNSAFE_TAILSCALE"


def check_tailscale(gateway: Gateway, mode: Mode) -> None:
    """Return if Tailscale may lead to the gateway whose auth is of `mode`. Raises UnsafeTailscale (exit 78)."""
    if (conflict := gateway.tailscale_conflict) is not None:
        raise UnsafeTailscale(conflict)
    if gateway.tailscale.mode == "funnel" and mode != "password":
        raise UnsafeTailscale(
            "tailscale funnel requires gateway auth mode=password "
            "(set gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD)",
            hint="everybody on the internet can then try it: make it long",
        )


@dataclass(frozen=True, slots=True)
class Denied:
    """A caller that is turned away: the text people know, and the structured details of the protocol.

    `is_guess`: a credential was shown and it was wrong, which counts against the caller.
    """

    message: str
    details: dict[str, Any]
    is_guess: bool = False


@dataclass(slots=True)
class GatewayAuth:
    """How this gateway recognises its users. `secret` is None in mode `none`, and where a proxy alone decides.

    Everybody who asks holds the same object, so that another secret, once adopted, counts everywhere at once.
    """

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
        if self.mode == "trusted-proxy":
            return None if local and self.secret is not None and self._is_shown(shown) else unauthorized("unauthorized")
        if self.mode == "none" or self._is_shown(shown):
            return None
        missing = not shown.is_shared
        what, word = self.mode.upper(), "MISSING" if missing else "MISMATCH"
        hint = _hint(self.mode, client, local=local, missing=missing)
        details = _details(
            f"AUTH_{what}_{word}",
            f"{self.mode}_{word.lower()}",
            "update_auth_configuration" if missing else "update_auth_credentials",
        )
        return Denied(f"unauthorized: gateway {self.mode} {word.lower()} ({hint})", details, is_guess=not missing)

    def _is_shown(self, shown: Credentials) -> bool:
        return self.admits(shown.token) or self.admits(shown.password)


def unauthorized(reason: str) -> Denied:
    """The refusal of somebody for whom the proxy did not vouch. `reason` is one of `proxies.vouched`."""
    is_header = reason.startswith("trusted_proxy_missing_header")
    code = "AUTH_IDENTITY_HEADER_REQUIRED" if is_header else "AUTH_UNAUTHORIZED"
    return Denied("unauthorized", _details(code, reason, "review_auth_configuration"))


def device_token_mismatch() -> Denied:
    """The refusal of a token that is not, or no more, the device's."""
    return Denied(
        "unauthorized: device token mismatch (rotate/reissue device token)",
        _details("AUTH_DEVICE_TOKEN_MISMATCH", "device_token_mismatch", "update_auth_credentials"),
        is_guess=True,
    )


def scope_mismatch() -> Denied:
    """The refusal of a good device token that carries less than is asked for."""
    return Denied(
        "unauthorized: device token scope mismatch (re-pair or approve scope upgrade)",
        _details("AUTH_SCOPE_MISMATCH", "scope_mismatch", "review_auth_configuration"),
    )


def bootstrap_invalid() -> Denied:
    """The refusal of a setup code."""
    return Denied(
        "unauthorized: setup code invalid, expired, revoked, or already used "
        "(create a new code; review `openclaw devices list`)",
        _details("AUTH_BOOTSTRAP_TOKEN_INVALID", "bootstrap_token_invalid", "review_auth_configuration"),
        is_guess=True,
    )


def rate_limited() -> Denied:
    """The refusal of a caller that was wrong too often; nothing it showed was looked at."""
    return Denied(
        "unauthorized: too many failed authentication attempts (retry later)",
        _details("AUTH_RATE_LIMITED", "rate_limited", "wait_then_retry"),
    )


def _details(code: str, reason: str, next_step: str) -> dict[str, Any]:
    return {
        "code": code,
        "authReason": reason,
        "canRetryWithDeviceToken": False,
        "recommendedNextStep": next_step,
    }


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
                lacking(f"gateway.auth.{name}", variable),
                hint=None if " " in variable else f"put {variable}=… into the .env file of the state directory",
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
    if mode == "trusted-proxy":
        return _behind_proxy(snapshot, token, configured_password or environ.get("OPENCLAW_GATEWAY_PASSWORD"))
    if configured_token:
        return GatewayAuth("token", configured_token, "config")
    if secret := environ.get("OPENCLAW_GATEWAY_TOKEN"):
        return GatewayAuth("token", secret, "environment")
    return GatewayAuth("token", kept_token(store_dir) or _make_token(store_dir), str(store_dir / TOKEN_FILE))


def _behind_proxy(snapshot: Snapshot, token: str | None, password: str | None) -> GatewayAuth:
    """Auth by a trusted proxy; callers on this machine may show the password instead, if there is one."""
    gateway = snapshot.config.gateway
    if token or gateway.auth.token or snapshot.environ.get("OPENCLAW_GATEWAY_TOKEN"):
        raise NoSecret(
            "gateway auth mode is trusted-proxy, but a shared token is also configured",
            hint="remove gateway.auth.token and OPENCLAW_GATEWAY_TOKEN, or set gateway.auth.mode to token",
        )
    if gateway.auth.trusted_proxy is None or not gateway.trusted_proxies:
        raise NoSecret(
            "gateway auth mode is trusted-proxy, but the proxy is not configured",
            hint="set gateway.trustedProxies and gateway.auth.trustedProxy.userHeader",
        )
    return GatewayAuth("trusted-proxy", password, "proxy")


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
