"""Which gateway a command talks to and with which credential, from its flags, the lock, the config and the environment.

Also what a failed connection really means: a refusal from somebody else's listener is not an authentication problem
(config-and-cli §11). Source: config-and-cli §1.1, §4.3, §6.1.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from clawfleet.access.locality import is_loopback
from clawfleet.cli.client import (
    GatewayClient,
    GatewayClosed,
    GatewaySilent,
    GatewayUnreachable,
    Mode,
    NotAGateway,
    Target,
)
from clawfleet.cli.context import CliContext
from clawfleet.cli.pins import CLEAR_TEXT, Fingerprint, LocalTls
from clawfleet.cli.refusals import ConnectRefused
from clawfleet.config.env import gateway_port
from clawfleet.config.substitute import unresolved
from clawfleet.core.errors import ConfigError, GatewayError, HostError, RequestError
from clawfleet.host.gateways import Occupant, find_occupant
from clawfleet.host.lock import LockInfo, read_lock
from clawfleet.host.ports import is_held_by
from clawfleet.host.process import is_same_process

if TYPE_CHECKING:  # pydantic is not paid for by commands that do not read the config
    from pydantic import SecretStr

    from clawfleet.config.models.gateway import GatewayRemote
    from clawfleet.config.models.root import Config

TIMEOUT_MS = 10_000


@dataclass(frozen=True, slots=True)
class Ask:
    """The flags that say which gateway is asked, and how long to wait for it."""

    url: str | None = None
    port: int | None = None
    token: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    timeout_ms: int = TIMEOUT_MS
    tls_fingerprint: str | None = None

    @property
    def timeout_s(self) -> float:
        """The patience in seconds."""
        return self.timeout_ms / 1000


@dataclass(frozen=True, slots=True)
class Place:
    """The gateway of an instance as this host knows it: where it should be, and the lock it holds if it runs.

    `port_source` is `flag`, `lock`, or one of config.env.gateway_port. `config_error` says why the config was not used.
    """

    port: int
    port_source: str
    lock: LockInfo | None
    store_dir: Path
    config_path: Path
    config: Config | None
    config_error: ConfigError | None
    environ: Mapping[str, str] = field(repr=False)
    tls: LocalTls = CLEAR_TEXT

    @property
    def identity_dir(self) -> Path:
        """Where this instance keeps what it is to other gateways."""
        return self.store_dir / "identity"

    @property
    def ws_url(self) -> str:
        """`ws://127.0.0.1:18789`, by TLS `wss://127.0.0.1:18789`."""
        return self.tls.url("ws", self.port)

    @property
    def http_url(self) -> str:
        """The Control UI's address, without the token: `http://127.0.0.1:18789/`."""
        prefix = self.config.gateway.control_ui.prefix if self.config else ""
        return f"{self.tls.url('http', self.port)}{prefix}/"


class ForeignListener(HostError):
    """The port belongs to a process that is not this instance's gateway."""

    code = "FOREIGN_LISTENER"


def asks_gateway(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the flags `--url --port --token --password --timeout --tls-fingerprint` as one parameter `ask`."""

    @click.option("--url", metavar="URL", help="Another gateway: ws://host:port. Needs --token or --password.")
    @click.option("--port", type=click.IntRange(1, 65535), metavar="PORT", help="Port of a gateway on this machine.")
    @click.option("--token", metavar="TOKEN", help="The gateway's token.")
    @click.option("--password", metavar="PASSWORD", help="The gateway's password.")
    @click.option(
        "--timeout", "timeout_ms", type=click.IntRange(min=1), default=TIMEOUT_MS, show_default=True, metavar="MS",
        help="How long to wait for an answer, in milliseconds.",
    )  # fmt: skip
    @click.option(
        "--tls-fingerprint", type=Fingerprint(), metavar="SHA256",
        help="The only certificate to trust there. Unset: gateway.remote.tlsFingerprint, or this gateway's own.",
    )  # fmt: skip
    @functools.wraps(command)
    def with_ask(
        *args: Any, url: str | None, port: int | None, token: str | None, password: str | None, timeout_ms: int,
        tls_fingerprint: str | None, **more: Any,
    ) -> Any:  # fmt: skip
        return command(*args, ask=Ask(url, port, token, password, timeout_ms, tls_fingerprint), **more)

    return with_ask


def find_place(context: CliContext, port: int | None = None) -> Place:
    """Where the gateway of this instance is. A running one's own lock names its port better than the config does."""
    from clawfleet.config.models.root import Config

    instance = context.instance
    snapshot, error = context.snapshot_or_error
    config = snapshot.config if snapshot else None
    lock = read_lock(instance.store_dir)
    if port is not None:
        chosen = (port, "flag")
    elif lock is not None and lock.alive:
        chosen = (lock.port, "lock")
    else:
        chosen = gateway_port(instance, config or Config())
    environ = snapshot.environ if snapshot else instance.environ
    serving = lock if lock is not None and lock.alive and lock.port == chosen[0] else None
    tls = LocalTls.of(instance, serving, config.gateway.tls if config else None)
    return Place(*chosen, lock, instance.store_dir, instance.config_path, config, error, environ, tls)


def resolve_target(place: Place, ask: Ask) -> Target:
    """Whom to connect to: a gateway named by flag, environment or `gateway.remote`, else this instance's own.

    Raises RequestError for a URL that nothing is known to open, ConfigError when only the broken config knows.
    """
    target = _target(place, ask)
    return replace(target, pin=ask.tls_fingerprint or _known_pin(place, target.url))


def _target(place: Place, ask: Ask) -> Target:
    remote = _remote_config(place)
    if url := ask.url or place.environ.get("OPENCLAW_GATEWAY_URL"):
        return _remote(url, place, ask, given=None if ask.url else "env")
    if remote is not None and ask.port is None:
        return _remote(str(remote.url), place, ask, given="config")
    if ask.token or ask.password:
        return Target(place.ws_url, ask.token, ask.password, "flag", ask.timeout_s)
    for source, token, password in _secrets(place):
        if token or password:
            return Target(place.ws_url, token, password, source, ask.timeout_s)
    if place.config_error is not None:
        raise place.config_error
    return Target(place.ws_url, source="device", timeout_s=ask.timeout_s, identity_dir=place.identity_dir)


def open_gateway(
    context: CliContext, ask: Ask, *, mode: Mode = "cli", scopes: tuple[str, ...] = ("operator.admin",)
) -> GatewayClient:
    """A connection to the gateway meant, or what really keeps us from it. Raises GatewayError."""
    place = find_place(context, ask.port)
    target = resolve_target(place, ask)
    check_holder(place, target)
    try:
        return GatewayClient.open(target, mode=mode, scopes=scopes)
    except (GatewayUnreachable, GatewaySilent, NotAGateway, GatewayClosed, ConnectRefused) as error:
        if target.url != place.ws_url:
            raise
        raise explain(error, place, find_occupant(place.port, store_dir=place.store_dir)) from error


def check_holder(place: Place, target: Target) -> None:
    """Return if this instance's secret may be shown at its port. Raises ForeignListener when a stranger holds it.

    Whoever listens would learn the secret. One that was typed is meant for whoever is asked.
    """
    if target.url != place.ws_url or target.source in ("flag", "none") or _is_our_process(place):
        return
    occupant = find_occupant(place.port, store_dir=place.store_dir)
    if occupant is not None and not may_be_ours(occupant):
        raise ForeignListener(foreign_listener(occupant, place), hint=foreign_mend(occupant))


def _is_our_process(place: Place) -> bool:
    """Whether the process that holds the state lock holds the port too; also when only the system could tell."""
    lock = place.lock
    if lock is None or not lock.alive or lock.port != place.port:
        return False
    if is_held_by(lock.pid, place.port) is not False:
        return True
    # The note's pid means another process here when the gateway runs in a container that shares the state dir.
    return not is_same_process(lock.pid, lock.started_at_ms)


def may_be_ours(occupant: Occupant) -> bool:
    """Whether the holder is this instance's gateway, or a hidden process whose user could read the secret anyway.

    Hidden are gateways in containers: they listen as this user or as root.
    """
    if occupant.kind == "own":
        return True
    return occupant.owner.pid is None and occupant.owner.uid in (None, 0, os.getuid())


def explain(error: GatewayError, place: Place, occupant: Occupant | None) -> GatewayError:
    """A failed connection to this host as it is: a listener that is not ours is named, instead of what it answered."""
    if isinstance(error, GatewayUnreachable):
        return GatewayUnreachable(error.message, hint=_where(error, place))
    if occupant is None or occupant.kind == "own":
        return error
    return ForeignListener(foreign_listener(occupant, place), hint=foreign_mend(occupant))


def foreign_listener(occupant: Occupant, place: Place) -> str:
    """Who holds the port in place of this instance's gateway, and where that gateway is, if it runs."""
    ours = f"state dir {place.store_dir.parent}"
    if place.lock and place.lock.alive:
        ours += f", pid {place.lock.pid} on port {place.lock.port}"
    what = "another gateway" if occupant.kind == "gateway" else "something that is not a gateway"
    return f"Port {occupant.port} is held by {what}, {occupant.describe()}; not by this instance's gateway ({ours})"


def foreign_mend(occupant: Occupant) -> str:
    """What to do about a port held by somebody else."""
    if occupant.kind == "gateway":
        return (
            "Fix: ask that gateway by its own --profile, OPENCLAW_STATE_DIR or --token, or give this instance "
            "another port: openclaw config set gateway.port <port>"
        )
    return "Fix: stop that process, or give this instance another port: openclaw config set gateway.port <port>"


def _remote(url: str, place: Place, ask: Ask, *, given: str | None) -> Target:
    """The gateway at `url`; `given` says who named it, and so whose credential may go there (None: a flag did)."""
    url = _ws_url(url)
    token, password, source = ask.token, ask.password, "flag"
    if given and not (token or password):
        token, password, source = *_given_secret(place, given), given
    has_secret = bool(token or password)
    host = urlsplit(url).hostname
    if has_secret and (host == "localhost" or is_loopback(host)):
        return Target(url, token, password, source, ask.timeout_s)
    if not has_secret and not _is_known_device(place.identity_dir, url):
        raise RequestError(
            f"{url} is not this instance's gateway, so its credential must be given explicitly",
            hint="add --token <token> or --password <password>; a device that it has approved needs neither",
        )
    return Target(url, token, password, source if has_secret else "device", ask.timeout_s, place.identity_dir)


def _ws_url(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if separator and scheme in {"http", "https"}:
        return f"{'wss' if scheme == 'https' else 'ws'}://{rest}"
    return url


def _given_secret(place: Place, given: str) -> tuple[str | None, str | None]:
    """Token and password for the gateway that the environment, or the config, names."""
    if given == "config" and (remote := _remote_config(place)) and (remote.token or remote.password):
        return _plain(remote.token), _plain(remote.password)
    return place.environ.get("OPENCLAW_GATEWAY_TOKEN"), place.environ.get("OPENCLAW_GATEWAY_PASSWORD")


def _remote_config(place: Place) -> GatewayRemote | None:
    """`gateway.remote` where the config says that this machine uses another's gateway."""
    gateway = place.config.gateway if place.config else None
    return gateway.remote if gateway and gateway.mode == "remote" and gateway.remote.url else None


def _known_pin(place: Place, url: str) -> str | None:
    """The certificate by which the gateway at `url` is known."""
    remote = place.config.gateway.remote if place.config else None
    if url == place.ws_url:
        return place.tls.pin
    return remote.tls_fingerprint if remote and remote.url and _ws_url(str(remote.url)) == url else None


def _is_known_device(identity_dir: Path, url: str) -> bool:
    if not identity_dir.is_dir():
        return False
    from clawfleet.cli.device import has_token_for

    return has_token_for(identity_dir, url)


def _plain(secret: SecretStr | None) -> str | None:
    """A configured secret; None when it is unset or stands for a missing variable."""
    value = secret.get_secret_value() if secret else None
    return value if value and unresolved(value) is None else None


def _secrets(place: Place) -> list[tuple[str, str | None, str | None]]:
    """(source, token, password), the first that has one counts (config-and-cli §4.3)."""
    from clawfleet.access.gateway_auth import kept_token

    found: list[tuple[str, str | None, str | None]] = []
    if place.config is not None:
        auth = place.config.gateway.auth
        found.append(("config", _plain(auth.token), _plain(auth.password)))
    names = ("OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD")
    found.append(("env", *(place.environ.get(name) for name in names)))  # type: ignore[arg-type]
    found.append(("file", kept_token(place.store_dir), None))
    return found


def _where(error: GatewayError, place: Place) -> str:
    bind = place.config.gateway.bind if place.config else "unknown"
    return (
        f"{error.hint}\nGateway target: {place.ws_url}\nSource: local ({place.port_source})\n"
        f"Config: {place.config_path}\nBind: {bind}"
    )
