"""One gateway from its first line of log to its last: built from one config snapshot, closed in reverse.

Order of a start: the place is taken, the database opened, the parts built, what an earlier process left taken up, the
doors opened, the channels connected. `Running.stop` lists the order of a stop.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from clawfleet import __version__
from clawfleet.access.devices import Devices
from clawfleet.access.failures import Failures
from clawfleet.access.pairing import PairingStore
from clawfleet.access.presence import Presence, own_row
from clawfleet.agents.context import Manners
from clawfleet.agents.lanes import Lanes
from clawfleet.agents.roster import choose_model
from clawfleet.agents.run import TurnInput
from clawfleet.agents.runs import Runs
from clawfleet.agents.shelf import Shelf
from clawfleet.agents.turn import Turns
from clawfleet.channels.inbound import Accept, Accepted, Inbound
from clawfleet.channels.replies import Replies
from clawfleet.channels.supervisor import Supervisor
from clawfleet.config.env import Instance, reread_env
from clawfleet.config.load import Snapshot, load_config
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.core.ids import new_id
from clawfleet.core.loop import LoopMonitor
from clawfleet.host.allocation import return_large_blocks
from clawfleet.host.notify import notify
from clawfleet.host.signals import StopSignals
from clawfleet.models.auth.legacy import import_legacy
from clawfleet.models.auth.ring import KeyRing
from clawfleet.models.auth.store import AuthStore
from clawfleet.models.client import Models
from clawfleet.rpc.call import Current, Gateway, Live, Vitals
from clawfleet.rpc.devices import announce
from clawfleet.runtime.desk import RuntimeDesk
from clawfleet.runtime.options import Ready, RunOptions
from clawfleet.runtime.place import (
    Place,
    connected_accounts,
    note_env,
    open_log,
    renew_log,
    retake,
    take_place,
    with_options,
)
from clawfleet.runtime.publication import listener_of
from clawfleet.runtime.reload import Reached, Reload
from clawfleet.runtime.running import Running
from clawfleet.runtime.running_note import take_note_away
from clawfleet.server.broadcast import Broadcast
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.answers import KeptAnswers
from clawfleet.store.preferences import Preferences
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from clawfleet.tools.registry import ToolBox

log = logging.getLogger("clawfleet.gateway")


def run_gateway(instance: Instance, snapshot: Snapshot, options: RunOptions) -> int:
    """Serve until SIGTERM or SIGINT; the exit code, 0 for a clean stop.

    Raises `ConfigError` (exit 78), `GatewayRunning` (78), `PortInUse` before anything was started.
    """
    return_large_blocks()
    place = take_place(instance, snapshot, options)
    try:
        log_file = open_log(place)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_serve(place, log_file))
    finally:
        for listening in place.sockets:
            listening.close()
        take_note_away(place.instance.state_dir, place.lock.info)
        place.lock.release()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop

    return uvloop.new_event_loop


async def _serve(place: Place, log_file: Path) -> int:
    signals, environ = StopSignals(), place.instance.environ
    while True:
        async with running_gateway(place, log_file) as running:
            await running.start()
            await running.until(signals.first, running.publication.settled)
            running.publication.check()
            if not signals.first.is_set():
                _say_ready(running.describe(), place)
            await running.until(signals.first, signals.restart, running.restart_wanted)
            if signals.first.is_set():
                notify("STOPPING=1", environ)
                await running.stop(signals.second)
            else:
                await running.stop(signals.second, restart_until=signals.first)
                signals.restart.clear()
        if signals.first.is_set():
            return 0
        gc.unfreeze()
        gc.collect()  # what this round leaves
        place = await retaken(place, running.current)


def _say_ready(ready: Ready, place: Place) -> None:
    gc.freeze()  # what is here now stays: later collections need not look at it again
    gc.enable()
    if ready.model_problem:
        log.warning("model %s cannot answer: %s", ready.model, ready.model_problem)
    log.info("ready: %s on port %d, model %s", ready.url, place.port, ready.model)
    notify("READY=1", place.instance.environ)
    if place.options.on_ready is not None:
        place.options.on_ready(ready)


async def retaken(place: Place, last: Current) -> Place:
    """The place for the next round: by the config as it is now, or by the last one when that cannot be used."""

    def read() -> Place:
        instance = reread_env(last.instance)
        return retake(place, instance, with_options(load_config(instance), place.options))

    try:
        return await asyncio.to_thread(read)
    except GatewayError as error:
        log.error("restarting with the config as it was: %s", error)
        return replace(place, instance=last.instance, snapshot=last.snapshot, started_at_ms=now_ms())


@asynccontextmanager
async def running_gateway(place: Place, log_file: Path) -> AsyncGenerator[Running, None]:
    """The built gateway, its parts closed in reverse whatever happens."""
    snapshot, broadcast, config = place.snapshot, Broadcast(), place.snapshot.config
    async with AsyncExitStack() as closing:
        db = await Database.open(place.instance.store_dir / "gateway.sqlite", MIGRATIONS)
        closing.push_async_callback(db.close)
        ring = await _ring(db, place.instance)
        models, toolbox = Models(config, snapshot.environ, ring), _toolbox(place)
        closing.push_async_callback(models.close)
        closing.push_async_callback(toolbox.close)
        channels = Supervisor(connected_accounts(place.instance, snapshot))
        closing.push_async_callback(channels.close)
        replies = Replies(channels)
        closing.push_async_callback(replies.close)
        answers, pairing, sessions = KeptAnswers(db), PairingStore(db), Sessions(db)
        closing.push_async_callback(answers.close)
        live = Live(Current.of(place.instance, snapshot, models, toolbox), place.hash_key)
        runs = _runs(live.current, sessions, replies)
        closing.push_async_callback(_desk(live, sessions, runs, channels).children.close)
        reached = _reached(place, sessions, runs, channels, broadcast)
        control = Reload(live, reached, place.options)
        closing.push_async_callback(control.close)
        runs.keep_choice = partial(_keep_choice, live, control)
        gateway = Gateway(
            live=live,
            control=control,
            vitals=_vitals(place, log_file),
            sessions=sessions,
            runs=runs,
            channels=channels,
            pairing=pairing,
            auth=place.auth,
            devices=_devices(db, place.instance, broadcast),
            failures=Failures(lambda: live.current.snapshot.config.gateway.auth.rate_limit),
            presence=Presence(own_row(__version__, place.lock.info.instance_id)),
            clients=broadcast,
            answers=answers,
            preferences=Preferences(db),
            loop=LoopMonitor(),
            ingress=closing.enter_context(listener_of(config.gateway)),
        )
        yield Running(place, gateway, broadcast, replies, _inbound(gateway))


async def _ring(db: Database, instance: Instance) -> KeyRing:
    store = AuthStore(db)
    await import_legacy(store, instance.state_dir)
    ring = KeyRing(store)
    await ring.refresh()
    return ring


def _reached(place: Place, sessions: Sessions, runs: Runs, channels: Supervisor, clients: Broadcast) -> Reached:
    return Reached(
        auth=place.auth,
        sessions=sessions,
        runs=runs,
        channels=channels,
        clients=clients,
        relog=partial(renew_log, place),
        note_env=partial(note_env, place),
    )


def _runs(current: Current, sessions: Sessions, replies: Replies) -> Runs:
    limits = current.snapshot.config.agents.defaults
    return Runs(
        sessions=sessions,
        turns=Turns(
            models=current.models,
            toolbox=current.toolbox,
            sessions=sessions,
            roster=current.roster,
            manners=Manners(current.snapshot.config.agents, Shelf.of(current.instance, current.snapshot)),
        ),
        lanes=Lanes(limits.max_concurrent, limits.subagents.max_concurrent),
        deliver=replies.deliver_reply,
        timeout_s=limits.timeout_seconds,
    )


async def _keep_choice(live: Live, control: Reload, ref: str, agent_id: str | None) -> None:
    await asyncio.to_thread(choose_model, live.current.instance, ref, agent_id, control.check)
    await control.reload()


def _desk(live: Live, sessions: Sessions, runs: Runs, channels: Supervisor) -> RuntimeDesk:
    """Where the tools reach the rest of the gateway."""
    desk, toolbox = RuntimeDesk(live, sessions, runs, channels), live.current.toolbox
    toolbox.desk = desk
    toolbox.processes.notify = desk.wake
    return desk


def _inbound(gateway: Gateway) -> Inbound:
    return Inbound(
        lambda: gateway.snapshot.config,
        instance=gateway.instance,
        pairing=gateway.pairing,
        send=gateway.channels.send,
        accept=_accept_into(gateway.runs),
    )


def _devices(db: Database, instance: Instance, broadcast: Broadcast) -> Devices:
    devices = Devices(db, instance.store_dir)
    devices.heard = partial(announce, broadcast)
    return devices


def _toolbox(place: Place) -> ToolBox:
    instance = place.instance
    return ToolBox(
        config=place.snapshot.config,
        instance_id=place.lock.info.instance_id,
        state_dir=instance.state_dir,
        environ=instance.environ,
    )


def _accept_into(runs: Runs) -> Accept:
    async def accept(message: Accepted) -> None:
        await runs.accept(
            TurnInput(
                session_key=message.session_key,
                agent_id=message.agent_id,
                text=message.text,
                idempotency_key=message.idempotency_key,
                delivery=message.delivery.encode(),
                requester=message.requester,
                may_command=True,
            )
        )

    return accept


def _vitals(place: Place, log_file: Path) -> Vitals:
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
