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
from pathlib import Path

from clawfleet import __version__
from clawfleet.access.pairing import PairingStore
from clawfleet.access.presence import Presence, own_row
from clawfleet.agents.lanes import Lanes
from clawfleet.agents.run import TurnInput
from clawfleet.agents.runs import Runs
from clawfleet.agents.turn import Turns
from clawfleet.channels.inbound import Accept, Accepted, Inbound
from clawfleet.channels.registry import accounts_of
from clawfleet.channels.replies import Replies
from clawfleet.channels.supervisor import Supervisor
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.core.ids import new_id
from clawfleet.core.loop import LoopMonitor
from clawfleet.host.allocation import return_large_blocks
from clawfleet.host.notify import notify
from clawfleet.host.signals import StopSignals
from clawfleet.models.client import Models
from clawfleet.routing.roster import Roster
from clawfleet.rpc.call import Gateway, Vitals
from clawfleet.runtime.options import Ready, RunOptions
from clawfleet.runtime.place import Place, open_log, take_place
from clawfleet.runtime.running import Running
from clawfleet.server.broadcast import Broadcast
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.answers import KeptAnswers
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
        log_file = open_log(place, verbose=options.verbose)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_serve(place, log_file, options.on_ready))
    finally:
        for listening in place.sockets:
            listening.close()
        place.lock.release()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop

    return uvloop.new_event_loop


async def _serve(place: Place, log_file: Path, on_ready: Callable[[Ready], None] | None) -> int:
    signals = StopSignals()
    async with running_gateway(place, log_file) as running:
        await running.start()
        ready = running.describe()
        gc.collect()
        gc.freeze()  # what is here now stays: later collections need not look at it again
        if ready.model_problem:
            log.warning("model %s cannot answer: %s", ready.model, ready.model_problem)
        log.info("ready: %s on port %d, model %s", ready.url, place.port, ready.model)
        notify("READY=1", place.instance.environ)
        if on_ready is not None:
            on_ready(ready)
        await running.until(signals.first)
        notify("STOPPING=1", place.instance.environ)
        await running.stop(signals.second)
    return 0


@asynccontextmanager
async def running_gateway(place: Place, log_file: Path) -> AsyncGenerator[Running, None]:
    """The built gateway, its parts closed in reverse whatever happens."""
    instance, snapshot, broadcast = place.instance, place.snapshot, Broadcast()
    config, roster = snapshot.config, Roster.of(snapshot.config, instance.workspace)
    async with AsyncExitStack() as closing:
        db = await Database.open(instance.store_dir / "gateway.sqlite", MIGRATIONS)
        closing.push_async_callback(db.close)
        models = Models(config, snapshot.environ)
        closing.push_async_callback(models.close)
        toolbox = _toolbox(place)
        closing.push_async_callback(toolbox.close)
        channels = Supervisor(accounts_of(instance, snapshot))
        closing.push_async_callback(channels.close)
        replies = Replies(channels)
        closing.push_async_callback(replies.close)
        answers, pairing, sessions = KeptAnswers(db), PairingStore(db), Sessions(db)
        closing.push_async_callback(answers.close)
        runs = Runs(
            sessions=sessions,
            turns=Turns(models=models, toolbox=toolbox, sessions=sessions, roster=roster),
            lanes=Lanes(config.agents.defaults.max_concurrent),
            deliver=replies.deliver_reply,
            timeout_s=config.agents.defaults.timeout_seconds,
        )
        accept = _accept_into(runs)
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
            clients=broadcast,
            answers=answers,
            loop=LoopMonitor(),
        )
        yield Running(place, gateway, broadcast, replies, inbound)


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
