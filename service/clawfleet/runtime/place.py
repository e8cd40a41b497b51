"""Taking a gateway's place on its host: secrets and bind checked, state locked, port bound, log opened.

All of it happens before anything heavy is built, so that what stands in the way is said within milliseconds.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from clawfleet.access.gateway_auth import GatewayAuth, UnsafeBind, resolve_auth
from clawfleet.config.env import Instance, gateway_port
from clawfleet.config.load import Snapshot
from clawfleet.config.redacted import is_secret_name
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import ConfigError
from clawfleet.core.ids import new_id
from clawfleet.core.logging import set_up_logging
from clawfleet.host.gateways import explain_port_in_use
from clawfleet.host.lock import StateLock
from clawfleet.host.units import own_unit
from clawfleet.runtime.options import RunOptions
from clawfleet.secrets.redact import Redactor
from clawfleet.server.listen import CannotBind, hosts_of, listen
from clawfleet.store.files import private_dir, write_private


class LogUnwritable(ConfigError):
    """The log cannot be written where the config puts it."""

    code = "LOG_UNWRITABLE"

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"cannot write the log {file}: {why}", hint="set logging.file to a path that you may write")


@dataclass(frozen=True, slots=True)
class Place:
    """Where this gateway serves and how it is entered, settled before anything is built."""

    instance: Instance
    snapshot: Snapshot
    auth: GatewayAuth
    bind: str
    sockets: list[socket.socket]
    lock: StateLock
    started_at_ms: int

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self.sockets[0].getsockname()[1])


def _with_options(snapshot: Snapshot, options: RunOptions) -> Snapshot:
    gateway = snapshot.config.gateway
    if options.auth is not None:
        gateway = gateway.model_copy(update={"auth": gateway.auth.model_copy(update={"mode": options.auth})})
    if options.bind is not None:
        is_word = options.bind.isalpha()  # else an IP address, as in the config
        chosen = {"bind": options.bind} if is_word else {"bind": "custom", "custom_bind_host": options.bind}
        gateway = gateway.model_copy(update=chosen)
    return replace(snapshot, config=snapshot.config.model_copy(update={"gateway": gateway}))


def take_place(instance: Instance, snapshot: Snapshot, options: RunOptions) -> Place:
    """The place of this gateway, its state locked and its port bound.

    Raises `ConfigError` and `GatewayRunning` (exit 78), `PortInUse`; nothing stays taken then.
    """
    snapshot = _with_options(snapshot, options)
    gateway = snapshot.config.gateway
    port, _ = gateway_port(instance, snapshot.config, options.port)
    hosts = hosts_of(gateway.bind, gateway.custom_bind_host)
    private_dir(instance.store_dir)
    auth = resolve_auth(snapshot, instance.store_dir, token=options.token, password=options.password)
    if auth.mode == "none" and gateway.bind != "loopback":
        raise UnsafeBind(gateway.bind)
    lock = StateLock.acquire(
        instance.store_dir,
        port=port,
        config_path=instance.config_path,
        instance_id=_instance_id(instance.store_dir),
        service=own_unit(instance.environ),
    )
    try:
        sockets = listen(hosts, port)
    except CannotBind as error:
        lock.release()
        raise (explain_port_in_use(port, store_dir=instance.store_dir) if error.is_taken else error) from error
    except BaseException:
        lock.release()
        raise
    place = Place(instance, snapshot, auth, gateway.bind, sockets, lock, now_ms())
    lock.move_to_port(place.port)
    return place


def _instance_id(store_dir: Path) -> str:
    """An opaque name of the state directory, made once: clients tell by it which gateway answered."""
    file = store_dir / "instance-id"
    if not file.exists():
        write_private(file, f"{new_id()}\n")
    return file.read_text(encoding="utf-8").strip()


def open_log(place: Place, *, verbose: bool) -> Path:
    """Start logging, secrets masked; the file of today. Raises `LogUnwritable` (exit 78)."""
    settings, instance = place.snapshot.config.logging, place.instance
    named = Path(settings.file) if settings.file else instance.log_file
    file = named.with_name(named.name.replace("YYYY-MM-DD", datetime.now(UTC).astimezone().strftime("%Y-%m-%d")))
    secret = (place.auth.secret,) if place.auth.secret else ()
    redactor = Redactor((*secret, *_secrets_of(place.snapshot)), patterns=settings.redact_patterns)
    try:
        set_up_logging(
            file=file,
            level="debug" if verbose else settings.level,
            redact=redactor.redact,
            instance=instance.profile or instance.state_dir.name,
        )
    except OSError as error:
        raise LogUnwritable(file, error.strerror or str(error)) from error
    return file


def _secrets_of(snapshot: Snapshot) -> list[str]:
    found = [value for name, value in snapshot.environ.items() if is_secret_name(name, "vars")]
    config = snapshot.config
    found.extend(p.api_key.get_secret_value() for p in config.models.providers.values() if p.api_key)
    found.extend(value for p in config.models.providers.values() for value in p.headers.values())
    if config.channels.telegram and config.channels.telegram.bot_token:
        found.append(config.channels.telegram.bot_token.get_secret_value())
    return found
