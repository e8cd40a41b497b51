"""Who may come in: bind, auth mode, strength of the secret, origins. Judged by the config alone; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.gates import may_open
from clawfleet.config.load import Snapshot
from clawfleet.config.substitute import unresolved
from clawfleet.core.errors import ConfigError

MIN_SECRET_CHARS = 24
NAMES: Mapping[str, str] = {"token": "OPENCLAW_GATEWAY_TOKEN", "password": "OPENCLAW_GATEWAY_PASSWORD"}


def auth(scene: Scene) -> Iterator[Finding]:
    """Everything about the gateway's secret."""
    assert scene.snapshot is not None
    yield from judge_auth(scene.snapshot)


def exposure(scene: Scene) -> Iterator[Finding]:
    """Who can reach the port, and from which web pages."""
    assert scene.snapshot is not None
    yield from judge_exposure(scene.snapshot)
    yield from judge_proxies(scene.snapshot)


def judge_auth(snapshot: Snapshot) -> Iterator[Finding]:
    """Findings on `gateway.auth` of one config."""
    gateway, environ = snapshot.config.gateway, snapshot.environ
    written = {"token": _text(gateway.auth.token), "password": _text(gateway.auth.password)}
    for name, value in written.items():
        if variable := unresolved(value):
            text = f"gateway.auth.{name} needs {variable}, which is not set; the gateway does not start."
            yield Finding(
                "gateway.auth_unresolved", "error", text, f"gateway.auth.{name}", fix=f"openclaw secrets set {variable}"
            )
    if gateway.auth.mode == "none" and gateway.bind == "loopback":
        yield Finding(
            "gateway.loopback_no_auth",
            "warning",
            "Every user and web page of this machine may command the gateway: there is no secret.",
            "gateway.auth.mode",
            fix="openclaw config set gateway.auth.mode token",
        )
    name = "password" if gateway.auth.mode == "password" else "token"
    value, other = written[name], environ.get(NAMES[name])
    if value and other and value != other and not unresolved(value):
        text = f"{NAMES[name]} says something else; the config wins."
        yield Finding("gateway.auth_differs_from_env", "info", text, f"gateway.auth.{name}")
    secret = value or other
    if secret and not unresolved(secret) and len(secret) < MIN_SECRET_CHARS and gateway.auth.mode != "none":
        yield Finding(
            f"gateway.{name}_too_short",
            "warning",
            f"The gateway's {name} has {len(secret)} characters; fewer than {MIN_SECRET_CHARS} can be guessed.",
            f"gateway.auth.{name}" if value else NAMES[name],
            fix="openclaw doctor --generate-gateway-token" if name == "token" else f"choose a longer {name}",
        )


def judge_proxies(snapshot: Snapshot) -> Iterator[Finding]:
    """Findings on whom the gateway believes about its clients."""
    gateway = snapshot.config.gateway
    if gateway.auth.mode == "trusted-proxy":
        if not gateway.trusted_proxies:
            text = "Auth is left to a proxy, but no proxy is trusted: nobody can come in."
            yield Finding("gateway.trusted_proxy_no_proxies", "error", text, "gateway.trustedProxies")
        proxy = gateway.auth.trusted_proxy
        if proxy is not None and not proxy.allow_users:
            text = "Everybody whom the proxy lets through may command the gateway."
            yield Finding(
                "gateway.trusted_proxy_no_allowlist", "warning", text, "gateway.auth.trustedProxy.allowUsers",
                fix="name the users who may",
            )  # fmt: skip
    if gateway.allow_real_ip_fallback:
        text = "X-Real-IP is believed; a client behind a careless proxy can make up its address."
        yield Finding(
            "gateway.real_ip_fallback_enabled", "warning", text, "gateway.allowRealIpFallback",
            fix="openclaw config unset gateway.allowRealIpFallback",
        )  # fmt: skip
    if gateway.tailscale.mode == "funnel":
        text = "Tailscale Funnel brings the whole internet to the gateway's door."
        yield Finding(
            "gateway.tailscale_funnel", "error", text, "gateway.tailscale.mode",
            fix="openclaw config set gateway.tailscale.mode serve",
        )  # fmt: skip


def judge_exposure(snapshot: Snapshot) -> Iterator[Finding]:
    """Findings on `gateway.bind` and on the origins that may connect."""
    gateway = snapshot.config.gateway
    try:
        may_open(snapshot)
    except ConfigError as error:
        yield Finding("gateway.bind_no_auth", "error", error.message, "gateway.bind", fix=error.hint or "")
    else:
        if gateway.bind != "loopback" and not gateway.tls.enabled:
            where = f" ({gateway.custom_bind_host})" if gateway.bind == "custom" else ""
            yield Finding(
                "gateway.bind_network_accessible",
                "warning",
                f"gateway.bind is {gateway.bind}{where}: other machines reach the gateway, in clear text.",
                "gateway.bind",
                fix="openclaw config set gateway.tls.enabled true, or openclaw config set gateway.bind loopback",
            )
    if gateway.control_ui.dangerously_allow_host_header_origin_fallback:
        yield Finding(
            "gateway.control_ui.host_header_origin_fallback",
            "error" if gateway.bind != "loopback" else "warning",
            "Pages are let in by the Host header that they sent themselves.",
            "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback",
            fix="name the origins in gateway.controlUi.allowedOrigins instead",
        )
    if "*" in gateway.control_ui.allowed_origins:
        yield Finding(
            "gateway.control_ui.allowed_origins_wildcard",
            "error" if gateway.bind != "loopback" else "warning",
            "Any web page that the operator opens may connect to the gateway.",
            "gateway.controlUi.allowedOrigins",
            fix="name the origins, e.g. https://gateway.example.org",
        )


def _text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
