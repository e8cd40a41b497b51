"""What a method is handed: the gateway's parts, who calls, and a way to answer a second time later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from clawfleet.access.devices import Devices
from clawfleet.access.failures import Failures
from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.access.ingress import TailscaleListener
from clawfleet.access.pairing import PairingStore
from clawfleet.access.presence import Presence
from clawfleet.agents.runs import Runs
from clawfleet.channels.supervisor import Supervisor
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.config.plan import Change
from clawfleet.config.revision import text_hash, tree_hash
from clawfleet.core.loop import LoopMonitor
from clawfleet.core.metrics import Metrics
from clawfleet.models.client import Models
from clawfleet.routing.roster import Roster
from clawfleet.rpc.clients import Caller, Clients
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.answers import KeptAnswers
from clawfleet.store.preferences import Preferences
from clawfleet.tools.registry import ToolBox


@dataclass(frozen=True, slots=True)
class Vitals:
    """Facts about this process. `instance_id` stays the same for a state directory, `boot_id` for a process."""

    version: str
    instance_id: str
    boot_id: str
    pid: int
    port: int
    bind: str
    started_at_ms: int
    auth_mode: str
    log_file: Path


@dataclass(frozen=True, slots=True)
class Current:
    """What follows from one config: replaced as a whole when another one is taken up, never in part."""

    instance: Instance
    snapshot: Snapshot
    roster: Roster
    models: Models
    toolbox: ToolBox

    @classmethod
    def of(cls, instance: Instance, snapshot: Snapshot, models: Models, toolbox: ToolBox) -> Self:
        """What follows from `snapshot`, of which `models` and `toolbox` were made."""
        return cls(instance, snapshot, Roster.of(snapshot.config, instance.workspace), models, toolbox)


class Live:
    """Holds the `Current` of this moment; only `runtime.reload` puts another one there.

    `hash_key` is the key under which clients are told the names of config texts (`config.revision`).
    """

    def __init__(self, current: Current, hash_key: bytes) -> None:
        self.current = current
        self._hash_key = hash_key

    def hash_of(self, text: str) -> str:
        """The name of a config file's text."""
        return text_hash(text, self._hash_key)

    def revision_of(self, source: Mapping[str, object]) -> str:
        """The name of what a config file says."""
        return tree_hash(source, self._hash_key)


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What became of a config that was to be taken up: its changes, applied unless a restart is to apply them."""

    snapshot: Snapshot
    changes: tuple[Change, ...]
    restarts: bool


class Control(Protocol):
    """What a method may do to the gateway as a whole."""

    @property
    def restart_wanted(self) -> asyncio.Event:
        """Set once a restart in this process is due."""
        ...

    def check(self, snapshot: Snapshot) -> None:
        """Raise what stands in the way of running with `snapshot`. Blocks on the disk."""
        ...

    def planned(self) -> Reloaded:
        """What taking up the config file would change. Raises what stands in the way. Blocks on the disk."""
        ...

    async def reload(self, *, reread_env: bool = False, delay_ms: int | None = None) -> Reloaded:
        """Take up what the config file says now; `reread_env` reads the `.env` files again first.

        A restart, where one is needed, begins after `delay_ms`. Raises what stands in the way; the gateway then goes
        on as it was.
        """
        ...

    @property
    def watched(self) -> tuple[Path, ...]:
        """The config file and those that it includes."""
        ...

    @property
    def debounce_s(self) -> float:
        """How long those must stay the same before they are read."""
        ...

    async def follow(self) -> None:
        """Take up what somebody else wrote into them."""
        ...

    def restart(self, reason: str, delay_ms: int | None = None) -> None:
        """Build the gateway anew in this process, after running turns and `delay_ms`; returns at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The parts of a running gateway, as methods and endpoints see them.

    `instance`, `snapshot`, `roster`, `models` and `toolbox` are those of this moment (`Current`): what takes more than
    one of them over an `await` reads `live.current` once.
    """

    live: Live
    control: Control
    vitals: Vitals
    sessions: Sessions
    runs: Runs
    channels: Supervisor
    pairing: PairingStore
    auth: GatewayAuth
    devices: Devices
    failures: Failures
    presence: Presence
    clients: Clients
    answers: KeptAnswers
    preferences: Preferences
    loop: LoopMonitor
    ingress: TailscaleListener | None = None
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def instance(self) -> Instance:
        """Where this gateway is, and its environment."""
        return self.live.current.instance

    @property
    def snapshot(self) -> Snapshot:
        """The config that it runs with."""
        return self.live.current.snapshot

    @property
    def roster(self) -> Roster:
        """The configured agents."""
        return self.live.current.roster

    @property
    def models(self) -> Models:
        """The models."""
        return self.live.current.models

    @property
    def toolbox(self) -> ToolBox:
        """The tools."""
        return self.live.current.toolbox

    @property
    def applied_hash(self) -> str:
        """The name of the config that it runs with."""
        return self.live.revision_of(self.snapshot.source)


@dataclass(frozen=True, slots=True)
class Call:
    """One request under way. `follow_up` sends a second response once its awaitable has the answer (protocol §11)."""

    gateway: Gateway
    caller: Caller
    follow_up: Callable[[Awaitable[Any]], None] = field(repr=False)
