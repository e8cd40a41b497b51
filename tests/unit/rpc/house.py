"""A house to test in: the parts of a real gateway over a store in a temp directory, its model scripted or the demo.

`open_house` builds what `runtime.gateway` builds, but for the doors. Methods are called through the dispatcher, so
that a test sees what a client sees.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from clawfleet import rpc as methods
from clawfleet.access.devices import Devices
from clawfleet.access.failures import Failures
from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.access.pairing import PairingStore
from clawfleet.access.presence import Presence, own_row
from clawfleet.agents.events import RunEvent
from clawfleet.agents.lanes import Lanes
from clawfleet.agents.runs import Runs
from clawfleet.agents.turn import Turns
from clawfleet.channels.registry import accounts_of
from clawfleet.channels.supervisor import Supervisor
from clawfleet.config.env import resolve_instance
from clawfleet.config.load import load_config
from clawfleet.core.clock import now_ms
from clawfleet.core.loop import LoopMonitor
from clawfleet.core.messages import Message, ToolSpec
from clawfleet.models.auth.ring import KeyRing
from clawfleet.models.auth.store import AuthStore
from clawfleet.models.client import ANYBODY, Asker, Models
from clawfleet.models.failover import Switched
from clawfleet.models.providers import demo
from clawfleet.models.providers.base import Event, Sampling
from clawfleet.models.refs import ModelRef
from clawfleet.protocol.frames import RequestFrame
from clawfleet.protocol.handshake import Client
from clawfleet.protocol.scopes import ADMIN
from clawfleet.rpc.approval_shapes import attach
from clawfleet.rpc.call import Current, Gateway, Live, Vitals
from clawfleet.rpc.clients import Caller
from clawfleet.rpc.devices import announce
from clawfleet.rpc.registry import collect
from clawfleet.runtime.options import RunOptions
from clawfleet.runtime.place import settle_auth
from clawfleet.runtime.reload import Reached, Reload
from clawfleet.server.broadcast import Broadcast
from clawfleet.server.dispatch import Dispatcher, respond
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.answers import KeptAnswers
from clawfleet.store.preferences import Preferences
from clawfleet.store.schema import MIGRATIONS
from clawfleet.store.sqlite import Database
from clawfleet.tools.registry import ToolBox
from tests.unit.agents.fakes import FakeModels, Step, nobody

TOKEN = "house-token"
CLI = Client(id="cli", version="1.0", platform="linux", mode="cli")


class ScriptedModels(Models):
    """The catalog of a config, with answers from a script: one step per model call (see `agents.fakes`)."""

    def __init__(self, snapshot_config: Any, environ: Mapping[str, str], steps: list[Step], ring: KeyRing) -> None:
        super().__init__(snapshot_config, environ, ring)
        self.script = FakeModels(steps)

    def stream(
        self,
        ref: ModelRef,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        sampling: Sampling | None = None,
        asker: Asker = ANYBODY,
    ) -> AsyncGenerator[Event | Switched, None]:
        return self.script.stream(ref, messages, tools, sampling or Sampling(), asker)


@dataclass
class House:
    """A gateway without doors. `heard` is everything that happened in runs."""

    gateway: Gateway
    dispatcher: Dispatcher
    broadcast: Broadcast
    control: Reload
    auth: GatewayAuth
    heard: list[RunEvent] = field(default_factory=list)

    def caller(self, *scopes: str) -> Caller:
        """Somebody who may do what `scopes` say; everything without any."""
        return Caller("conn-1", CLI, scopes or (ADMIN,), True)

    async def open_ask(
        self, method: str, params: Any = None, *, caller: Caller | None = None
    ) -> tuple[dict[str, Any], list[Awaitable[str]]]:
        """The first response frame to one request, and those that follow."""
        later: list[Awaitable[Any]] = []
        request = RequestFrame("r1", method, params)
        frame = await self.dispatcher.answer(request, caller or self.caller(), later.append)
        return json.loads(frame), [respond(request, answer) for answer in later]

    async def ask(self, method: str, params: Any = None, *, caller: Caller | None = None) -> list[dict[str, Any]]:
        """All response frames to one request."""
        first, later = await self.open_ask(method, params, caller=caller)
        return [first, *[json.loads(await frame) for frame in later]]

    async def call(self, method: str, **params: Any) -> Any:
        """The payload of an administrator's request. Raises AssertionError with the error when it is refused."""
        (frame, *_) = await self.ask(method, params)
        assert frame["ok"], frame["error"]
        return frame["payload"]

    async def refused(self, method: str, params: Any = None, *, caller: Caller | None = None) -> dict[str, Any]:
        """The error of a request that must be refused."""
        (frame,) = await self.ask(method, params, caller=caller)
        assert not frame["ok"], frame["payload"]
        error: dict[str, Any] = frame["error"]
        return error

    async def settled(self) -> None:
        """Return when no run is waiting or under way."""
        for run in self.gateway.runs.live():
            await run.outcome()

    async def say(self, text: str, *, key: str = "main", run: str = "run-1") -> None:
        """One whole turn."""
        await self.call("chat.send", sessionKey=key, message=text, idempotencyKey=run)
        await self.settled()


def auth() -> GatewayAuth:
    """Auth by `TOKEN`."""
    return GatewayAuth("token", TOKEN, "config")


def _devices(db: Database, store_dir: Path, broadcast: Broadcast) -> Devices:
    devices = Devices(db, store_dir)
    devices.heard = partial(announce, broadcast)
    return devices


@asynccontextmanager
async def open_house(
    home: Path,
    config: Mapping[str, Any] | None = None,
    *,
    steps: list[Step] | None = None,
    authority: GatewayAuth | None = None,
) -> AsyncIterator[House]:
    """A house at `home`; with `steps` its model plays them, without the demo model answers at once."""
    instance = resolve_instance(environ={"HOME": str(home), "OPENCLAW_STATE_DIR": str(home / "state")}, cwd=home)
    instance.store_dir.mkdir(parents=True)
    if config is not None:
        instance.config_path.write_text(json.dumps(config), encoding="utf-8")
    snapshot = load_config(instance)
    db = await Database.open(instance.store_dir / "gateway.sqlite", MIGRATIONS)
    settings = (snapshot.config, snapshot.environ)
    ring = KeyRing(AuthStore(db))
    models = Models(*settings, ring) if steps is None else ScriptedModels(*settings, steps, ring)
    toolbox = ToolBox(
        config=snapshot.config, instance_id="house", state_dir=instance.state_dir, environ=instance.environ
    )
    channels, sessions = Supervisor(accounts_of(instance, snapshot)), Sessions(db)
    live = Live(Current.of(instance, snapshot, models, toolbox), b"house")
    runs = Runs(
        sessions=sessions,
        turns=Turns(models=models, toolbox=toolbox, sessions=sessions, roster=live.current.roster),
        lanes=Lanes(snapshot.config.agents.defaults.max_concurrent),
        deliver=nobody,
        timeout_s=30,
    )
    broadcast = Broadcast()
    attach(toolbox.approvals, broadcast)
    has_own = authority is not None or "auth" in (config or {}).get("gateway", {})
    options = RunOptions(port=0, token=None if has_own else TOKEN)
    reached = Reached(
        auth=authority or settle_auth(instance, snapshot, options),
        sessions=sessions,
        runs=runs,
        channels=channels,
        clients=broadcast,
        relog=lambda snapshot, auth: None,
        note_env=lambda: None,
    )
    control = Reload(live, reached, options)
    gateway = Gateway(
        live=live,
        control=control,
        vitals=Vitals("1.2.3", "house", "boot-1", 4711, 18789, "loopback", now_ms(), "token", home / "gateway.log"),
        sessions=sessions,
        runs=runs,
        channels=channels,
        pairing=PairingStore(db),
        auth=reached.auth,
        devices=_devices(db, instance.store_dir, broadcast),
        failures=Failures(lambda: live.current.snapshot.config.gateway.auth.rate_limit),
        presence=Presence(own_row("1.2.3")),
        clients=broadcast,
        answers=KeptAnswers(db),
        preferences=Preferences(db),
        loop=LoopMonitor(),
    )
    table = collect(methods)
    offered = [name for name, method in table.items() if method.terms.advertised]
    house = House(gateway, Dispatcher(gateway, table, offered), broadcast, control, reached.auth)
    runs.events.listen(house.heard.append)
    try:
        yield house
    finally:
        await control.close()
        await runs.drain(0)
        await gateway.answers.close()
        await channels.close()
        await toolbox.close()
        await models.close()
        await db.close()


async def until(claim: Callable[[], object]) -> None:
    """Return when `claim` holds. Raises TimeoutError when it does not within five seconds."""
    async with asyncio.timeout(30):
        while not claim():
            await asyncio.sleep(0)


def demo_at_once(monkeypatch: Any) -> None:
    """Let the demo model speak without its pauses."""
    monkeypatch.setattr(demo, "WORD_DELAY_S", 0.0)
