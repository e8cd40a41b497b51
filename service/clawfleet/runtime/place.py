"""Taking a gateway's place on its host: secrets and bind checked, state locked, port bound, log opened.

All of it happens before anything heavy is built, so that what stands in the way is said within milliseconds.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from clawfleet.access.gateway_auth import GatewayAuth, UnsafeBind, check_tailscale, resolve_auth
from clawfleet.channels.base import Account
from clawfleet.channels.registry import accounts_of
from clawfleet.config.env import Instance, gateway_port
from clawfleet.config.env_digest import KEY_FILE, digests
from clawfleet.config.load import Snapshot
from clawfleet.config.models.logging import Level
from clawfleet.config.redacted import is_secret_name
from clawfleet.config.secret_refs import secrets_in
from clawfleet.config.substitute import unresolved
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import ConfigError
from clawfleet.core.ids import new_id, new_token
from clawfleet.core.logging import LogSettings, file_of, set_log_settings, set_up_logging
from clawfleet.host.gateways import explain_port_in_use
from clawfleet.host.lock import StateLock
from clawfleet.host.tls_files import ServerTls, provide_tls
from clawfleet.host.units import own_unit
from clawfleet.runtime.options import RunOptions
from clawfleet.secrets.redact import Redactor
from clawfleet.server.listen import CannotBind, hosts_of, listen
from clawfleet.store.files import private_dir, write_private

LEVEL_VARIABLE = "OPENCLAW_LOG_LEVEL"
SKIP_VARIABLE = "OPENCLAW_SKIP_CHANNELS"


class LogUnwritable(ConfigError):
    """The log cannot be written where the config puts it."""

    code = "LOG_UNWRITABLE"

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"cannot write the log {file}: {why}", hint="set logging.file to a path that you may write")


@dataclass(frozen=True, slots=True)
class Place:
    """Where this gateway serves and how it is entered, settled before anything is built.

    `options` are the flags that go before the config, `redactor` masks what is logged, `hash_key` is for
    `config.revision`. `sockets` changes when the gateway is moved. `tls` is what is served with, None in clear text.
    """

    instance: Instance
    snapshot: Snapshot
    options: RunOptions
    auth: GatewayAuth
    bind: str
    sockets: list[socket.socket]
    lock: StateLock
    started_at_ms: int
    tls: ServerTls | None
    hash_key: bytes = field(repr=False)
    redactor: Redactor = field(default_factory=Redactor)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The addresses that are listened on."""
        return tuple(str(listening.getsockname()[0]) for listening in self.sockets)

    @property
    def port(self) -> int:
        """The port that was bound."""
        return self.lock.info.port


def with_options(snapshot: Snapshot, options: RunOptions) -> Snapshot:
    """The snapshot in which the flags of this run stand in place of what the config says."""
    gateway = snapshot.config.gateway
    if options.auth is not None:
        gateway = gateway.model_copy(update={"auth": gateway.auth.model_copy(update={"mode": options.auth})})
    if options.bind is not None:
        is_word = options.bind.isalpha()  # else an IP address, as in the config
        chosen = {"bind": options.bind} if is_word else {"bind": "custom", "custom_bind_host": options.bind}
        gateway = gateway.model_copy(update=chosen)
    if options.tailscale is not None:
        mode = gateway.tailscale.model_copy(update={"mode": options.tailscale})
        gateway = gateway.model_copy(update={"tailscale": mode})
    return replace(snapshot, config=snapshot.config.model_copy(update={"gateway": gateway}))


def take_place(instance: Instance, snapshot: Snapshot, options: RunOptions) -> Place:
    """The place of this gateway, its state locked and its port bound.

    Raises `ConfigError` and `GatewayRunning` (exit 78), `PortInUse`; nothing stays taken then.
    """
    snapshot = with_options(snapshot, options)
    hosts, port = address_of(instance, snapshot, options)
    private_dir(instance.store_dir)
    auth = settle_auth(instance, snapshot, options)
    lock = StateLock.acquire(
        instance.store_dir,
        port=port,
        config_path=instance.config_path,
        instance_id=_kept(instance.store_dir / "instance-id", new_id),
        service=own_unit(instance.given_environ, os.getpid()),
    )
    try:
        tls = provide_tls(snapshot.config.gateway.tls, instance)
        sockets = _listen(instance, hosts, port)
    except BaseException:
        lock.release()
        raise
    lock.move_to_port(_port_of(sockets))
    _note_tls(lock, tls)
    hash_key = _kept(instance.store_dir / KEY_FILE, new_token).encode()
    lock.note_env(digests(instance.state_dir, hash_key))
    return Place(
        instance=instance,
        snapshot=snapshot,
        options=options,
        auth=auth,
        bind=snapshot.config.gateway.bind,
        sockets=sockets,
        lock=lock,
        started_at_ms=now_ms(),
        tls=tls,
        hash_key=hash_key,
    )


def retake(place: Place, instance: Instance, snapshot: Snapshot) -> Place:
    """The place for a gateway built anew from `snapshot`: the lock stays, the sockets unless it moves elsewhere.

    Raises what `take_place` raises; then the sockets are as they were.
    """
    auth = settle_auth(instance, snapshot, place.options)
    tls = provide_tls(snapshot.config.gateway.tls, instance)
    new = address_of(instance, snapshot, place.options)
    if new != address_of(place.instance, place.snapshot, place.options):
        _move(place, instance, *new)
    place.lock.move_to_port(_port_of(place.sockets))
    _note_tls(place.lock, tls)
    note_env(place)
    bind = snapshot.config.gateway.bind
    now = now_ms()
    return replace(place, instance=instance, snapshot=snapshot, auth=auth, bind=bind, tls=tls, started_at_ms=now)


def _move(place: Place, instance: Instance, hosts: tuple[str, ...], port: int) -> None:
    """Listen there instead of here; here again when that fails."""
    before = [listening.getsockname() for listening in place.sockets]
    for listening in place.sockets:
        listening.close()
    try:
        place.sockets[:] = _listen(instance, hosts, port)
    except BaseException:
        place.sockets[:] = listen(tuple(str(name[0]) for name in before), int(before[0][1]))
        raise


def settle_auth(instance: Instance, snapshot: Snapshot, options: RunOptions) -> GatewayAuth:
    """How this config lets people in. Raises `NoSecret`, `UnsafeBind`, `UnsafeTailscale`."""
    auth = resolve_auth(snapshot, instance.store_dir, token=options.token, password=options.password)
    if auth.mode == "none" and snapshot.config.gateway.bind != "loopback":
        raise UnsafeBind(snapshot.config.gateway.bind)
    check_tailscale(snapshot.config.gateway, auth.mode)
    return auth


def address_of(instance: Instance, snapshot: Snapshot, options: RunOptions) -> tuple[tuple[str, ...], int]:
    """The hosts and the port to listen on. Raises `NoSuchAddress`, `ConfigError`."""
    gateway = snapshot.config.gateway
    port, _ = gateway_port(instance, snapshot.config, options.port)
    return hosts_of(gateway.bind, gateway.custom_bind_host), port


def check_free(instance: Instance, hosts: tuple[str, ...], port: int) -> None:
    """Raise what stands in the way of listening there, `PortInUse` for one."""
    for listening in _listen(instance, hosts, port):
        listening.close()


def _note_tls(lock: StateLock, tls: ServerTls | None) -> None:
    lock.note_tls(tls.certificate.fingerprint if tls else None)


def _port_of(sockets: list[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1])


def _listen(instance: Instance, hosts: tuple[str, ...], port: int) -> list[socket.socket]:
    try:
        return listen(hosts, port)
    except CannotBind as error:
        raise (explain_port_in_use(port, store_dir=instance.store_dir) if error.is_taken else error) from error


def _kept(file: Path, make: Callable[[], str]) -> str:
    """A text of this state directory, made once and the same ever after."""
    if not file.exists():
        write_private(file, f"{make()}\n")
    return file.read_text(encoding="utf-8").strip()


def open_log(place: Place) -> Path:
    """Start logging, secrets masked; the file of today. Raises `LogUnwritable` (exit 78)."""
    settings, instance = place.snapshot.config.logging, place.instance
    named = Path(settings.file) if settings.file else instance.log_file
    mask_secrets(place.redactor, place.snapshot, place.auth)
    try:
        return set_up_logging(
            file=named,
            settings=log_settings(place, place.snapshot),
            redact=place.redactor.redact,
            instance=instance.profile or instance.state_dir.name,
        )
    except OSError as error:
        raise LogUnwritable(file_of(named), error.strerror or str(error)) from error


def log_settings(place: Place, snapshot: Snapshot) -> LogSettings:
    """How much is logged, and how: `--verbose` wins over OPENCLAW_LOG_LEVEL, that over the config's own level."""
    settings, verbose = snapshot.config.logging, place.options.verbose
    given = place.instance.environ.get(LEVEL_VARIABLE, "").strip().lower()
    level = given if given in get_args(Level) else settings.level
    return LogSettings(
        level="debug" if verbose else level,
        levels=settings.levels,
        max_bytes=settings.max_file_bytes,
        console_level=None if verbose else settings.console_level,
        console_style=settings.console_style,
    )


def mask_secrets(redactor: Redactor, snapshot: Snapshot, auth: GatewayAuth) -> None:
    """Keep the secrets of a config out of the log, besides those of earlier ones."""
    redactor.add(*((auth.secret,) if auth.secret else ()), *_secrets_of(snapshot))
    redactor.look_for(snapshot.config.logging.redact_patterns)


def connected_accounts(instance: Instance, snapshot: Snapshot) -> tuple[Account, ...]:
    """The accounts that this gateway connects: the config's, none with OPENCLAW_SKIP_CHANNELS."""
    skips = instance.environ.get(SKIP_VARIABLE, "").strip().lower() not in ("", "0", "false")
    return () if skips else accounts_of(instance, snapshot)


def note_env(place: Place) -> None:
    """Note what `.env` says now, as what this gateway goes by."""
    place.lock.note_env(digests(place.instance.state_dir, place.hash_key))


def renew_log(place: Place, snapshot: Snapshot, auth: GatewayAuth) -> None:
    """Log as another config wants it, in the same file."""
    mask_secrets(place.redactor, snapshot, auth)
    set_log_settings(log_settings(place, snapshot))


def _secrets_of(snapshot: Snapshot) -> list[str]:
    found = [value for name, value in snapshot.environ.items() if is_secret_name(name, "vars")]
    return [*found, *(value for value in secrets_in(snapshot.config) if unresolved(value) is None)]
