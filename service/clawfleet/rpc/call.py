"""What a method is handed: the gateway's parts, who calls, and a way to answer a second time later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clawfleet.access.pairing import PairingStore
from clawfleet.access.presence import Presence
from clawfleet.agents.runs import Runs
from clawfleet.channels.supervisor import Supervisor
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.core.loop import LoopMonitor
from clawfleet.models.client import Models
from clawfleet.routing.roster import Roster
from clawfleet.rpc.clients import Caller, Clients
from clawfleet.sessions.sessions import Sessions
from clawfleet.store.answers import KeptAnswers


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The parts of a running gateway, as methods and endpoints see them."""

    instance: Instance
    snapshot: Snapshot
    vitals: Vitals
    roster: Roster
    sessions: Sessions
    runs: Runs
    models: Models
    channels: Supervisor
    pairing: PairingStore
    presence: Presence
    clients: Clients
    answers: KeptAnswers
    loop: LoopMonitor


@dataclass(frozen=True, slots=True)
class Call:
    """One request under way. `follow_up` sends a second response once its awaitable has the answer (protocol §11)."""

    gateway: Gateway
    caller: Caller
    follow_up: Callable[[Awaitable[Any]], None] = field(repr=False)
