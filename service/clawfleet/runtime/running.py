"""A gateway's parts while they work, and the order in which they stop."""

from __future__ import annotations

import asyncio
import logging

from clawfleet.agents.events import Ended, Failed, RunEvent, Started
from clawfleet.agents.shown import aside
from clawfleet.channels.base import Envelope
from clawfleet.channels.inbound import Inbound
from clawfleet.channels.replies import Replies
from clawfleet.config.last_good import keep_last_good
from clawfleet.core.tasks import Tasks
from clawfleet.host.units import STOP_TIMEOUT_VARIABLE
from clawfleet.rpc.call import Current, Gateway
from clawfleet.rpc.index import Methods
from clawfleet.runtime.certificate_watch import CertificateWatch
from clawfleet.runtime.options import Ready
from clawfleet.runtime.place import Place
from clawfleet.runtime.publication import Publication
from clawfleet.runtime.running_note import leave_note
from clawfleet.runtime.watch import ConfigWatch
from clawfleet.server.app import build_app
from clawfleet.server.broadcast import Broadcast
from clawfleet.server.dispatch import Dispatcher
from clawfleet.server.hello import gate_of
from clawfleet.server.pulse import Pulse
from clawfleet.server.run_metrics import RunMetrics
from clawfleet.server.serving import HttpServer
from clawfleet.server.ws import Door

log = logging.getLogger("clawfleet.gateway")

DRAIN_S = 30.0
"""How long a stop waits for running turns when no service manager says how long it may take."""

RESTARTING = {"reason": "gateway restarting", "restartExpectedMs": 1500}
STOP_MARGIN_S = 15.0
"""Of a service manager's stop timeout, what closing everything else may need."""


class Running:
    """A gateway's parts while they work."""

    def __init__(
        self,
        place: Place,
        gateway: Gateway,
        broadcast: Broadcast,
        replies: Replies,
        inbound: Inbound,
    ) -> None:
        self._place = place
        self.publication = Publication(place, gateway.ingress)
        self._gateway = gateway
        self._replies = replies
        self._inbound = inbound
        self._tasks = Tasks()
        self._draining = False
        self._broadcast = broadcast
        methods = Methods.read()
        dispatcher = Dispatcher(gateway, methods, methods.advertised)
        self._door = Door(gateway, gate_of(gateway), dispatcher, self._broadcast)
        self._watch = ConfigWatch(gateway.control)
        self._pulse = Pulse(gateway, self._broadcast, self._door)
        tls = place.tls
        self._server = HttpServer(build_app(gateway, self._door, self._failing), tls.context if tls else None)
        self._certificate = CertificateWatch(tls, self._follows_files, place.lock.note_tls) if tls else None
        self._serving: asyncio.Task[None] | None = None

    @property
    def restart_wanted(self) -> asyncio.Event:
        """Set once a restart in this process is due."""
        return self._gateway.control.restart_wanted

    @property
    def current(self) -> Current:
        """What it runs with."""
        return self._gateway.live.current

    def _follows_files(self) -> bool:
        return self._gateway.snapshot.config.gateway.reload.mode != "off"

    def _failing(self) -> list[str]:
        broken = [f"{row.account.channel}:{row.account.account}" for row in self._gateway.channels.rows() if row.error]
        return [*(["gateway-draining"] if self._draining else []), *broken]

    async def start(self) -> None:
        """Take up what was left, open the doors, connect the channels."""
        gateway = self._gateway
        gateway.runs.events.listen(self._show_typing)
        gateway.runs.events.listen(self._show_more)
        gateway.runs.events.listen(RunMetrics(gateway.metrics, gateway.runs.find).hear)
        await gateway.runs.resume()  # a client may repeat its message at once: then it must be known as interrupted
        if gateway.runs.subagents is not None:
            await gateway.runs.subagents.resume()
        ingress = [gateway.ingress.socket] if gateway.ingress else []
        sockets = [listening.dup() for listening in (*self._place.sockets, *ingress)]  # the server closes its own
        self._serving = self._tasks.start(self._server.serve(sockets=sockets), name="http")
        await self.until(self._server.up)
        self.publication.start()
        self._pulse.start()
        gateway.channels.start(self._received)
        self._watch.start()
        if self._certificate is not None:
            self._certificate.start()
        self._tasks.start(gateway.live.current.toolbox.recover(), name="sandbox recovery")
        self._tasks.start(gateway.live.current.models.ask_local(), name="local models")
        await asyncio.to_thread(self._note)

    def _note(self) -> None:
        """Keep the config that it came up with, and tell other programs that it is up."""
        keep_last_good(self._gateway.snapshot)
        leave_note(self._place.instance.state_dir, self._place.lock.info)

    async def _received(self, envelope: Envelope) -> None:
        self._gateway.metrics.count("openclaw_message_received_total", {"channel": envelope.channel})
        await self._inbound.deliver(envelope)

    async def until(self, *events: asyncio.Event) -> None:
        """Return when one of `events` is set; raise what made the HTTP server end before that."""
        assert self._serving is not None
        waiting = [self._tasks.start(event.wait(), name="until") for event in events]
        await asyncio.wait({*waiting, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if self._serving.done():
            self._serving.result()

    async def stop(self, hurry: asyncio.Event, *, restart_until: asyncio.Event | None = None) -> None:
        """Stop in order: announce, take nothing new, let turns end, close clients, doors, channels.

        `hurry` set means: do not wait for turns. `restart_until` is given when this process is to serve again right
        after; set, it makes a stop of the restart.
        """
        restarting = restart_until is not None
        self._draining = True
        await self._watch.close()
        if self._certificate is not None:
            await self._certificate.close()
        self._broadcast.tell("shutdown", RESTARTING if restarting else {"reason": "gateway stopping"})
        await self._gateway.channels.stop_receiving()
        if restart_until is not None:
            patience_ms = self._gateway.snapshot.config.gateway.reload.deferral_timeout_ms
            await self._drained(patience_ms / 1000, restart_until)
        await self._drain(hurry)
        await self._server.stop_accepting()
        if not restarting:  # else those who come from now on wait for the next round
            for listening in self._place.sockets:
                listening.close()
        self._door.close_all(1012, "service restart")
        self._server.should_exit = True
        if self._serving is not None:
            await asyncio.wait({self._serving}, timeout=10)
        await self.publication.close()
        await self._pulse.stop()
        await self._tasks.close()
        log.info("stopped cleanly")

    async def _drain(self, hurry: asyncio.Event) -> None:
        runs = self._gateway.runs
        budget_s = drain_budget_s(self._place.instance.environ.get(STOP_TIMEOUT_VARIABLE))
        if live := len(runs.live()):
            log.info("waiting up to %g s for %d running turns; a second signal stops at once", budget_s, live)
        if not await self._drained(budget_s, hurry):
            log.warning("stopping without waiting for %d turns", len(runs.live()))
            await runs.drain(0)

    async def _drained(self, budget_s: float, given_up: asyncio.Event) -> bool:
        """Let turns end for so long; False when `given_up` was set before."""
        draining = self._tasks.start(self._gateway.runs.drain(budget_s), name="drain")
        giving_up = self._tasks.start(given_up.wait(), name="given-up")
        await asyncio.wait({draining, giving_up}, return_when=asyncio.FIRST_COMPLETED)
        if draining.done():
            return True
        draining.cancel()
        return False

    def describe(self) -> Ready:
        """What is served where."""
        place, catalog = self._place, self._gateway.models.catalog
        page = place.snapshot.config.gateway.control_ui
        default = catalog.default(self._gateway.roster.default_id)
        return Ready(
            url=f"{'https' if place.tls else 'http'}://{_shown(str(place.sockets[0].getsockname()[0]))}:{place.port}{page.prefix}/",
            token=place.auth.secret if place.auth.mode == "token" else None,
            model=str(default),
            is_demo=default.provider == "demo",
            state_dir=place.instance.state_dir,
            config_path=place.instance.config_path,
            config_exists=place.snapshot.exists,
            log_file=self._gateway.vitals.log_file,
            model_problem=catalog.problem(default),
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

    def _show_more(self, event: RunEvent) -> None:
        """Tell a chat what its session wants to see besides answers."""
        run = self._gateway.runs.find(event.run_id)
        if run is not None and run.input.delivery is not None and (text := aside(event.body, run.verbose)):
            self._replies.remark(run.input.delivery, text)


def _shown(host: str) -> str:
    """The host of a URL that reaches a socket bound to `host` from this machine."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{local}]" if ":" in local else local


def drain_budget_s(stop_timeout: str | None) -> float:
    """Seconds that running turns get at a stop: the service manager's timeout less a margin, else `DRAIN_S`."""
    try:
        return max(5.0, float(stop_timeout or "") - STOP_MARGIN_S)
    except ValueError:
        return DRAIN_S
