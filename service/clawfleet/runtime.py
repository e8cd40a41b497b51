"""The composition root: builds every part of a gateway from one config snapshot, starts and stops them in one order.

Order of a start: secrets and bind checked, state locked, port bound, log opened, database opened, parts built, doors
opened, what an earlier process left taken up, channels connected. A stop is the reverse, listed in `_Running.stop`.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from clawfleet import __version__
from clawfleet import rpc as methods
from clawfleet.access.gateway_auth import GatewayAuth, UnsafeBind, resolve_auth
from clawfleet.access.pairing import PairingStore
from clawfleet.access.presence import Presence, own_row
from clawfleet.agents.events import Ended, Failed, RunEvent, Started
from clawfleet.agents.lanes import Lanes
from clawfleet.agents.run import TurnInput
from clawfleet.agents.runs import Runs
from clawfleet.agents.turn import Turns
from clawfleet.channels.inbound import Accepted, Inbound
from clawfleet.channels.registry import accounts_of
from clawfleet.channels.replies import Replies
from clawfleet.channels.supervisor import Supervisor
from clawfleet.config.env import Instance, gateway_port
from clawfleet.config.load import Snapshot
from clawfleet.core.clock import now_ms
from clawfleet.core.events import Bus
from clawfleet.core.ids import new_id
from clawfleet.core.logging import set_up_logging
from clawfleet.core.loop import LoopMonitor
from clawfleet.core.tasks import Tasks
from clawfleet.host.gateways import explain_port_in_use
from clawfleet.host.lock import StateLock
from clawfleet.host.notify import notify
from clawfleet.host.signals import StopSignals
from clawfleet.host.units import STOP_TIMEOUT_VARIABLE
from clawfleet.models.client import Models
from clawfleet.protocol.limits import TICK_INTERVAL_MS
from clawfleet.routing.roster import Roster
from clawfleet.rpc.call import Gateway, Vitals
from clawfleet.rpc.health import health_of
from clawfleet.rpc.registry import collect, to_wire
from clawfleet.rpc.system import PresenceEntry
from clawfleet.secrets.redact import Redactor
from clawfleet.server.app import build_app
from clawfleet.server.broadcast import Broadcast
from clawfleet.server.dispatch import Dispatcher
from clawfleet.server.listen import CannotBind, hosts_of, listen
from clawfleet.server.serving import HttpServer
from clawfleet.server.ws import Door
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.files import private_dir, write_private
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from clawfleet.tools.registry import ToolBox

log = logging.getLogger("clawfleet.gateway")

HEALTH_EVERY_S = 60.0
PRUNE_EVERY_S = 3600.0
ONE_SHOT_LIFE_MS = 24 * 3600 * 1000
DRAIN_S = 30.0
"""How long a stop waits for running turns when no service manager says how long it may take."""

STOP_MARGIN_S = 15.0
"""Of a service manager's stop timeout, what closing everything else may need."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What a gateway is once it serves: enough for the panel that `gateway run` prints.

    `url` is the dashboard without the token, ending in `/`. `token` is None when auth is not by token.
    `model` is the ref that answers by default; `is_demo` marks the built-in one that needs no key.
    """

    url: str
    token: str | None = field(repr=False)
    model: str
    is_demo: bool
    state_dir: Path
    config_path: Path
    config_exists: bool
    log_file: Path
    start_ms: int


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The flags of `gateway run` (config-and-cli §4); None means: as the config says.

    `on_ready` is called once, on the event loop, when the gateway serves; it must not block.
    """

    port: int | None = None
    bind: str | None = None
    auth: str | None = None
    token: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    verbose: bool = False
    on_ready: Callable[[Ready], None] | None = None


@dataclass(frozen=True, slots=True)
class _Place:
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
        return int(self.sockets[0].getsockname()[1])


def run_gateway(instance: Instance, snapshot: Snapshot, options: RunOptions) -> int:
    """Serve until SIGTERM or SIGINT; the exit code, 0 for a clean stop.

    Raises `ConfigError` (exit 78), `GatewayRunning` (78), `PortInUse` before anything was started.
    """
    place = _take_place(instance, _with_options(snapshot, options), options)
    try:
        log_file = _open_log(place, options.verbose)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_serve(place, log_file, options.on_ready))
    finally:
        for listening in place.sockets:
            listening.close()
        place.lock.release()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop

    return uvloop.new_event_loop


def _with_options(snapshot: Snapshot, options: RunOptions) -> Snapshot:
    gateway = snapshot.config.gateway
    if options.auth is not None:
        gateway = gateway.model_copy(update={"auth": gateway.auth.model_copy(update={"mode": options.auth})})
    if options.bind is not None:
        gateway = gateway.model_copy(update={"bind": options.bind})
    return replace(snapshot, config=snapshot.config.model_copy(update={"gateway": gateway}))


def _take_place(instance: Instance, snapshot: Snapshot, options: RunOptions) -> _Place:
    gateway = snapshot.config.gateway
    port, _ = gateway_port(instance, snapshot.config, options.port)
    hosts = hosts_of(gateway.bind, gateway.custom_bind_host)
    private_dir(instance.store_dir)
    auth = resolve_auth(snapshot, instance.store_dir, token=options.token, password=options.password)
    if auth.mode == "none" and gateway.bind != "loopback":
        raise UnsafeBind(gateway.bind)
    lock = StateLock.acquire(
        instance.store_dir, port=port, config_path=instance.config_path, instance_id=_instance_id(instance.store_dir)
    )
    try:
        sockets = listen(hosts, port)
    except CannotBind as error:
        lock.release()
        raise (explain_port_in_use(port, store_dir=instance.store_dir) if error.is_taken else error) from error
    except BaseException:
        lock.release()
        raise
    place = _Place(instance, snapshot, auth, gateway.bind, sockets, lock, now_ms())
    lock.move_to_port(place.port)
    return place


def _instance_id(store_dir: Path) -> str:
    """An opaque name of the state directory, made once: clients tell by it which gateway answered."""
    file = store_dir / "instance-id"
    if not file.exists():
        write_private(file, f"{new_id()}\n")
    return file.read_text(encoding="utf-8").strip()


def _open_log(place: _Place, verbose: bool) -> Path:
    settings, instance = place.snapshot.config.logging, place.instance
    named = instance.path(settings.file) if settings.file else instance.log_file
    file = named.with_name(named.name.replace("YYYY-MM-DD", datetime.now(UTC).astimezone().strftime("%Y-%m-%d")))
    secret = (place.auth.secret,) if place.auth.secret else ()
    redactor = Redactor((*secret, *_secrets_of(place.snapshot)))
    set_up_logging(
        file=file,
        level="debug" if verbose else settings.level,
        redact=redactor.redact,
        instance=instance.profile or instance.state_dir.name,
    )
    return file


def _secrets_of(snapshot: Snapshot) -> list[str]:
    words = ("KEY", "TOKEN", "SECRET", "PASSWORD")
    found = [value for name, value in snapshot.environ.items() if any(word in name.upper() for word in words)]
    config = snapshot.config
    found.extend(p.api_key.get_secret_value() for p in config.models.providers.values() if p.api_key)
    if config.channels.telegram and config.channels.telegram.bot_token:
        found.append(config.channels.telegram.bot_token.get_secret_value())
    return found


async def _serve(place: _Place, log_file: Path, on_ready: Callable[[Ready], None] | None) -> int:
    signals = StopSignals()
    async with _running(place, log_file) as running:
        await running.start()
        ready = running.describe()
        gc.collect()
        gc.freeze()  # what is here now stays: later collections need not look at it again
        log.info("ready: %s on port %d, model %s", ready.url, place.port, ready.model)
        notify("READY=1", place.instance.environ)
        if on_ready is not None:
            on_ready(ready)
        await running.until(signals.first)
        notify("STOPPING=1", place.instance.environ)
        await running.stop(signals.second)
    return 0


class _Running:
    """A gateway's parts while they work."""

    def __init__(self, place: _Place, gateway: Gateway, replies: Replies, inbound: Inbound, log_file: Path) -> None:
        self._place = place
        self._gateway = gateway
        self._replies = replies
        self._inbound = inbound
        self._log_file = log_file
        self._tasks = Tasks()
        self._broadcast = Broadcast()
        self._draining = False
        self._door = Door(gateway, place.auth, Dispatcher(gateway, collect(methods)), self._broadcast)
        app = build_app(gateway, place.auth, self._door, self._failing)
        self._server = HttpServer(app)
        self._serving: asyncio.Task[None] | None = None

    def _failing(self) -> list[str]:
        broken = [f"{row.account.channel}:{row.account.account}" for row in self._gateway.channels.rows() if row.error]
        return [*(["gateway-draining"] if self._draining else []), *broken]

    async def start(self) -> None:
        """Open the doors, take up what was left, connect the channels."""
        gateway = self._gateway
        gateway.runs.events.listen(self._broadcast.tell_run)
        gateway.runs.events.listen(self._show_typing)
        gateway.presence.changed = self._tell_presence
        self._serving = self._tasks.start(self._server.serve(sockets=self._place.sockets), name="http")
        await self.until(self._server.up)
        self._tasks.start(gateway.loop.run(), name="loop-monitor")
        self._tasks.start(self._tick(), name="tick")
        self._tasks.start(self._tell_health(), name="health")
        self._tasks.start(self._prune(), name="prune")
        await gateway.runs.resume()
        gateway.channels.start(self._inbound.deliver)

    async def stop(self, hurry: asyncio.Event) -> None:
        """Stop in order: announce, take nothing new, let turns end, close clients, doors, channels.

        `hurry` set means: do not wait for turns.
        """
        gateway = self._gateway
        self._draining = True
        budget_s = drain_budget_s(self._place.instance.environ.get(STOP_TIMEOUT_VARIABLE))
        self._broadcast.tell("shutdown", {"reason": "gateway stopping"})
        await gateway.channels.stop_receiving()
        hurrying = asyncio.ensure_future(hurry.wait())
        draining = asyncio.ensure_future(gateway.runs.drain(budget_s))
        await asyncio.wait({draining, hurrying}, return_when=asyncio.FIRST_COMPLETED)
        if not draining.done():
            log.warning("stopping without waiting for %d turns", len(gateway.runs.live()))
            draining.cancel()
            await asyncio.wait({draining})
            await gateway.runs.drain(0)
        hurrying.cancel()
        self._door.close_all(1012, "service restart")
        self._server.should_exit = True
        if self._serving is not None:
            await asyncio.wait({self._serving}, timeout=10)
        await self._tasks.close()
        log.info("stopped cleanly")

    async def until(self, event: asyncio.Event) -> None:
        """Return when `event` is set; raise what made the HTTP server end before that."""
        assert self._serving is not None
        waiting = asyncio.ensure_future(event.wait())
        await asyncio.wait({waiting, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._serving.done():
            self._serving.result()

    def describe(self) -> Ready:
        """What is served where."""
        place, catalog = self._place, self._gateway.models.catalog
        host = "127.0.0.1" if place.bind in ("loopback", "lan", "auto") else place.sockets[0].getsockname()[0]
        default = catalog.default()
        return Ready(
            url=f"http://{host}:{place.port}/",
            token=place.auth.secret if place.auth.mode == "token" else None,
            model=str(default),
            is_demo=default.provider == "demo",
            state_dir=place.instance.state_dir,
            config_path=place.instance.config_path,
            config_exists=place.snapshot.exists,
            log_file=self._log_file,
            start_ms=now_ms() - place.started_at_ms,
        )

    def _show_typing(self, event: RunEvent) -> None:
        match event.body:
            case Started():
                run = self._gateway.runs.find(event.run_id)
                if run is not None and run.input.delivery is not None:
                    self._replies.start_typing(run.input.delivery)
            case Ended() | Failed():
                run = self._gateway.runs.find(event.run_id)
                if run is not None and run.input.delivery is not None:
                    self._replies.stop_typing(run.input.delivery)
            case _:
                pass

    def _tell_presence(self) -> None:
        rows = [to_wire(PresenceEntry.of(row)) for row in self._gateway.presence.rows()]
        self._broadcast.tell("presence", {"presence": rows}, state_version=self._door.versions())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_INTERVAL_MS / 1000)
            self._broadcast.tell("tick", {"ts": now_ms()}, droppable=True)

    async def _tell_health(self) -> None:
        while True:
            await asyncio.sleep(HEALTH_EVERY_S)
            self._door.health_version += 1
            health = to_wire(await health_of(self._gateway))
            self._broadcast.tell("health", health, state_version=self._door.versions(), droppable=True)

    async def _prune(self) -> None:
        while True:
            await self._gateway.sessions.prune(now_ms() - ONE_SHOT_LIFE_MS)
            await asyncio.sleep(PRUNE_EVERY_S)


@asynccontextmanager
async def _running(place: _Place, log_file: Path) -> AsyncGenerator[_Running, None]:
    """The built parts, closed again in reverse whatever happens."""
    instance, snapshot = place.instance, place.snapshot
    config = snapshot.config
    db = await Database.open(instance.store_dir / "gateway.sqlite", MIGRATIONS)
    models = Models(config, snapshot.environ)
    info = place.lock.info
    toolbox = ToolBox(
        config=config, instance_id=info.instance_id, state_dir=instance.state_dir, environ=instance.environ
    )
    channels = Supervisor(accounts_of(instance, snapshot))
    replies = Replies(channels)
    try:
        sessions, pairing = Sessions(db), PairingStore(db)
        roster = Roster.of(config, instance.workspace)
        runs = Runs(
            sessions=sessions,
            turns=Turns(models=models, toolbox=toolbox, sessions=sessions, roster=roster),
            lanes=Lanes(config.agents.defaults.max_concurrent),
            events=Bus[RunEvent](),
            deliver=replies.deliver_reply,
            timeout_s=config.agents.defaults.timeout_seconds,
        )

        async def accept(message: Accepted) -> None:
            await runs.accept(
                TurnInput(
                    session_key=message.session_key,
                    agent_id=message.agent_id,
                    text=message.text,
                    idempotency_key=message.idempotency_key,
                    delivery=message.delivery.encode(),
                )
            )

        inbound = Inbound(lambda: config, instance=instance, pairing=pairing, send=channels.send, accept=accept)
        gateway = Gateway(
            instance=instance,
            snapshot=snapshot,
            vitals=_vitals(place, log_file),
            roster=roster,
            sessions=sessions,
            runs=runs,
            models=models,
            channels=channels,
            pairing=pairing,
            presence=Presence(own_row(__version__)),
            loop=LoopMonitor(),
        )
        yield _Running(place, gateway, replies, inbound, log_file)
    finally:
        await replies.close()
        await channels.close()
        await toolbox.close()
        await models.close()
        await db.close()


def _vitals(place: _Place, log_file: Path) -> Vitals:
    return Vitals(
        version=__version__,
        instance_id=place.lock.info.instance_id,
        boot_id=new_id(),
        pid=os.getpid(),
        port=place.port,
        bind=place.bind,
        started_at_ms=place.started_at_ms,
        auth_mode=place.auth.mode,
        log_file=log_file,
    )


def drain_budget_s(stop_timeout: str | None) -> float:
    """Seconds that running turns get at a stop: the service manager's timeout less a margin, else `DRAIN_S`."""
    try:
        return max(5.0, float(stop_timeout or "") - STOP_MARGIN_S)
    except ValueError:
        return DRAIN_S
